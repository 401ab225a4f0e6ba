import type { Session } from '../../../adapters/postgres/database.ts';
import { keepResponse, lockCheck } from '../../../adapters/postgres/order-checks.ts';
import { standingRecognitions } from '../../../adapters/postgres/orders.ts';
import type { MessageWork } from './ingest-work.ts';

/** A line that the ordering system says is cancelled. */
export interface CancelledLine {
  readonly placerNumber: string;
  readonly localCode: string;
}

const codesByOrder = (cancelled: readonly CancelledLine[]): ReadonlyMap<string, readonly string[]> => {
  const codes = new Map<string, string[]>();
  for (const { placerNumber, localCode } of cancelled)
    codes.set(placerNumber, [...(codes.get(placerNumber) ?? []), localCode]);
  return codes;
};

/**
 * A recognition counts as fulfilled only when the ordering system confirms that the order was cancelled (DESIGN §3):
 * writes that confirmation for every standing recognition of the cancelled lines.
 *
 * @param persons the patient's cluster
 * @returns how many recognitions were confirmed
 */
export const confirmFulfilment = async (
  session: Session,
  work: MessageWork,
  persons: readonly string[],
  cancelled: readonly CancelledLine[],
): Promise<number> => {
  const { sender, receivedAt, claim, dependencies } = work;
  let confirmed = 0;
  for (const [placerNumber, localCodes] of codesByOrder(cancelled)) {
    const find = () =>
      standingRecognitions(session, persons, sender.institutionKey, placerNumber, localCodes);
    // Found, locked, found again: an answer that is being given at this moment is waited for.
    for (const check of new Set((await find()).map((recognition) => recognition.check)))
      await lockCheck(session, check);
    for (const { personKey, check, line, localCode } of await find()) {
      const kept = await keepResponse(session, personKey, {
        check_public_id: check,
        public_id: dependencies.newPublicId(),
        request_key: `fulfilled ${sender.code} ${claim.controlId} ${line}`,
        line,
        local_code: localCode,
        kind: 'fulfilled',
        report_public_id: null,
        ordinal: null,
        report_version: null,
        reason: null,
        local_reason: null,
        sub_reasons: [],
        reason_text: null,
        undoes: null,
        actor: `sender:${sender.code}`,
        doctor: null,
        responded_at: receivedAt,
        offered: null,
        institution_id: sender.institutionKey,
        item_ids: null,
        stands_until: null,
      });
      if (kept) confirmed++;
    }
  }
  return confirmed;
};
