import type { Instant } from '../kernel/instant.ts';
import { explanationContent } from './explanation-page.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import { reportContent } from './report-page.ts';
import type { OrderCheckAnswer } from './wire/order-check-answer.ts';
import type { CaseAnswer, CaseList, CaseSubjectAnswer } from './wire/oversight-case.ts';
import { STANDING_WORDS, timeText, VERSION_FIELD_WORDS, versionFieldText } from './words.ts';

interface Frame {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
}

/** What was filled in so far. */
export interface CaseDraft {
  readonly kind: string;
  readonly reference: string;
  readonly doctor: string;
  readonly legalBasis: string;
  readonly reason: string;
  readonly days: string;
}

const STATE_WORDS = { requested: '待审批', approved: '已批准', refused: '未批准', closed: '已办结' } as const;
const KIND_WORDS = {
  'order-check': '核查决定（核查编号）',
  notice: '未予互认告知单（编号或核对网址末段）',
  ticket: '纠错单（单号）',
  finding: '统计异常（机构代码）',
} as const;
const BASIS_WORDS = {
  complaint: '投诉、信访处理',
  'quality-supervision': '医疗质量监督检查',
  'statistical-finding': '异常数据核查',
  enforcement: '卫生行政执法',
} as const;
const OUTCOME_WORDS = {
  'no-fault': '未发现问题',
  rectification: '责令整改',
  transferred: '移交处理',
} as const;
const ANSWER_WORDS = { recognise: '互认', 're-examine': '不互认', undo: '撤销' } as const;

/** Who acted: the person, beside the account. An actor is kept as `staff:` and the name by which they sign in. */
const personText = (actor: string, name: string | null): string => {
  const login = actor.replace(/^staff:/, '');
  return name === null ? login : `${name}（${login}）`;
};

const stateWords = ({ state, ranOut }: CaseAnswer): string => (ranOut ? '已到期' : STATE_WORDS[state]);

const options = (words: Readonly<Record<string, string>>, chosen: string): readonly Html[] =>
  Object.entries(words).map(
    ([value, text]) => html`<option value="${value}"${flag('selected', value === chosen)}>${text}</option>`,
  );

const openingForm = (
  formToken: string,
  draft: CaseDraft,
): Html => html`<section class="panel" aria-labelledby="open-title">
<h2 id="open-title">申请立案</h2>
<form class="stacked" method="post" action="/oversight/cases">${formTokenField(formToken)}
<label for="kind">对象</label><select id="kind" name="kind">${options(KIND_WORDS, draft.kind)}</select>
<label for="reference">编号</label><input id="reference" name="reference" required maxlength="100" autocomplete="off" value="${draft.reference}">
<label for="doctor">医师工号（仅统计异常，可不填）</label><input id="doctor" name="doctor" maxlength="40" autocomplete="off" value="${draft.doctor}">
<label for="legalBasis">依据</label><select id="legalBasis" name="legalBasis">${options(BASIS_WORDS, draft.legalBasis)}</select>
<label for="reason">事由（不少于 10 字；请勿填写患者姓名、证件号码）</label><textarea id="reason" name="reason" rows="3" required minlength="10" maxlength="1000">${draft.reason}</textarea>
<label for="days">开放天数（1 至 30）</label><input id="days" name="days" type="number" min="1" max="30" required value="${draft.days}">
<div class="acts"><button class="main" type="submit">提交，等待第二人审批</button></div>
</form></section>`;

const caseRow = (each: CaseAnswer): Html => html`<tr>
<td data-label="申请时间"><a href="/oversight/cases/${each.id}">${timeText(each.openedAt)}</a></td>
<td data-label="状态" class="nowrap">${stateWords(each)}</td>
<td data-label="对象">${KIND_WORDS[each.subject.kind]}</td>
<td data-label="依据">${BASIS_WORDS[each.legalBasis]}</td>
<td data-label="申请人">${personText(each.openedBy, each.openedByName)}</td>
<td data-label="审批人">${each.decidedBy === null ? '—' : personText(each.decidedBy, each.decidedByName)}</td></tr>`;

/** The cases of the authority, and the form to ask for one. Nobody is named in them. */
export const casesPage = (
  view: Frame & { readonly list: CaseList; readonly draft: CaseDraft; readonly message: string | null },
): Html =>
  layout({
    title: '穿透式监管',
    viewer: view.viewer,
    formToken: view.formToken,
    content: html`<h1>穿透式监管</h1>
<p class="sub">监管人员平时只看统计数据。须查看具体患者时，在此申请立案，由第二人审批；批准后只能查看该案件所列内容，到期自动关闭，每次查看均记入患者可见的访问记录。</p>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
${
  view.list.cases.length === 0
    ? html`<p>尚无案件。</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="案件列表"><table class="checks"><thead><tr><th scope="col">申请时间</th><th scope="col">状态</th><th scope="col">对象</th><th scope="col">依据</th><th scope="col">申请人</th><th scope="col">审批人</th></tr></thead>
<tbody>${view.list.cases.map(caseRow)}</tbody></table></div>`
}
${view.list.truncated && html`<p class="note">只列出最近的案件。</p>`}
${openingForm(view.formToken, view.draft)}`,
  });

