import type { Instant } from '../kernel/instant.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import type { MarkedChecksAnswer, PersonSearchAnswer, PersonSummary } from './wire/order-check-answer.ts';
import { MARK_WORDS, SEX_WORDS, timeText } from './words.ts';

/** What was searched for last, to show it again in the form. */
export interface SearchEcho {
  readonly by: 'national-id' | 'record-number' | 'name';
  readonly text: string;
  readonly birthDate: string;
  /** Number of the visit. */
  readonly encounter: string;
}

/** What the page for finding a patient shows. */
export interface FindPatientView {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly echo: SearchEcho;
  readonly found: PersonSearchAnswer | null;
  readonly message: string | null;
  readonly marked: MarkedChecksAnswer['checks'];
  /** How many tickets about errors have news for the viewer. */
  readonly news: number;
}

const newsOf = (news: number): Html | false =>
  news > 0 && html` <strong class="nowrap">（${news} 张有新进展）</strong>`;

const WAYS = [
  ['national-id', '身份证号'],
  ['record-number', '本院病历号 / 门诊号 / 住院号'],
  ['name', '姓名'],
] as const;

/** Sex, date of birth and masked numbers, as one line under a name. */
/** Sex, birth date and masked numbers: enough to tell two people apart. */
export const personFacts = (person: PersonSummary): Html =>
  html`${SEX_WORDS[person.sex]}　${
    person.birthDate ? html`${person.birthDate} 出生` : '出生日期未登记'
  }${person.maskedIdentifiers.map(({ typeZh, text }) => html`　<span class="nowrap">${typeZh} ${text}</span>`)}`;

/** Whose data a page shows. */
export const personBanner = (person: PersonSummary): Html =>
  html`<div class="banner"><strong class="name">${person.name ?? '未登记姓名'}</strong><p class="sub">${personFacts(person)}</p></div>`;

const markedList = (checks: MarkedChecksAnswer['checks']): Html | false =>
  checks.length > 0 &&
  html`<section class="marked" aria-labelledby="marked-title">
<h2 id="marked-title">请复核</h2>
<ul class="plain">${checks.map(
    (
      check,
    ) => html`<li><a href="/checks/${check.id}"><span class="nowrap">${timeText(check.checkedAt)}</span> ${check.itemNamesZh.join('、')}</a>
${[...new Set(check.marks.map(({ kind }) => MARK_WORDS[kind]))].map((words) => html`<p class="alert">${words}</p>`)}
${check.reviewed && html`<p><a href="/checks/${check.id}/reviews">更正后复核<span class="unseen">：${timeText(check.checkedAt)}</span></a></p>`}</li>`,
  )}</ul>
</section>`;

/** Where a doctor goes with a patient: to consent, to earlier results, to ordering. */
const wayOn = ({ person, name }: PersonSummary): Html => {
  const whose = html`<span class="unseen">：${name ?? '未登记姓名'}</span>`;
  return html`<a href="/patients/${person}/consent">授权登记${whose}</a> <a href="/clinician/persons/${person}">结果历史${whose}</a>
<a class="button" href="/patients/${person}/order">开单核查${whose}</a>`;
};

const results = (found: PersonSearchAnswer): Html => {
  if (found.persons.length === 0)
    return html`<section aria-live="polite"><h2>查询结果</h2><p>没有找到符合条件的患者。请核对号码，或换一种方式查找。</p></section>`;
  return html`<section><h2>查询结果（${found.persons.length} 人${found.truncated && '，仅列出部分，请补充条件'}）</h2>
<ul class="plain people">${found.persons.map(
    (
      person,
    ) => html`<li><div><strong class="name">${person.name ?? '未登记姓名'}</strong><p class="sub">${personFacts(person)}</p></div>
<span class="acts">${wayOn(person)}</span></li>`,
  )}</ul></section>`;
};

/** Finds a patient. The form posts, so that no number or name stands in an address. */
export const findPatientPage = (view: FindPatientView): Html =>
  layout({
    title: '找患者',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`<h1>找患者</h1>
<p class="sub"><a href="/clinician">医生工作台（累积结果、趋势）</a>　<a href="/corrections">我提交的纠错单</a>${newsOf(view.news)}</p>
${markedList(view.marked)}
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<form method="post" action="/patients" class="panel" autocomplete="off">
${formTokenField(view.formToken)}
<fieldset class="choices"><legend>查找方式</legend>
${WAYS.map(
  ([value, words]) =>
    html`<label><input type="radio" name="by" value="${value}"${flag('checked', view.echo.by === value)}> ${words}</label>`,
)}
</fieldset>
<div class="row">
<div class="grow"><label for="text">号码或姓名</label><input id="text" name="text" value="${view.echo.text}" required maxlength="100" spellcheck="false"></div>
<div><label for="birthDate">出生日期（按姓名查时可填）</label><input id="birthDate" name="birthDate" type="date" value="${view.echo.birthDate}"></div>
<div><label for="encounter">就诊号（按姓名查时填写，方可打开结果）</label><input id="encounter" name="encounter" maxlength="64" autocomplete="off" value="${view.echo.encounter}"></div>
<button class="main" type="submit">查找</button>
</div>
</form>
${view.found && results(view.found)}`,
  });

/** Where roles without a home of their own work. */
const PLACES: Readonly<Record<string, readonly (readonly [address: string, words: string])[]>> = {
  'medical-affairs': [
    ['/department-work', '科室与医师互认情况'],
    ['/correction-desk', '本机构报告的纠错单'],
    ['/study-matches', '待归属影像'],
    ['/image-holds', '影像核对单'],
  ],
};

/** The page of somebody whose role has no home of its own. */
export const otherRolePage = (viewer: Viewer, formToken: string, news: number): Html =>
  layout({
    title: '首页',
    viewer,
    formToken,
    content: html`<section class="narrow"><h1>首页</h1><p>您已登录。${PLACES[viewer.role] ? '' : '您的角色目前没有可用的页面；'}调阅患者结果仅限接诊医师。</p>${(PLACES[viewer.role] ?? []).map(([address, words]) => html`<p><a href="${address}">${words}</a>${address === '/correction-desk' && newsOf(news)}</p>`)}</section>`,
  });
