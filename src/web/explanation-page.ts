import type { Instant } from '../kernel/instant.ts';
import {
  type CitationNumbers,
  checkRows,
  checkTable,
  citationList,
  citationNumbers,
  type ExplainedCandidate,
} from './explanation-checks.ts';
import { flag, type Html, html, wholeDates } from './html.ts';
import { layout, type Viewer } from './layout.ts';
import { flagClass } from './kit/flag-class.ts';
import { flagMark, valueText } from './result-table.ts';
import type { Explanation } from './wire/order-check-answer.ts';
import { GRADE_CLASS, timeText } from './words.ts';

/** Where the links of an explanation lead. */
export interface ExplanationAddresses {
  /** The check that is explained; null where the explanation is a part of another page. */
  readonly check: string | null;
  /** The explanation itself; `?open=all` opens everything on it. */
  readonly self: string;
  /** The report behind a result; null where the reader cannot be led to it. */
  readonly report: (report: string, isShown: boolean) => string | null;
}

type Line = Explanation['lines'][number];

interface View {
  readonly addresses: ExplanationAddresses;
  readonly numbers: CitationNumbers;
  /** Everything is opened out, to be read or printed in one go. */
  readonly isAllOpen: boolean;
  readonly shownReports: ReadonlySet<string>;
}

/** What is the same for all; undefined where it differs. */
const shared = <Value>(
  all: readonly ExplainedCandidate[],
  of: (each: ExplainedCandidate) => Value,
): Value | undefined => {
  const [first, ...others] = all.map(of);
  return others.every((each) => each === first) ? first : undefined;
};

const sourceText = ({ institution, collectedAt, collectedPrecision }: ExplainedCandidate): string =>
  `${institution.shortNameZh} ${collectedAt === null ? '时间未注明' : timeText(collectedAt, collectedPrecision)}`;

/** What stands against a result, in the words of the checks that say so; empty where nothing does. */
const againstText = ({ checks }: ExplainedCandidate): string =>
  checks
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown')
    .map(({ text }) => text.zh)
    .join('；');

const untilText = ({ untilText: text }: ExplainedCandidate): string => text?.zh ?? '';

/** When the first of several verdicts would change. */
const firstUntil = (group: readonly ExplainedCandidate[]): string => {
  const [first] = group.filter(({ until }) => until !== null).toSorted(byUntil);
  return first === undefined ? '' : `最早一项：${untilText(first)}`;
};

const byUntil = ({ until: left }: ExplainedCandidate, { until: right }: ExplainedCandidate): number =>
  (left ?? '') < (right ?? '') ? -1 : 1;

const valueOf = ({ value, impression }: ExplainedCandidate): Html | false =>
  value !== null
    ? html` <span class="result ${flagClass(value)}"><b>${valueText(value)}</b> ${value.unit && html`<span class="unit">${value.unit}</span> `}${flagMark(value)}</span>`
    : impression !== null && html` <span class="result">${impression}</span>`;

const missingBlock = (missing: ExplainedCandidate['missing']): Html | false =>
  missing !== null &&
  html`<p>${missing.heading.zh}</p><ul class="reasons">${missing.conditions.map(
    ({ text }) => html`<li>${wholeDates(text.zh)}</li>`,
  )}${missing.remainder !== null && html`<li>${missing.remainder.zh}</li>`}</ul>`;

const missingKey = ({ missing }: ExplainedCandidate): string => JSON.stringify(missing);

const lines = (texts: readonly (string | undefined)[]): readonly Html[] =>
  texts.flatMap((text) => (text ? html`<span class="sub beneath">${wholeDates(text)}</span>` : []));

/** What identifies one result, and the way to its report. */
const identityBlock = (candidate: ExplainedCandidate, line: Line, view: View): Html => {
  const { item, report, reportVersion, ordinal, part, zoneText } = candidate;
  const ordered = line.parts[part];
  const address = view.addresses.report(report, view.shownReports.has(report));
  const outcome =
    ordered && line.parts.length > 1 ? `${ordered.item.nameZh}：${ordered.outcomeText.zh}` : null;
  return html`<p class="sub">${[
    outcome,
    zoneText?.zh,
    `项目编码 ${item.code}`,
    `报告第 ${reportVersion} 版第 ${ordinal} 项`,
  ].map(
    (text) => text && html`<span class="datum">${text}</span> `,
  )}${address !== null && html`<a href="${address}">看原报告<span class="unseen">：${item.nameZh}，${sourceText(candidate)}</span></a>`}</p>`;
};

