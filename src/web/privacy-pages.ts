import { ACCESS_PURPOSES } from '../access/index.ts';
import { purposeWords } from '../audit/index.ts';
import type { Instant } from '../kernel/instant.ts';
import type { AnomalyRule, PolicySource } from '../recognition/index.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner, personFacts } from './patient-pages.ts';
import type {
  LogFound,
  LogRow,
  LogSearch,
  PrivacyCase,
  PrivacyCaseDetail,
  PrivacyRules,
  WatchedPerson,
} from './wire/privacy.ts';
import { timeText } from './words.ts';

interface Frame {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
}

const KIND_WORDS: Readonly<Record<PrivacyCase['kind'], string>> = {
  'emergency-access': '紧急调阅',
  colleague: '查看本院职工',
  'watched-person': '查看重点关注人员',
  'no-encounter': '无就诊记录的查看',
  bulk: '短时间查看大量患者',
  'patient-report': '患者反映',
};
const FINDING_WORDS: Readonly<Record<PrivacyCaseDetail['findings'][number]['finding'], string>> = {
  justified: '属正常诊疗或工作需要',
  'not-justified': '不正当访问',
  'follow-up': '需进一步核实',
};
const STATE_WORDS: Readonly<Record<PrivacyCase['state'], string>> = {
  open: '待审查',
  'follow-up': '核实中',
  closed: '已办结',
};

const stateText = ({ state, outcome, overdue }: PrivacyCase): string => {
  if (outcome !== null) return `已办结：${FINDING_WORDS[outcome]}`;
  return overdue ? `${STATE_WORDS[state]}，已逾期` : STATE_WORDS[state];
};

type Looker = Pick<LogRow, 'actor' | 'role' | 'department' | 'staffNumber'>;

const lookerText = ({ role, department, staffNumber, actor }: Looker): string =>
  [department, role.zh, staffNumber === null ? actor : `工号 ${staffNumber}`].filter(Boolean).join('　');

const page = (view: Frame, title: string, content: Html): Html =>
  layout({
    title,
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '质控', at: view.at },
    content: html`${content}
<nav class="acts" aria-label="隐私保护"><a class="button quiet" href="/privacy">待审查</a> <a class="button quiet" href="/privacy?closed=yes">已办结</a> <a class="button quiet" href="/privacy/search">查访问日志</a> <a class="button quiet" href="/privacy/watched">重点关注人员</a></nav>`,
  });

const caseRow = (each: PrivacyCase): Html => html`<tr>
<td data-label="事项"><a href="/privacy/cases/${each.id}">${KIND_WORDS[each.kind]}</a></td>
<td data-label="访问人" class="nowrap">${lookerText(each.looker)}</td>
<td data-label="发现时间" class="nowrap">${timeText(each.openedAt)}</td>
<td data-label="办结期限" class="nowrap">${timeText(each.dueAt)}</td>
<td data-label="状态">${stateText(each)}</td></tr>`;

const ruleText = (rule: AnomalyRule): string => {
  switch (rule.kind) {
    case 'colleague':
      return '查看本院职工的结果';
    case 'watched-person':
      return '查看重点关注人员';
    case 'no-encounter':
      return `查看结果前后 ${rule.windowDays} 天内没有就诊、医嘱或报告（查看 ${rule.afterHours} 小时后核对）`;
    case 'bulk':
      return `${rule.windowMinutes} 分钟内查看超过 ${rule.persons} 名患者（名单上列出的也计入）`;
  }
};

const sourceText = ({ titleZh, number, article, noteZh }: PolicySource): string =>
  [titleZh && `《${titleZh}》${number ? `（${number}）` : ''}${article ?? ''}：`, noteZh]
    .filter(Boolean)
    .join('');

