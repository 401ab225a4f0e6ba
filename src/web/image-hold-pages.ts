import type { Instant } from '../kernel/instant.ts';
import type { HoldAnswer } from '../imaging/index.ts';
import { needsNote } from '../imaging/index.ts';
import { flag, type Html, html } from './html.ts';
import {
  FACT_WORDS,
  HOLD_ANSWER_NOTES,
  HOLD_MEANWHILE_WORDS,
  HOLD_REASON_WORDS,
  HOLD_STATE_WORDS,
  HOLD_STEP_WORDS,
  holdDetailText,
  senderText,
  sideText,
  TWO_PATIENTS_STEP_WORDS,
} from './image-hold-words.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import type { ImageHoldAnswer, ImageHoldCase, ImageHoldList } from './wire/image-hold.ts';
import { timeText } from './words.ts';

/** What every page of cases is made with. */
interface HoldFrame {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
}

const dueText = ({ due }: ImageHoldAnswer): Html | string =>
  due === null
    ? '—'
    : html`<span class="nowrap">${timeText(due.by)}</span>${due.overdue && html` <strong class="overdue">已超时</strong>`}`;

const studyText = ({ study }: ImageHoldAnswer): Html | string =>
  study === null
    ? '—'
    : html`${study.description ?? study.modalities.join(' ')}${study.studiedAt !== null && html`　<span class="nowrap">${study.studiedAt}</span>`}`;

const row = (hold: ImageHoldAnswer): Html => html`<tr>
<th scope="row"><a class="nowrap" href="/image-holds/${hold.id}">${hold.ticket}</a></th>
<td data-label="状态"><span class="badge">${HOLD_STATE_WORDS[hold.state]}</span></td>
<td data-label="原因">${HOLD_REASON_WORDS[hold.reason]}${holdDetailText(hold) !== '' && html`<br><span class="sub">${holdDetailText(hold)}</span>`}</td>
<td data-label="检查">${studyText(hold)}</td>
<td data-label="来自">${senderText(hold.sender)}${hold.instances > 0 && html`　<span class="nowrap">${hold.instances} 个</span>`}</td>
<td data-label="最近"><span class="nowrap">${timeText(hold.lastAt)}</span></td>
<td data-label="答复时限">${dueText(hold)}</td></tr>`;

/** The cases of an institution: what waits first. Names nobody. */
export const imageHoldsPage = (view: HoldFrame & { readonly list: ImageHoldList }): Html => {
  const { waiting, overdue, holds, truncated } = view.list;
  return layout({
    title: '影像核对单',
    viewer: view.viewer,
    formToken: view.formToken,
    content: html`<h1>影像核对单</h1>
<p class="sub">已收到并保存、但没有展示的影像，以及侧别与报告或申请单不一致的检查。请来源科室核对后答复；任何答复都不删除影像，可以撤销。</p>
<p class="sub" aria-live="polite">待答复 ${waiting} 张，其中<strong class="${overdue > 0 ? 'overdue' : ''}">已超时 ${overdue} 张</strong>　截至 ${timeText(view.list.at)}${truncated && '　只列出最近的一部分'}</p>
${
  holds.length === 0
    ? html`<p class="empty">没有需要核对的影像。</p>`
    : html`<div class="panel"><table class="stacked"><thead><tr><th scope="col">单号</th><th scope="col">状态</th><th scope="col">原因</th><th scope="col">检查</th><th scope="col">来自</th><th scope="col">最近</th><th scope="col">答复时限</th></tr></thead><tbody>${holds.map(row)}</tbody></table></div>`
}`,
  });
};

const answerWords = (reason: ImageHoldAnswer['reason'], step: keyof typeof HOLD_STEP_WORDS): string =>
  reason === 'two-patients' && (step === 'keep-first' || step === 'take-second')
    ? TWO_PATIENTS_STEP_WORDS[step]
    : HOLD_STEP_WORDS[step];

const answerNote = (reason: ImageHoldAnswer['reason'], answer: HoldAnswer): string | undefined =>
  HOLD_ANSWER_NOTES[`${reason} ${answer}`] ?? HOLD_ANSWER_NOTES[answer];

const hidden = (name: string, value: string | number): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

