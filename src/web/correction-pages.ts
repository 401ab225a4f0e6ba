import { CORRECTION_KINDS } from '../correction/index.ts';
import type { Instant } from '../kernel/instant.ts';
import { CORRECTION_KIND_WORDS, CORRECTION_STATE_WORDS, DISPUTED_WORDS } from './correction-words.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import type { CorrectionAnswer, CorrectionList } from './wire/correction.ts';
import type { ReportAnswer } from './wire/order-check-answer.ts';
import { timeText } from './words.ts';

interface Frame {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
}

/** What was filled in so far. */
interface Draft {
  /** null: the report as a whole. */
  readonly ordinal: number | null;
  readonly kind: string;
  readonly text: string;
}

const watermarkOf = ({ at }: Frame) => ({ purpose: '纠错', at });

const subjectOptions = (
  { observations }: ReportAnswer,
  { ordinal }: Draft,
): Html => html`<option value="">整份报告</option>
${observations.map(
  (each) =>
    html`<option value="${each.ordinal}"${flag('selected', each.ordinal === ordinal)}>${each.name}　${each.value.text} ${each.value.unit}</option>`,
)}`;

/** The small form by which a doctor reports an error in a report or one of its values. Works without script. */
export const correctionFormPage = (
  view: Frame & {
    readonly report: ReportAnswer;
    readonly draft: Draft;
    readonly message: string | null;
    /** The same form sent twice is one ticket. */
    readonly idempotencyKey: string;
  },
): Html => {
  const { report, draft } = view;
  return layout({
    title: '报告有误',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: watermarkOf(view),
    content: html`<h1>报告有误（纠错）</h1>
<p class="sub">${report.institution.nameZh}　${report.title}　报告单号 ${report.reportNumber}　第 ${report.version} 版</p>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<form class="panel stacked" method="post" action="/reports/${report.id}/correction" enctype="multipart/form-data">
${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.idempotencyKey}">
${
  report.observations.length > 0 &&
  html`<label for="ordinal">哪一项</label><select id="ordinal" name="ordinal">${subjectOptions(report, draft)}</select>`
}
<fieldset><legend>什么问题</legend><div class="choices">${CORRECTION_KINDS.map(
      (kind) =>
        html`<label><input type="radio" name="kind" value="${kind}" required${flag('checked', kind === draft.kind)}> ${CORRECTION_KIND_WORDS[kind]}</label>`,
    )}</div></fieldset>
<p class="note">选“${CORRECTION_KIND_WORDS['wrong-person']}”后，该报告立即停止用于互认判断，并通知出具机构核实。</p>
<label for="text">说明（选“其他”时必填）</label><textarea id="text" name="text" rows="4" maxlength="1000">${draft.text}</textarea>
<label for="photo">照片（可不传；JPEG、PNG 或 PDF，10 MB 以内）</label><input id="photo" name="photo" type="file" accept="image/jpeg,image/png,application/pdf" capture="environment">
<div class="acts"><button class="main" type="submit">提交</button> <a class="button quiet" href="/reports/${report.id}">返回报告</a></div>
</form>`,
  });
};

const facts = (correction: CorrectionAnswer): Html => html`<dl class="facts">
<dt>单号</dt><dd>${correction.ticket}</dd>
<dt>状态</dt><dd>${CORRECTION_STATE_WORDS[correction.state]}</dd>
<dt>问题</dt><dd>${CORRECTION_KIND_WORDS[correction.kind]}</dd>
<dt>报告</dt><dd>${correction.institution.nameZh}　${correction.title}　${correction.reportNumber}（第 ${correction.reportVersion} 版）${correction.ordinal !== null && html`　第 ${correction.ordinal} 项`}</dd>
<dt>说明</dt><dd>${correction.text === '' ? '未填写' : correction.text}</dd>
<dt>提交</dt><dd>${correction.reportedBy.institutionZh ?? '未注明机构'}${correction.reportedBy.doctor && html`　${correction.reportedBy.doctor}`}　${timeText(correction.submittedAt)}</dd>
${correction.hasPhoto && html`<dt>照片</dt><dd><a href="/api/corrections/${correction.id}/photo">查看照片</a></dd>`}</dl>`;

/** One ticket: its number first, then what was said and what has become of it. */
export const correctionPage = (view: Frame & { readonly correction: CorrectionAnswer }): Html => {
  const { correction } = view;
  return layout({
    title: '纠错单',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: watermarkOf(view),
    content: html`<h1>纠错单 ${correction.ticket} <span class="badge">${CORRECTION_STATE_WORDS[correction.state]}</span></h1>
${correction.disputed && html`<p class="note" role="note">${DISPUTED_WORDS}</p>`}
<section class="panel">${facts(correction)}</section>
<h2>处理经过</h2>
<ol class="plain">${correction.history.map(({ state, at }) => html`<li>${CORRECTION_STATE_WORDS[state]}　<span class="nowrap">${timeText(at)}</span></li>`)}</ol>
<p><a href="/corrections">全部纠错单</a></p>`,
  });
};

/** Tickets as a list: a doctor's own, or those that the institution is to answer. */
export const correctionsPage = (
  view: Frame & { readonly list: CorrectionList; readonly isDesk: boolean },
): Html => {
  const { corrections, truncated } = view.list;
  return layout({
    title: view.isDesk ? '本机构报告的纠错单' : '我提交的纠错单',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: watermarkOf(view),
    content: html`<h1>${view.isDesk ? '本机构报告的纠错单' : '我提交的纠错单'}</h1>
<p class="sub">共 ${corrections.length} 张${truncated && '，仅列最近的'}</p>
${
  corrections.length === 0 &&
  html`<p>${view.isDesk ? '没有针对本机构报告的纠错单。' : '还没有提交过。在任一报告页点“报告有误”即可提交。'}</p>`
}
<ul class="plain">${corrections.map(
      (
        each,
      ) => html`<li class="panel"><p><a href="/corrections/${each.id}">${each.ticket}</a> <span class="badge">${CORRECTION_STATE_WORDS[each.state]}</span></p>
<p>${CORRECTION_KIND_WORDS[each.kind]}　${each.institution.nameZh}　${each.title}　${each.reportNumber}</p>
<p class="sub">${timeText(each.submittedAt)}</p></li>`,
    )}</ul>`,
  });
};
