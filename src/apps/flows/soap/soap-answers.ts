import type { Content, ContentRecord } from '../../../adapters/soap/shape-xml.ts';
import type {
  CheckResponseAnswer,
  CheckResponsesAnswer,
  FulfilmentAnswer,
  OrderCheckAnswer,
  OrderCheckCandidate,
  OrderCheckLine,
} from '../../../web/wire/order-check-answer.ts';
import type { OrderCheckRequest } from '../../../web/wire/order-check-request.ts';
import { WORDS } from '../../../web/words.ts';
import {
  changedSinceText,
  flagText,
  gradeText,
  outcomeText,
  resultText,
  sourceText,
} from '../checks/check-words.ts';

/*
 * Our answers in the records of the SOAP contract: Chinese only, flat, and every text that a card shows ready to be
 * shown, because what calls here often can do no more than show it.
 */

/** A member that is absent where there is nothing to say. */
const stated = (text: string | null | undefined): string | undefined =>
  text === null || text === undefined || text === '' ? undefined : text;

const filled = (items: readonly Content[]): readonly Content[] | undefined =>
  items.length === 0 ? undefined : items;

const candidateRecord = (candidate: OrderCheckCandidate): ContentRecord => {
  const { institution, performer, value, examination, item } = candidate;
  return {
    report: candidate.report,
    ordinal: candidate.ordinal,
    itemCode: item.code,
    itemName: item.nameZh,
    grade: candidate.grade,
    gradeText: gradeText(candidate),
    recognisable: candidate.recognisable,
    own: candidate.own,
    institutionCode: institution.code,
    institutionName: institution.nameZh,
    institutionTier: institution.tierZh,
    performerName: stated(performer?.nameZh),
    value: stated(value?.text),
    unit: stated(value?.unit),
    referenceInterval: stated(value?.referenceText),
    flag: stated(value?.flag),
    flagText: stated(flagText(candidate)),
    findings: stated(examination?.findings),
    impression: stated(examination?.impression),
    standing: candidate.standing,
    collectedAt: stated(candidate.collectedAt),
    reportedAt: stated(candidate.reportedAt),
    mark: stated(candidate.mark),
    until: stated(candidate.until),
    result: resultText(candidate),
    source: sourceText(candidate),
    reasons: filled(candidate.reasons.map(({ zh }) => zh)),
  };
};

const responseRecord = (response: NonNullable<OrderCheckLine['response']>): ContentRecord => ({
  id: response.id,
  line: response.line,
  kind: response.kind,
  report: stated(response.report),
  ordinal: response.ordinal ?? undefined,
  reason: stated(response.reason),
  localReason: stated(response.localReason),
  subReasons: filled(response.subReasons),
  text: stated(response.text),
  doctor: stated(response.doctor),
  respondedAt: response.respondedAt,
  state: response.state,
  recordText: stated(response.recordText?.zh),
});

const lineRecord = (line: OrderCheckLine): ContentRecord => ({
  line: line.line,
  code: line.code,
  name: line.name,
  outcome: line.outcome,
  outcomeText: outcomeText(line),
  notice: stated(line.notice?.zh),
  panel: line.panel
    ? {
        name: line.panel.nameZh,
        covered: line.panel.covered,
        total: line.panel.total,
        advice: line.panel.advice,
        missing: filled(
          line.panel.missing.map(({ item, single }) => ({ name: item.nameZh, orderCode: stated(single) })),
        ),
        mayConsider: line.panel.mayConsider,
      }
    : undefined,
  candidates: filled(line.candidates.map(candidateRecord)),
  reasonRequired: line.reasonRequired,
  offeredReasons: filled(
    line.offeredReasons.map(({ code, text, textMinimum, suggested }) => ({
      code,
      text: text.zh,
      textMinimum,
      suggested,
    })),
  ),
  offeredSubReasons: filled(line.offeredSubReasons.map(({ code, text }) => ({ code, text: text.zh }))),
  response: line.response ? responseRecord(line.response) : undefined,
});

/** An order check. */
export const checkRecord = (answer: OrderCheckAnswer, cardUrl: string | null): ContentRecord => ({
  check: {
    id: answer.id,
    status: answer.status,
    title: answer.title.zh,
    notice: stated(answer.notice?.zh),
    interrupt: answer.interrupt,
    cardUrl: stated(cardUrl),
    encounterClass: answer.encounterClass,
    checkedAt: answer.checkedAt,
    drill: answer.drill,
    lines: answer.lines.map(lineRecord),
    marks: filled(
      answer.marks.map((mark) => ({
        report: mark.report,
        reportVersion: mark.reportVersion,
        kind: mark.kind,
        text: changedSinceText(mark),
        relied: mark.relied,
        markedAt: mark.markedAt,
      })),
    ),
  },
});

/**
 * The answer where the check could not be done: every line says 未核查, so that a system which looks at nothing but the
 * lines cannot take it for "nothing found" either. It has no id, because nothing was kept.
 */
export const notCheckedRecord = ({ items }: OrderCheckRequest, at: string): ContentRecord => ({
  check: {
    status: 'not-checked',
    title: WORDS.couldNotCheck,
    notice: WORDS.couldNotCheck,
    interrupt: false,
    checkedAt: at,
    drill: false,
    lines: items.map(({ line, code, name }) => ({
      line,
      code,
      name: name ?? code,
      outcome: 'not-checked',
      outcomeText: WORDS.couldNotCheck,
      notice: WORDS.couldNotCheck,
      reasonRequired: false,
    })),
  },
});

/** The doctor's answers so far. */
export const responsesRecord = ({ check, complete, lines }: CheckResponsesAnswer): ContentRecord => ({
  check,
  complete,
  lines: lines.map(({ line, code, awaited, response }) => ({
    line,
    code,
    awaited,
    response: response ? responseRecord(response) : undefined,
  })),
});

/** An answer that was recorded. */
export const responseRecorded = ({ check, repeated, response }: CheckResponseAnswer): ContentRecord => ({
  check,
  repeated,
  response: responseRecord(response),
});

/** A confirmed cancellation. */
export const fulfilmentRecord = ({ check, line, state, fulfilledAt }: FulfilmentAnswer): ContentRecord => ({
  check,
  line,
  state,
  fulfilledAt,
});
