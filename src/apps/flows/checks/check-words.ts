import type {
  OrderCheckAnswer,
  OrderCheckCandidate,
  OrderCheckLine,
} from '../../../web/wire/order-check-answer.ts';
import {
  FLAG_WORDS,
  GRADE_WORDS,
  MARK_WORDS,
  OUTCOME_WORDS,
  STANDING_WORDS,
  lastValidText,
  timeText,
} from '../../../web/words.ts';

/*
 * What the card says about an earlier result, in lines of plain text, for systems that show text only (SOAP, HL7 v2).
 */

/** Flag of a value as a word with an arrow; nothing for a normal or unflagged one. */
export const flagText = ({ value }: OrderCheckCandidate): string =>
  value?.flag ? FLAG_WORDS[value.flag] : '';

/** The value as printed with unit, flag and reference interval, or the conclusion of an examination. */
export const resultText = (candidate: OrderCheckCandidate): string => {
  const { item, value, examination, standing } = candidate;
  const state = standing === 'final' ? '' : `（${STANDING_WORDS[standing]}）`;
  if (examination) {
    const { findings, impression } = examination;
    return `${item.nameZh}${state} ${impression === '' ? `检查所见：${findings}` : `诊断意见：${impression}`}`;
  }
  if (!value) return `${item.nameZh}${state}`;
  const printed = [value.text === '' ? '—' : value.text, value.unit, flagText(candidate)].filter(Boolean);
  const reference = value.referenceText === '' ? '' : `（参考区间 ${value.referenceText}）`;
  return `${item.nameZh}${state} ${printed.join(' ')}${reference}`;
};

/** Where it was done: the institution with its tier, and who did the analysis for it. */
export const institutionText = ({ institution, performer }: OrderCheckCandidate): string =>
  `${institution.nameZh}${institution.tierZh === '' ? '' : `（${institution.tierZh}）`}${
    performer ? `，外送 ${performer.nameZh}` : ''
  }`;

/** When it was collected or examined. */
export const timeOfResult = ({
  collectedAt,
  collectedPrecision,
  examination,
}: OrderCheckCandidate): string => {
  const act = examination ? '检查' : '采样';
  return collectedAt === null ? `${act}时间未注明` : `${timeText(collectedAt, collectedPrecision)} ${act}`;
};

/** The mark it carries; nothing where nobody asks for one. */
export const markText = ({ mark, own, grade }: OrderCheckCandidate): string =>
  mark ?? (!own && grade !== 'must-consider' ? '无互认标识' : '');

/** Until when the reference window is open; nothing where it is not what counts. */
export const windowText = ({ grade, own, until }: OrderCheckCandidate): string =>
  grade === 'must-consider' && !own && until !== null ? `参考时限至 ${lastValidText(until)}` : '';

/** 机构│采样时间│标识│参考时限: the line by which a doctor knows where a result comes from. */
export const sourceText = (candidate: OrderCheckCandidate): string =>
  [institutionText(candidate), timeOfResult(candidate), markText(candidate), windowText(candidate)]
    .filter((part) => part !== '')
    .join('│');

/** The verdict about a result in the rule's own words. */
export const gradeText = ({ own, grade }: OrderCheckCandidate): string =>
  own ? '本院近期已检' : GRADE_WORDS[grade];

/** The outcome of a line in the words of the card; 未核查 is never 未发现. */
export const outcomeText = ({ outcome, notice }: OrderCheckLine): string =>
  notice?.zh ?? OUTCOME_WORDS[outcome];

/** What has happened since to a report that the check showed. */
export const changedSinceText = ({ kind }: OrderCheckAnswer['marks'][number]): string => MARK_WORDS[kind];
