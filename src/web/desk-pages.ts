import { civilTimeText, throughText } from '../kernel/civil-day.ts';
import { type Instant, instant } from '../kernel/instant.ts';
import { flag, type Html, html } from './html.ts';
import { readHistory } from './kit/history.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner, personFacts } from './patient-pages.ts';
import {
  DOCUMENT_WORDS,
  PRESENT_WORDS,
  REPRESENTATION_EVIDENCE_WORDS,
  REPRESENTATION_RELATION_WORDS,
} from './representation-words.ts';
import { resultTable } from './result-table.ts';
import type { AccessLogAnswer } from './wire/access-log.ts';
import type { PersonSearchAnswer, PersonSummary } from './wire/order-check-answer.ts';
import type { OwnRepeats, OwnRepresentation, OwnResults } from './wire/own-data.ts';
import type { OwnNotification } from './wire/own-notifications.ts';
import { STANDING_WORDS, timeText } from './words.ts';

/** A patient at the desk, as its pages name the visit. */
export interface DeskVisitView {
  readonly id: string;
  readonly person: PersonSummary;
  readonly present: keyof typeof PRESENT_WORDS;
  readonly document: keyof typeof DOCUMENT_WORDS;
  readonly endsAt: Instant;
}

/** What every page of the desk knows. */
export interface DeskFrame {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
}

const deskLayout = (view: DeskFrame, title: string, content: Html): Html =>
  layout({
    title,
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '应患者本人要求办理', at: view.at },
    content,
  });

const options = (words: Readonly<Record<string, string>>, chosen: string): Html[] =>
  Object.entries(words).map(
    ([code, zh]) => html`<option value="${code}"${flag('selected', code === chosen)}>${zh}</option>`,
  );

const beginForm = (view: DeskFrame, person: PersonSummary): Html =>
  html`<form method="post" action="/desk/visits" class="row">${formTokenField(view.formToken)}<input type="hidden" name="person" value="${person.person}">
<label>在场的是 <select name="present">${options(PRESENT_WORDS, 'self')}</select></label>
<label>已核对 <select name="document">${options(DOCUMENT_WORDS, 'id-card')}</select></label>
<button class="main" type="submit">开始办理<span class="unseen">：${person.name ?? '未登记姓名'}</span></button></form>`;

/** The desk's home: whoever is there is looked up by their document, and nothing is shown before it was checked. */
export const deskPage = (
  view: DeskFrame & { readonly found: PersonSearchAnswer | null; readonly message: string | null },
): Html =>
  deskLayout(
    view,
    '服务台',
    html`<h1>服务台</h1>
<p class="sub">没有手机或用不惯手机的患者，在这里当面办理手机上能办的每一件事。每次办理都记入患者的访问记录。</p>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<form method="post" action="/desk/patients" class="panel" autocomplete="off">${formTokenField(view.formToken)}
<div class="row"><div><label for="by">按</label><select id="by" name="by"><option value="national-id">身份证号</option><option value="record-number">本院病历号</option><option value="name">姓名</option></select></div>
<div class="grow"><label for="text">号码或姓名</label><input id="text" name="text" required maxlength="100" spellcheck="false"></div>
<div><label for="birthDate">出生日期（按姓名查时填）</label><input id="birthDate" name="birthDate" type="date"></div>
<button class="main" type="submit">查找</button></div></form>
${
  view.found &&
  (view.found.persons.length === 0
    ? html`<p>没有找到，请核对号码。</p>`
    : html`<ul class="plain people">${view.found.persons.map(
        (person) =>
          html`<li><div><strong class="name">${person.name ?? '未登记姓名'}</strong><p class="sub">${personFacts(person)}</p><p><a href="/patients/${person.person}/consent">授权登记<span class="unseen">：${person.name ?? '未登记姓名'}</span></a></p></div>${beginForm(view, person)}</li>`,
      )}</ul>`)
}
<h2>不需查看结果的事</h2>
<ul class="plain places"><li><a href="/corrections/on-behalf">按报告单代患者提交纠错</a></li><li><a href="/corrections">已提交的纠错单</a></li><li><a href="/study-matches">待归属影像</a></li><li><a href="/image-holds">影像核对单</a></li></ul>`,
  );

const MENU = [
  ['results', '我的检查检验（可打印）'],
  ['repeats', '为什么又做了一次'],
  ['access-log', '谁看过我的结果（可打印）'],
  ['representations', '代办关系'],
] as const;

const visitHead = (visit: DeskVisitView): Html =>
  html`${personBanner(visit.person)}<p class="sub">在场：${PRESENT_WORDS[visit.present]}　已核对：${DOCUMENT_WORDS[visit.document]}　办理至 ${civilTimeText(visit.endsAt)}</p>`;