const answerForm = (
  { hold }: ImageHoldCase,
  answer: HoldAnswer | 'undo',
  formToken: string,
  isFirst: boolean,
): Html => {
  const note = answer === 'undo' ? undefined : answerNote(hold.reason, answer);
  const isAsked = answer !== 'undo' && needsNote(answer);
  return html`<form class="step" method="post" action="/image-holds/${hold.id}" autocomplete="off">${formTokenField(formToken)}
${hidden('kind', answer)}${hidden('seen', hold.instances)}
${note !== undefined && html`<p class="sub" id="note-${answer}">${note}</p>`}
${
  answer !== 'undo' &&
  html`<label for="text-${answer}">说明${!isAsked && '（可不填）'}</label><textarea id="text-${answer}" name="note" rows="2" maxlength="500"${flag('required', isAsked)}></textarea>`
}
<button type="submit"${flag('class="quiet"', !isFirst)}>${answerWords(hold.reason, answer)}</button></form>`;
};

const forms = (opened: ImageHoldCase, formToken: string): Html | false =>
  (opened.answers.length > 0 || opened.canUndo) &&
  html`<section class="panel" aria-labelledby="answer"><h2 id="answer">${opened.canUndo ? '已答复' : '答复'}</h2>
${opened.answers.map((answer, index) => answerForm(opened, answer, formToken, index === 0))}
${opened.canUndo && answerForm(opened, 'undo', formToken, false)}</section>`;

const sizeText = (bytes: number): string =>
  bytes < 10_000 ? `${bytes} 字节` : `${(bytes / 1_000_000).toFixed(2)} MB`;

const PIXELS = { true: '像素数据相同，只是头信息不同', false: '像素数据不同' } as const;

const contentText = (content: ImageHoldCase['conflicts'][number]['first']): string =>
  content === null ? '—' : `${content.content}…　${sizeText(content.sizeBytes)}`;

const CONFLICT_STATES = {
  open: '',
  'kept-first': '已定：展示先收到的',
  taken: '已定：展示后收到的',
} as const;

type Conflict = ImageHoldCase['conflicts'][number];

/** Facts of both in a table; what differs first, what does not behind a press. */
const comparedTable = (
  facts: Conflict['facts'],
  [first, second]: readonly [string, string],
  caption: string,
  after: Html | false = false,
): Html => html`<table class="compared stacked"><caption class="sub">${caption}</caption><thead><tr><th scope="col">头信息</th><th scope="col">${first}</th><th scope="col">${second}</th></tr></thead><tbody>
${facts.map(
  (each) =>
    html`<tr${flag('class="differs"', each.first !== each.second)}><th scope="row">${FACT_WORDS[each.fact]}${each.first !== each.second && html` <span class="badge">不同</span>`}</th><td data-label="${first}">${each.first ?? '未写'}</td><td data-label="${second}">${each.second ?? '未写'}</td></tr>`,
)}${after}</tbody></table>`;

const conflict = (one: Conflict, index: number, reason: ImageHoldAnswer['reason']): Html => {
  const differing = one.facts.filter(({ first, second }) => first !== second);
  const same = one.facts.filter(({ first, second }) => first === second);
  const isOther = reason === 'two-patients';
  const names = [isOther ? '本检查中已展示的' : '先收到的', '后收到的'] as const;
  const files = html`<tr><th scope="row">文件</th><td data-label="${names[0]}">${isOther ? '—' : contentText(one.first)}</td><td data-label="${names[1]}">${contentText(one.second)}</td></tr>`;
  return html`<section class="panel" aria-labelledby="instance-${index}"><h3 id="instance-${index}">第 ${index + 1} 个影像</h3>
<p class="sub">影像编号 <span class="code">${one.sopInstanceUid}</span></p>
<p>${senderText(one.sender)}　<span class="nowrap">${timeText(one.foundAt)}</span>${one.samePixels !== null && html`　<strong>${PIXELS[`${one.samePixels}`]}</strong>`}${CONFLICT_STATES[one.state] !== '' && html`　${CONFLICT_STATES[one.state]}`}</p>
${comparedTable(differing, names, `${differing.length} 项不同`, files)}
${same.length > 0 && html`<details class="group"><summary>相同的 ${same.length} 项</summary>${comparedTable(same, names, '相同')}</details>`}
${one.facts.length === 0 && html`<p class="note">文件无法读取，头信息不能并排。</p>`}</section>`;
};

