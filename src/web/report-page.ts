import type { Instant } from '../kernel/instant.ts';
import { DISPUTED_WORDS } from './correction-words.ts';
import { type OpenEmergency, personEmergencyStrip } from './emergency-strip.ts';
import { type Html, html } from './html.ts';
import { imageDetails, inChinese } from './image-detail-words.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import { resultTable } from './result-table.ts';
import type { PersonSummary, ReportAnswer } from './wire/order-check-answer.ts';
import {
  hasOpenable,
  imagesText,
  STANDING_WORDS,
  timeText,
  VERSION_FIELD_WORDS,
  versionFieldText,
} from './words.ts';

type Observation = ReportAnswer['observations'][number];

const nameOf = ({ name, code }: Observation): Html => html`${name} <span class="sub nowrap">${code}</span>`;

const observationTable = ({ observations, institution, standing }: ReportAnswer): Html => {
  // A column that nobody filled in would only take room on a phone.
  const hasMethods = observations.some(({ method }) => method !== null);
  const rows = observations.map((each) => ({
    name: nameOf(each),
    value: each.value,
    ...(hasMethods ? { method: each.method } : {}),
    // The state of the whole report stands beside its title already.
    standing: each.standing === standing ? 'final' : each.standing,
  }));
  return resultTable([{ heading: null, rows }], `${institution.shortNameZh}的结果`);
};

type Opinion = ReportAnswer['opinions'][number];

/** Whose opinion it is, and when it was given. */
const opinionSignature = ({ doctor, institution, statedAt, reportVersion }: Opinion, version: number): Html =>
  html`${institution.shortNameZh}　${doctor && `${doctor}　`}${timeText(statedAt)}${reportVersion !== version && `（所见为第 ${reportVersion} 版报告）`}`;

/** An opinion that was taken back: folded, struck, with who did it, when and why; to the patient only that it was. */
const withdrawnOpinion = (
  opinion: Opinion,
  { withdrawnAt, by, reason }: NonNullable<Opinion['withdrawal']>,
  version: number,
): Html => {
  const heading = html`<b>已撤回</b>　${opinionSignature(opinion, version)}`;
  return by === null
    ? html`<p class="sub">${heading}<br>这条会诊意见已于 ${timeText(withdrawnAt)} 撤回，内容不再显示。</p>`
    : html`<details class="layers"><summary>${heading}</summary><p><s>${opinion.text}</s></p><p class="sub">${by} 于 ${timeText(withdrawnAt)} 撤回，理由：${reason}</p></details>`;
};

/**
 * What doctors of other institutions say beside a report, each with name, institution and time.
 *
 * @param form by which one that is the reader's own is taken back, where the page has one
 */
export const opinionList = (
  { opinions, version }: Pick<ReportAnswer, 'opinions' | 'version'>,
  form: ((opinion: Opinion['id']) => Html) | null,
): Html =>
  html`${opinions.map((opinion) =>
    opinion.withdrawal
      ? withdrawnOpinion(opinion, opinion.withdrawal, version)
      : html`<p class="body">${opinion.text}</p><p class="sub">${opinionSignature(opinion, version)}</p>${opinion.mayWithdraw && form?.(opinion.id)}`,
  )}
<p class="sub">会诊意见由本条署名医师负责，不改动原报告。</p>`;

/** The form by which a doctor takes an opinion of his own back: to open it, say why and send it is to confirm it. */
const withdrawalForm =
  (report: string, formToken: string) =>
  (opinion: Opinion['id']): Html =>
    html`<details class="layers"><summary>撤回这条意见</summary><form method="post" action="/reports/${report}/opinions/${opinion}/withdrawal">${formTokenField(formToken)}
<p class="sub">撤回不能恢复：原文保留并标明“已撤回”，患者只看到有一条意见已撤回。</p>
<label for="reason-${opinion}">撤回理由</label>
<textarea id="reason-${opinion}" name="reason" rows="2" maxlength="500" required></textarea>
<p><button type="submit">确认撤回</button></p></form></details>`;