const subjectRow = (each: CaseAnswer, subject: CaseAnswer['subjects'][number]): Html => {
  const words = html`第 ${subject.place} 项　${subject.what === 'report' ? '报告' : '核查决定'}　${subject.institutionZh}　${timeText(subject.at)}`;
  return each.may.read
    ? html`<li><a href="/oversight/cases/${each.id}/subjects/${subject.place}">${words}</a></li>`
    : html`<li>${words}</li>`;
};

const decidingForm = (
  each: CaseAnswer,
  formToken: string,
): Html => html`<section class="panel" aria-labelledby="decide-title">
<h2 id="decide-title">审批</h2>
<form class="stacked" method="post" action="/oversight/cases/${each.id}/decision">${formTokenField(formToken)}
<label for="text">审批意见</label><textarea id="text" name="text" rows="2" maxlength="1000"></textarea>
<div class="acts"><button class="main" type="submit" name="approved" value="true">批准，开放 ${each.days} 天</button> <button type="submit" name="approved" value="false">不批准</button></div>
</form></section>`;

const closingForm = (
  each: CaseAnswer,
  formToken: string,
): Html => html`<section class="panel" aria-labelledby="close-title">
<h2 id="close-title">办结</h2>
<form class="stacked" method="post" action="/oversight/cases/${each.id}/closing">${formTokenField(formToken)}
<label for="outcome">结论</label><select id="outcome" name="outcome">${options(OUTCOME_WORDS, '')}</select>
<label for="closing">说明（不少于 10 字；请勿填写患者姓名、证件号码）</label><textarea id="closing" name="text" rows="2" required minlength="10" maxlength="1000"></textarea>
<div class="acts"><button class="main" type="submit">办结</button></div>
</form></section>`;

/** One case: what is asked and why, its course, and what it names, by place and without a name. */
export const casePage = (
  view: Frame & { readonly each: CaseAnswer; readonly message: string | null },
): Html => {
  const { each, formToken } = view;
  return layout({
    title: '案件',
    viewer: view.viewer,
    formToken,
    content: html`<p class="sub"><a href="/oversight/cases">返回案件列表</a></p>
<h1>案件 <span class="badge">${stateWords(each)}</span></h1>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<dl class="facts"><dt>案件编号</dt><dd>${each.id}</dd>
<dt>对象</dt><dd>${KIND_WORDS[each.subject.kind]}　${each.subject.reference}</dd>
<dt>依据</dt><dd>${BASIS_WORDS[each.legalBasis]}</dd><dt>事由</dt><dd>${each.reason}</dd>
<dt>申请</dt><dd>${personText(each.openedBy, each.openedByName)}　${timeText(each.openedAt)}</dd>
<dt>审批</dt><dd>${each.decidedBy === null ? '等待申请人以外的第二人审批' : html`${personText(each.decidedBy, each.decidedByName)}　${timeText(each.decidedAt)}　${each.decisionText}`}</dd>
${each.openUntil && html`<dt>开放至</dt><dd>${timeText(each.openUntil)}</dd>`}
${each.outcome && html`<dt>结论</dt><dd>${OUTCOME_WORDS[each.outcome]}　${each.closingText}（${personText(each.closedBy ?? '', each.closedByName)}　${timeText(each.closedAt)}）</dd>`}</dl>
<section aria-labelledby="subjects-title"><h2 id="subjects-title">本案所列</h2>
<ol class="plain">${each.subjects.map((subject) => subjectRow(each, subject))}</ol>
${!each.may.read && html`<p class="note">未批准、已到期、已办结，或您不是经办人时，不能查看具体内容。</p>`}</section>
${each.may.decide && decidingForm(each, formToken)}
${each.may.close && closingForm(each, formToken)}`,
  });
};

const decisionLine = (
  line: OrderCheckAnswer['lines'][number],
): Html => html`<section class="line"><h3>${line.name}</h3>
<p>医师应答：${line.response ? `${ANSWER_WORDS[line.response.kind]}　${line.response.text ?? ''}　${line.response.doctor === null ? '' : `工号 ${line.response.doctor}`}　${timeText(line.response.respondedAt)}` : '未应答'}</p>
${line.notice && html`<p>${line.notice.zh}</p>`}</section>`;

type Mark = OrderCheckAnswer['marks'][number];

