import type { CheckResponseRow } from '../../../adapters/postgres/order-checks.ts';
import type { NationalReason } from '../../../catalogue/index.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Assessed, LineDecision, Rules } from '../../../recognition/index.ts';
import type { OrderCheckLine } from '../../../web/wire/order-check-answer.ts';
import { FLAG_WORDS } from '../cds-hooks/cds-words.ts';
import { flagAnswer, momentAnswer } from '../present.ts';
import { type ResultValues, resultKey } from '../results/result-values.ts';

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

/** What several recognised results have in common: where they come from. */
interface RecordSource {
  readonly institution: Bilingual;
  readonly day: string;
  readonly reportVersion: number;
}

interface RecordedResult {
  readonly source: RecordSource;
  readonly item: Bilingual;
  /** Value, unit and flag, or the opinion on an examination. */
  readonly value: Bilingual;
}

const recordedValue = (value: ReturnType<ResultValues['get']>): Bilingual => {
  if (value?.examination) {
    // The sentence of the record goes on behind it.
    const opinion = value.examination.impression.replace(/[\s。.；;]+$/u, '');
    return { zh: opinion, en: opinion };
  }
  const flag = flagAnswer(value?.flag ?? null);
  const words = flag === null ? { zh: '', en: '' } : FLAG_WORDS[flag];
  const printed = (word: string): string =>
    [value?.text, value?.unitText, word].filter((part) => part !== undefined && part !== '').join(' ');
  return { zh: printed(words.zh), en: printed(words.en) };
};

const recordedResult = ({ candidate }: Assessed, rules: Rules, values: ResultValues): RecordedResult => {
  const item = rules.itemOf(candidate.item)?.item;
  const institution = rules.institutionOf(candidate.reporter);
  const moment = candidate.collectedAt ?? candidate.receivedAt ?? candidate.reportedAt;
  return {
    source: {
      institution: {
        zh: institution?.nameZh ?? candidate.reporter,
        en: institution?.nameEn ?? candidate.reporter,
      },
      day: moment === null ? '' : civilDateText(moment as Instant),
      reportVersion: candidate.reportVersion,
    },
    item: { zh: item?.nameZh ?? candidate.item, en: item?.nameEn ?? candidate.item },
    value: recordedValue(values.get(resultKey(candidate.report, candidate.ordinal))),
  };
};

/** Results of one institution, day and report version in one clause, so that the source is said once. */
const recordClause = (
  results: readonly [RecordedResult, ...RecordedResult[]],
  panel: LineDecision['panel'],
): Bilingual => {
  const [first] = results;
  const { institution, day, reportVersion } = first.source;
  const name = panel?.definition.nameZh;
  const members = panel?.definition.members.length ?? 0;
  const isPart = results.length < members;
  const { length } = results;
  const head = {
    zh: name === undefined ? '' : `${name}${isPart ? `中的 ${length} 项` : ''}：`,
    en: name === undefined ? '' : `${name}${isPart ? `, ${length} of ${members}` : ''}: `,
  };
  // One result is read as item and value; of several each is an entry of a list.
  const colon = length === 1 && name === undefined;
  const list = {
    zh: results.map(({ item, value }) => `${item.zh}${colon ? '：' : ' '}${value.zh}`).join('、'),
    en: results.map(({ item, value }) => `${item.en}${colon ? ': ' : ' '}${value.en}`).join(', '),
  };
  return {
    zh: `${institution.zh} ${day} ${head.zh}${list.zh}（报告第 ${reportVersion} 版）`,
    en: `${institution.en} ${day} ${head.en}${list.en} (report version ${reportVersion})`,
  };
};

/**
 * The sentence for the ordering side's record: item, value, unit and flag of every recognised result, with institution,
 * date and report version said once for all that share them (川渝, 武汉: the record names result, institution and date).
 *
 * @param recognised results of the line; without any there is no sentence
 */
export const recordSentence = (
  recognised: readonly Assessed[],
  line: LineDecision,
  rules: Rules,
  values: ResultValues,
): Bilingual | null => {
  const bySource = new Map<string, [RecordedResult, ...RecordedResult[]]>();
  for (const found of recognised) {
    const result = recordedResult(found, rules, values);
    const key = JSON.stringify([found.candidate.reporter, result.source.day, result.source.reportVersion]);
    const group = bySource.get(key);
    if (group) group.push(result);
    else bySource.set(key, [result]);
  }
  if (bySource.size === 0) return null;
  const clauses = [...bySource.values()].map((results) => recordClause(results, line.panel));
  return {
    zh: `互认外院结果：${clauses.map(({ zh }) => zh).join('；')}。`,
    en: `Recognised results of other institutions: ${clauses.map(({ en }) => en).join('; ')}.`,
  };
};

/** The sentence for the record of what was recognised. */
export const recordText = (
  rows: readonly CheckResponseRow[],
  line: LineDecision,
  rules: Rules,
  values: ResultValues,
): Bilingual | null =>
  recordSentence(
    rows.flatMap((row) => assessedOf(line, row) ?? []),
    line,
    rules,
    values,
  );

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
