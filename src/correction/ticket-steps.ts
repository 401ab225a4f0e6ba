import { raiser } from '../kernel/fault.ts';
import type { Fault } from '../kernel/fault.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { UnfoundedReason } from '../recognition/index.ts';
import type { CorrectionKind } from './correction.ts';
import { CORRECTION_FAULTS } from './faults.ts';

/** Where a ticket stands: 已提交, 已受理, 核实中, 已更正, 不成立, 已回访. */
export const CORRECTION_STATES = [
  'submitted',
  'accepted',
  'verifying',
  'corrected',
  'unfounded',
  'followed-up',
] as const;

/** One of `CORRECTION_STATES`. */
export type CorrectionState = (typeof CORRECTION_STATES)[number];

/** Whose act a step is: whoever reported the error, the institution that issued the report, or the platform by itself. */
export type TicketParty = 'reporter' | 'source' | 'platform';

/** What can happen to a ticket. */
export const TICKET_STEPS = [
  'submit',
  'accept',
  'investigate',
  'ask',
  'reply',
  'amendment',
  'correct',
  'refuse',
  'follow-up',
] as const;

/** One of `TICKET_STEPS`. */
export type TicketStep = (typeof TICKET_STEPS)[number];

/**
 * By what an error was put right: the report amended, the report or the disputed line withdrawn, the records of two people
 * that had been taken for one parted, or otherwise, in words.
 */
export const REMEDIES = ['amended', 'withdrawn', 'parted', 'otherwise'] as const;

/** One of `REMEDIES`. */
export type Remedy = (typeof REMEDIES)[number];

/** One line of the table: who may do what when, what it needs, and where the ticket then stands. */
export interface TicketRule {
  readonly step: TicketStep;
  readonly by: readonly TicketParty[];
  readonly from: readonly CorrectionState[];
  /** null: the ticket stays where it stands. */
  readonly to: CorrectionState | null;
  /** What must be said with it: words, a published reason of 不成立, or the remedy. */
  readonly needs: readonly ('words' | 'reason' | 'remedy')[];
}

const OPEN = ['submitted', 'accepted', 'verifying'] as const;
const TAKEN_UP = ['accepted', 'verifying'] as const;
const ANSWERED = ['corrected', 'unfounded'] as const;

/**
 * The whole course of a ticket, for a clinician to read: 提交 - 受理 - 核实 (询问、答复) - 更正 or 不成立 - 回访. What is not
 * here cannot happen. Nothing is deleted, and no state is left twice.
 */
export const TICKET_RULES: readonly TicketRule[] = [
  { step: 'accept', by: ['source'], from: ['submitted'], to: 'accepted', needs: [] },
  { step: 'investigate', by: ['source'], from: ['submitted', 'accepted'], to: 'verifying', needs: [] },
  { step: 'ask', by: ['source'], from: TAKEN_UP, to: null, needs: ['words'] },
  { step: 'reply', by: ['reporter'], from: OPEN, to: null, needs: ['words'] },
  { step: 'amendment', by: ['platform'], from: OPEN, to: null, needs: [] },
  { step: 'correct', by: ['source', 'platform'], from: OPEN, to: 'corrected', needs: ['remedy'] },
  { step: 'refuse', by: ['source'], from: TAKEN_UP, to: 'unfounded', needs: ['reason'] },
  { step: 'follow-up', by: ['source'], from: ANSWERED, to: 'followed-up', needs: ['words'] },
  { step: 'follow-up', by: ['reporter'], from: ANSWERED, to: 'followed-up', needs: [] },
];

/** Where every ticket begins. */
export const FIRST_STATE: CorrectionState = 'submitted';

/** True while the source institution still owes an answer. */
export const isOpen = (state: CorrectionState): boolean =>
  (OPEN as readonly CorrectionState[]).includes(state);

/**
 * Which remedies end which kind of error. A wrong value is not put right by words, nor another person's result by an image;
 * the person of a result by parting records only where it was the person that was in question.
 */
