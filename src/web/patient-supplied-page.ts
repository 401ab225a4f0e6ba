import type { Instant } from '../kernel/instant.ts';
import { type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import type { PersonSummary } from './wire/order-check-answer.ts';
import type { PatientSuppliedAnswer } from './wire/patient-supplied.ts';
import { timeText } from './words.ts';

/** What was filled in so far. */
type Draft = Readonly<Record<'institution' | 'item' | 'examinedOn' | 'value' | 'note', string>>;

const suppliedBlock = (
  each: PatientSuppliedAnswer,
): Html => html`<li class="panel"><p><b>${each.item}</b> <span class="badge">${each.labelZh}</span></p>
<dl class="facts"><dt>出具机构</dt><dd>${each.institution}（按纸面抄录）</dd><dt>检查日期</dt><dd>${each.examinedOn ?? '未注明'}</dd>
${each.value && html`<dt>结果</dt><dd>${each.value}</dd>`}${each.note && html`<dt>备注</dt><dd>${each.note}</dd>`}
<dt>登记</dt><dd>${each.recordedBy.institutionZh}${each.recordedBy.doctor && html`　${each.recordedBy.doctor}`}　${timeText(each.recordedAt)}</dd></dl>
<p><a href="${each.photo.path}">看照片<span class="unseen">：${each.item}</span></a></p></li>`;

/** What a patient brought, and the form to record more: on a telephone the photo comes from its camera. */
export const patientSuppliedPage = (view: {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly person: PersonSummary;
  readonly supplied: readonly PatientSuppliedAnswer[];
  readonly draft: Draft;
  readonly message: string | null;
  /** The same form sent twice is one paper. */
  readonly idempotencyKey: string;
}): Html => {
  const { person, supplied, draft } = view;
  const field = (name: keyof Draft, label: string, attributes: Html): Html =>
    html`<p><label for="${name}">${label}</label><input id="${name}" name="${name}" value="${draft[name]}" ${attributes}></p>`;
  return layout({
    title: '患者自带资料',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`${personBanner(person)}
<h1>患者自带资料</h1>
<p class="note">患者自带的纸质报告和胶片只作登记和查阅，未经核验，不参与互认判断。</p>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
${supplied.length === 0 ? html`<p>还没有登记过。</p>` : html`<ul class="plain">${supplied.map(suppliedBlock)}</ul>`}
<h2>登记一份</h2>
<form class="panel" method="post" action="/patients/${person.person}/supplied" enctype="multipart/form-data">
${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.idempotencyKey}">
${field('institution', '出具机构（按纸面抄录）', html`required maxlength="100"`)}
${field('item', '项目（按纸面抄录）', html`required maxlength="100"`)}
${field('examinedOn', '检查日期（纸面有则填）', html`type="date"`)}
${field('value', '结果（可不填）', html`maxlength="1000"`)}
${field('note', '备注（可不填）', html`maxlength="500"`)}
<p><label for="photo">照片（JPEG、PNG 或 PDF，10 MB 以内）</label><input id="photo" name="photo" type="file" accept="image/*,application/pdf" capture="environment" required></p>
<p class="acts"><button class="main" type="submit">登记</button> <a class="button quiet" href="/patients/${person.person}/order">继续为该患者开单</a></p></form>`,
  });
};