/** The form by which a doctor of another institution adds an opinion. */
const opinionForm = (id: string, formToken: string): Html =>
  html`<form method="post" action="/reports/${id}/opinions" class="panel">${formTokenField(formToken)}
<label for="opinion-text">会诊意见（不改动原报告）</label>
<textarea id="opinion-text" name="text" rows="3" maxlength="4000" required></textarea>
<p><button type="submit">添加会诊意见</button></p></form>`;

/** What has to be known of a report before it is read. */
const standingNote = ({ standing }: ReportAnswer): Html | false => {
  switch (standing) {
    case 'withdrawn':
    case 'entered-in-error':
      return html`<p class="alert" role="alert">报告已撤回，不得作为依据</p>`;
    case 'corrected':
      return html`<p class="note">报告已更正，改动见各版本</p>`;
    case 'preliminary':
      return html`<p class="note">初步报告，结果可能变化</p>`;
    default:
      return false;
  }
};

/** Every version, the newest first, with what it says otherwise than the one before. */
const versionList = ({ versions }: ReportAnswer): Html | false =>
  versions.length > 1 &&
  html`<section class="panel versions"><h2>各版本</h2><ul class="plain">${versions.map(
    ({ version, standing, statedAt, changes }) =>
      html`<li><b>第 ${version} 版　${STANDING_WORDS[standing]}</b>　<span class="nowrap">${timeText(statedAt)}</span>${
        changes.length > 0 &&
        html`<ul>${changes.map(
          ({ name, field, from, to }) =>
            html`<li>${name}　${VERSION_FIELD_WORDS[field]}：<s>${versionFieldText(field, from)}</s> → <b>${versionFieldText(field, to)}</b></li>`,
        )}</ul>`
      }</li>`,
  )}</ul></section>`;

const attachmentLinks = ({ attachments }: ReportAnswer, addressOf: (n: number) => string): Html | false =>
  attachments.length > 0 &&
  html`<p class="acts">${attachments.map(
    ({ n, mediaType }) =>
      html`<a class="button quiet" href="${addressOf(n)}" target="_blank" rel="noopener">打开附件 ${n}（${mediaType === 'application/pdf' ? 'PDF' : mediaType}）</a> `,
  )}</p>`;

/**
 * What a doctor reads below a report: the laboratory's remarks, what its versions changed, the documents that came with it.
 *
 * @param attachment address of the n-th document
 */
export const reportAppendix = (report: ReportAnswer, attachment: (n: number) => string): Html =>
  html`${report.notes.map((note) => html`<p class="note">${note}</p>`)}
${versionList(report)}
${attachmentLinks(report, attachment)}`;

/**
 * A report as its institution issued it, without the frame around it.
 *
 * @param mark the HR mark with its scope, where a check of this report established one; top right as on paper
 * @param formToken of the session that may take back an opinion of its doctor's; null where the page takes nothing back
 */
