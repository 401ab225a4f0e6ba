import { z } from 'zod';
import { ACCESS_PURPOSES } from '../../access/index.ts';
import { CASE_FINDINGS, CASE_KINDS, CASE_STATES } from '../../audit/index.ts';
import type { BindingPolicy, PrivacyPolicy } from '../../recognition/index.ts';
import { personSummaryShape } from './order-check-answer.ts';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';
import { freeTextShape } from './photo.ts';

/** A case as the queue lists it; names no patient. */
export const privacyCaseShape = z.strictObject({
  id: publicIdShape,
  kind: z.enum(CASE_KINDS),
  openedAt: momentShape,
  dueAt: momentShape,
  overdue: z.boolean(),
  state: z.enum(CASE_STATES),
  outcome: z.enum(['justified', 'not-justified']).nullable(),
  closedAt: momentShape.nullable(),
  /** Who looked. */
  looker: z.strictObject({
    actor: z.string(),
    role: bilingualShape,
    department: z.string().nullable(),
    staffNumber: z.string().nullable(),
  }),
});

/** A case on the wire. */
export type PrivacyCase = z.output<typeof privacyCaseShape>;

/** One row of the log as an officer reads it. */
export const logRowShape = z.strictObject({
  id: publicIdShape,
  at: momentShape,
  actor: z.string(),
  role: bilingualShape,
  department: z.string().nullable(),
  staffNumber: z.string().nullable(),
  person: publicIdShape,
  what: bilingualShape,
  action: z.string(),
  purpose: bilingualShape,
  basis: bilingualShape,
  outcome: bilingualShape,
  peer: z.string(),
});

/** A row of the log on the wire. */
export type LogRow = z.output<typeof logRowShape>;

/** One case with everything that is needed to judge it. */
export const privacyCaseDetailShape = privacyCaseShape.extend({
  /** Of whom; null where the case is about many. */
  person: personSummaryShape.nullable(),
  /** What opened it, in words: reason and text of the emergency, what the rule saw, what the patient wrote. */
  facts: z.array(z.strictObject({ name: bilingualShape, text: z.string() })),
  /** What whoever looked did with this person's records around that time. */
  rows: z.array(logRowShape),
  findings: z.array(
    z.strictObject({
      finding: z.enum(CASE_FINDINGS),
      text: z.string(),
      by: z.string(),
      /** As staff know them; null where the account is gone. */
      byName: z.string().nullable(),
      at: momentShape,
    }),
  ),
});

/** A case in full. */
export type PrivacyCaseDetail = z.output<typeof privacyCaseDetailShape>;

/** What an officer finds about a case. */
export const findingRequestShape = z.strictObject({
  finding: z.enum(CASE_FINDINGS),
  text: freeTextShape(1_000).min(4).describe('Why; what is to be done'),
});

/** A finding as the flows receive it. */
export type FindingRequest = z.output<typeof findingRequestShape>;

/** What an officer looks for in the log, and why. */
export const logSearchShape = z.strictObject({
  reason: freeTextShape(200).min(4),
  /** National id of the person; empty: anybody. */
  nationalId: z.string().trim().max(18).default(''),
  /** Staff number or login; empty: anybody. */
  staff: z.string().trim().max(64).default(''),
  purpose: z.union([z.literal(''), z.enum(ACCESS_PURPOSES)]).default(''),
  days: z.coerce.number().int().min(1).max(366).default(7),
});

/** A search as the flows receive it. */
export type LogSearch = z.output<typeof logSearchShape>;

/** What a search found. */
export interface LogFound {
  readonly rows: readonly LogRow[];
  readonly truncated: boolean;
}

/** By what the review goes, and whose decision that is. */
export interface PrivacyRules {
  readonly policy: PrivacyPolicy;
  readonly by: BindingPolicy['privacyBy'];
}

/** Somebody to watch over. */
export const watchRequestShape = z.strictObject({
  nationalId: z.string().trim().min(1).max(18),
  note: freeTextShape(200).min(2),
});

/** Somebody to watch over, as the flows receive it. */
export type WatchRequest = z.output<typeof watchRequestShape>;

/** Somebody watched over. */
export interface WatchedPerson {
  readonly person: z.output<typeof personSummaryShape>;
  readonly note: string;
  readonly addedBy: string;
  readonly addedAt: string;
}
