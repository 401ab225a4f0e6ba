import type { Instant } from '../../kernel/instant.ts';
import { castMessages } from './cast-messages.ts';
import { chronicleOf } from './history.ts';
import { messagesOfLife } from './life.ts';
import { householdMaker } from './people.ts';
import { randomStream } from './random.ts';
import { type DemonstrationMessage, sendAll } from './sending.ts';
import { unreadableMessages } from './unreadable.ts';

/** How large the demonstration is when nothing else is asked for: fits the first start's two minutes. */
export const DEMONSTRATION_PEOPLE = 3000;

/** What the demonstration is made of. The same arguments give the same bytes. */
export interface DemonstrationPlan {
  /** Any text; another seed makes other people. */
  readonly seed: string;
  /** How many people besides the cast. */
  readonly people: number;
  /** The moment at which histories end. */
  readonly now: Instant;
}

/** First number that people outside the cast get. */
const FIRST_CROWD_NUMBER = 1001;

/**
 * Every message of the region: the cast first, then a handful that cannot be read, then household by household, each
 * person's in the order of time.
 */
export const demonstrationMessages = function* (plan: DemonstrationPlan): Iterable<DemonstrationMessage> {
  const random = randomStream(`demonstration/${plan.seed}`);
  yield* castMessages(plan.now);
  yield* unreadableMessages(plan.now);
  const households = householdMaker(random.fork('people'), plan.now, FIRST_CROWD_NUMBER);
  for (let made = 0; made < plan.people; ) {
    for (const person of households.next()) {
      if (made++ >= plan.people) return;
      const chronicle = chronicleOf(person, random.fork(person.key), plan.now, false);
      yield* sendAll(person.number, messagesOfLife(chronicle));
    }
  }
};
