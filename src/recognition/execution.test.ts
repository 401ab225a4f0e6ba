import { expect, it } from 'vitest';
import { moment } from '../../test/example-region.ts';
import type { ItemCode } from '../catalogue/index.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import { executionOf, type LaterResult, type RecognisedOrder } from './execution.ts';

const HERE = 'JIANG-2' as InstitutionCode;
const ELSEWHERE = 'JIANG-1' as InstitutionCode;
const RECOGNISED_REPORT = '01934e2a-0000-7000-8000-000000000001' as PublicId;
const LATER_REPORT = '01934e2a-0000-7000-8000-000000000002' as PublicId;

/** Potassium of the first hospital, recognised at the second on 20 November at nine, good until the 23rd. */
const recognised = (over: Partial<RecognisedOrder> = {}): RecognisedOrder => ({
  institution: HERE,
  item: 'LC-K' as ItemCode,
  side: null,
  report: RECOGNISED_REPORT,
  orderNumber: 'SQ-1',
  recognisedAt: moment('2026-11-20 09:00'),
  standsUntil: moment('2026-11-23 00:00'),
  ...over,
});

const result = (performed: string | null, over: Partial<LaterResult> = {}): LaterResult => ({
  report: LATER_REPORT,
  item: 'LC-K' as ItemCode,
  side: null,
  reporter: HERE,
  performer: HERE,
  orderNumber: '',
  performedAt: performed === null ? null : moment(performed),
  ...over,
});

const knee = { item: 'MR-KNEE-P' as ItemCode, side: 'left' as const };

const CASES: readonly {
  name: string;
  order?: Partial<RecognisedOrder>;
  results: readonly LaterResult[];
  statusAt?: string;
  evidence: string | null;
}[] = [
  { name: 'nothing came after', results: [], evidence: null },
  {
    name: 'the blood was drawn here two hours later after all',
    results: [result('2026-11-20 11:00')],
    evidence: 'same-item',
  },
  {
    name: 'it was done the next day at a third place',
    results: [result('2026-11-21 08:00', { reporter: ELSEWHERE, performer: ELSEWHERE })],
    evidence: 'same-item',
  },
  {
    name: 'it was done again when the recognised result could no longer stand in',
    results: [result('2026-11-24 08:00')],
    evidence: null,
  },
  {
    name: 'the blood had been drawn before the doctor recognised, for another order',
    results: [result('2026-11-20 08:00')],
    evidence: null,
  },
  {
    name: 'the blood had been drawn before the doctor recognised, under the recognised order’s own number',
    results: [result('2026-11-20 08:00', { orderNumber: 'SQ-1' })],
    evidence: 'same-order',
  },
  {
    name: 'a report under the order’s number does not say when it was collected',
    results: [result(null, { orderNumber: 'SQ-1' })],
    evidence: 'same-order',
  },
  {
    name: 'another hospital happens to use the same order number',
    results: [result(null, { orderNumber: 'SQ-1', reporter: ELSEWHERE, performer: ELSEWHERE })],
    evidence: null,
  },
  {
    name: 'another item of the order was done, as it should be',
    results: [result('2026-11-20 11:00', { item: 'LC-ALT' as ItemCode, orderNumber: 'SQ-1' })],
    evidence: null,
  },
  {
    name: 'the recognised report itself was corrected and carries the later version',
    results: [result('2026-11-20 11:00', { report: RECOGNISED_REPORT })],
    evidence: null,
  },
  {
    name: 'the ordering system says that the order is completed',
    results: [],
    statusAt: '2026-11-20 12:00',
    evidence: 'order-status',
  },
  {
    name: 'the left knee was recognised and the right one examined',
    order: knee,
    results: [result('2026-11-20 11:00', { ...knee, side: 'right' })],
    evidence: null,
  },
  {
    name: 'the left knee was recognised and both were examined',
    order: knee,
    results: [result('2026-11-20 11:00', { ...knee, side: 'both' })],
    evidence: 'same-item',
  },
  {
    name: 'no order number is known on either side',
    order: { orderNumber: null },
    results: [result(null)],
    evidence: null,
  },
];

it.each(CASES)('recognised, and then $name → $evidence', ({ order, results, statusAt, evidence }) => {
  const executedAt = statusAt === undefined ? null : moment(statusAt);
  expect(executionOf(recognised(order), results, executedAt)?.evidence ?? null).toBe(evidence);
});
