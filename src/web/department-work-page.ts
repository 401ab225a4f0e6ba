import type { Instant } from '../kernel/instant.ts';
import { type Html, html } from './html.ts';
import { layout, type Viewer } from './layout.ts';
import type { DepartmentWorkAnswer, DepartmentWorkQuery } from './wire/department-work.ts';
import { timeText } from './words.ts';

type Row = DepartmentWorkAnswer['rows'][number];
type Decision = DepartmentWorkAnswer['decisions'][number];

/** What the page of departments and doctors shows. */
export interface DepartmentWorkView {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly work: DepartmentWorkAnswer;
  readonly query: DepartmentWorkQuery;
}

const NOT_STATED = '未注明';

const filters = ({ work, query }: DepartmentWorkView): Html =>
  html`<form class="panel row filters" method="get" action="/department-work">
<div><label for="from">自（核查日期）</label><input id="from" name="from" type="date" value="${work.from}"></div>
<div><label for="to">至（最长 31 天）</label><input id="to" name="to" type="date" value="${work.to}"></div>
<div><label for="department">科室</label><input id="department" name="department" maxlength="200" value="${query.department ?? ''}"></div>
<div><label for="doctor">医师工号</label><input id="doctor" name="doctor" maxlength="64" autocomplete="off" value="${query.doctor ?? ''}"></div>
<button class="main" type="submit">查看</button></form>`;

/** Where one doctor's decisions are listed. The address holds days, a department and a staff number, and no patient. */
const addressOf = ({ from, to }: DepartmentWorkAnswer, { department, doctor }: Row): string =>
  `/department-work?${new URLSearchParams({ from, to, department: department ?? '', doctor: doctor ?? '' }).toString()}`;

const repeatsText = ({ repeats, avoidable, reasons }: Row): Html =>
  repeats === 0
    ? html`0`
    : html`${repeats}（可避免 ${avoidable}）<span class="sub nowrap">${reasons
        .map(({ reason, items }) => `${reason ?? '无理由'}×${items}`)
        .join(' ')}</span>`;

const workRow = (work: DepartmentWorkAnswer, row: Row): Html => html`<tr>
<th scope="row">${row.department ?? NOT_STATED}</th>
<td data-label="医师工号">${row.doctor === null ? NOT_STATED : html`<a href="${addressOf(work, row)}">${row.doctor}</a>`}</td>
<td data-label="核查（次）">${row.checks}</td>
<td data-label="可互认或可供参考（项）">${row.recognisable}</td>
<td data-label="互认（项）">${row.recognised}</td>
<td data-label="不互认（项）">${repeatsText(row)}</td>
<td data-label="已互认仍执行（项）">${row.recognisedYetExecuted > 0 ? html`<strong>${row.recognisedYetExecuted}</strong>` : '0'}</td>
<td data-label="未应答（项）">${row.unanswered}</td></tr>`;

const workTable = (work: DepartmentWorkAnswer): Html =>
  html`<div class="panel"><table><thead><tr><th scope="col">科室</th><th scope="col">医师工号</th><th scope="col">核查（次）</th><th scope="col">可互认或可供参考（项）</th><th scope="col">互认（项）</th><th scope="col">不互认（项）</th><th scope="col">已互认仍执行（项）</th><th scope="col">未应答（项）</th></tr></thead>
<tbody>${work.rows.map((row) => workRow(work, row))}</tbody></table></div>`;

const GRADES = [
  ['must-consider', '可互认'],
  ['may-consider', '可供参考'],
] as const;

const foundText = (found: Decision['found']): readonly Html[] =>
  GRADES.flatMap(([grade, words]) => {
    const names = found.filter((each) => each.grade === grade).map(({ nameZh }) => nameZh);
    return names.length === 0 ? [] : [html`<p>${words}：${names.join('、')}</p>`];
  });

const answerText = ({ kind, items, reason, reasonText }: Decision['answers'][number]): Html => {
  const names = items.map(({ nameZh }) => nameZh).join('、');
  return kind === 'recognise'
    ? html`<p>互认：${names}</p>`
    : html`<p>不互认：${names}　${reason === null ? '无理由' : html`<span class="nowrap">${reason}</span> ${reasonText?.zh}`}</p>`;
};

const decisionRow = (each: Decision): Html => html`<tr>
<th scope="row"><a class="nowrap" href="/checks/${each.check}">${timeText(each.checkedAt)}</a><span class="unseen">，打开本次核查</span></th>
<td data-label="科室" class="nowrap">${each.department ?? NOT_STATED}</td>
<td data-label="申请项目">${each.ordered.join('、')}</td>
<td data-label="首次查到">${each.found.length === 0 ? '—' : foundText(each.found)}</td>
<td data-label="应答">${each.answers.length === 0 ? '—' : each.answers.map(answerText)}</td></tr>`;

const decisionList = ({ work, query }: DepartmentWorkView): Html | false =>
  query.doctor !== undefined &&
  html`<section aria-labelledby="decisions-title"><h2 id="decisions-title">医师 ${query.doctor} 的核查</h2>
<p class="sub">不列患者信息。打开一次核查即查看患者资料，记入患者可见的访问记录。“首次查到”指同次就诊中由本次核查首先查到的项目，之后的核查不再重复列出。</p>
${
  work.decisions.length === 0
    ? html`<p>没有符合条件的核查。</p>`
    : html`<div class="panel"><table><thead><tr><th scope="col">核查时间</th><th scope="col">科室</th><th scope="col">申请项目</th><th scope="col">首次查到</th><th scope="col">应答</th></tr></thead>
<tbody>${work.decisions.map(decisionRow)}</tbody></table></div>`
}</section>`;

/** What the departments and doctors of the viewer's institution did in a period, and one doctor's decisions. */
export const departmentWorkPage = (view: DepartmentWorkView): Html => {
  const { work } = view;
  return layout({
    title: '科室与医师互认情况',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '医疗质量管理', at: view.at },
    content: html`<h1>科室与医师互认情况</h1>
<p class="sub">本机构 ${work.from} 至 ${work.to} 的核查。同次就诊同一项目查到的结果只计一次；N1 至 N5 为可复查情形，N6 与无理由计为可避免。</p>
${filters(view)}
${work.isTruncated && html`<p class="alert" role="note">数据较多，未全部计入或列出，请缩短期间，或指定科室、医师。</p>`}
${work.rows.length === 0 ? html`<p>没有符合条件的核查。</p>` : workTable(work)}
${decisionList(view)}`,
  });
};
