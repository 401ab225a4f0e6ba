import { civilTimeText } from '../../kernel/civil-day.ts';
import type { Instant } from '../../kernel/instant.ts';
import { DIALECTS } from './dialects.ts';
import type { PlannedMessage } from './events.ts';
import { senderCodeOf } from './senders.ts';
import { writeHl7 } from './write-hl7.ts';

/** A message on its way to Huren. */
export interface DemonstrationMessage {
  /** Code of the sending system, see `demonstrationSenders`. */
  readonly sender: string;
  readonly bytes: Uint8Array;
  readonly sentAt: Instant;
  /** `unreadable`: made to be refused or quarantined, so that such a message can be looked at. */
  readonly meant: 'readable' | 'unreadable';
}

/**
 * Control ids as a sender gives them: of the moment, the person and the place among the person's messages; where the
 * sender begins anew each day, a short running number that comes back.
 */
const controlIdOf = (message: PlannedMessage, personNumber: number, place: number): string => {
  if (DIALECTS[message.record.institution].reusesControlIds)
    return String(((personNumber * 13 + place) % 400) + 1).padStart(6, '0');
  const moment = civilTimeText(message.sentAt).slice(2).replace(/[- :]/g, '');
  return `${moment}${String(personNumber).padStart(6, '0')}${String(place).padStart(3, '0')}`;
};

/** Writes the planned messages of one person. */
export const sendAll = function* (
  personNumber: number,
  planned: readonly PlannedMessage[],
): Iterable<DemonstrationMessage> {
  for (const [place, message] of planned.entries())
    yield {
      sender: senderCodeOf(message.record.institution),
      bytes: writeHl7(message, controlIdOf(message, personNumber, place + 1)),
      sentAt: message.sentAt,
      meant: 'readable',
    };
};
