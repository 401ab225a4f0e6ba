import { flag, type Html, html } from '../html.ts';
import { formTokenField } from '../layout.ts';
import type { OrderCheckAnswer, OrderCheckCandidate, OrderCheckLine } from '../wire/order-check-answer.ts';
import { existingWords, spokenConsentBlock } from '../consent-block.ts';
import { MARK_WORDS, OUTCOME_WORDS, timeText, WORDS } from '../words.ts';
import { candidateBlock, type LineAddresses } from './candidate.ts';
import { panelNote, panelResults } from './panel.ts';

/** What the lines of one order check are drawn with: on the card, and on the page of a doctor who signed in. */
export interface LineView {
  readonly check: OrderCheckAnswer;
  readonly addresses: LineAddresses;
  readonly formToken: string;
  /** Why the last answer was refused, for which line (0 for several at once), and what was written with it. */
  readonly refusal: { readonly line: number; readonly zh: string; readonly text: string } | null;
  /** Makes the key by which sending the same form twice is one answer. */
  readonly newKey: () => string;
  /** False for those who may look but not answer. */
  readonly mayAnswer: boolean;
  /** True for a child under fourteen, for whom a parent or guardian agrees. */
  readonly needsGuardian: boolean;
  /** Why the last consent was not recorded. */
  readonly consentRefusal: string | null;
}

const OUTCOME_CLASS: Readonly<Record<OrderCheckLine['outcome'], string>> = {
  'must-consider': 'yes',
  'may-consider': 'maybe',
  'view-only': 'view',
  'not-covered': 'view',
  'own-institution': 'own',
  silent: 'none',
  'nothing-found': 'none',
  'consent-needed': 'maybe',
  'not-disclosed': 'none',
  unmapped: 'unchecked',
  'not-checked': 'unchecked',
};

const mayRecognise = ({ recognisable }: OrderCheckCandidate): boolean => recognisable;

/** The results of a line that may be recognised. Where what is missing cannot be ordered alone, the whole panel is done again. */
const offeredOf = (line: OrderCheckLine): readonly OrderCheckCandidate[] =>
  line.panel?.advice === 'repeat-whole' ? [] : line.candidates.filter(mayRecognise);

const isAnswered = ({ response }: OrderCheckLine): boolean =>
  response !== null && response.state !== 'undone' && response.kind !== 'undo';

/** Of a line that offers nothing to recognise: whether an answer tells the source what is wrong with its images. */
const tellsSource = ({ outcome, offeredSubReasons }: OrderCheckLine): boolean =>
  outcome === 'view-only' && offeredSubReasons.some(({ opensTicket }) => opensTicket);

/** Whether the doctor can still answer for a line. */
const isOpen = (view: LineView, line: OrderCheckLine): boolean => view.mayAnswer && !isAnswered(line);

/** Lines that the doctor is asked about: another institution's result must be considered, its value is shown, nobody answered. */
const askedLines = (view: LineView): readonly OrderCheckLine[] =>
  view.check.lines.filter(
    (line) => isOpen(view, line) && line.outcome === 'must-consider' && offeredOf(line).length > 0,
  );

const answerForm = (
  view: LineView,
  line: number,
  fields: Html,
  className = '',
): Html => html`<form method="post" action="${view.addresses.responses}"${className && html` class="${className}"`}>
${formTokenField(view.formToken)}<input type="hidden" name="line" value="${line}"><input type="hidden" name="idempotencyKey" value="${view.newKey()}">
${fields}</form>`;

const recogniseForm = (view: LineView, line: OrderCheckLine, candidate: OrderCheckCandidate | null): Html =>
  answerForm(
    view,
    line.line,
    html`<input type="hidden" name="kind" value="recognise">
${candidate && html`<input type="hidden" name="report" value="${candidate.report}"><input type="hidden" name="ordinal" value="${candidate.ordinal}">`}
<button class="recognise${(candidate?.grade ?? line.outcome) === 'must-consider' && ' main'}" type="submit"><kbd>R</kbd>${WORDS.recognise}<span class="unseen">：${candidate ? candidate.item.nameZh : line.name}</span></button>`,
  );

type Reason = OrderCheckLine['offeredReasons'][number];

/** A reason is one press. One that needs words is pressed below its words. */
const reasonButton = ({ code, text, suggested }: Reason): Html =>
  html`<button class="reason" type="submit" name="reason" value="${code}" data-key="${code.slice(1)}"><kbd>${code.slice(1)}</kbd>${code}　${text.zh}${suggested && html` <span class="standing">系统建议</span>`}</button>`;

