import { CORRECTION_KINDS } from '../correction/index.ts';
import type { Instant } from '../kernel/instant.ts';
import {
  correctionCourse,
  correctionFacts,
  dueText,
  stateBadge,
  stepForm,
  wordsField,
} from './correction-course.ts';
import { CORRECTION_KIND_WORDS, DISPUTED_WORDS, RELATION_WORDS } from './correction-words.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { type CorrectionAnswer, type CorrectionList, RELATIONS } from './wire/correction.ts';
import type { ReportAnswer } from './wire/order-check-answer.ts';
import { timeText } from './words.ts';

/** Who looks at a page of tickets, and when. */
export interface CorrectionFrame {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
}

/** What was filled in so far. */
export interface Draft {
  /** null: the report as a whole. */
  readonly ordinal: number | null;
  readonly kind: string;
  readonly text: string;
}

/** The frame of a page about tickets. */
export const correctionLayout = (frame: CorrectionFrame, title: string, content: Html): Html =>
  layout({
    title,
    viewer: frame.viewer,
    formToken: frame.formToken,
    watermark: { purpose: '纠错', at: frame.at },
    content,
  });

/** The values of a report to choose from, and the report as a whole. */
export const subjectOptions = (
  { observations }: ReportAnswer,
  { ordinal }: Draft,
): Html => html`<option value="">整份报告</option>
${observations.map(
  (each) =>
    html`<option value="${each.ordinal}"${flag('selected', each.ordinal === ordinal)}>${each.name}　${each.value.text} ${each.value.unit}</option>`,
)}`;

/** What is wrong, and in words: the same on every form. */
export const errorFields = ({
  kind,
  text,
}: Pick<
  Draft,
  'kind' | 'text'
>): Html => html`<fieldset><legend>什么问题</legend><div class="choices">${CORRECTION_KINDS.map(
  (each) =>
    html`<label><input type="radio" name="kind" value="${each}" required${flag('checked', each === kind)}> ${CORRECTION_KIND_WORDS[each]}</label>`,
)}</div></fieldset>
<p class="note">选“${CORRECTION_KIND_WORDS['wrong-person']}”后，该报告立即停止用于互认判断，并通知出具机构核实。</p>
<label for="text">说明（选“其他”时必填）</label><textarea id="text" name="text" rows="4" maxlength="1000">${text}</textarea>`;

const PHOTO_FIELD = html`<label for="photo">照片（可不传；JPEG、PNG 或 PDF，10 MB 以内）</label><input id="photo" name="photo" type="file" accept="image/jpeg,image/png,application/pdf" capture="environment">`;

/** The small form by which a doctor reports an error in a report or one of its values. Works without script. */
export const correctionFormPage = (
  view: CorrectionFrame & {
    readonly report: ReportAnswer;
    readonly draft: Draft;
    readonly message: string | null;
    /** The same form sent twice is one ticket. */
    readonly idempotencyKey: string;
  },
): Html => {
  const { report, draft } = view;
  return correctionLayout(
    view,
    '报告有误',
    html`<h1>报告有误（纠错）</h1>
<p class="sub">${report.institution.nameZh}　${report.title}　报告单号 ${report.reportNumber}　第 ${report.version} 版</p>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<form class="panel stacked" method="post" action="/reports/${report.id}/correction" enctype="multipart/form-data">
${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.idempotencyKey}">
${
  report.observations.length > 0 &&
  html`<label for="ordinal">哪一项</label><select id="ordinal" name="ordinal">${subjectOptions(report, draft)}</select>`
}
${errorFields(draft)}
${PHOTO_FIELD}
<div class="acts"><button class="main" type="submit">提交</button> <a class="button quiet" href="/reports/${report.id}">返回报告</a></div>
</form>`,
  );
};

/** What a registrar has taken down so far. The number of the identity card is never shown again. */
export interface DeskDraft {
  readonly institution: string;
  readonly reportNumber: string;
  readonly relation: string;
  readonly kind: string;
  readonly text: string;
}

