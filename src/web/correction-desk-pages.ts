import { CORRECTION_KINDS, CORRECTION_STATES } from '../correction/index.ts';
import {
  correctionCourse,
  correctionFacts,
  dueText,
  stateBadge,
  type StepForm,
  stepForm,
  wordsField,
} from './correction-course.ts';
import { type CorrectionFrame, correctionLayout } from './correction-pages.ts';
import {
  CORRECTION_KIND_WORDS,
  CORRECTION_STATE_WORDS,
  DISPUTED_WORDS,
  REMEDY_WORDS,
  SAMENESS_WORDS,
} from './correction-words.ts';
import { affectedTable } from './decision-reviews-page.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField } from './layout.ts';
import type { CorrectionAnswer, CorrectionCase, CorrectionDesk, DeskQuery } from './wire/correction.ts';
import { timeText } from './words.ts';

const filters = (query: DeskQuery, { counts }: CorrectionDesk): Html => {
  const states = [
    ['open', `待办结（${counts.open}）`],
    ...CORRECTION_STATES.map((state) => [
      state,
      `${CORRECTION_STATE_WORDS[state]}（${counts.states[state]}）`,
    ]),
    ['all', '全部'],
  ] as const;
  return html`<form class="panel row" method="get" action="/correction-desk">
<div><label for="state">状态</label><select id="state" name="state">${states.map(
    ([value, words]) =>
      html`<option value="${value}"${flag('selected', value === query.state)}>${words}</option>`,
  )}</select></div>
<div><label for="kind">问题</label><select id="kind" name="kind"><option value="">全部</option>${CORRECTION_KINDS.map(
    (kind) =>
      html`<option value="${kind}"${flag('selected', kind === query.kind)}>${CORRECTION_KIND_WORDS[kind]}</option>`,
  )}</select></div>
<label class="tick"><input type="checkbox" name="overdue" value="yes"${flag('checked', query.overdue === 'yes')}> 只看已超时</label>
<button type="submit">筛选</button></form>`;
};

const lastWord = ({ history }: CorrectionAnswer): Html | false => {
  const last = history.at(-1);
  return (
    (last?.step === 'reply' && html` <strong>反映人已答复</strong>`) ||
    (last?.step === 'amendment' && html` <strong>已收到更正报告</strong>`)
  );
};

const queue = (
  corrections: readonly CorrectionAnswer[],
): Html => html`<div class="panel"><table><thead><tr><th scope="col">单号</th><th scope="col">状态</th><th scope="col">问题</th><th scope="col">报告</th><th scope="col">提交</th><th scope="col">时限</th></tr></thead>
<tbody>${corrections.map(
  (
    each,
  ) => html`<tr><th scope="row"><a class="nowrap" href="/correction-desk/${each.id}">${each.ticket}</a></th>
<td>${stateBadge(each)}${lastWord(each)}</td>
<td>${CORRECTION_KIND_WORDS[each.kind]}${each.disputed && html`<span class="sub">（已停用于互认判断）</span>`}</td>
<td>${each.title}　<span class="nowrap">${each.reportNumber}</span></td>
<td>${each.reportedBy.party === 'patient' ? '患者' : (each.reportedBy.institutionZh ?? '未注明机构')}　<span class="nowrap">${timeText(each.submittedAt)}</span></td>
<td>${each.due ? dueText(each) : '—'}</td></tr>`,
)}</tbody></table></div>`;

/** Which holidays the clock knows. */
const calendarText = ({ holidayYears }: CorrectionDesk): string =>
  holidayYears.length === 0
    ? '时限按工作时间计算，只扣除周末：还没有录入节假日安排。'
    : `时限按工作时间计算，已计入节假日和调休：${holidayYears.map(({ titleZh }) => titleZh).join('；')}。其他年份只扣除周末。`;

/** The queue of the institution that is to answer: what waits first, by when it is due. */
export const correctionDeskPage = (
  view: CorrectionFrame & { readonly desk: CorrectionDesk; readonly query: DeskQuery },
): Html => {
  const { desk, query } = view;
  const { corrections, truncated, counts } = desk;
  return correctionLayout(
    view,
    '本机构报告的纠错单',
    html`<h1>本机构报告的纠错单</h1>
<p class="sub">待办结 ${counts.open} 张，其中<strong class="${counts.overdue > 0 ? 'overdue' : ''}">已超时 ${counts.overdue} 张</strong>　截至 ${timeText(desk.at)}　<a href="/corrections">我提交的纠错单</a></p>
${filters(query, desk)}
<p class="sub">${calendarText(desk)}</p>
<p class="sub" aria-live="polite">列出 ${corrections.length} 张${truncated && '，还有更多，请加条件'}</p>
${corrections.length === 0 ? html`<p>没有符合条件的纠错单。</p>` : queue(corrections)}
<form class="panel row" method="post" action="/correction-desk/reports" autocomplete="off">${formTokenField(view.formToken)}
<div class="grow"><label for="reportNumber">本机构报告有误：报告单号</label><input id="reportNumber" name="reportNumber" required maxlength="200" spellcheck="false"></div>
<button type="submit">反映问题</button></form>`,
  );
};

