import { type Html, html, wholeDates } from '../html.ts';
import { flagClass } from '../kit/flag-class.ts';
import { flagMark, type PrintedValue, standingMark, valueText } from '../result-table.ts';
import type { OrderCheckCandidate } from '../wire/order-check-answer.ts';
import { GRADE_CLASS, GRADE_WORDS, hasOpenable, imagesText, lastValidText, timeText } from '../words.ts';

/** Where the links and forms of a line lead: to the pages of a session, or to those under a card's token. */
export interface LineAddresses {
  /** Takes the doctor's answers. */
  readonly responses: string;
  /** Takes the consent of the patient by word of mouth. */
  readonly consents: string;
  readonly report: (report: string) => string;
  /** Where the original images of a report open. */
  readonly images: (report: string) => string;
  readonly explanation: string;
  /** Where the notice to the patient about a line is made that is examined again. */
  readonly notice: (line: number) => string;
}

/** A value exactly as printed, its flag as a word with an arrow, its unit and its reference interval. */
const printedValue = (value: PrintedValue): Html => {
  const mark = flagMark(value);
  return html`<span class="value ${flagClass(value)}"><b>${valueText(value)}</b>${mark && html` ${mark}`}</span>${
    value.unit && html` <span class="unit">${value.unit}</span>`
  }${value.referenceText && html` <span class="reference">参考区间 ${value.referenceText}</span>`}`;
};

const examination = ({
  findings,
  impression,
}: NonNullable<OrderCheckCandidate['examination']>): Html => html`<div class="examination">
${findings && html`<p><b>检查所见</b>　${findings}</p>`}
${impression && html`<p><b>诊断意见</b>　${impression}</p>`}</div>`;

/** 参考时限 of several results of one report: one moment, or the earliest of several. */
const windowText = (candidates: readonly OrderCheckCandidate[]): Html | false => {
  const ends = candidates
    .filter(({ grade, own }) => grade === 'must-consider' && !own)
    .flatMap(({ until }) => until ?? [])
    .toSorted();
  const [first] = ends;
  return (
    first !== undefined &&
    html`<span class="nowrap">参考时限${first !== ends.at(-1) && '最早'}至 ${lastValidText(first)}</span>`
  );
};

/** A result that must be considered has a quality basis, mark or not; of an own one nobody asks for a mark. */
const markText = ({ mark, own, grade }: OrderCheckCandidate): Html | string | false =>
  mark !== null ? html`<span class="mark">${mark}</span>` : !own && grade !== 'must-consider' && '无互认标识';

/**
 * 机构│采样时间│标识│参考时限: the line by which a doctor knows where results come from.
 *
 * @param usual stands for all of them where they agree
 */
export const provenance = (
  usual: OrderCheckCandidate,
  candidates: readonly OrderCheckCandidate[] = [usual],
): Html => {
  const examined = usual.examination !== null;
  const parts = [
    html`${usual.institution.shortNameZh}<span class="sub">（${usual.institution.tierZh}）</span>`,
    usual.performer && html`外送 ${usual.performer.shortNameZh}`,
    usual.collectedAt === null
      ? `${examined ? '检查' : '采样'}时间未注明`
      : html`<span class="nowrap">${timeText(usual.collectedAt, usual.collectedPrecision)} ${examined ? '检查' : '采样'}</span>`,
    markText(usual),
    windowText(candidates),
    candidates.length === 1 && usual.method !== null && `方法 ${usual.method}`,
  ].filter((part) => part !== null && part !== false);
  const last = parts.length - 1;
  return html`<p class="provenance">${parts.map(
    (part, index) =>
      html`<span>${part}${index < last && html`<span class="sub" aria-hidden="true">│</span>`}</span> `,
  )}</p>`;
};

/** Reasons of a verdict, one below the other. */
export const reasonList = (reasons: OrderCheckCandidate['reasons']): Html | false =>
  reasons.length > 0 &&
  html`<ul class="reasons">${reasons.map(({ zh }) => html`<li>${wholeDates(zh)}</li>`)}</ul>`;

/** How far the images of an examination had come, and the way to them: the window of the order stays where it is. */
const imagesOf = (
  { images, report, item, institution, reasons }: OrderCheckCandidate,
  addresses: LineAddresses,
): Html | false => {
  if (images === null) return false;
  const words = imagesText(images);
  return html`<p class="sub">${!reasons.some(({ zh }) => zh === words) && (images.state === 'complete' ? html`${words}　` : html`<b>${words}</b>　`)}${
    hasOpenable(images) &&
    !images.closed &&
    html`<a href="${addresses.images(report)}" target="_blank" rel="noopener">看影像<span class="unseen">：${item.nameZh}，${institution.shortNameZh}</span></a>`
  }</p>`;
};

/** On what ground it is shown, and the way to the whole report. */
export const sourceLine = (
  { disclosure, report, item, institution }: OrderCheckCandidate,
  addresses: LineAddresses,
): Html =>
  html`<p class="sub">${disclosure.text.zh}　<a class="view" href="${addresses.report(report)}"><kbd>V</kbd>看原报告<span class="unseen">：${item.nameZh}，${institution.shortNameZh}</span></a></p>`;

/** The verdict in a word. */
export const verdictWords = ({ own, grade }: OrderCheckCandidate): string =>
  own ? '本院近期已检' : GRADE_WORDS[grade];

/** The verdict's class. */
export const verdictClass = ({ own, grade }: OrderCheckCandidate): string =>
  own ? 'own' : GRADE_CLASS[grade];

/** One earlier result with its verdict, its reasons and the way to the whole report. `act` is the form, where there is one. */
export const candidateBlock = (
  candidate: OrderCheckCandidate,
  showItem: boolean,
  addresses: LineAddresses,
  act: Html | null,
): Html => html`<li class="candidate ${verdictClass(candidate)}">
<p class="verdict"><span class="badge">${verdictWords(candidate)}</span>${
  showItem && html` <b>${candidate.item.nameZh}</b>`
}${standingMark(candidate.standing)}${
  candidate.value && html` <span class="result">${printedValue(candidate.value)}</span>`
}</p>
${candidate.examination && examination(candidate.examination)}
${provenance(candidate)}
${reasonList(candidate.reasons)}
${imagesOf(candidate, addresses)}
${sourceLine(candidate, addresses)}
${act}
</li>`;
