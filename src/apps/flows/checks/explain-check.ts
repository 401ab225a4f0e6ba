import type { Bilingual } from '../../../kernel/bilingual.ts';
import type { Instant } from '../../../kernel/instant.ts';
import {
  type Assessed,
  type DisclosedLine,
  explainDecision,
  explainLine,
  explainMissing,
  explainVerdict,
  outcomeText,
  type PartDecision,
  type Rules,
} from '../../../recognition/index.ts';
import type { Explanation } from '../../../web/wire/order-check-answer.ts';
import { institutionAnswer, itemAnswer, momentAnswer } from '../present.ts';
import type { KeptCheck } from './kept-check.ts';
import { orderedName, shownOf, valueAnswer } from './present-check.ts';

type ExplainedLine = Explanation['lines'][number];

/** Reports that were found to be another person's since. What they say is no longer told to anybody. */
const othersReports = ({ marks }: KeptCheck): ReadonlySet<string> =>
  new Set(marks.filter(({ kind }) => kind === 'other-person').map((mark) => mark.report_public_id));

const candidateOf = (
  assessed: Assessed,
  { part, isChosen, isShown }: { part: number; isChosen: boolean; isShown: boolean },
  check: KeptCheck,
  rules: Rules,
): ExplainedLine['candidates'][number] => {
  const { candidate, verdict } = assessed;
  const { grade, row, zone, until, checks } = explainVerdict(verdict, rules);
  const missing = explainMissing(assessed, rules);
  // What may be another person's is listed with its reasons and never with what it says.
  const isHidden = verdict.grade === 'excluded' || othersReports(check).has(candidate.report);
  const { value, examination } = isHidden
    ? { value: null, examination: null }
    : valueAnswer(candidate, check.values);
  return {
    part,
    report: candidate.report,
    ordinal: candidate.ordinal,
    reportVersion: candidate.reportVersion,
    item: itemAnswer(rules, candidate.item),
    chosen: isChosen,
    shown: isShown,
    value,
    impression: examination?.impression || null,
    institution: institutionAnswer(rules, candidate.reporter),
    collectedAt: momentAnswer(candidate.collectedAt),
    collectedPrecision: candidate.collectedPrecision,
    grade: verdict.grade,
    gradeText: grade,
    row: verdict.row,
    rowText: row,
    zoneText: zone,
    until: momentAnswer(verdict.until),
    untilText: until,
    missing: missing && { ...missing, conditions: [...missing.conditions] },
    checks: checks.map((each) => ({ ...each, data: [...each.data], sources: [...each.sources] })),
  };
};

const lineOf = (line: DisclosedLine, index: number, check: KeptCheck, rules: Rules): ExplainedLine => {
  const { session } = check.replayed.facts;
  const { outcome, panel, quiet } = explainLine(line, rules);
  const shown = new Set(shownOf(line));
  const candidatesOf = ({ assessed, chosen }: PartDecision, part: number) =>
    assessed.map((each) =>
      candidateOf(each, { part, isChosen: each === chosen, isShown: shown.has(each) }, check, rules),
    );
  return {
    line: session.lines[index]?.line ?? index + 1,
    name: orderedName(session.lines[index], session, rules),
    outcomeText: outcome,
    panelText: panel,
    quietText: quiet,
    parts: line.parts.map((each) => ({
      item: itemAnswer(rules, each.part.order.item),
      outcomeText: outcomeText(each.outcome, [each], rules),
    })),
    candidates: line.parts.flatMap(candidatesOf),
  };
};

const rulesOf = ({ row, ruling }: KeptCheck): Rules => ruling.snapshot.rulesAt(row.checked_at as Instant);

/** Every check of a decision with its data and citation, in words (U1). */
export const explanationOf = (check: KeptCheck): Explanation => {
  const { row } = check;
  const rules = rulesOf(check);
  return {
    id: row.public_id,
    checkedAt: momentAnswer(row.checked_at) as string,
    evaluator: row.evaluator,
    snapshot: row.snapshot_id,
    lines: check.shown.lines.map((line, index) => lineOf(line, index, check, rules)),
  };
};

/** The same as lines of text, as `huren explain` prints them. */
export const explanationText = (check: KeptCheck): readonly Bilingual[] =>
  explainDecision(check.shown, rulesOf(check));
