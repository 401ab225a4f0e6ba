import type { Instant } from '../kernel/instant.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import type { PlacedStudyList, StudyMatchAnswer, StudyMatchList } from './wire/study-match.ts';
import { timeText } from './words.ts';

const REASONS: Readonly<Record<StudyMatchAnswer['reason'], string>> = {
  'no-patient-id': '影像中没有患者编号',
  'number-of-another-institution': '影像称患者编号由另一家机构签发，但姓名与出生日期未能相互印证',
  'patient-contradicts': '影像所写与该患者编号在本院登记的人不符',
  'number-of-two-people': '该患者编号在门诊与住院对应不同的人',
  'report-of-another-person': '检查号或检查 UID 对应的报告属于另一个人',
  'not-this-patient': '本院工作人员指出：不是原归入的患者',
  'two-patients': '同一检查中出现两位患者的影像',
};
const FIELDS: Readonly<Record<StudyMatchAnswer['contradicted'][number], string>> = {
  name: '姓名',
  'birth-date': '出生日期',
  sex: '性别',
};
const STATES: Readonly<Record<StudyMatchAnswer['state'], string>> = {
  open: '待处理',
  given: '已归入',
  apart: '不属于以下任何人',
};
const SEXES: Readonly<Record<string, string>> = { male: '男', female: '女', M: '男', F: '女' };

const button = (
  match: StudyMatchAnswer,
  formToken: string,
  fields: Html,
  label: string,
  spoken: string,
): Html =>
  html`<form method="post" action="/study-matches/${match.id}">${formTokenField(formToken)}${fields}<button type="submit">${label}<span class="unseen">：${spoken}</span></button></form>`;

const kind = (name: string): Html => html`<input type="hidden" name="kind" value="${name}">`;

/** `19660214` as `1966-02-14`; anything else as it is. */
const dayText = (text: string | null): string =>
  (text ?? '').replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3') || '未注明';

const nameText = (name: string | null): string => name?.replaceAll('^', '') || '（无姓名）';

/** What the image states and what is registered, the same or not in a word: nobody has to compare by eye. */
const compared = (stated: string, registered: string): Html =>
  html`${registered}${stated !== registered && html` <span class="badge">与影像不同</span>`}`;

const candidateRow = (
  match: StudyMatchAnswer,
  person: StudyMatchAnswer['candidates'][number],
  formToken: string,
): Html => {
  const { stated } = match;
  const isChosen = match.chosen === person.person;
  const name = nameText(person.name);
  const mayGive = match.state === 'open' && match.canGive;
  return html`<tr${flag('class="chosen"', isChosen)}><th scope="row">${compared(nameText(stated.name), name)}</th>
<td data-label="性别">${compared(SEXES[stated.sex ?? ''] ?? '未注明', SEXES[person.sex] ?? '未注明')}</td>
<td data-label="出生日期"><span class="nowrap">${compared(dayText(stated.birthDate), dayText(person.birthDate))}</span></td>
<td data-label="证件与编号">${person.maskedIdentifiers.map(({ typeZh, text }) => `${typeZh} ${text}`).join('　')}</td>
<td>${
    mayGive &&
    button(
      match,
      formToken,
      html`${kind('give')}<input type="hidden" name="person" value="${person.person}">`,
      '归入此人',
      name,
    )
  }${isChosen && html`<strong>已归入此人</strong>`}</td></tr>`;
};

const statedRow = (stated: StudyMatchAnswer['stated'], after: Html | false = false): Html =>
  html`<tr class="stated"><th scope="row">${nameText(stated.name)} <span class="sub">（影像所写）</span></th><td data-label="性别">${SEXES[stated.sex ?? ''] ?? '未注明'}</td><td data-label="出生日期"><span class="nowrap">${dayText(stated.birthDate)}</span></td><td data-label="证件与编号">${stated.hasPatientId ? '有患者编号' : '无患者编号'}</td>${after}</tr>`;

const candidates = (match: StudyMatchAnswer, formToken: string): Html => {
  const { stated } = match;
  return html`<table class="beside"><thead><tr><th scope="col">姓名</th><th scope="col">性别</th><th scope="col">出生日期</th><th scope="col">证件与编号</th><th scope="col">处理</th></tr></thead><tbody>
${statedRow(stated, html`<td></td>`)}
${match.candidates.map((person) => candidateRow(match, person, formToken))}</tbody></table>`;
};

const answers = (match: StudyMatchAnswer, formToken: string): Html => {
  const what = match.description ?? match.modalities.join(' ');
  return html`${candidates(match, formToken)}
${match.candidates.length === 0 && html`<p class="note">没有可对照的人。</p>`}
${
  match.state === 'open' &&
  !match.canGive &&
  html`<p class="note">这项检查已归在一位患者名下。如果不是这位患者，先移出，再归入。</p>
<form method="post" action="/study-matches/placed/${match.study}" class="acts">${formTokenField(formToken)}<button type="submit">不是原归入的患者，移出<span class="unseen">：${what}</span></button></form>`
}
<div class="acts">${match.state === 'open' && button(match, formToken, kind('apart'), '都不是', what)}
${match.state !== 'open' && button(match, formToken, kind('undo'), '撤销', what)}
${match.state === 'open' && match.wasPlaced && button(match, formToken, kind('undo'), '撤销，放回原患者名下', what)}</div>`;
};

