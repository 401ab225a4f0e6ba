import { type Html, html } from './html.ts';
import type { OrderCheckCandidate } from './wire/order-check-answer.ts';
import { FLAG_WORDS, GRADE_WORDS, STANDING_WORDS, timeText } from './words.ts';

type Value = NonNullable<OrderCheckCandidate['value']>;

const FLAG_CLASS: Readonly<Record<NonNullable<Value['flag']>, string>> = {
  high: 'high',
  low: 'low',
  abnormal: 'high',
  positive: 'high',
  critical: 'critical',
  'critical-high': 'critical',
  'critical-low': 'critical',
  normal: '',
};

/** A value exactly as printed, its flag as a word with an arrow, its unit and its reference interval. */
export const printedValue = (value: Value): Html => {
  const word = value.flag ? FLAG_WORDS[value.flag] : '';
  return html`<span class="value ${value.flag ? FLAG_CLASS[value.flag] : ''}"><b>${value.text === '' ? '—' : value.text}</b>${
    word && html` <span class="flag">${word}</span>`
  }</span>${value.unit && html` <span class="unit">${value.unit}</span>`}${
    value.referenceText && html` <span class="reference">参考区间 ${value.referenceText}</span>`
  }`;
};

const examination = ({
  findings,
  impression,
}: NonNullable<OrderCheckCandidate['examination']>): Html => html`<div class="examination">
${findings && html`<p><b>检查所见</b>　${findings}</p>`}
${impression && html`<p><b>诊断意见</b>　${impression}</p>`}</div>`;

/** 机构│采样时间│标识│参考时限: the line by which a doctor knows where a result comes from. */
const provenance = (candidate: OrderCheckCandidate): Html => {
  const examined = candidate.examination !== null;
  const parts = [
    html`${candidate.institution.shortNameZh}<span class="sub">（${candidate.institution.tierZh}）</span>`,
    candidate.performer && html`外送 ${candidate.performer.shortNameZh}`,
    candidate.collectedAt === null
      ? `${examined ? '检查' : '采样'}时间未注明`
      : html`<span class="nowrap">${timeText(candidate.collectedAt, candidate.collectedPrecision)} ${examined ? '检查' : '采样'}</span>`,
    candidate.mark ? html`<span class="mark">${candidate.mark}</span>` : '无互认标识',
    candidate.grade === 'must-consider' &&
      candidate.until &&
      html`<span class="nowrap">参考时限至 ${timeText(candidate.until)}</span>`,
  ].filter((part) => part !== null && part !== false);
  const last = parts.length - 1;
  return html`<p class="provenance">${parts.map(
    (part, index) =>
      html`<span>${part}${index < last && html`<span class="sub" aria-hidden="true"> │</span>`}</span>`,
  )}</p>`;
};

/** Class of the edge and badge by grade; the words say the same. */
const GRADE_CLASS: Readonly<Record<OrderCheckCandidate['grade'], string>> = {
  'must-consider': 'yes',
  'may-consider': 'maybe',
  'view-only': 'view',
  'not-covered': 'view',
  excluded: 'view',
};

/** One earlier result with its verdict, its reasons and the way to the whole report. `act` is the form, where there is one. */
export const candidateBlock = (candidate: OrderCheckCandidate, showItem: boolean, act: Html | null): Html => {
  const words = candidate.own ? '本院近期已检' : GRADE_WORDS[candidate.grade];
  return html`<li class="candidate ${candidate.own ? 'own' : GRADE_CLASS[candidate.grade]}">
<p class="verdict"><span class="badge">${words}</span>${showItem && html` <b>${candidate.item.nameZh}</b>`}${
    candidate.standing !== 'final' &&
    html` <span class="standing">${STANDING_WORDS[candidate.standing]}</span>`
  }${candidate.value && html` <span class="result">${printedValue(candidate.value)}</span>`}</p>
${candidate.examination && examination(candidate.examination)}
${provenance(candidate)}
${candidate.reasons.length > 0 && html`<ul class="reasons">${candidate.reasons.map(({ zh }) => html`<li>${zh}</li>`)}</ul>`}
<p class="sub">${candidate.disclosure.text.zh}　<a href="/reports/${candidate.report}">看原报告<span class="unseen">：${candidate.item.nameZh}，${candidate.institution.shortNameZh}</span></a></p>
${act}
</li>`;
};
