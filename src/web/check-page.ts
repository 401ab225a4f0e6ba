import type { Instant } from '../kernel/instant.ts';
import { candidateBlock } from './check-candidate.ts';
import { panelNote, panelResults } from './check-panel.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import type {
  OrderCheckAnswer,
  OrderCheckCandidate,
  OrderCheckLine,
  PersonSummary,
} from './wire/order-check-answer.ts';
import { MARK_WORDS, OUTCOME_WORDS, timeText, WORDS } from './words.ts';

/** What the page of one order check shows. */
export interface CheckView {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly check: OrderCheckAnswer;
  /** Whose results these are; null when the patient could not be established. */
  readonly person: PersonSummary | null;
  /** Why the last answer was refused, and for which line. */
  readonly refusal: { readonly line: number; readonly zh: string } | null;
  /** Makes the key by which sending the same form twice is one answer. */
  readonly newKey: () => string;
  /** False for those who may look but not answer. */
  readonly mayAnswer: boolean;
}

const OUTCOME_CLASS: Readonly<Record<OrderCheckLine['outcome'], string>> = {
  'must-consider': 'yes',
  'may-consider': 'maybe',
  'view-only': 'view',
  'not-covered': 'view',
  'own-institution': 'own',
  silent: 'none',
  'nothing-found': 'none',
  'not-disclosed': 'none',
  unmapped: 'unchecked',
  'not-checked': 'unchecked',
};

const mayRecognise = ({ recognisable }: OrderCheckCandidate): boolean => recognisable;

const answerForm = (
  view: CheckView,
  line: OrderCheckLine,
  fields: Html,
): Html => html`<form method="post" action="/checks/${view.check.id}/responses">
${formTokenField(view.formToken)}
<input type="hidden" name="line" value="${line.line}">
<input type="hidden" name="idempotencyKey" value="${view.newKey()}">
${fields}</form>`;

const recogniseForm = (view: CheckView, line: OrderCheckLine, candidate: OrderCheckCandidate | null): Html =>
  answerForm(
    view,
    line,
    html`<input type="hidden" name="kind" value="recognise">
${candidate && html`<input type="hidden" name="report" value="${candidate.report}"><input type="hidden" name="ordinal" value="${candidate.ordinal}">`}
<button class="${(candidate?.grade ?? line.outcome) === 'must-consider' ? 'main' : ''}" type="submit">${WORDS.recognise}<span class="unseen">：${candidate ? candidate.item.nameZh : line.name}</span></button>`,
  );

const reExamineForm = (view: CheckView, line: OrderCheckLine): Html => {
  const named = `reason-${line.line}`;
  return html`<details class="re-examine"${flag('open', view.refusal?.line === line.line)}><summary>${WORDS.reExamine}</summary>
${answerForm(
  view,
  line,
  html`<input type="hidden" name="kind" value="re-examine">
<fieldset class="choices"><legend>不互认理由${line.reasonRequired && '（本清单要求填写）'}</legend>
${line.offeredReasons.map(
  ({ code, text, suggested }) =>
    html`<label><input type="radio" name="reason" value="${code}" required${flag('checked', suggested)}> ${code}　${text.zh}${suggested && html` <span class="sub">系统建议</span>`}</label>`,
)}</fieldset>
${
  line.offeredSubReasons.length > 0 &&
  html`<fieldset class="choices"><legend>系统已查明的情形</legend>${line.offeredSubReasons.map(
    ({ code, text }) =>
      html`<label><input type="checkbox" name="subReasons" value="${code}" checked> ${code}　${text.zh}</label>`,
  )}</fieldset>`
}
<label for="${named}-text">补充说明（选“其他”时至少 10 个字）</label>
<textarea id="${named}-text" name="text" rows="2" maxlength="500"></textarea>
<label class="tick"><input type="checkbox" name="informed" value="yes"> 已向患者说明复检目的和必要性</label>
<p class="acts"><button type="submit">确认继续检查</button></p>`,
)}</details>`;
};

const responseWords = (response: NonNullable<OrderCheckLine['response']>, line: OrderCheckLine): string => {
  if (response.kind === 'recognise')
    return response.state === 'fulfilled'
      ? '已互认，开单系统已确认撤销申请'
      : '已互认，等待开单系统确认撤销申请';
  const reason = line.offeredReasons.find(({ code }) => code === response.reason);
  return `不互认，继续检查：${[response.reason, reason?.text.zh, response.text].filter(Boolean).join('　')}`;
};

const responseBlock = (view: CheckView, line: OrderCheckLine): Html | null => {
  const { response } = line;
  if (!response || response.state === 'undone' || response.kind === 'undo') return null;
  return html`<div class="answered" role="status"><p><b>${responseWords(response, line)}</b></p>
<p class="sub">${timeText(response.respondedAt)}${response.doctor && `　${response.doctor}`}</p>
${response.recordText && html`<p class="record"><span class="sub">可写入病历：</span>${response.recordText.zh}</p>`}
${
  view.mayAnswer &&
  answerForm(
    view,
    line,
    html`<input type="hidden" name="kind" value="undo"><button type="submit">撤销这次应答<span class="unseen">：${line.name}</span></button>`,
  )
}</div>`;
};