/** By what looks are found and reviewed, whose decision that is, and what it rests on. */
const rulesBlock = ({ policy, by }: PrivacyRules): Html => {
  const sourceOf = (part: PolicySource['of']): Html =>
    html`${by.sources
      .filter(({ of }) => of === part)
      .map((source) => html`<span class="sub">${sourceText(source)}</span>`)}`;
  return html`<details class="group"><summary>审查规则与依据</summary>
<p>${by.isShipped ? '本地区的规定未写明以下各项，现按平台默认规定执行' : '按本地区的规定执行'}：${by.authorityZh}，${by.code} 第 ${by.version} 版。</p>
<dl class="facts">${policy.rules.map(
    (rule) => html`<dt>生成审查事项</dt><dd>${ruleText(rule)} ${sourceOf(`privacy.rules.${rule.kind}`)}</dd>`,
  )}
<dt>紧急调阅</dt><dd>${policy.emergencyMinutes} 分钟后自动结束 ${sourceOf('privacy.emergencyMinutes')}</dd>
<dt>办结期限</dt><dd>${policy.reviewDays} 天 ${sourceOf('privacy.reviewDays')}</dd>
<dt>患者看到的访问人</dt><dd>${policy.namesStaffToPatients ? '机构、科室、岗位和姓名' : '机构、科室和岗位，不含姓名'} ${sourceOf('privacy.namesStaffToPatients')}</dd></dl></details>`;
};

/** The queue: the most pressing first. Names no patient. */
export const privacyQueuePage = (
  view: Frame & {
    readonly cases: readonly PrivacyCase[];
    readonly closed: boolean;
    readonly rules: PrivacyRules;
  },
): Html => {
  const { cases, closed, rules } = view;
  const overdue = cases.filter((each) => each.overdue).length;
  const title = closed ? '已办结的审查' : '待审查的访问';
  return page(
    view,
    title,
    html`<h1>${title}</h1>
<p class="sub">共 ${cases.length} 件${overdue > 0 && `，其中 ${overdue} 件已逾期`}</p>
${cases.length === 0 && html`<p>${closed ? '还没有办结的事项。' : '没有待审查的事项。'}</p>`}
${
  cases.length > 0 &&
  html`<div class="scroll" tabindex="0" role="region" aria-label="列表"><table><thead><tr><th scope="col">事项</th><th scope="col">访问人</th><th scope="col">发现时间</th><th scope="col">办结期限</th><th scope="col">状态</th></tr></thead>
<tbody>${cases.map(caseRow)}</tbody></table></div>`
}
${rulesBlock(rules)}`,
  );
};

const logRow = (row: LogRow): Html => html`<tr>
<td data-label="时间" class="nowrap">${timeText(row.at)}</td>
<td data-label="访问人" class="nowrap">${lookerText(row)}</td>
<td data-label="内容">${row.what.zh}</td>
<td data-label="用途">${row.purpose.zh}</td>
<td data-label="依据">${row.basis.zh}</td>
<td data-label="结果">${row.outcome.zh}</td>
<td data-label="来源">${row.peer}</td></tr>`;

const logTable = (rows: readonly LogRow[]): Html =>
  rows.length === 0
    ? html`<p>没有相符的记录。</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="列表"><table><thead><tr><th scope="col">时间</th><th scope="col">访问人</th><th scope="col">内容</th><th scope="col">用途</th><th scope="col">依据</th><th scope="col">结果</th><th scope="col">来源</th></tr></thead>
<tbody>${rows.map(logRow)}</tbody></table></div>`;

const findingForm = ({ id, state }: PrivacyCaseDetail, formToken: string): Html | false =>
  state !== 'closed' &&
  html`<form class="panel stacked" method="post" action="/privacy/cases/${id}">${formTokenField(formToken)}
<fieldset><legend>审查结论</legend><div class="choices">${(
    ['justified', 'not-justified', 'follow-up'] as const
  ).map(
    (finding) =>
      html`<label><input type="radio" name="finding" value="${finding}" required> ${FINDING_WORDS[finding]}</label>`,
  )}</div></fieldset>
<label for="text">理由或处理（不少于 4 个字）</label><textarea id="text" name="text" rows="3" required minlength="4" maxlength="1000"></textarea>
<div class="acts"><button class="main" type="submit">记录结论</button></div></form>`;