interface Told {
  /** Said of the whole group already. */
  readonly source: boolean;
  readonly against: boolean;
  readonly until: boolean;
  readonly missing: boolean;
}

/** One result of a group: a line with value, moment and what stands against it; its own checks behind it. */
const memberBlock = (
  candidate: ExplainedCandidate,
  line: Line,
  rows: readonly Html[],
  told: Told,
  view: View,
): Html => html`<li><details class="explained"${flag('open', view.isAllOpen)}><summary>${candidate.item.nameZh}${valueOf(candidate)}${
  !told.source && html` <span class="sub">${sourceText(candidate)}</span>`
}${lines([told.against ? '' : againstText(candidate), told.until ? '' : untilText(candidate)])}</summary>
${identityBlock(candidate, line, view)}${!told.missing && missingBlock(candidate.missing)}
${rows.length > 0 && checkTable(rows, `${candidate.item.nameZh}不同于同组的核查，${sourceText(candidate)}`)}</details></li>`;

const gradeBadge = ({ grade, gradeText }: ExplainedCandidate): Html =>
  html`<span class="badge ${GRADE_CLASS[grade]}">${gradeText.zh}</span>`;

/** A result that stands alone: why, and behind it every check. */
const singleBlock = (candidate: ExplainedCandidate, line: Line, view: View): Html => {
  const { item, rowText, chosen, missing } = candidate;
  return html`<details class="explained${chosen && ' chosen-result'}"${flag('open', view.isAllOpen)}><summary>${gradeBadge(candidate)} <b>${rowText.zh}</b>
<span class="beneath">${item.nameZh}${valueOf(candidate)} <span class="sub">${sourceText(candidate)}</span></span>${lines([againstText(candidate), untilText(candidate)])}</summary>
${identityBlock(candidate, line, view)}${missingBlock(missing)}
${checkTable([...checkRows(candidate, view.numbers).values()], `${item.nameZh}的逐项核查，${sourceText(candidate)}`)}</details>`;
};

/** Results that the same row of the fold decided. What they have in common is said once, checks included. */
const groupBlock = (group: readonly ExplainedCandidate[], line: Line, view: View): Html => {
  const [first] = group;
  if (first === undefined) return html``;
  if (group.length === 1) return singleBlock(first, line, view);
  const rowsOf = new Map(group.map((each) => [each, checkRows(each, view.numbers)]));
  const isCommon = (check: string, row: Html): boolean =>
    group.every((each) => rowsOf.get(each)?.get(check)?.text === row.text);
  const firstRows = [...(rowsOf.get(first) ?? [])];
  const common = new Map(firstRows.filter(([check, row]) => isCommon(check, row)));
  const own = (each: ExplainedCandidate): readonly Html[] =>
    [...(rowsOf.get(each) ?? [])].filter(([check]) => !common.has(check)).map(([, row]) => row);
  const source = shared(group, sourceText);
  const against = shared(group, againstText);
  const until = shared(group, untilText);
  const isMissingShared = shared(group, missingKey) !== undefined;
  const told: Told = {
    source: source !== undefined,
    against: against !== undefined,
    until: until !== undefined,
    missing: isMissingShared,
  };
  const open = flag('open', view.isAllOpen);
  return html`<details class="explained${first.chosen && ' chosen-result'}"${open}><summary>${gradeBadge(first)} <b>${first.rowText.zh}</b>　<span class="nowrap">${group.length} 项</span>${
    source && html` <span class="sub">${source}</span>`
  }${lines([against, until ?? firstUntil(group)])}</summary>
${isMissingShared && missingBlock(first.missing)}
<ul class="plain members">${group.map((each) => memberBlock(each, line, own(each), told, view))}</ul>
${
  common.size > 0 &&
  html`<p class="sub">以上 ${group.length} 项结果相同的核查有 ${common.size} 条，列在下表；各项不同的核查在该项内展开。</p>
${checkTable([...common.values()], `${first.rowText.zh}，${group.length} 项结果相同的核查`)}`
}</details>`;
};

