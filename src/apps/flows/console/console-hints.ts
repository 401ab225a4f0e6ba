import type { AnnotatedMessage } from '../../../adapters/hl7v2/annotate.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import type { AnnotatedAnswer } from '../../../web/wire/console.ts';
import type { ReadReport } from './console-reports.ts';

type Hint = AnnotatedAnswer['hints'][number];

/** A habit that makes results recognisable, with how to see whether a message has it. */
interface Habit {
  readonly code: string;
  readonly place: string;
  readonly text: Bilingual;
  /** Undefined where the message gives no occasion for it. */
  readonly isMet: (message: AnnotatedMessage, reports: readonly ReadReport[]) => boolean | undefined;
}

const holds = (message: AnnotatedMessage, segment: string, field: number): boolean =>
  message.segments.some(
    ({ name, fields }) =>
      name === segment && fields.some(({ number, raw }) => number === field && raw !== ''),
  );

const allTimesHaveOffsets = (message: AnnotatedMessage): boolean =>
  message.segments.every(({ fields }) =>
    fields.every(({ raw, number, isRead, named }) => {
      const isTime = isRead && named !== undefined && /时间/.test(named.name.zh) && number > 1;
      return !isTime || !/^\d{10,}/.test(raw) || /[+-]\d{4}/.test(raw);
    }),
  );

const observations = (reports: readonly ReadReport[]) =>
  reports.flatMap(({ counted }) => counted.report.lines ?? counted.report.observations);

const laboratory = (reports: readonly ReadReport[]) =>
  reports.filter(({ counted }) => counted.report.kind === 'laboratory');

const HABITS: readonly Habit[] = [
  {
    code: 'charset-declared',
    place: 'MSH[1]-18',
    text: { zh: 'MSH-18 写明字符集', en: 'MSH-18 names the character set' },
    isMet: (message) => holds(message, 'MSH', 18),
  },
  {
    code: 'offsets-stated',
    place: '',
    text: { zh: '时间带时区偏移（如 +0800）', en: 'Times carry their offset, e.g. +0800' },
    isMet: allTimesHaveOffsets,
  },
  {
    code: 'national-id',
    place: 'PID[1]-3',
    text: {
      zh: 'PID-3 带居民身份证号，跨机构才能可靠识别同一人',
      en: 'PID-3 has the national id, by which one person is known safely across institutions',
    },
    isMet: ({ read }) =>
      read.ok && read.value.message.kind !== 'unsupported'
        ? read.value.message.patient.identifiers.some(({ type }) => type === 'national-id')
        : undefined,
  },
  {
    code: 'report-number',
    place: 'OBR[1]-3',
    text: {
      zh: '每份报告有报告单号（OBR-3），更正与撤回才能对应',
      en: 'Every report has a number (OBR-3), so that corrections and withdrawals meet it',
    },
    isMet: (_, reports) =>
      reports.length === 0 ? undefined : reports.every(({ counted }) => counted.report.reportNumber !== ''),
  },
  {
    code: 'collection-time',
    place: 'OBR[1]-7',
    text: {
      zh: '写明采样时间（OBR-7 或 SPM-17）；没有它，参考时限无从计算',
      en: 'The collection time is stated (OBR-7 or SPM-17); without it no reference window can be reckoned',
    },
    isMet: (_, reports) =>
      reports.length === 0
        ? undefined
        : reports.every(({ counted }) => counted.readings.every(({ collectedAt }) => collectedAt !== null)),
  },
  {
    code: 'specimen-stated',
    place: 'SPM[1]-4',
    text: { zh: '检验报告写明标本（SPM-4）', en: 'Laboratory reports name the specimen (SPM-4)' },
    isMet: (_, reports) => {
      const asked = laboratory(reports);
      return asked.length === 0
        ? undefined
        : asked.every(({ counted }) => counted.readings.every(({ specimen }) => specimen !== null));
    },
  },
  {
    code: 'units-stated',
    place: '',
    text: { zh: '数值结果都有单位（OBX-6）', en: 'Every number has its unit (OBX-6)' },
    isMet: (_, reports) => {
      const numbers = observations(reports).filter(({ value }) => value.number !== undefined);
      return numbers.length === 0 ? undefined : numbers.every(({ unitText }) => unitText !== '');
    },
  },
  {
    code: 'reference-intervals',
    place: '',
    text: { zh: '数值结果带参考区间（OBX-7）', en: 'Every number has its reference interval (OBX-7)' },
    isMet: (_, reports) => {
      const numbers = observations(reports).filter(({ value }) => value.number !== undefined);
      return numbers.length === 0 ? undefined : numbers.every(({ referenceText }) => referenceText !== '');
    },
  },
  {
    code: 'status-stated',
    place: 'OBR[1]-25',
    text: {
      zh: '写明报告状态（OBR-25）与结果状态（OBX-11）',
      en: 'Report (OBR-25) and results (OBX-11) state their status',
    },
    isMet: (_, reports) =>
      reports.length === 0
        ? undefined
        : reports.every(({ counted }) => counted.report.status !== 'not-stated') &&
          observations(reports).every(({ status }) => status !== 'not-stated'),
  },
  {
    code: 'codes-mapped',
    place: '',
    text: { zh: '所有项目均已对码', en: 'Every code is mapped' },
    isMet: (_, reports) =>
      reports.length === 0
        ? undefined
        : reports.every(({ counted }) => counted.readings.every(({ item }) => item !== null)),
  },
];

/** What a message does well and what would make its results easier to recognise. Never a reason to refuse it. */
export const conformanceHints = (
  message: AnnotatedMessage,
  reports: readonly ReadReport[],
): readonly Hint[] =>
  message.read.ok
    ? HABITS.flatMap(({ code, place, text, isMet }) => {
        const met = isMet(message, reports);
        return met === undefined
          ? []
          : [{ code, place, text, state: met ? ('met' as const) : ('advice' as const) }];
      })
    : [];
