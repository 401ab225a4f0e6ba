import type { Instant } from '../kernel/instant.ts';
import { DECISION_ANSWER_WORDS } from './correction-words.ts';
import { type Html, html } from './html.ts';
import { layout, type Viewer } from './layout.ts';
import type { AffectedDecision } from './wire/correction.ts';
import { timeText } from './words.ts';

const NOT_WEIGHED = '不再列入';

const comparison = ({ review }: AffectedDecision): Html => {
  if (review === null) return html`<span class="sub">办结后按更正后的结果重新核查</span>`;
  const results = review.lines.flatMap((line) => line.results);
  if (results.length === 0) return html`与原结论相同`;
  const side = (value: string | null, grade: string | null, none: string): string =>
    grade === null ? none : [value ?? '', grade].filter(Boolean).join('　');
  return html`<ul class="plain">${results.map((each) => {
    const after = side(each.valueAfter, each.after, NOT_WEIGHED);
    return html`<li>${each.itemZh}：${side(each.valueBefore, each.before, '未列入')} → ${each.changed ? html`<strong>${after}</strong>` : after}${!each.changed && html`<span class="sub">（结论未变）</span>`}</li>`;
  })}</ul>`;
};

/** Decisions that weighed a report: who decided where and when, what was answered, and the verdict then and now. */
export const affectedTable = (decisions: readonly AffectedDecision[]): Html =>
  decisions.length === 0
    ? html`<p>没有互认核查用到过这份报告。</p>`
    : html`<div class="panel"><table><thead><tr><th scope="col">核查时间</th><th scope="col">机构</th><th scope="col">科室</th><th scope="col">医师</th><th scope="col">应答</th><th scope="col">原核查 → 重新核查</th></tr></thead>
<tbody>${decisions.map(
        (each) => html`<tr><th scope="row"><span class="nowrap">${timeText(each.checkedAt)}</span></th>
<td data-label="机构">${each.institution.nameZh}</td><td data-label="科室">${each.department ?? '—'}</td><td data-label="医师">${each.doctor ?? '—'}</td>
<td data-label="应答">${DECISION_ANSWER_WORDS[each.answer]}${each.told && each.answer === 'recognise' && html`<span class="sub">（已提示复核）</span>`}</td>
<td data-label="原核查 → 重新核查">${comparison(each)}</td></tr>`,
      )}</tbody></table></div>`;

/** One decision of a doctor beside what it would have been with the corrected facts. The decision itself stands as it was. */
export const decisionReviewsPage = (view: {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly check: string;
  readonly reviews: readonly AffectedDecision[];
}): Html =>
  layout({
    title: '更正后复核',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`<h1>更正后复核</h1>
<p class="sub">原核查结论保持不变；下面是用更正后的结果、按当时的目录重新核查的结论，供您复核。</p>
${
  view.reviews.length === 0
    ? html`<p>这次核查所用的报告没有更正。</p>`
    : view.reviews.map(
        (review) =>
          html`${affectedTable([review])}${
            review.review &&
            html`<p class="sub">重新核查时间 ${timeText(review.review.reviewedAt)}　报告第 ${review.review.reportVersion} 版</p>`
          }`,
      )
}
<p><a href="/checks/${view.check}">返回这次核查</a></p>`,
  });