const recordsTable = ({ linkedRecords }: CorrectionCase): Html | false =>
  linkedRecords.length > 0 &&
  html`<h3>与本报告登记关联的其他登记</h3>
<p class="sub">只比较，不显示对方的登记内容。确认关联有误时，可在下面选择“${REMEDY_WORDS.parted}”。</p>
<table><thead><tr><th scope="col">登记机构</th><th scope="col">姓名</th><th scope="col">性别</th><th scope="col">出生日期</th><th scope="col">身份证号</th></tr></thead><tbody>${linkedRecords.map(
    (each) =>
      html`<tr><th scope="row">${each.institutionZh}</th><td data-label="姓名">${SAMENESS_WORDS[each.name]}</td><td data-label="性别">${SAMENESS_WORDS[each.sex]}</td><td data-label="出生日期">${SAMENESS_WORDS[each.birthDate]}</td><td data-label="身份证号">${SAMENESS_WORDS[each.nationalId]}</td></tr>`,
  )}</tbody></table>`;

const correctFields = (
  view: CorrectionCase,
): Html => html`<label for="remedy">更正方式</label><select id="remedy" name="remedy" required><option value="">请选择</option>${view.remedies.map(
  (remedy) => html`<option value="${remedy}">${REMEDY_WORDS[remedy]}</option>`,
)}</select>
${
  view.remedies.includes('parted') &&
  html`<label for="record">要分开的登记（仅“${REMEDY_WORDS.parted}”时选择）</label><select id="record" name="record"><option value="">不选</option>${view.linkedRecords.map(
    (each) => html`<option value="${each.record}">${each.institutionZh}</option>`,
  )}</select>`
}
${wordsField('correct', '说明（反映人可见）')}`;

const refuseFields = ({
  unfoundedReasons,
}: CorrectionCase): Html => html`<label for="reason">理由</label><select id="reason" name="reason" required><option value="">请选择</option>${unfoundedReasons.map(
  ({ code, text }) => html`<option value="${code}">${text.zh}</option>`,
)}</select>
${wordsField('refuse', '说明（反映人可见）')}`;

/** Everything the desk may do now, each a form of its own: one press, no script. */
const deskForms = (form: StepForm, view: CorrectionCase): Html | false => {
  const has = (step: CorrectionAnswer['steps'][number]) => view.correction.steps.includes(step);
  const { state } = view.correction;
  const isAnswered = state === 'corrected' || state === 'unfounded';
  return (
    (has('accept') || has('ask') || isAnswered) &&
    html`<section class="panel"><h2>处理</h2>
${view.correction.offeredVersion !== null && html`<p class="note" role="note">已收到该报告第 ${view.correction.offeredVersion} 版。如已更正本问题，请以“${REMEDY_WORDS.amended}”办结。</p>`}
<div class="acts">${has('accept') && stepForm(form, 'accept', '受理', null, true)}${has('investigate') && stepForm(form, 'investigate', '开始核实', null, state === 'accepted')}</div>
${has('ask') && html`<details class="group"><summary>向反映人询问</summary>${stepForm(form, 'ask', '发送询问', wordsField('ask', '问题', true))}</details>`}
${has('correct') && html`<details class="group"${flag('open', state === 'verifying')}><summary>已更正</summary>${stepForm(form, 'correct', '以已更正办结', correctFields(view), state === 'verifying')}</details>`}
${has('refuse') && html`<details class="group"><summary>不成立</summary>${stepForm(form, 'refuse', '以不成立办结', refuseFields(view))}</details>`}
${isAnswered && has('follow-up') && stepForm(form, 'follow-up', '记录回访', wordsField('follow-up', '回访情况', true), true)}</section>`
  );
};

/** One ticket before the desk: what is said, what may be done, and which decisions hang on it. */
export const correctionCasePage = (
  view: CorrectionFrame & {
    readonly opened: CorrectionCase;
    readonly message: string | null;
    readonly newKey: () => string;
  },
): Html => {
  const { opened } = view;
  const { correction, decisions } = opened;
  const form = { ...view, correction, action: `/correction-desk/${correction.id}/steps` };
  return correctionLayout(
    view,
    '处理纠错单',
    html`<h1>纠错单 ${correction.ticket} ${stateBadge(correction)}</h1>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
${correction.disputed && html`<p class="note" role="note">${DISPUTED_WORDS}</p>`}
<section class="panel">${correctionFacts(correction, `/api/corrections/${correction.id}/photo`)}
${recordsTable(opened)}</section>
${deskForms(form, opened)}
<h2>受影响的互认核查（${decisions.length}${opened.decisionsTruncated && '+'}）</h2>
${affectedTable(decisions)}
<h2>处理经过</h2>
${correctionCourse(correction)}
<p><a href="/correction-desk">本机构报告的纠错单</a></p>`,
  );
};
