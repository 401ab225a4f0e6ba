import type { CheckResponseRow } from '../../adapters/postgres/order-checks.ts';
import type { NationalReason } from '../../catalogue/index.ts';
import type { Bilingual } from '../../kernel/bilingual.ts';
import { civilDateText } from '../../kernel/civil-day.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Assessed, LineDecision, Rules } from '../../recognition/index.ts';
import type { OrderCheckLine } from '../../web/wire/order-check-answer.ts';
import { momentAnswer } from './present.ts';
import { type ResultValues, resultKey } from './result-values.ts';

/** The answer that stands on a line. Several rows when several results were recognised in one act. */
export interface StandingAnswer {
  readonly rows: readonly CheckResponseRow[];
  readonly fulfilledAt: number | null;
}

/**
 * Folds the events of a line, in the order in which they were kept, to the answer that stands: an answer, until it is
 * undone; a fulfilment belongs to the recognition before it.
 */
export const standingAnswer = (
  line: number,
  responses: readonly CheckResponseRow[],
): StandingAnswer | null => {
  let rows: CheckResponseRow[] = [];
  let fulfilledAt: number | null = null;
  for (const row of responses) {
    if (row.line !== line) continue;
    if (row.kind === 'undo') {
      rows = rows.filter(({ public_id }) => public_id !== row.undoes);
      if (rows.length === 0) fulfilledAt = null;
    } else if (row.kind === 'fulfilled') fulfilledAt = rows.length > 0 ? row.responded_at : fulfilledAt;
    else rows.push(row);
  }
  return rows.length === 0 ? null : { rows, fulfilledAt };
};

/** The result of a decision that a kept recognition names. */
const assessedOf = (line: LineDecision, row: CheckResponseRow): Assessed | undefined =>
  line.parts
    .flatMap(({ assessed }) => assessed)
    .find(({ candidate }) => candidate.report === row.report_public_id && candidate.ordinal === row.ordinal);

/**
 * The sentence for the ordering side's record: item, value, institution, date and report version of every recognised
 * result (川渝, 武汉: the record names result, institution and date).
 */
export const recordText = (
  rows: readonly CheckResponseRow[],
  line: LineDecision,
  rules: Rules,
  values: ResultValues,
): Bilingual | null => {
  const parts = rows.flatMap((row) => {
    const found = assessedOf(line, row);
    if (!found) return [];
    const { candidate } = found;
    const item = rules.itemOf(candidate.item)?.item;
    const institution = rules.institutionOf(candidate.reporter);
    const value = values.get(resultKey(candidate.report, candidate.ordinal));
    const text = value?.examination
      ? value.examination.impression
      : [value?.text, value?.unitText].filter(Boolean).join(' ');
    const moment = candidate.collectedAt ?? candidate.receivedAt ?? candidate.reportedAt;
    const day = moment === null ? '' : civilDateText(moment as Instant);
    return [
      {
        zh: `${institution?.nameZh ?? candidate.reporter} ${day} ${item?.nameZh ?? candidate.item}：${text}（报告第 ${candidate.reportVersion} 版）`,
        en: `${institution?.nameEn ?? candidate.reporter} ${day} ${item?.nameEn ?? candidate.item}: ${text} (report version ${candidate.reportVersion})`,
      },
    ];
  });
  if (parts.length === 0) return null;
  return {
    zh: `互认外院结果：${parts.map(({ zh }) => zh).join('；')}。`,
    en: `Recognised results of other institutions: ${parts.map(({ en }) => en).join('; ')}.`,
  };
};

/** A kept answer on the wire. */
export const responseAnswer = (
  { rows, fulfilledAt }: StandingAnswer,
  line: LineDecision,
  rules: Rules,
  values: ResultValues,
  isUndone = false,
): NonNullable<OrderCheckLine['response']> => {
  const first = rows[0] as CheckResponseRow;
  const isRecognition = first.kind === 'recognise';
  return {
    id: first.public_id,
    line: first.line,
    kind: isUndone ? 'undo' : isRecognition ? 'recognise' : 're-examine',
    report: first.report_public_id,
    ordinal: first.ordinal,
    reason: first.reason as NationalReason | null,
    localReason: first.local_reason,
    subReasons: first.sub_reasons,
    text: first.reason_text,
    doctor: first.doctor,
    respondedAt: momentAnswer(first.responded_at) as string,
    state: isUndone ? 'undone' : fulfilledAt === null ? 'recorded' : 'fulfilled',
    recordText: isRecognition && !isUndone ? recordText(rows, line, rules, values) : null,
  };
};

/** The answer that stands on a line, on the wire; null when there is none. */
export const lineResponse = (
  line: number,
  responses: readonly CheckResponseRow[],
  decided: LineDecision,
  rules: Rules,
  values: ResultValues,
): OrderCheckLine['response'] => {
  const standing = standingAnswer(line, responses);
  return standing && responseAnswer(standing, decided, rules, values);
};
