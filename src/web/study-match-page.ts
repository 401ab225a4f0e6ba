import type { Instant } from '../kernel/instant.ts';
import { type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import type { StudyMatchAnswer, StudyMatchList } from './wire/study-match.ts';
import { timeText } from './words.ts';

const REASONS: Readonly<Record<StudyMatchAnswer['reason'], string>> = {
  'no-patient-id': '影像中没有患者编号',
  'patient-contradicts': '该患者编号在本院登记的是另一个人（姓名与出生日期不符）',
  'number-of-another-institution': '影像称患者编号由另一家机构签发，但姓名与出生日期未能相互印证',
  'number-of-two-people': '该患者编号在门诊与住院对应不同的人',
  'report-of-another-person': '检查号对应的报告属于另一个人',
  'two-patients': '同一检查中出现两位患者的影像',
};
const STATES: Readonly<Record<StudyMatchAnswer['state'], string>> = {
  open: '待处理',
  given: '已归入',
  apart: '不属于以下任何人',
};
const SEXES: Readonly<Record<string, string>> = { male: '男', female: '女', M: '男', F: '女' };

const button = (match: StudyMatchAnswer, formToken: string, fields: Html, label: string): Html =>
  html`<form method="post" action="/study-matches/${match.id}">${formTokenField(formToken)}${fields}<button type="submit">${label}</button></form>`;

const kind = (name: string): Html => html`<input type="hidden" name="kind" value="${name}">`;

const candidates = (match: StudyMatchAnswer, formToken: string): Html =>
  html`<ul>${match.candidates.map(
    (person) =>
      html`<li>${person.name ?? '（无姓名）'}　${SEXES[person.sex] ?? ''}　${person.birthDate ?? ''}　${person.maskedIdentifiers
        .map(({ typeZh, text }) => `${typeZh} ${text}`)
        .join('　')}
${
  match.state === 'open' &&
  match.canGive &&
  button(
    match,
    formToken,
    html`${kind('give')}<input type="hidden" name="person" value="${person.person}">`,
    '归入此人',
  )
}${match.chosen === person.person && html`<strong>已归入</strong>`}</li>`,
  )}</ul>`;

const answers = (match: StudyMatchAnswer, formToken: string): Html =>
  html`${match.candidates.length > 0 ? candidates(match, formToken) : html`<p class="note">没有可对照的人。</p>`}
${match.state === 'open' && button(match, formToken, kind('apart'), '都不是')}
${match.state !== 'open' && button(match, formToken, kind('undo'), '撤销')}`;

const entry = (match: StudyMatchAnswer, formToken: string): Html => html`<section class="panel">
<h2>${match.description ?? match.modalities.join(' ')}　${match.studiedAt ?? ''}</h2>
<p>${REASONS[match.reason]}　影像 ${match.instances} 幅　${STATES[match.state]}　${timeText(match.foundAt)}</p>
<p>影像所写患者：${match.stated.name ?? '（无姓名）'}　${SEXES[match.stated.sex ?? ''] ?? ''}　${match.stated.birthDate ?? ''}</p>
${match.hold === null ? answers(match, formToken) : html`<p><a href="/image-holds/${match.hold}">并排核对两份头信息并答复</a></p>`}
</section>`;

/** The worklist of studies that belong to nobody for now: one press gives a study to a person, one takes it back. */
export const studyMatchPage = (
  view: StudyMatchList & { readonly viewer: Viewer; readonly formToken: string; readonly at: Instant },
): Html =>
  layout({
    title: '待归属影像',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '影像归属核对', at: view.at },
    content: html`<h1>待归属影像</h1>
<p class="sub">这些检查的患者无法由编号确定，在此之前不作为任何人的影像展示。只按姓名相同不能归入，请核对申请单或登记记录。</p>
${view.matches.length === 0 ? html`<p class="empty">没有待归属的影像。</p>` : view.matches.map((match) => entry(match, view.formToken))}`,
  });