const unreadable = (one: ImageHoldCase['unreadable'][number]): Html => html`<tr>
<th scope="row" class="code">${one.sopInstanceUid === '' ? '未写' : one.sopInstanceUid}</th>
<td data-label="影像类别" class="code">${one.sopClassUid}</td>
<td data-label="传输语法" class="code">${one.transferSyntaxUid}</td>
<td data-label="文件">${one.content}…　<span class="nowrap">${sizeText(one.sizeBytes)}</span></td>
<td data-label="收到"><span class="nowrap">${timeText(one.receivedAt)}</span>${one.arrivals > 1 && html`　共 ${one.arrivals} 次，最近 <span class="nowrap">${timeText(one.lastReceivedAt)}</span>`}</td></tr>`;

const about = (opened: ImageHoldCase): Html | false =>
  (opened.conflicts.length > 0 &&
    html`${opened.conflicts.map((one, index) => conflict(one, index, opened.hold.reason))}`) ||
  (opened.unreadable.length > 0 &&
    html`<section class="panel"><table class="stacked"><thead><tr><th scope="col">影像编号</th><th scope="col">影像类别</th><th scope="col">传输语法</th><th scope="col">文件</th><th scope="col">收到</th></tr></thead><tbody>${opened.unreadable.map(unreadable)}</tbody></table></section>`) ||
  (opened.series.length > 0 &&
    html`<section class="panel"><table class="stacked"><thead><tr><th scope="col">序列</th><th scope="col">影像类型</th><th scope="col">影像数</th><th scope="col">头信息中的侧别</th></tr></thead><tbody>${opened.series.map(
      (series) =>
        html`<tr><th scope="row">${series.description ?? '未写'}</th><td data-label="影像类型">${series.modality ?? '未写'}</td><td data-label="影像数">${series.instances}</td><td data-label="侧别">${sideText(series.side)}</td></tr>`,
    )}</tbody></table></section>`);

const course = ({ hold, steps }: ImageHoldCase): Html | false =>
  steps.length > 0 &&
  html`<h2>处理经过</h2><ol class="plain course">${steps.map(
    (step) =>
      html`<li><p><strong>${answerWords(hold.reason, step.step)}</strong>　<span class="sub">${step.actor}　<span class="nowrap">${timeText(step.at)}</span>${step.instances > 0 && `　${step.instances} 个影像`}</span></p>${step.note !== '' && html`<p>${step.note}</p>`}</li>`,
  )}</ol>`;

/** One case: what came, when, from which device, why it is held, both headers side by side, and the answers. */
export const imageHoldPage = (
  view: HoldFrame & { readonly opened: ImageHoldCase; readonly message: string | null },
): Html => {
  const { opened } = view;
  const { hold } = opened;
  const detail = holdDetailText(hold);
  return layout({
    title: '影像核对单',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '影像核对', at: view.at },
    content: html`<h1>影像核对单 ${hold.ticket} <span class="badge">${HOLD_STATE_WORDS[hold.state]}</span></h1>
${view.message !== null && html`<p class="alert" role="alert">${view.message}</p>`}
<section class="panel"><dl class="facts">
<dt>原因</dt><dd>${HOLD_REASON_WORDS[hold.reason]}${detail !== '' && `（${detail}）`}</dd>
<dt>目前</dt><dd>${HOLD_MEANWHILE_WORDS[hold.reason]}</dd>
${hold.study && html`<dt>检查</dt><dd>${studyText(hold)}${hold.study.accession !== null && html`　检查号 ${hold.study.accession}`}　已展示 ${hold.study.instances} 幅</dd>`}
<dt>来自</dt><dd>${senderText(hold.sender)}</dd>
<dt>收到</dt><dd>${timeText(hold.openedAt)}${hold.lastAt !== hold.openedAt && `　最近 ${timeText(hold.lastAt)}`}${hold.instances > 0 && `　共 ${hold.instances} 个影像`}</dd>
<dt>答复时限</dt><dd>${dueText(hold)}</dd></dl></section>
${(opened.conflicts.length > 0 || opened.unreadable.length > 0 || opened.series.length > 0) && html`<h2>核对内容</h2>`}
${about(opened)}
${opened.truncated && html`<p class="note">只列出前 20 个；答复对本单全部影像有效。</p>`}
${forms(opened, view.formToken)}
${course(opened)}
<p><a href="/image-holds">影像核对单</a>　<a href="/study-matches">待归属影像</a></p>`,
  });
};
