import { z } from 'zod';
import type { CaseOutcome, CaseState, CaseSubjectKind, LegalBasis } from '../../oversight/index.ts';
import {
  explanationShape,
  orderCheckAnswerShape,
  personSummaryShape,
  reportAnswerShape,
} from './order-check-answer.ts';
import { momentShape, publicIdShape } from './order-check-request.ts';
import { freeTextShape } from './photo.ts';

const subjectKindShape = z.enum([
  'order-check',
  'notice',
  'ticket',
  'finding',
] as const satisfies readonly CaseSubjectKind[]);

const legalBasisShape = z.enum([
  'complaint',
  'quality-supervision',
  'statistical-finding',
  'enforcement',
] as const satisfies readonly LegalBasis[]);

const outcomeShape = z.enum([
  'no-fault',
  'rectification',
  'transferred',
] as const satisfies readonly CaseOutcome[]);

const stateShape = z.enum([
  'requested',
  'approved',
  'refused',
  'closed',
] as const satisfies readonly CaseState[]);

const reasonShape = z.string().trim().min(10).max(1_000);

/** `POST /api/oversight-cases`: what the authority wants to look into. */
export const caseRequestShape = z.strictObject({
  subject: z.strictObject({
    kind: subjectKindShape,
    reference: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .describe(
        'Number of the order check, of the notice or the end of its address for checking, of the ticket; of a finding the code of the institution',
      ),
    doctor: z.string().trim().max(40).optional().describe('Staff number; of a finding'),
    since: momentShape.optional().describe('Of a finding; absent: thirty days back'),
  }),
  legalBasis: legalBasisShape,
  reason: reasonShape,
  days: z.coerce.number().int().min(1).max(30).default(7).describe('How long the case is to be open'),
});

/** A request as the flows receive it. */
export type CaseRequest = z.output<typeof caseRequestShape>;

/** `POST /api/oversight-cases/{id}/decisions`: the second person's word. */
export const caseDecisionShape = z.strictObject({
  approved: z.boolean(),
  text: freeTextShape(1_000).default(''),
});

/** A decision as the flows receive it. */
export type CaseDecision = z.output<typeof caseDecisionShape>;

/** `POST /api/oversight-cases/{id}/closing`. */
export const caseClosingShape = z.strictObject({ outcome: outcomeShape, text: reasonShape });

/** A closing as the flows receive it. */
export type CaseClosing = z.output<typeof caseClosingShape>;

/** One case without anybody's name: what is asked, why, and where it stands. */
export const caseAnswerShape = z.strictObject({
  id: publicIdShape,
  state: stateShape,
  /** True when the time it was approved for is over. */
  ranOut: z.boolean(),
  subject: z.strictObject({ kind: subjectKindShape, reference: z.string() }),
  legalBasis: legalBasisShape,
  reason: z.string(),
  days: z.int(),
  openedBy: z.string(),
  /** Names as staff know them; null where the account is gone. */
  openedByName: z.string().nullable(),
  openedAt: momentShape,
  decidedBy: z.string().nullable(),
  decidedByName: z.string().nullable(),
  decidedAt: momentShape.nullable(),
  decisionText: z.string().nullable(),
  openUntil: momentShape.nullable(),
  closedBy: z.string().nullable(),
  closedByName: z.string().nullable(),
  closedAt: momentShape.nullable(),
  outcome: outcomeShape.nullable(),
  closingText: z.string().nullable(),
  /** What the case names, by place: which institution did what when. */
  subjects: z.array(
    z.strictObject({
      place: z.int(),
      what: z.enum(['order-check', 'report']),
      institutionZh: z.string(),
      at: momentShape,
    }),
  ),
  may: z.strictObject({ decide: z.boolean(), read: z.boolean(), close: z.boolean() }),
});

/** One case on the wire. */
export type CaseAnswer = z.output<typeof caseAnswerShape>;

/** `GET /api/oversight-cases`. */
export const caseListShape = z.strictObject({ cases: z.array(caseAnswerShape), truncated: z.boolean() });

/** The list on the wire. */
export type CaseList = z.output<typeof caseListShape>;

/** `GET /api/oversight-cases/{id}/subjects/{place}`: one thing that an open case names, with the person. */
export const caseSubjectAnswerShape = z.strictObject({
  case: publicIdShape,
  place: z.int(),
  openUntil: momentShape,
  person: personSummaryShape.nullable(),
  institutionZh: z.string(),
  /** When that happened which the case is about. */
  occurredAt: momentShape,
  check: orderCheckAnswerShape.nullable(),
  explanation: explanationShape.nullable(),
  notices: z.array(z.strictObject({ titleZh: z.string(), madeAt: momentShape, lines: z.array(z.string()) })),
  report: reportAnswerShape.nullable(),
});

/** One thing that a case names, on the wire. */
export type CaseSubjectAnswer = z.output<typeof caseSubjectAnswerShape>;
