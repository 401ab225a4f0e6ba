import {
  CORRECTION_KIND_WORDS,
  CORRECTION_PARTY_WORDS,
  CORRECTION_STATE_WORDS,
  CORRECTION_STEP_WORDS,
  calendarGapText,
  distanceText,
  DUE_WORDS,
  RELATION_WORDS,
  REMEDY_WORDS,
} from './correction-words.ts';
import { type Html, html } from './html.ts';
import { formTokenField } from './layout.ts';
import type { CorrectionAnswer } from './wire/correction.ts';
import { timeText } from './words.ts';

/** The state of a ticket as a badge. */
export const stateBadge = ({ state }: Pick<CorrectionAnswer, 'state'>): Html =>
  html`<span class="badge">${CORRECTION_STATE_WORDS[state]}</span>`;

/** What is due until when; overdue in a word, not by colour alone. */
export const dueText = ({ due }: Pick<CorrectionAnswer, 'due'>): Html | false =>
  due !== null &&
  html`<span class="nowrap">${DUE_WORDS[due.what]} ${timeText(due.by)}</span>${
    due.overdue
      ? html` <strong class="overdue">${distanceText(due)}</strong>`
      : html` <span class="sub">${distanceText(due)}</span>`
  }${calendarGapText(due) !== null && html` <span class="sub">（${calendarGapText(due)}）</span>`}`;

const reporterText = ({ reportedBy }: CorrectionAnswer): string => {
  const { party, institutionZh, doctor, onBehalf } = reportedBy;
  if (party === 'patient') return '患者';
  const staff = [institutionZh ?? '未注明机构', doctor ?? ''].filter(Boolean).join('　');
  return onBehalf === null ? staff : `${staff}（代${RELATION_WORDS[onBehalf]}提交）`;
};

/**
 * What a ticket says.
 *
 * @param photo address of its photo for this reader
 */
export const correctionFacts = (correction: CorrectionAnswer, photo: string): Html => html`<dl class="facts">
<dt>单号</dt><dd>${correction.ticket}</dd>
<dt>状态</dt><dd>${CORRECTION_STATE_WORDS[correction.state]}${correction.due && html`　${dueText(correction)}`}</dd>
<dt>问题</dt><dd>${CORRECTION_KIND_WORDS[correction.kind]}</dd>
<dt>报告</dt><dd>${correction.institution.nameZh}　${correction.title}　${correction.reportNumber}（第 ${correction.reportVersion} 版${correction.currentVersion > correction.reportVersion && `，现为第 ${correction.currentVersion} 版`}）${correction.ordinal !== null && html`　第 ${correction.ordinal} 项`}</dd>
<dt>说明</dt><dd>${correction.text === '' ? '未填写' : correction.text}</dd>
<dt>提交</dt><dd>${reporterText(correction)}　${timeText(correction.submittedAt)}</dd>
${correction.hasPhoto && html`<dt>照片</dt><dd><a href="${photo}">查看照片</a></dd>`}</dl>`;

/** The course of a ticket, the first step first. */
export const correctionCourse = ({ history }: CorrectionAnswer): Html =>
  html`<ol class="plain course">${history.map(
    (
      step,
    ) => html`<li><p><strong>${CORRECTION_STEP_WORDS[step.step]}</strong>　<span class="sub">${CORRECTION_PARTY_WORDS[step.by]}　<span class="nowrap">${timeText(step.at)}</span></span></p>
${step.remedy !== null && html`<p>${REMEDY_WORDS[step.remedy]}${step.remedy !== 'otherwise' && step.remedy !== 'parted' && step.reportVersion !== null && `：第 ${step.reportVersion} 版`}</p>`}
${step.step === 'amendment' && step.reportVersion !== null && html`<p>第 ${step.reportVersion} 版</p>`}
${step.reason !== null && html`<p>理由：${step.reason.zh}</p>`}
${step.text !== '' && html`<p>${step.text}</p>`}</li>`,
  )}</ol>`;

/** What every form that takes a step carries. */
export interface StepForm {
  readonly formToken: string;
  /** The same form sent twice is one step. */
  readonly newKey: () => string;
  readonly correction: CorrectionAnswer;
  /** Where the form goes. */
  readonly action: string;
}

/** A form for one step; `fields` come before its button. */
export const stepForm = (
  { formToken, newKey, correction, action }: StepForm,
  step: CorrectionAnswer['steps'][number],
  words: string,
  fields: Html | null = null,
  isMain = false,
): Html => html`<form class="stacked step" method="post" action="${action}">
${formTokenField(formToken)}<input type="hidden" name="idempotencyKey" value="${newKey()}"><input type="hidden" name="seen" value="${correction.history.at(-1)?.place ?? 1}"><input type="hidden" name="step" value="${step}">
${fields}<button${isMain && html` class="main"`} type="submit">${words}</button></form>`;

/** A field for words; its id is told apart from those of other forms of the page. */
export const wordsField = (step: string, label: string, isRequired = false): Html =>
  html`<label for="${step}-text">${label}</label><textarea id="${step}-text" name="text" rows="2" maxlength="1000"${isRequired && html` required`}></textarea>`;