/** One case with everything that is needed to judge it, and the form for the finding. */
export const privacyCasePage = (
  view: Frame & { readonly detail: PrivacyCaseDetail; readonly message: string | null },
): Html => {
  const { detail, message } = view;
  return page(
    view,
    '访问审查',
    html`<h1>${KIND_WORDS[detail.kind]} <span class="badge">${stateText(detail)}</span></h1>
${message && html`<p class="alert" role="alert">${message}</p>`}
${detail.person && personBanner(detail.person)}
<section class="panel"><dl class="facts"><dt>访问人</dt><dd>${lookerText(detail.looker)}</dd>
<dt>发现时间</dt><dd>${timeText(detail.openedAt)}</dd><dt>办结期限</dt><dd>${timeText(detail.dueAt)}</dd>
${detail.facts.map(({ name, text }) => html`<dt>${name.zh}</dt><dd>${text}</dd>`)}</dl></section>
<h2>前后一天的访问记录</h2>
${logTable(detail.rows)}
${
  detail.findings.length > 0 &&
  html`<h2>审查经过</h2><ol class="plain">${detail.findings.map(
    ({ finding, text, by, byName, at }) =>
      html`<li>${timeText(at)}　${FINDING_WORDS[finding]}　${text}　（${byName ?? by}）</li>`,
  )}</ol>`
}
${findingForm(detail, view.formToken)}`,
  );
};

/** The search through the log, with the reason that it needs. */
export const privacySearchPage = (
  view: Frame & {
    readonly draft: Partial<LogSearch>;
    readonly found: LogFound | null;
    readonly message: string | null;
  },
): Html => {
  const { draft, found, message } = view;
  return page(
    view,
    '查访问日志',
    html`<h1>查访问日志</h1>
${message && html`<p class="alert" role="alert">${message}</p>`}
<form class="panel stacked" method="post" action="/privacy/search">${formTokenField(view.formToken)}
<label for="reason">查询理由（必填，将被记录）</label><input id="reason" name="reason" required minlength="4" maxlength="200" value="${draft.reason ?? ''}" autocomplete="off">
<div class="row"><div><label for="nationalId">患者身份证号（可不填）</label><input id="nationalId" name="nationalId" maxlength="18" autocomplete="off" spellcheck="false"></div>
<div><label for="staff">工号或登录名（可不填）</label><input id="staff" name="staff" maxlength="64" value="${draft.staff ?? ''}" autocomplete="off"></div>
<div><label for="purpose">用途</label><select id="purpose" name="purpose"><option value="">全部</option>${ACCESS_PURPOSES.map(
      (purpose) =>
        html`<option value="${purpose}"${flag('selected', purpose === draft.purpose)}>${purposeWords(purpose).zh}</option>`,
    )}</select></div>
<div><label for="days">最近多少天</label><input id="days" name="days" type="number" min="1" max="366" required value="${draft.days ?? 7}"></div></div>
<div class="acts"><button class="main" type="submit">查询</button></div></form>
${
  found &&
  html`<h2>查询结果</h2><p class="sub" role="status">共 ${found.rows.length} 条${found.truncated && '，仅列最近的；请缩小范围'}</p>${logTable(found.rows)}`
}`,
  );
};

const watchedRow = (each: WatchedPerson, formToken: string): Html => html`<li class="panel">
<p><strong class="name">${each.person.name ?? '未登记姓名'}</strong>　${personFacts(each.person)}</p>
<p class="sub">${each.note}　${timeText(each.addedAt)} 由 ${each.addedBy} 加入</p>
<form method="post" action="/privacy/watched/${each.person.person}/removal">${formTokenField(formToken)}<button class="quiet" type="submit">移出名单</button></form></li>`;

/** Whom the officer watches over, and the form to add somebody. */
export const watchedPersonsPage = (
  view: Frame & { readonly watched: readonly WatchedPerson[]; readonly message: string | null },
): Html => {
  const { watched, message } = view;
  return page(
    view,
    '重点关注人员',
    html`<h1>重点关注人员</h1>
<p class="sub">本院工作人员每次查看名单中的人，都会生成一件待审查事项。</p>
${message && html`<p class="alert" role="alert">${message}</p>`}
<form class="panel stacked" method="post" action="/privacy/watched">${formTokenField(view.formToken)}
<label for="nationalId">身份证号</label><input id="nationalId" name="nationalId" required maxlength="18" autocomplete="off" spellcheck="false">
<label for="note">原因</label><input id="note" name="note" required minlength="2" maxlength="200" autocomplete="off">
<div class="acts"><button class="main" type="submit">加入名单</button></div></form>
${watched.length === 0 ? html`<p>名单为空。</p>` : html`<ul class="plain">${watched.map((each) => watchedRow(each, view.formToken))}</ul>`}`,
  );
};