const reExamineForm = (view: LineView, line: OrderCheckLine): Html => {
  const named = `line-${line.line}-text`;
  const plain = line.offeredReasons.filter(({ textMinimum }) => textMinimum === 0);
  const worded = line.offeredReasons.filter(({ textMinimum }) => textMinimum > 0);
  return html`<details class="re-examine"${flag('open', view.refusal?.line === line.line)}><summary>${WORDS.reExamine}</summary>
${answerForm(
  view,
  line.line,
  // Enter in a field presses a form's first button: this one answers nothing, so that no reason is given by accident.
  html`<input type="hidden" name="kind" value="re-examine"><button class="unseen" type="submit" name="act" value="stay" tabindex="-1" aria-hidden="true">—</button>
${
  line.offeredSubReasons.length > 0 &&
  html`<fieldset class="choices"><legend>系统已查明的情形</legend>${line.offeredSubReasons.map(
    ({ code, text, opensTicket }) =>
      html`<label><input type="checkbox" name="subReasons" value="${code}" checked> ${code}　${text.zh}${opensTicket && '（将反映给来源机构）'}</label>`,
  )}</fieldset>`
}
<label class="tick"><input type="checkbox" name="informed" value="yes"> 已向患者说明复检目的和必要性</label>
<fieldset class="choices"><legend>不互认理由${line.reasonRequired && '（本清单要求填写）'}</legend>
${plain.map(reasonButton)}
${
  worded.length > 0 &&
  html`<label for="${named}">补充说明（选“其他”时至少 ${worded[0]?.textMinimum ?? 0} 个字）</label>
<textarea id="${named}" name="text" rows="2" maxlength="500">${view.refusal?.line === line.line && view.refusal.text}</textarea>
${worded.map(reasonButton)}`
}</fieldset>`,
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

const responseBlock = (view: LineView, line: OrderCheckLine): Html | null => {
  const { response } = line;
  if (!response || !isAnswered(line)) return null;
  return html`<div class="answered" role="status"><p><b>${responseWords(response, line)}</b></p>
<p class="sub">${timeText(response.respondedAt)}${response.doctor && `　${response.doctor}`}</p>
${
  view.mayAnswer &&
  response.kind === 're-examine' &&
  response.reason !== null &&
  html`<p><a href="${view.addresses.notice(line.line)}">未予互认告知单<span class="unseen">：${line.name}</span></a></p>`
}
${response.recordText && html`<p class="record"><span class="sub">可写入病历：</span>${response.recordText.zh}</p>`}
${
  view.mayAnswer &&
  answerForm(
    view,
    line.line,
    html`<input type="hidden" name="kind" value="undo"><button class="undo" type="submit">撤销这次应答<span class="unseen">：${line.name}</span></button>`,
  )
}</div>`;
};

/** The notice of a line, unless the head of the page says the same. */
const noticeOf = ({ title, notice }: OrderCheckAnswer, line: OrderCheckLine): string | null => {
  const zh = line.notice?.zh ?? null;
  return zh === title.zh || zh === notice?.zh ? null : zh;
};

/** Where and when like results were made; of a panel, each place and time once. */
const existingOf = (line: OrderCheckLine): Html => {
  const places = new Map(
    line.existing.map(({ item, institution, collectedAt, collectedPrecision }) => {
      const when = collectedAt === null ? '时间未注明' : timeText(collectedAt, collectedPrecision);
      const name = line.panel === null && item.code !== line.item?.code ? `${item.nameZh}　` : '';
      const words = `${name}${institution.nameZh}│${when}`;
      return [words, words];
    }),
  );
  return html`<ul class="plain existing">${[...places.keys()].map((words) => html`<li>${words}</li>`)}</ul>`;
};

/** What stands in the place of results: only what neither the badge nor the page's head says already. */
const emptyWords = (check: OrderCheckAnswer, line: OrderCheckLine): Html | false => {
  const notice = noticeOf(check, line);
  // Said once for all lines, beside the form that opens them.
  if (line.outcome === 'consent-needed') return existingOf(line);
  if (line.outcome === 'not-checked' || line.outcome === 'unmapped')
    return check.notice === null && html`<p class="alert">${line.notice?.zh ?? WORDS.couldNotCheck}</p>`;
  return notice !== null && notice !== OUTCOME_WORDS[line.outcome] && html`<p>${notice}</p>`;
};

const lineBlock = (view: LineView, line: OrderCheckLine): Html => {
  const { addresses } = view;
  const answered = responseBlock(view, line);
  const open = isOpen(view, line);
  const offered = offeredOf(line);
  const isPanel = line.panel !== null;
  const notice = noticeOf(view.check, line);
  const formOf = (candidate: OrderCheckCandidate): Html | null =>
    open && mayRecognise(candidate) ? recogniseForm(view, line, candidate) : null;
  return html`<section class="line ${OUTCOME_CLASS[line.outcome]}" id="line-${line.line}"${line.candidates.length > 0 && html` tabindex="0"`} aria-labelledby="line-${line.line}-name">
<h2 id="line-${line.line}-name">${line.name} <span class="badge">${OUTCOME_WORDS[line.outcome]}</span></h2>
${view.refusal?.line === line.line && html`<p class="alert" role="alert">${view.refusal.zh}</p>`}
${line.candidates.length === 0 && emptyWords(view.check, line)}
${line.candidates.length > 0 && notice !== null && html`<p class="note">${notice}</p>`}
${panelNote(line)}
${answered}
${open && isPanel && offered.length > 0 && html`<div class="acts">${recogniseForm(view, line, null)}</div>${reExamineForm(view, line)}`}
${
  isPanel
    ? panelResults(line, addresses)
    : line.candidates.length > 0 &&
      html`<ul class="plain">${line.candidates.map((candidate) => candidateBlock(candidate, candidate.item.code !== line.item?.code, addresses, formOf(candidate)))}</ul>`
}
${open && !isPanel && (offered.length > 0 || tellsSource(line)) && reExamineForm(view, line)}
</section>`;
};

/** What the doctor is to look at first: what may stand in, then what nobody looked for, then what there is to read. */
const URGENCY: readonly OrderCheckLine['outcome'][] = [
  'must-consider',
  'not-checked',
  'unmapped',
  'consent-needed',
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
const marksBlock = ({ check: { marks }, addresses }: LineView): Html | false => {
  const relied = marks.filter((mark) => mark.relied);
  const newest = [...new Map(relied.map((mark) => [`${mark.kind} ${mark.report}`, mark])).values()];
  return (
    newest.length > 0 &&
    html`<div class="marked" role="alert">${newest.map(
      ({ kind, report, markedAt }) =>
        html`<p class="alert">${MARK_WORDS[kind]}　<span class="nowrap">${timeText(markedAt)}</span>${
          kind !== 'other-person' && html`　<a href="${addresses.report(report)}">看现行报告</a>`
        }</p>`,
    )}</div>`
  );
};

/** How a form names what it recognises of a line: the best result on offer; of a panel, all that are. */
const nameOf = (line: OrderCheckLine): string => {
  const best = line.panel === null && offeredOf(line).find(({ grade }) => grade === 'must-consider');
  return best ? `${line.line}/${best.report}/${best.ordinal}` : String(line.line);
};

/** One answer for every line that is asked about, where there are several: 全部认可; in an emergency, N4 for all of them. */
const forAll = (view: LineView): Html | false => {
  const asked = askedLines(view);
  const answerAll = (fields: Html) =>
    answerForm(
      view,
      0,
      html`${asked.map((line) => html`<input type="hidden" name="lines" value="${nameOf(line)}">`)}${fields}`,
    );
  const refused = view.refusal?.line === 0 && html`<p class="alert" role="alert">${view.refusal.zh}</p>`;
  if (asked.length > 0 && view.check.encounterClass === 'emergency') {
    const reason = asked[0]?.offeredReasons.find(({ code }) => code === 'N4');
    return html`${refused}<div class="acts">${
      reason &&
      answerAll(
        html`<input type="hidden" name="kind" value="re-examine"><button type="submit" name="reason" value="N4" data-key="4"><kbd>4</kbd>N4　${reason.text.zh}，继续检查</button>`,
      )
    }</div>`;
  }
  if (asked.length < 2) return refused;
  return html`${refused}<div class="acts">${answerAll(
    html`<input type="hidden" name="kind" value="recognise"><button class="main" type="submit" data-key="A"><kbd>A</kbd>全部认可（${asked.length} 项）</button>`,
  )}</div>`;
};

/** The form to record consent, for whoever may. */
const consentBlock = (view: LineView): Html | false => {
  const existing = existingWords(view.check.lines.flatMap((line) => line.existing));
  return (
    view.mayAnswer &&
    existing.length > 0 &&
    spokenConsentBlock({
      action: view.addresses.consents,
      formToken: view.formToken,
      key: view.newKey(),
      needsGuardian: view.needsGuardian,
      existing,
      refusal: view.consentRefusal,
    })
  );
};

/** Everything that one order check found, the most urgent line first, with the forms for the doctor's answers. */
export const checkLines = (view: LineView): Html => {
  const { check } = view;
  const unchecked = check.status === 'not-checked';
  const lines = check.lines
    .toSorted((left, right) => urgencyOf(left) - urgencyOf(right))
    .map((line) => lineBlock(view, line));
  // An emergency is not held up: one line, and the results behind it for whoever wants them.
  const isFolded = check.encounterClass === 'emergency' && !check.interrupt && !unchecked;
  const isOpened = view.refusal !== null || check.lines.some(isAnswered);
  return html`${unchecked && html`<p class="alert" role="alert">${check.notice?.zh ?? WORDS.couldNotCheck}</p>`}
${!unchecked && check.notice && check.notice.zh !== check.title.zh && html`<p class="note">${check.notice.zh}</p>`}
${marksBlock(view)}
${consentBlock(view)}
${forAll(view)}
${isFolded ? html`<details class="folded"${flag('open', isOpened)}><summary>查看已有结果（${check.lines.length} 项）</summary>${lines}</details>` : lines}`;
};