/** The notice of a line, unless the head of the page says the same. */
const noticeOf = ({ title, notice }: OrderCheckAnswer, line: OrderCheckLine): string | null => {
  const zh = line.notice?.zh ?? null;
  return zh === title.zh || zh === notice?.zh ? null : zh;
};

/** What stands in the place of results: only what neither the badge nor the page's head says already. */
const emptyWords = (check: OrderCheckAnswer, line: OrderCheckLine): Html | false => {
  const notice = noticeOf(check, line);
  if (line.outcome === 'not-checked' || line.outcome === 'unmapped')
    return check.notice === null && html`<p class="alert">${line.notice?.zh ?? WORDS.couldNotCheck}</p>`;
  return notice !== null && notice !== OUTCOME_WORDS[line.outcome] && html`<p>${notice}</p>`;
};

const lineBlock = (view: CheckView, line: OrderCheckLine): Html => {
  const answered = responseBlock(view, line);
  const open = view.mayAnswer && !answered;
  // Where what is missing cannot be ordered alone, the whole panel is done again and there is nothing to answer.
  const offered = line.panel?.advice === 'repeat-whole' ? [] : line.candidates.filter(mayRecognise);
  const isPanel = line.panel !== null;
  const notice = noticeOf(view.check, line);
  const formOf = (candidate: OrderCheckCandidate): Html | null =>
    open && mayRecognise(candidate) ? recogniseForm(view, line, candidate) : null;
  return html`<section class="line ${OUTCOME_CLASS[line.outcome]}" id="line-${line.line}" aria-labelledby="line-${line.line}-name">
<h2 id="line-${line.line}-name">${line.name} <span class="badge">${OUTCOME_WORDS[line.outcome]}</span></h2>
${view.refusal?.line === line.line && html`<p class="alert" role="alert">${view.refusal.zh}</p>`}
${line.candidates.length === 0 && emptyWords(view.check, line)}
${line.candidates.length > 0 && notice !== null && html`<p class="note">${notice}</p>`}
${panelNote(line)}
${answered}
${open && isPanel && offered.length > 0 && html`<div class="acts">${recogniseForm(view, line, null)}</div>${reExamineForm(view, line)}`}
${
  isPanel
    ? panelResults(line)
    : line.candidates.length > 0 &&
      html`<ul class="plain">${line.candidates.map((candidate) => candidateBlock(candidate, candidate.item.code !== line.item?.code, formOf(candidate)))}</ul>`
}
${open && !isPanel && offered.length > 0 && reExamineForm(view, line)}
</section>`;
};

/** What the doctor is to look at first: what may stand in, then what nobody looked for, then what there is to read. */
const URGENCY: readonly OrderCheckLine['outcome'][] = [
  'must-consider',
  'not-checked',
  'unmapped',
  'may-consider',
  'own-institution',
  'view-only',
  'not-covered',
];

const urgencyOf = ({ outcome }: OrderCheckLine): number => {
  const place = URGENCY.indexOf(outcome);
  return place < 0 ? URGENCY.length : place;
};

/** What became of the reports relied on. To a report that proved to be somebody else's nobody is led. */
const marksBlock = ({ marks }: OrderCheckAnswer): Html | false => {
  const relied = marks.filter((mark) => mark.relied);
  const newest = [...new Map(relied.map((mark) => [`${mark.kind} ${mark.report}`, mark])).values()];
  return (
    newest.length > 0 &&
    html`<div class="marked" role="alert">${newest.map(
      ({ kind, report, markedAt }) =>
        html`<p class="alert">${MARK_WORDS[kind]}　<span class="nowrap">${timeText(markedAt)}</span>${
          kind !== 'other-person' && html`　<a href="/reports/${report}">看现行报告</a>`
        }</p>`,
    )}</div>`
  );
};

/** One order check: what was found for each line, why, and the doctor's answers. */
export const checkPage = (view: CheckView): Html => {
  const { check } = view;
  const unchecked = check.status === 'not-checked';
  return layout({
    title: '核查结果',
    viewer: view.viewer,
    formToken: view.formToken,
    drill: check.drill,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`<h1>${unchecked ? '本次未核查' : check.title.zh}</h1>
${view.person && personBanner(view.person)}
<p class="sub">核查时间 ${timeText(check.checkedAt)}　<a href="/checks/${check.id}/explanation">查看依据</a>${
      check.person && html`　<a class="nowrap" href="/patients/${check.person}/order">继续为该患者开单</a>`
    }</p>
${unchecked && html`<p class="alert" role="alert">${check.notice?.zh ?? WORDS.couldNotCheck}</p>`}
${!unchecked && check.notice && html`<p class="note">${check.notice.zh}</p>`}
${marksBlock(check)}
${check.lines.toSorted((left, right) => urgencyOf(left) - urgencyOf(right)).map((line) => lineBlock(view, line))}`,
  });
};