const backLink = (visit: DeskVisitView): Html =>
  html`<p class="acts"><a class="button quiet" href="/desk/visits/${visit.id}">返回办理事项</a></p>`;

/** What the patient is to be told; what was read on a phone before is marked so, and stays. */
const toldSection = (notifications: readonly OwnNotification[]): Html | false =>
  notifications.length > 0 &&
  html`<section class="panel"><h2>请告知患者</h2><ul class="plain">${notifications.map(
    ({ title, text, readAt }) =>
      html`<li><strong>${title.zh}</strong>${readAt !== null && html` <span class="badge">已在手机上看过</span>`}<p>${text.zh}</p></li>`,
  )}</ul></section>`;

/** What can be done while the patient stands there, and what the patient is to be told. */
export const deskVisitPage = (
  view: DeskFrame & {
    readonly visit: DeskVisitView;
    readonly notifications: readonly OwnNotification[];
  },
): Html =>
  deskLayout(
    view,
    '办理',
    html`<h1>办理</h1>${visitHead(view.visit)}
${toldSection(view.notifications)}
<ul class="plain menu">${MENU.map(([path, zh]) => html`<li><a href="/desk/visits/${view.visit.id}/${path}">${zh}</a></li>`)}
<li><a href="/patients/${view.visit.person.person}/consent">授权管理（同意、拒绝、撤回、隐藏某家医院或某类结果）</a></li>
<li><a href="/corrections/on-behalf">结果有误，代患者提交纠错</a></li></ul>
<form method="post" action="/desk/visits/${view.visit.id}/end">${formTokenField(view.formToken)}<p class="acts"><button class="main" type="submit">办理完毕</button></p></form>`,
  );

const CONSULT = '以上为各医院出具的结果，含义请咨询医生。';

/** Results in plain words on paper: one table a report, each value beside the interval of its own laboratory. */
export const deskResultsPage = (
  view: DeskFrame & { readonly visit: DeskVisitView; readonly results: OwnResults },
): Html => {
  const { visit, results } = view;
  const history = readHistory(results.history);
  const linesOf = (place: number) =>
    history.sections.flatMap(({ items }) =>
      items.flatMap((item) =>
        item.points
          .filter(({ report }) => report === place)
          .map((point) => ({
            name: item.nameZh,
            value: {
              text: point.text,
              unit: point.unit,
              referenceText: point.referenceText,
              flag: point.flag,
            },
            standing: point.standing,
          })),
      ),
    );
  return deskLayout(
    view,
    '我的检查检验',
    html`<h1>我的检查检验</h1>${visitHead(visit)}
${results.restricted === 'hidden' && html`<p class="note">有些敏感项目没有显示。请先确认旁边没有别人，再 <a href="/desk/visits/${visit.id}/results?restricted=shown">显示敏感项目</a>。</p>`}
${history.reports.length === 0 && html`<p>还没有检查检验结果。</p>`}
${history.reports.map((report, place) => {
  const rows = linesOf(place);
  const examined = history.examinations.filter((each) => each.report === place);
  return html`<section class="panel"><h2>${report.title} ${report.standing !== 'final' && html`<span class="badge">${STANDING_WORDS[report.standing]}</span>`}</h2>
<p class="sub">${timeText(report.collectedAt ?? report.anchorAt)}　${history.institutions[report.institution]?.nameZh}　报告单号 ${report.reportNumber}</p>
${report.disputed && html`<p class="alert">核实中：有人反映该结果不属于本人</p>`}
${rows.length > 0 && resultTable([{ heading: null, rows }], report.title)}
${examined.map(({ nameZh, findings, impression }) => html`<h3>${nameZh}</h3><p>检查所见：${findings ?? '未提供'}</p><p>诊断意见：${impression ?? '未提供'}</p>`)}</section>`;
})}
<p>${CONSULT}</p>${backLink(visit)}`,
  );
};

/** Why something was done again. */
export const deskRepeatsPage = (
  view: DeskFrame & { readonly visit: DeskVisitView; readonly repeats: OwnRepeats['repeats'] },
): Html =>
  deskLayout(
    view,
    '为什么又做了一次',
    html`<h1>为什么又做了一次</h1>${visitHead(view.visit)}
${view.repeats.length === 0 && html`<p>没有重做的记录。</p>`}
${view.repeats.map(
  (
    repeat,
  ) => html`<section class="panel"><h2>${repeat.itemZh}</h2><p class="sub">${timeText(repeat.decidedAt)}　${repeat.institutionZh}</p>
<dl class="facts"><dt>原因</dt><dd>${repeat.plainZh.join('') || repeat.reasonZh || '医生没有写明原因'}</dd>
${repeat.purposeZh && html`<dt>复检目的</dt><dd>${repeat.purposeZh}</dd>`}${repeat.necessityZh && html`<dt>必要性</dt><dd>${repeat.necessityZh}</dd>`}
<dt>依据</dt><dd>${repeat.basisZh}</dd></dl></section>`,
)}${backLink(view.visit)}`,
  );