/** What became of a report, as somebody reads it who did not decide. */
const CHANGE_WORDS: Readonly<Record<Mark['kind'], string>> = {
  corrected: '报告已更正',
  withdrawn: '报告已撤回',
  reinstated: '报告撤回后已重新发布',
  'other-person': '报告已确认不属于该患者',
  'other-item': '结果经更正编码对照，实为另一项目',
  'other-images': '报告所附影像已被判定不是该患者的',
  disputed: '报告被反映可能不属于该患者，正在核实',
  upheld: '报告经出具机构核实确属该患者，疑义已解除',
};

/** How many items of one report are named before 等. */
const ITEMS_NAMED = 3;

/** Which report is meant: its items and its institution, as far as the case shows it. */
const reportText = ({ check, explanation }: CaseSubjectAnswer, report: string): string => {
  const shown = [
    ...(check?.lines.flatMap(({ candidates }) => candidates) ?? []),
    ...(explanation?.lines.flatMap(({ candidates }) => candidates) ?? []),
  ].filter((each) => each.report === report);
  const [first] = shown;
  if (!first) return '';
  const names = [...new Set(shown.map(({ item }) => item.nameZh))];
  const items = `${names.slice(0, ITEMS_NAMED).join('、')}${names.length > ITEMS_NAMED ? `等 ${names.length} 项` : ''}`;
  return `${first.institution.shortNameZh} ${timeText(first.collectedAt, first.collectedPrecision)} ${items}`;
};

/** What has become, since the decision, of the reports that it rests on: whoever judges the decision must know. */
const sinceDecision = (
  subject: CaseSubjectAnswer,
  { marks }: OrderCheckAnswer,
): Html => html`<section class="panel" aria-labelledby="since-title"><h2 id="since-title">决定之后，所据报告的变化</h2>
${
  marks.length === 0
    ? html`<p>所据报告此后没有更正或撤回。</p>`
    : html`<ul class="plain">${marks.map(
        ({ kind, relied, report, reportVersion, markedAt }) =>
          html`<li><span class="nowrap">${timeText(markedAt)}</span>　<b>${CHANGE_WORDS[kind]}</b>（第 ${reportVersion} 版）　${reportText(subject, report)}${relied && '　医师曾据此互认'}</li>`,
      )}</ul>`
}</section>`;

/** The versions of a report, each with what it says otherwise, and which of them came after the case's occasion. */
const versionsOf = (
  { versions }: NonNullable<CaseSubjectAnswer['report']>,
  occurredAt: string,
): Html => html`<section class="panel" aria-labelledby="versions-title"><h2 id="versions-title">报告的版本</h2>
${
  versions.length < 2
    ? html`<p>只有一版，没有更正过。</p>`
    : html`<ul class="plain">${versions.map(
        ({ version, standing, statedAt, recordedAt, changes }) =>
          html`<li><b>第 ${version} 版　${STANDING_WORDS[standing]}</b>　<span class="nowrap">${timeText(statedAt)}</span>${Date.parse(recordedAt) > Date.parse(occurredAt) && '　纠错单提交之后'}${
            changes.length > 0 &&
            html`<ul>${changes.map(
              ({ name, field, from, to }) =>
                html`<li>${name} ${VERSION_FIELD_WORDS[field]}：${versionFieldText(field, from)} → ${versionFieldText(field, to)}</li>`,
            )}</ul>`
          }</li>`,
      )}</ul>`
}</section>`;

/** Nothing leads out of a case. */
const CASE_ADDRESSES = { check: null, self: '', report: () => null } as const;

/** One thing that an open case names, with the person. Nothing on it leads out of the case. */
export const caseSubjectPage = (view: Frame & { readonly subject: CaseSubjectAnswer }): Html => {
  const { subject } = view;
  return layout({
    title: '案件内容',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '监管案件', at: view.at },
    content: html`<p class="sub"><a href="/oversight/cases/${subject.case}">返回案件</a>　开放至 ${timeText(subject.openUntil)}</p>
${subject.person && personBanner(subject.person)}
${
  subject.check &&
  html`<section aria-labelledby="decision-title"><h1 id="decision-title">核查决定</h1>
<p class="sub">${subject.institutionZh}　核查时间 ${timeText(subject.check.checkedAt)}</p>
${subject.check.lines.map(decisionLine)}</section>
${sinceDecision(subject, subject.check)}`
}
${subject.notices.map(
  ({
    titleZh,
    madeAt,
    lines,
  }) => html`<section class="panel"><h2>${titleZh}</h2><p class="sub">${timeText(madeAt)}</p>
<ul class="plain">${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`,
)}
${subject.report && html`${reportContent(subject.report, null)}${versionsOf(subject.report, subject.occurredAt)}`}
${subject.explanation && explanationContent(subject.explanation, CASE_ADDRESSES, false)}`,
  });
};
