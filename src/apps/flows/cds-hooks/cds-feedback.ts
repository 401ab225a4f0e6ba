import type { CardFeedback } from '../../../adapters/cds-hooks/card-shapes.ts';
import { cdsFault } from '../../../adapters/cds-hooks/hook-request.ts';
import { type KeptCard, keepFeedback, readCard } from '../../../adapters/postgres/cds-cards.ts';
import { canonicalJson, type JsonValue } from '../../../kernel/canonical-json.ts';
import { sha256Hex } from '../../../kernel/content-hash.ts';
import { Fault } from '../../../kernel/fault.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type CheckResponseRequest,
  checkResponseRequestShape,
} from '../../../web/wire/order-check-request.ts';
import type { CheckFlows } from '../../server/flows-port.ts';
import type { CdsHooks, FeedbackCall } from '../../server/routes/cds-hooks.ts';
import { REASON_SYSTEM } from './cds-cards.ts';
import { callerOf, type CdsDependencies } from './cds-dependencies.ts';

/** Code of a report that says nothing which could stand as an answer to any line. */
const NOTHING_ASKED = 'RESPONSE_NOT_OFFERED';

/** The doctor's answer that a feedback amounts to, for one line. */
const responseOf = (feedback: CardFeedback, line: number): CheckResponseRequest => {
  if (feedback.outcome === 'accepted') return checkResponseRequestShape.parse({ line, kind: 'recognise' });
  const { reason, userComment } = feedback.overrideReason ?? {};
  const text = userComment?.trim() ?? '';
  const isNational =
    reason?.system === undefined || reason.system === null || reason.system === REASON_SYSTEM;
  const stated = reason ? (isNational ? { reason: reason.code } : { localReason: reason.code }) : {};
  const read = checkResponseRequestShape.safeParse({
    line,
    kind: 're-examine',
    ...stated,
    ...(text === '' ? {} : { text }),
  });
  // A reason nobody published is a local one that nobody mapped; the flow says so.
  return read.success
    ? read.data
    : checkResponseRequestShape.parse({ line, kind: 're-examine', localReason: reason?.code.slice(0, 64) });
};

/** Records the answer for every line of the card; gives the code of the fault that kept one from standing, or null. */
const respondForLines = async (
  flows: CheckFlows,
  { actor, origin }: FeedbackCall,
  card: KeptCard,
  feedback: CardFeedback,
): Promise<string | null> => {
  if (card.lines.length === 0) return NOTHING_ASKED;
  let notCounted: string | null = null;
  for (const line of card.lines) {
    try {
      const answer = await flows.respond(
        actor,
        card.check,
        responseOf(feedback, line),
        `cds-card-${card.card}`,
        origin,
      );
      if (!answer.ok) notCounted ??= answer.reason.code;
    } catch (error) {
      // What the hospital's system reports has happened there whatever we make of it; only our own failure is one.
      if (!(error instanceof Fault) || error.status >= 500) throw error;
      notCounted ??= error.code;
    }
  }
  return notCounted;
};

/**
 * What became of cards in the hospital's system. Accepting is recognising, overriding is examining again with the
 * reason given; neither is the cancellation of the order, which the hospital confirms by itself. Every report is kept
 * word for word, also one that cannot stand as an answer (N6 without its text, say). The same report again changes
 * nothing. A report about an unknown card is refused after all others of the batch have been kept.
 */
export const cdsFeedbackFlow =
  (dependencies: CdsDependencies, flows: CheckFlows): CdsHooks['feedback'] =>
  async (call) => {
    const { database, clock, snapshots } = dependencies;
    const client = await callerOf(dependencies, call.actor);
    const { registry } = await snapshots.current();
    const institutionKey = registry.institutionKey(client.institution) ?? '0';
    const done: { card: string; counted: boolean; code?: string }[] = [];
    let refusal: Fault | null = null;
    for (const [index, feedback] of call.feedback.entries()) {
      const place = `body.feedback.${index}`;
      const card = await readCard(database, feedback.card as PublicId, call.service, institutionKey);
      if (!card) {
        refusal ??= cdsFault('CDS_CARD_UNKNOWN', { place: `${place}.card` });
        continue;
      }
      const isForeign = (feedback.acceptedSuggestions ?? []).some(({ id }) => id !== card.suggestion);
      if (feedback.outcome === 'accepted' && isForeign) {
        refusal ??= cdsFault('CDS_SUGGESTION_UNKNOWN', { place: `${place}.acceptedSuggestions` });
        continue;
      }
      const notCounted = await respondForLines(flows, call, card, feedback);
      const text = canonicalJson(feedback as unknown as JsonValue);
      await keepFeedback(database, {
        card: card.card,
        hash: sha256Hex(text),
        outcome: feedback.outcome,
        feedback: text,
        notCounted,
        receivedAt: clock(),
      });
      done.push({
        card: card.card,
        counted: notCounted === null,
        ...(notCounted === null ? {} : { code: notCounted }),
      });
    }
    return refusal ? fail(refusal) : ok({ feedback: done });
  };