/** The form by which a desk takes down what a patient reports, from the paper in the patient's hand. */
export const correctionOnBehalfPage = (
  view: CorrectionFrame & {
    readonly issuers: readonly { readonly code: string; readonly nameZh: string }[];
    readonly draft: DeskDraft;
    readonly message: string | null;
    readonly idempotencyKey: string;
  },
): Html => {
  const { draft, issuers } = view;
  return correctionLayout(
    view,
    '代患者提交纠错',
    html`<h1>代患者提交纠错</h1>
<p class="sub">按患者手中的报告单填写；患者没有手机也能办。此处不显示报告内容。</p>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<form class="panel stacked" method="post" action="/corrections/on-behalf" enctype="multipart/form-data" autocomplete="off">
${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.idempotencyKey}">
<div class="row"><div class="grow"><label for="institution">出具机构</label><select id="institution" name="institution" required><option value="">请选择</option>${issuers.map(
      ({ code, nameZh }) =>
        html`<option value="${code}"${flag('selected', code === draft.institution)}>${nameZh}</option>`,
    )}</select></div>
<div><label for="reportNumber">报告单号</label><input id="reportNumber" name="reportNumber" required maxlength="200" value="${draft.reportNumber}"></div>
<div><label for="nationalId">患者身份证号</label><input id="nationalId" name="nationalId" required minlength="15" maxlength="18" spellcheck="false"></div></div>
<fieldset><legend>谁在服务台</legend><div class="choices">${RELATIONS.map(
      (relation) =>
        html`<label><input type="radio" name="relation" value="${relation}" required${flag('checked', relation === draft.relation)}> ${RELATION_WORDS[relation]}</label>`,
    )}</div></fieldset>
${errorFields(draft)}
${PHOTO_FIELD}
<div class="acts"><button class="main" type="submit">提交</button> <a class="button quiet" href="/corrections">全部纠错单</a></div>
</form>`,
  );
};

const reporterForms = (
  view: CorrectionFrame & { readonly correction: CorrectionAnswer; readonly newKey: () => string },
): Html | false => {
  const { correction } = view;
  const form = { ...view, action: `/corrections/${correction.id}/steps` };
  const wasAsked =
    correction.history.findLast(({ step }) => step === 'ask' || step === 'reply')?.step === 'ask';
  const [replies, hears] = [correction.steps.includes('reply'), correction.steps.includes('follow-up')];
  return (
    (replies || hears) &&
    html`<section class="panel"><h2>${hears ? '处理结果' : wasAsked ? '出具机构正在等您答复' : '补充说明'}</h2>
${replies && stepForm(form, 'reply', wasAsked ? '答复' : '补充', wordsField('reply', '内容', true), wasAsked)}
${hears && stepForm(form, 'follow-up', '已知晓处理结果', wordsField('follow-up', '意见（可不填）'), true)}</section>`
  );
};

/** One ticket: its number first, then what was said, what has become of it, and what its reporter may do. */
export const correctionPage = (
  view: CorrectionFrame & {
    readonly correction: CorrectionAnswer;
    readonly message: string | null;
    readonly newKey: () => string;
  },
): Html => {
  const { correction } = view;
  return correctionLayout(
    view,
    '纠错单',
    html`<h1>纠错单 ${correction.ticket} ${stateBadge(correction)}</h1>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
${correction.disputed && html`<p class="note" role="note">${DISPUTED_WORDS}</p>`}
<section class="panel">${correctionFacts(correction, `/api/corrections/${correction.id}/photo`)}</section>
${reporterForms(view)}
<h2>处理经过</h2>
${correctionCourse(correction)}
<p><a href="/corrections">全部纠错单</a></p>`,
  );
};

/** Tickets that the viewer follows, the newest first; what has not been seen yet says so. */
export const correctionsPage = (
  view: CorrectionFrame & {
    readonly list: CorrectionList;
    readonly hasDesk: boolean;
    readonly takesForPatients: boolean;
  },
): Html => {
  const { corrections, truncated } = view.list;
  const news = corrections.filter(({ unseen }) => unseen).length;
  return correctionLayout(
    view,
    '我提交的纠错单',
    html`<h1>我提交的纠错单</h1>
<p class="sub">共 ${corrections.length} 张${truncated && '，仅列最近的'}${news > 0 && html`　<strong>${news} 张有新进展</strong>`}</p>
${view.hasDesk && html`<p><a href="/correction-desk">本机构报告的纠错单</a></p>`}
${view.takesForPatients && html`<p><a class="button" href="/corrections/on-behalf">代患者提交</a></p>`}
${corrections.length === 0 && html`<p>${view.takesForPatients ? '还没有提交过。' : '还没有提交过。在任一报告页点“报告有误”即可提交。'}</p>`}
<ul class="plain">${corrections.map(
      (
        each,
      ) => html`<li class="panel"><p><a href="/corrections/${each.id}">${each.ticket}</a> ${stateBadge(each)}${each.unseen && html` <strong>有新进展</strong>`}</p>
<p>${CORRECTION_KIND_WORDS[each.kind]}　${each.institution.nameZh}　${each.title}　${each.reportNumber}</p>
<p class="sub">${timeText(each.submittedAt)}${each.due && html`　${dueText(each)}`}</p></li>`,
    )}</ul>`,
  );
};