export const reportContent = (
  report: ReportAnswer,
  mark: string | null,
  formToken: string | null = null,
): Html => {
  // The conclusion stands above in words; as the value of a table it would be said twice.
  const values = report.observations.filter(({ value }) => value.text !== report.impression);
  const examination = report.findings !== null || report.impression !== null;
  return html`${mark && html`<p class="report-mark"><span class="mark">${mark}</span></p>`}<h1>${report.title} <span class="badge">${STANDING_WORDS[report.standing]}</span></h1>
${standingNote(report)}${report.disputed && html`<p class="alert" role="alert">${DISPUTED_WORDS}</p>`}
<p class="sub">${report.institution.nameZh}（${report.institution.tierZh}）　报告单号 ${report.reportNumber}　第 ${report.version} 版</p>
${
  examination &&
  html`<section class="panel examination"><h2>检查所见</h2><p>${report.findings ?? '未提供'}</p><h2>诊断意见</h2><p>${report.impression ?? '未提供'}</p>
<p class="sub">互认的是检查本身；诊断意见由出具医师负责，接诊医师可另行判读。</p></section>`
}
${
  report.opinions.length > 0 &&
  html`<section class="panel" id="opinions"><h2>会诊意见</h2>${opinionList(report, formToken === null ? null : withdrawalForm(report.id, formToken))}</section>`
}
${values.length > 0 && html`<div class="${report.disputed ? 'disputed' : ''}">${observationTable({ ...report, observations: values })}</div>`}
<dl class="facts">${report.specimen && html`<dt>标本</dt><dd>${report.specimen}</dd>`}
<dt>${examination ? '检查时间' : '采样时间'}</dt><dd>${timeText(report.collectedAt)}</dd>
${!examination && html`<dt>接收时间</dt><dd>${timeText(report.receivedAt)}</dd>`}
<dt>报告时间</dt><dd>${timeText(report.reportedAt)}</dd>
<dt>${examination ? '报告医师' : '检验者'}</dt><dd>${report.reporter ?? '未注明'}</dd>
<dt>${examination ? '审核医师' : '审核者'}</dt><dd>${report.verifier ?? '未注明'}</dd></dl>
${!examination && report.observations.length > 0 && html`<p class="sub">本报告仅对该标本负责</p>`}
<p class="sub">${report.disclosure.text.zh}</p>`;
};

/** Kinds of reports that are about images or curves. */
export const HAS_IMAGES: ReadonlySet<ReportAnswer['kind']> = new Set(['imaging', 'electrocardiogram']);

/** What headers state of the images, study by study. */
const imageDetailLists = (images: ReportAnswer['images']): Html =>
  html`${(images?.studies ?? []).map(
    (study) =>
      html`<dl class="image-details" aria-label="影像参数">${imageDetails(study, inChinese).map(
        ({ label, text }) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`,
      )}</dl>`,
  )}`;

/**
 * The way to the images of a report and how far they have come; nothing for a report that is about none.
 *
 * @param href where they open; null: only how far they have come is told
 * @param on the card, which stays where it is, and has a key for it
 */
export const imagesLine = (
  { kind, images }: Pick<ReportAnswer, 'kind' | 'images'>,
  href: string | null,
  on: 'page' | 'card' = 'page',
): Html | false =>
  (images !== null || HAS_IMAGES.has(kind)) &&
  html`<p class="acts images">${
    href !== null &&
    images !== null &&
    hasOpenable(images) &&
    !images.closed &&
    (on === 'card'
      ? html`<a class="button" data-key="V" href="${href}" target="_blank" rel="noopener"><kbd>V</kbd>看影像</a> `
      : html`<a class="button" href="${href}">看影像</a> `)
  }<span class="sub">${images === null ? '未收到影像' : imagesText(images)}</span></p>${imageDetailLists(images)}`;

/** A report to a doctor who signed in. */
export const reportPage = (view: {
  viewer: Viewer;
  formToken: string;
  at: Instant;
  report: ReportAnswer;
  /** Whose report it is: a report without its patient is not to be read. */
  person: PersonSummary;
  /** The emergency access that the viewer has open to the patient; null for those who cannot open one. */
  emergency: OpenEmergency | null;
}): Html =>
  layout({
    title: '原报告',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`${personBanner(view.person)}
${personEmergencyStrip(view.emergency, view.person.person, { formToken: view.formToken })}
${reportContent(view.report, null, view.formToken)}
${reportAppendix(view.report, (n) => `/api/reports/${view.report.id}/attachments/${n}`)}
${imagesLine(view.report, `/reports/${view.report.id}/images`)}
${view.report.takesOpinion && opinionForm(view.report.id, view.formToken)}
<p><a href="/reports/${view.report.id}/correction">报告有误？</a></p>`,
  });
