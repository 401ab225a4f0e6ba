import type { NationalReason, ReasonTable } from '../catalogue/index.ts';
import { raiser } from '../kernel/fault.ts';
import type { Fault } from '../kernel/fault.ts';
import type { PublicId } from '../kernel/uuid.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Assessed, LineDecision, PartDecision } from './decide.ts';
import type { OrderFacts } from './facts.ts';
import { RECOGNITION_FAULTS } from './faults.ts';
import type { Rules } from './rules.ts';
import type { CheckOutcome, Verdict } from './verdict.ts';

const fault = raiser(RECOGNITION_FAULTS);

/**
 * What would have to be otherwise for an earlier result to be one that must be considered: the checks that did not pass.
 * Of an excluded result there is no almost, and of one that must be considered nothing is missing: both give none.
 */
export const nearMisses = (verdict: Verdict): readonly CheckOutcome[] =>
  verdict.grade === 'excluded' || verdict.grade === 'must-consider'
    ? []
    : verdict.checks.filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown');

/** Reasons offered to the doctor for one line, filled in as far as the order and the checks tell. */
export interface OfferedReasons {
  /** The national situation that the order itself shows; null when it shows none. */
  readonly prefilled: NationalReason | null;
  /** Codes of the sub-reasons that the machine found, in the order of the table. */
  readonly subReasons: readonly string[];
}

/** The national situation that an order shows by itself: emergency N4, before operation or transfusion N3, forensic N5. */
const situationOf = (order: OrderFacts): NationalReason | null => {
  if (order.encounterClass === 'emergency') return 'N4';
  switch (order.purpose) {
    case 'pre-operative':
    case 'pre-transfusion':
      return 'N3';
    case 'forensic':
    case 'disability-assessment':
      return 'N5';
    case 'diagnosis':
    case 'serial-monitoring':
    case 'screening':
      return null;
  }
};

/** The national situation of the negative list row that exempts the chosen result, where the row names one. */
const exemptedBy = ({ chosen }: PartDecision): NationalReason | null => {
  const exempt = chosen?.verdict.checks.find(({ finding }) => finding === 'exempt');
  return (exempt?.data['national'] as NationalReason | null | undefined) ?? null;
};

/**
 * The reasons to offer for examining again on a line: what the order shows by itself, and the machine's own findings
 * about the results on offer (O1 window passed, O6 no mark …), so that nobody has to type what the system knows.
 */
export const offeredReasons = (line: LineDecision, table: ReasonTable): OfferedReasons => {
  const findings = new Set<string>();
  let prefilled: NationalReason | null = null;
  for (const part of line.parts) {
    prefilled ??= situationOf(part.part.order) ?? exemptedBy(part);
    for (const { verdict, offer } of part.assessed)
      if (offer !== 'none')
        for (const { outcome, finding } of verdict.checks) if (outcome !== 'pass') findings.add(finding);
  }
  return {
    prefilled,
    subReasons: table.subReasons
      .filter((sub) => sub.findings?.some((finding) => findings.has(finding)))
      .map(({ code }) => code),
  };
};

/**
 * True when a repeat with this reason counts as avoidable (indicator K12): none of the situations N1 to N5, in which the
 * rule itself lets the doctor examine again.
 */
export const countsAsAvoidable = (reason: NationalReason | null): boolean =>
  reason === null || reason === 'N6';

/** True when the list by which a result on offer was judged demands a reason for examining again. */
export const reasonRequired = (line: LineDecision, rules: Rules): boolean =>
  line.parts.some(({ chosen, part }) => {
    if (chosen === null || chosen.offer !== 'recognise' || chosen.verdict.zone === null) return false;
    const pair = rules.pairOf(chosen.candidate.performer, part.order.institution);
    const zone = pair.zones.find((each) => each.zone.code === chosen.verdict.zone);
    return zone?.listedItem(part.order.item)?.row.reasonRequired ?? false;
  });

/**
 * True when the doctor may let this result stand in for the order. Also one that is only offered to be read, such as one
 * whose window has passed: the platform informs, the doctor decides.
 */
export const isRecognisable = ({ own, offer, verdict }: Assessed): boolean =>
  !own && offer !== 'none' && (verdict.grade === 'must-consider' || verdict.grade === 'may-consider');

/** One result that a doctor recognises. */
export interface RecognisedResult {
  readonly report: PublicId;
  readonly ordinal: number;
}

/** The doctor's answer to one line as it comes in. */
export type CheckResponse =
  /** Without results named: every chosen result of the line that is offered for recognition. */
  | ({ readonly kind: 'recognise'; readonly results: readonly RecognisedResult[] | null } & GivenReason)
  | ({ readonly kind: 're-examine' } & GivenReason);

