import type { Instant } from '../kernel/instant.ts';
import { flag, type Html, html } from './html.ts';
import { layout, type Viewer } from './layout.ts';
import type { Explanation } from './wire/order-check-answer.ts';
import { CHECK_WORDS, DATA_WORDS, timeText } from './words.ts';

/** Where the links of an explanation lead. */
export interface ExplanationAddresses {
  readonly check: string;
  readonly report: (report: string) => string;
}

type Candidate = Explanation['lines'][number]['candidates'][number];

const checkRow = (check: Candidate['checks'][number]): Html => html`<tr class="${check.outcome}">
<th scope="row">${check.name.zh}</th>
<td data-label="结果" class="nowrap">${CHECK_WORDS[check.outcome]}</td>
<td data-label="说明">${check.text.zh}</td>
<td data-label="所用数据">${
  check.data.length === 0
    ? '—'
    : check.data.map(
        ({ name, text }) => html`<span class="datum">${DATA_WORDS[name] ?? name} ${text}</span> `,
      )
}</td>
<td data-label="依据">${check.citation?.zh ?? '—'}</td>
</tr>`;

/** How many results of a line are opened out at once; of more, each opens by itself. */
const OPEN_AT_ONCE = 2;

const missingBlock = ({ missing, untilText }: Candidate): Html =>
  html`${
    missing === null
      ? ''
      : html`<div><p>${missing.heading.zh}</p><ul>${missing.conditions.map(
          ({ text }) => html`<li>${text.zh}</li>`,
        )}${missing.remainder === null ? '' : html`<li>${missing.remainder.zh}</li>`}</ul></div>`
  }${untilText === null ? '' : html`<p class="sub">${untilText.zh}</p>`}`;

const candidateBlock = (candidate: Candidate, addresses: ExplanationAddresses, open: boolean): Html => {
  const { item, institution, collectedAt, collectedPrecision } = candidate;
  const moment = collectedAt === null ? '时间未注明' : timeText(collectedAt, collectedPrecision);
  const source = `${institution.shortNameZh} ${moment}`;
  return html`<details class="explained"${flag('open', open)}><summary><b>${item.nameZh}</b>　${candidate.gradeText.zh}　<span class="sub">${source}</span></summary>
<p class="sub">${candidate.rowText.zh}　<a href="${addresses.report(candidate.report)}">看原报告<span class="unseen">：${item.nameZh}，${source}</span></a>　<span class="nowrap">第 ${candidate.ordinal} 项</span></p>
${missingBlock(candidate)}
<div class="scroll" tabindex="0" role="region" aria-label="${item.nameZh}的逐项核查，${source}">
<table class="checks"><thead><tr><th scope="col">核查项</th><th scope="col">结果</th><th scope="col">说明</th><th scope="col">所用数据</th><th scope="col">依据</th></tr></thead>
<tbody>${candidate.checks.map(checkRow)}</tbody></table></div></details>`;
};

/** Every check of every earlier result with its data and citation: why the verdict is what it is. */
export const explanationContent = (explanation: Explanation, addresses: ExplanationAddresses): Html =>
  html`<h1>核查依据</h1>
<p class="sub"><a href="${addresses.check}">返回核查结果</a></p>
<dl class="facts"><dt>核查编号</dt><dd>${explanation.id}</dd><dt>核查时间</dt><dd>${timeText(explanation.checkedAt)}</dd>
<dt>规则版本</dt><dd>${explanation.evaluator}</dd><dt>清单快照</dt><dd><code>${explanation.snapshot}</code></dd></dl>
${explanation.lines.map(
  (line) => html`<section class="line"><h2>${line.name}</h2>
${line.candidates.length === 0 ? html`<p>没有可供核查的既往结果。</p>` : line.candidates.map((each) => candidateBlock(each, addresses, line.candidates.length <= OPEN_AT_ONCE))}</section>`,
)}`;

/** The explanation to whoever signed in. */
export const explanationPage = (view: {
  viewer: Viewer;
  formToken: string;
  at: Instant;
  explanation: Explanation;
}): Html =>
  layout({
    title: '核查依据',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: explanationContent(view.explanation, {
      check: `/checks/${view.explanation.id}`,
      report: (report) => `/reports/${report}`,
    }),
  });
