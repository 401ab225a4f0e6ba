import type { ItemCode, Side } from '../catalogue/index.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { InstitutionCode } from '../organisation/index.ts';

/** A recognition that stands and whose order nobody has confirmed as cancelled. */
export interface RecognisedOrder {
  readonly institution: InstitutionCode;
  readonly item: ItemCode;
  readonly side: Side | null;
  /** The report that was recognised. */
  readonly report: PublicId;
  /** 申请单号 of the order that the recognition was to spare; null where the ordering system named none. */
  readonly orderNumber: string | null;
  readonly recognisedAt: Instant;
  /** Until when the recognised result may stand in; null where time alone does not end it. */
  readonly standsUntil: Instant | null;
}

/** A result of the same patient that may be the very examination that had been spared. */
export interface LaterResult {
  readonly report: PublicId;
  readonly item: ItemCode;
  readonly side: Side | null;
  readonly reporter: InstitutionCode;
  readonly performer: InstitutionCode;
  /** Placer's order number on the report; empty where it carries none. */
  readonly orderNumber: string;
  /** Collection or examination; for want of it the receipt in the laboratory; null where neither is stated. */
  readonly performedAt: Instant | null;
}

/**
 * How it is known that a recognised order was executed all the same.
 * - `order-status`: the ordering system said so (ORC-5 `A` or `CM`).
 * - `same-order`: the institution reported the item under that order number.
 * - `same-item`: the item was collected anew, by whomever, while the recognised result could still stand in.
 */
export type ExecutionEvidence = 'order-status' | 'same-order' | 'same-item';

/** A recognised order that was executed all the same. */
export interface Execution {
  readonly evidence: ExecutionEvidence;
  readonly institution: InstitutionCode;
  readonly at: Instant | null;
  /** The report that shows it; null where only the status says so. */
  readonly report: PublicId | null;
}

/** One side is not the other; both sides examined cover either. Nothing said of the side is not the same as a side. */
const sameExamination = (recognised: RecognisedOrder, result: LaterResult): boolean =>
  result.item === recognised.item && (result.side === recognised.side || result.side === 'both');

const isOfOrder = (recognised: RecognisedOrder, { reporter, orderNumber }: LaterResult): boolean =>
  recognised.orderNumber !== null &&
  orderNumber === recognised.orderNumber &&
  reporter === recognised.institution;

const isRepeat = ({ recognisedAt, standsUntil }: RecognisedOrder, { performedAt }: LaterResult): boolean =>
  performedAt !== null && performedAt > recognisedAt && (standsUntil === null || performedAt < standsUntil);

const executionBy = (
  evidence: ExecutionEvidence,
  { institution }: RecognisedOrder,
  { reporter, performer, performedAt, report }: LaterResult,
): Execution => ({
  evidence,
  institution: performer === institution ? performer : reporter,
  at: performedAt,
  report,
});

/**
 * Whether a recognised order was executed all the same, by the strongest evidence there is: what carries its number before
 * its status, and that before a new result of the item. A repeat after the recognised result could no longer stand in is
 * no execution of the order that it spared.
 *
 * @param results later results of the same patient, in order of time
 * @param executedAt when the ordering system said that the order was executed; null when it did not
 */
export const executionOf = (
  recognised: RecognisedOrder,
  results: readonly LaterResult[],
  executedAt: Instant | null,
): Execution | null => {
  const others = results.filter(
    (result) => result.report !== recognised.report && sameExamination(recognised, result),
  );
  const ofOrder = others.find((result) => isOfOrder(recognised, result));
  if (ofOrder !== undefined) return executionBy('same-order', recognised, ofOrder);
  if (executedAt !== null)
    return { evidence: 'order-status', institution: recognised.institution, at: executedAt, report: null };
  const repeat = others.find((result) => isRepeat(recognised, result));
  return repeat === undefined ? null : executionBy('same-item', recognised, repeat);
};