/** The reason as given. */
export interface GivenReason {
  readonly reason: NationalReason | null;
  readonly localReason: string | null;
  readonly subReasons: readonly string[];
  readonly text: string | null;
}

/** An answer that may be recorded. */
export type ValidResponse =
  | { readonly kind: 'recognise'; readonly recognised: readonly Assessed[] }
  | {
      readonly kind: 're-examine';
      readonly reason: NationalReason | null;
      readonly localReason: string | null;
      readonly subReasons: readonly string[];
      readonly text: string | null;
      /** True when a reason was given: the repeat passes as explained. */
      readonly explained: boolean;
      /** True when a sub-reason reports a fault of the data that its source should mend. */
      readonly opensTicket: boolean;
    };

const problem = (
  code: keyof typeof RECOGNITION_FAULTS,
  place: string,
): { readonly ok: false; readonly reason: Fault } => fail(fault(code, { place }));

/** What a doctor recognises who recognises a line without naming results: every chosen one that is offered for it. */
export const resultsToRecognise = (line: LineDecision): readonly Assessed[] =>
  line.parts.flatMap(({ chosen }) => (chosen?.offer === 'recognise' ? [chosen] : []));

const validRecognition = (
  line: LineDecision,
  results: readonly RecognisedResult[] | null,
): Result<ValidResponse, Fault> => {
  const offered = line.parts.flatMap(({ assessed }) => assessed.filter(isRecognisable));
  const recognised =
    results === null
      ? resultsToRecognise(line)
      : results.flatMap(({ report, ordinal }) =>
          offered.filter(({ candidate }) => candidate.report === report && candidate.ordinal === ordinal),
        );
  const items = new Set(recognised.map(({ candidate }) => candidate.item));
  if (
    recognised.length === 0 ||
    (results !== null && recognised.length !== results.length) ||
    items.size !== recognised.length
  )
    return problem('RESPONSE_NOT_OFFERED', 'report');
  return ok({ kind: 'recognise', recognised });
};

/** Length in characters as a reader counts them: code points without white space at the ends. */
const characters = (text: string): number => [...text.trim()].length;

const validReason = (
  given: GivenReason,
  required: boolean,
  rules: Rules,
  textMinimum: number,
): Result<ValidResponse, Fault> => {
  const { national, local, subReasons } = rules.reasons;
  let { reason } = given;
  if (reason !== null && !national.some(({ code }) => code === reason))
    return problem('RESPONSE_REASON_UNKNOWN', 'reason');
  if (given.localReason !== null) {
    const mapped = local.find(({ code }) => code === given.localReason);
    if (mapped === undefined) return problem('RESPONSE_REASON_UNKNOWN', 'localReason');
    if (reason !== null && reason !== mapped.national)
      return problem('RESPONSE_REASONS_CONTRADICT', 'localReason');
    reason = mapped.national;
  }
  for (const code of given.subReasons)
    if (!subReasons.some((sub) => sub.code === code)) return problem('RESPONSE_REASON_UNKNOWN', 'subReasons');
  if (reason === null && required) return problem('RESPONSE_REASON_REQUIRED', 'reason');
  const minimum = Math.max(
    national.find(({ code }) => code === reason)?.textMinimum ?? 0,
    reason === 'N6' ? textMinimum : 0,
  );
  const text = given.text?.trim() ?? '';
  if (characters(text) < minimum) return problem('RESPONSE_TEXT_TOO_SHORT', 'text');
  return ok({
    kind: 're-examine',
    reason,
    localReason: given.localReason,
    subReasons: [...new Set(given.subReasons)],
    text: text === '' ? null : text,
    explained: reason !== null,
    opensTicket: subReasons.some((sub) => sub.opensTicket && given.subReasons.includes(sub.code)),
  });
};

/**
 * Checks the doctor's answer to a line against what was offered and what the reasons table and the list demand. Undo
 * needs no check of content and is not handled here.
 *
 * @returns the answer to record, or a fault: RESPONSE_NOT_OFFERED, RESPONSE_REASON_WITH_RECOGNITION,
 *   RESPONSE_REASON_REQUIRED, RESPONSE_REASON_UNKNOWN, RESPONSE_REASONS_CONTRADICT, RESPONSE_TEXT_TOO_SHORT
 */
export const validateResponse = (
  response: CheckResponse,
  line: LineDecision,
  rules: Rules,
): Result<ValidResponse, Fault> => {
  if (response.kind === 'recognise') {
    if (response.reason !== null || response.localReason !== null || response.subReasons.length > 0)
      return problem('RESPONSE_REASON_WITH_RECOGNITION', 'reason');
    return validRecognition(line, response.results);
  }
  const { otherReasonMinimum } = rules.policyOf(line.parts[0]?.part.order.institution ?? null);
  return validReason(response, reasonRequired(line, rules), rules, otherReasonMinimum);
};