const reasonText = ({ reason, contradicted }: StudyMatchAnswer): string =>
  contradicted.length > 0 && reason === 'patient-contradicts'
    ? `${REASONS[reason]}（${contradicted.map((field) => FIELDS[field]).join('、')}）`
    : REASONS[reason];

const entry = (
  match: StudyMatchAnswer,
  formToken: string,
): Html => html`<section class="panel" id="match-${match.id}" tabindex="-1" aria-labelledby="name-${match.id}">
<h2 id="name-${match.id}">${match.description ?? match.modalities.join(' ')}　<span class="nowrap">${match.studiedAt ?? ''}</span> <span class="badge">${STATES[match.state]}</span></h2>
<p>${reasonText(match)}　影像 ${match.instances} 幅　收到 <span class="nowrap">${timeText(match.foundAt)}</span></p>
${match.hold === null ? answers(match, formToken) : html`<p><a href="/image-holds/${match.hold}">并排核对两份头信息并答复</a></p>`}
</section>`;

/** Asks for the number of a study that may lie under the wrong person. */
const placedForm = (
  formToken: string,
  number: string,
): Html => html`<section class="panel" aria-labelledby="placed">
<h2 id="placed">影像归错了患者</h2>
<p class="sub">患者编号存在、但不是这位患者的检查（例如检查时选错了人），按检查号找出后可移出。</p>
<form method="post" action="/study-matches/placed" class="acts">${formTokenField(formToken)}<label>检查号或检查 UID <input name="number" value="${number}" required maxlength="64" autocomplete="off"></label> <button type="submit">查找</button></form>
</section>`;

const placedStudy = (
  one: PlacedStudyList['studies'][number],
  formToken: string,
): Html => html`<section class="panel" aria-labelledby="study-${one.study}">
<h2 id="study-${one.study}">${one.description ?? one.modalities.join(' ')}　<span class="nowrap">${one.studiedAt ?? ''}</span></h2>
<p>影像 ${one.instances} 幅</p>
<table class="beside"><thead><tr><th scope="col">姓名</th><th scope="col">性别</th><th scope="col">出生日期</th><th scope="col">证件与编号</th></tr></thead><tbody>
${statedRow(one.stated)}
<tr><th scope="row">${compared(nameText(one.stated.name), nameText(one.person.name))} <span class="sub">（现归入）</span></th>
<td data-label="性别">${compared(SEXES[one.stated.sex ?? ''] ?? '未注明', SEXES[one.person.sex] ?? '未注明')}</td>
<td data-label="出生日期"><span class="nowrap">${compared(dayText(one.stated.birthDate), dayText(one.person.birthDate))}</span></td>
<td data-label="证件与编号">${one.person.maskedIdentifiers.map(({ typeZh, text }) => `${typeZh} ${text}`).join('　')}</td></tr></tbody></table>
<p class="sub">移出后不再作为任何人的影像展示，依据过它的判断会提示医师复核；原始影像不改动，可一键撤销。${one.coming && '影像还在上传，之后收到的随这项检查一并移出。'}</p>
<form method="post" action="/study-matches/placed/${one.study}" class="acts">${formTokenField(formToken)}<button type="submit" class="main">不是这位患者<span class="unseen">：${one.description ?? ''}</span></button></form></section>`;

/** Studies found by number, each with its person beside what its header states: one press takes it from the person. */
export const placedStudyPage = (
  view: PlacedStudyList & {
    readonly number: string;
    readonly viewer: Viewer;
    readonly formToken: string;
    readonly at: Instant;
  },
): Html =>
  layout({
    title: '影像归错了患者',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '影像归属核对', at: view.at },
    content: html`<h1>影像归错了患者</h1>
<p><a href="/study-matches">‹ 待归属影像</a></p>
${view.studies.length === 0 ? html`<p class="empty">本院没有已归入患者的这个检查号；可能在待归属影像中，或检查号有误。</p>` : view.studies.map((one) => placedStudy(one, view.formToken))}
${placedForm(view.formToken, view.number)}`,
  });

/** The worklist of studies that belong to nobody for now: one press gives a study to a person, one takes it back. */
export const studyMatchPage = (
  view: StudyMatchList & { readonly viewer: Viewer; readonly formToken: string; readonly at: Instant },
): Html => {
  const waiting = view.matches.filter(({ state }) => state === 'open').length;
  return layout({
    title: '待归属影像',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '影像归属核对', at: view.at },
    content: html`<h1>待归属影像</h1>
<p class="sub">这些检查的患者无法由编号确定，在此之前不作为任何人的影像展示。只按姓名相同不能归入，请核对申请单或登记记录。每一步都可以撤销。</p>
<p class="sub" aria-live="polite">待处理 ${waiting} 项　<a href="/image-holds">影像核对单</a></p>
${view.matches.length === 0 ? html`<p class="empty">没有待归属的影像。</p>` : view.matches.map((match) => entry(match, view.formToken))}
${placedForm(view.formToken, '')}`,
  });
};