const groupsOf = (candidates: readonly ExplainedCandidate[]): readonly (readonly ExplainedCandidate[])[] => [
  ...Map.groupBy(candidates, ({ row }) => row).values(),
];

const resultsBlock = (
  heading: string,
  candidates: readonly ExplainedCandidate[],
  line: Line,
  view: View,
): Html | false =>
  candidates.length > 0 &&
  html`<h3 class="explained-heading">${heading} <span class="sub">${candidates.length} 项</span></h3>
${groupsOf(candidates).map((group) => groupBlock(group, line, view))}`;

/** What was found for the ordered item; of a panel, for the members that no result carries. */
const foundBlock = ({ parts, candidates }: Line): Html => {
  const carried = new Set(candidates.filter(({ chosen }) => chosen).map(({ part }) => part));
  const told = parts.length === 1 ? parts : parts.filter((_, index) => !carried.has(index));
  return html`${[...Map.groupBy(told, ({ outcomeText }) => outcomeText.zh)].map(
    ([outcome, found]) =>
      html`<p class="sub">${found.map(({ item }) => item.nameZh).join('、')}：${outcome}</p>`,
  )}`;
};

const lineBlock = (line: Line, view: View): Html => {
  const { candidates, outcomeText, panelText, quietText } = line;
  const [best] = candidates.filter(({ chosen }) => chosen);
  return html`<section class="line explained-line ${best && GRADE_CLASS[best.grade]}" aria-labelledby="line-${line.line}">
<h2 id="line-${line.line}">${line.name} <span class="badge">${outcomeText.zh}</span></h2>
${panelText && html`<p>${panelText.zh}</p>`}${quietText && html`<p>${quietText.zh}</p>`}
${foundBlock(line)}
${resultsBlock(
  '选用的结果',
  candidates.filter(({ chosen }) => chosen),
  line,
  view,
)}
${resultsBlock(
  '未选用的结果',
  candidates.filter(({ chosen }) => !chosen),
  line,
  view,
)}
</section>`;
};

/**
 * Why the verdict is what it is: of every ordered item what was chosen and what decided, the other results by what decided
 * against them, and behind each every check with its data and what it rests on.
 */
export const explanationContent = (
  explanation: Explanation,
  addresses: ExplanationAddresses,
  isAllOpen: boolean,
): Html => {
  const numbers = citationNumbers(explanation);
  const shown = explanation.lines.flatMap(({ candidates }) => candidates.filter((each) => each.shown));
  const view: View = {
    addresses,
    numbers,
    isAllOpen,
    shownReports: new Set(shown.map(({ report }) => report)),
  };
  return html`<h1>核查依据</h1>
${
  addresses.check !== null &&
  html`<p class="sub"><a href="${addresses.check}">返回核查结果</a>　${
    isAllOpen
      ? html`<a href="${addresses.self}">收起</a>`
      : html`<a href="${addresses.self}?open=all">展开全部核查（供通读或打印）</a>`
  }</p>`
}
${explanation.lines.map((line) => lineBlock(line, view))}
${citationList(numbers)}
<dl class="facts"><dt>核查编号</dt><dd>${explanation.id}</dd><dt>核查时间</dt><dd>${timeText(explanation.checkedAt)}</dd>
<dt>规则版本</dt><dd>${explanation.evaluator}</dd><dt>清单快照</dt><dd><code>${explanation.snapshot}</code></dd></dl>`;
};

/** The explanation to whoever signed in. */
export const explanationPage = (view: {
  viewer: Viewer;
  formToken: string;
  at: Instant;
  explanation: Explanation;
  isAllOpen: boolean;
}): Html =>
  layout({
    title: '核查依据',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: explanationContent(
      view.explanation,
      {
        check: `/checks/${view.explanation.id}`,
        self: `/checks/${view.explanation.id}/explanation`,
        report: (report) => `/reports/${report}`,
      },
      view.isAllOpen,
    ),
  });