/** Who looked. */
export const deskAccessLogPage = (
  view: DeskFrame & { readonly visit: DeskVisitView; readonly log: AccessLogAnswer },
): Html =>
  deskLayout(
    view,
    '谁看过我的结果',
    html`<h1>谁看过我的结果</h1>${visitHead(view.visit)}
<table class="compact"><caption class="unseen">访问记录</caption><thead><tr><th scope="col">时间</th><th scope="col">机构与身份</th><th scope="col">用途</th><th scope="col">内容</th></tr></thead>
<tbody>${view.log.lines.map(
      (line) =>
        html`<tr><th scope="row"><span class="nowrap">${timeText(line.lastAt)}</span></th><td>${[line.institution?.nameZh, line.department, line.role.text.zh, line.name].filter(Boolean).join(' ')}</td><td>${line.purpose.text.zh}${line.emergency && '（急救调阅）'}</td><td>${line.what.map(({ text }) => text.zh).join('、')}${line.refused && '（未获准，没有看到）'}</td></tr>`,
    )}</tbody></table>
${view.log.next !== null && html`<p class="sub">更早的记录未列出。</p>`}${view.log.retiredBefore !== null && html`<p class="sub">${timeText(view.log.retiredBefore)} 之前的访问记录已满保存年限，已移入归档，这里不列出。</p>`}
<p>其中有不是本人就医的，请告诉工作人员，由本院隐私保护负责人核查。</p>${backLink(view.visit)}`,
  );

/** The end that the form proposes: a year. */
const YEAR_MS = 365 * 86_400_000;

const relationForm = (view: DeskFrame & { readonly visit: DeskVisitView }): Html =>
  html`<form class="panel stacked" method="post" action="/desk/visits/${view.visit.id}/representations" autocomplete="off">${formTokenField(view.formToken)}
<h2>登记代办人</h2>
<div class="row"><div><label for="nationalId">代办人身份证号</label><input id="nationalId" name="nationalId" required minlength="15" maxlength="18" spellcheck="false"></div>
<div><label for="relation">代办人是患者的</label><select id="relation" name="relation">${options(REPRESENTATION_RELATION_WORDS, 'parent')}</select></div>
<div><label for="evidence">凭什么证明</label><select id="evidence" name="evidence">${options(REPRESENTATION_EVIDENCE_WORDS, 'household-register')}</select></div>
<div><label for="until">到期日（含当天）</label><input id="until" name="until" type="date" required value="${throughText(instant(view.at + YEAR_MS)).slice(0, 10)}"></div></div>
<p><label><input type="checkbox" name="agreed" value="yes"> 患者本人同意（满十四周岁必须）</label></p>
<p><label><input type="checkbox" name="restricted" value="yes"> 敏感项目也可查看（须患者另行单独同意；不满十四周岁由监护人决定）</label></p>
<p class="acts"><button class="main" type="submit">登记</button></p></form>`;

/** Who acts for the patient; recording and ending it. */
export const deskRepresentationsPage = (
  view: DeskFrame & {
    readonly visit: DeskVisitView;
    readonly relations: readonly OwnRepresentation[];
    readonly message: string | null;
  },
): Html =>
  deskLayout(
    view,
    '代办关系',
    html`<h1>代办关系</h1>${visitHead(view.visit)}
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
${view.relations.length === 0 && html`<p>没有登记代办人。</p>`}
${view.relations.map(
  ({
    id,
    person,
    relation,
    evidence,
    endsAt,
    restricted,
  }) => html`<section class="panel"><h2>${person.name}</h2>
<p>是患者的${REPRESENTATION_RELATION_WORDS[relation]}　凭${REPRESENTATION_EVIDENCE_WORDS[evidence]}　至 ${throughText(instant(Date.parse(endsAt)))}　敏感项目${restricted ? '可查看' : '不显示'}</p>
<form method="post" action="/desk/visits/${view.visit.id}/representations/${id}/end">${formTokenField(view.formToken)}<p class="acts"><button type="submit">结束代办<span class="unseen">：${person.name}</span></button></p></form></section>`,
)}
${relationForm(view)}${backLink(view.visit)}`,
  );