export const REMEDIES_OF: Readonly<Record<CorrectionKind, readonly Remedy[]>> = {
  'wrong-person': ['withdrawn', 'parted', 'amended'],
  'wrong-value': ['amended', 'withdrawn'],
  'wrong-unit': ['amended', 'withdrawn'],
  'image-missing': ['otherwise', 'amended', 'withdrawn'],
  quality: ['otherwise', 'amended', 'withdrawn'],
  other: ['otherwise', 'amended', 'withdrawn'],
};

/** A step that somebody wants to take. */
export interface StatedStep {
  readonly step: TicketStep;
  readonly text: string;
  readonly reason: string | null;
  readonly remedy: Remedy | null;
}

/** What of the ticket and its report a step depends on. */
export interface TicketStanding {
  readonly kind: CorrectionKind;
  readonly state: CorrectionState;
  /** True when the report has a newer version than the one that the ticket is about. */
  readonly isAmended: boolean;
  /** True when the report, or the line that the ticket is about, has been taken back. */
  readonly isWithdrawn: boolean;
}

const raise = raiser(CORRECTION_FAULTS);

const remedyFault = ({ remedy, text }: StatedStep, ticket: TicketStanding): Fault | null => {
  if (remedy === null || !REMEDIES_OF[ticket.kind].includes(remedy))
    return raise('CORRECTION_REMEDY_UNFIT', { place: 'remedy' });
  const isThere = {
    amended: ticket.isAmended,
    withdrawn: ticket.isWithdrawn,
    parted: true,
    otherwise: true,
  }[remedy];
  if (!isThere) return raise('CORRECTION_NOT_AMENDED', { place: 'remedy' });
  return remedy === 'otherwise' && text === '' ? raise('CORRECTION_WORDS_MISSING', { place: 'text' }) : null;
};

const reasonFault = ({ reason, text }: StatedStep, reasons: readonly UnfoundedReason[]): Fault | null => {
  const published = reasons.find(({ code }) => code === reason);
  if (!published) return raise('CORRECTION_REASON_UNKNOWN', { place: 'reason' });
  return [...text].length < published.textMinimum
    ? raise('CORRECTION_WORDS_MISSING', { place: 'text', detail: `${published.textMinimum}` })
    : null;
};

/** The rule by which a party may take a step now; undefined when it may not. */
export const ruleFor = (
  party: TicketParty,
  step: TicketStep,
  state: CorrectionState,
): TicketRule | undefined =>
  TICKET_RULES.find((rule) => rule.step === step && rule.by.includes(party) && rule.from.includes(state));

/** Steps that a party may take in a state, in the order of the table. */
export const stepsOpenTo = (party: TicketParty, state: CorrectionState): readonly TicketStep[] => [
  ...new Set(
    TICKET_RULES.filter(({ by, from }) => by.includes(party) && from.includes(state)).map(({ step }) => step),
  ),
];

/**
 * Where a ticket stands after a step.
 *
 * @param reasons the published reasons of 不成立
 * @returns the state, or CORRECTION_STEP_NOT_NOW, CORRECTION_WORDS_MISSING, CORRECTION_REASON_UNKNOWN,
 *   CORRECTION_REMEDY_UNFIT, CORRECTION_NOT_AMENDED
 */
export const nextTicketState = (
  party: TicketParty,
  stated: StatedStep,
  ticket: TicketStanding,
  reasons: readonly UnfoundedReason[],
): Result<CorrectionState, Fault> => {
  const rule = ruleFor(party, stated.step, ticket.state);
  if (!rule) return fail(raise('CORRECTION_STEP_NOT_NOW', { place: stated.step, detail: ticket.state }));
  const words = { ...stated, text: stated.text.trim() };
  if (rule.needs.includes('words') && words.text === '')
    return fail(raise('CORRECTION_WORDS_MISSING', { place: 'text' }));
  const fault =
    (rule.needs.includes('reason') ? reasonFault(words, reasons) : null) ??
    (rule.needs.includes('remedy') ? remedyFault(words, ticket) : null);
  return fault ? fail(fault) : ok(rule.to ?? ticket.state);
};
