import type { TFunction } from 'i18next';
import { civilDateText, civilTimeText } from '../../kernel/civil-day.ts';
import { instant } from '../../kernel/instant.ts';
import type { PersonSummary } from '../wire/order-check-answer.ts';
import type { HistoryReport } from '../wire/result-history.ts';
import type { History, HistoryPoint } from '../kit/history.ts';
import { FLAG_WORDS, SEX_WORDS, STANDING_WORDS } from '../words.ts';

/** Why a value stands on its curve or alone, as the doctor reads it. */
export const FINDING_WORDS: Readonly<Record<HistoryPoint['finding'], string>> = {
  standardised: '该项目已标准化，各实验室结果可比',
  'same-method': '同一方法，可比',
  'same-laboratory': '报告未注明方法，仅与同一实验室的结果相连',
  'not-issued': '非正式有效结果，不连线',
  disputed: '报告归属核实中，不连线',
  'no-number': '非数值结果',
  'beyond-limit': '超出检测限，不连线',
  'unit-not-understood': '单位无法识别，不换算、不比较',
  'unit-not-stated': '未注明单位，不换算、不比较',
  'unit-not-convertible': '单位不可换算，不可比',
};

/** The flag as a word with an arrow; empty for an ordinary value. */
export const flagText = (t: TFunction, { flag }: Pick<HistoryPoint, 'flag'>): string =>
  flag === null || FLAG_WORDS[flag] === '' ? '' : t(FLAG_WORDS[flag]);

/** Where a report or a line of it stands. */
export const standingText = (t: TFunction, standing: HistoryPoint['standing']): string =>
  t(STANDING_WORDS[standing]);

/** Sex in words. */
export const sexText = (t: TFunction, sex: PersonSummary['sex']): string => t(SEX_WORDS[sex]);

/** A moment as every screen shows it; the day alone where no hour was stated. */
export const momentText = (iso: string | null, precision: 'day' | 'minute' | null = 'minute'): string => {
  if (iso === null) return '—';
  const at = instant(Date.parse(iso));
  return precision === 'day' ? civilDateText(at) : civilTimeText(at);
};

/** When a report's specimen was collected, or what it is ordered by where that was not stated. */
export const collectedText = (t: TFunction, report: HistoryReport): string =>
  report.collectedAt === null
    ? `${momentText(report.anchorAt)}（${t('未注明采样时间')}）`
    : momentText(report.collectedAt, report.collectedPrecision);

/** True for what counts no more: shown, but struck out. */
export const isGone = ({ standing }: Pick<HistoryPoint, 'standing'>): boolean =>
  standing === 'withdrawn' || standing === 'cancelled' || standing === 'entered-in-error';

/** The printed text; a value that does not exist says why instead. */
export const printedText = (t: TFunction, point: HistoryPoint): string =>
  point.text === '' ? standingText(t, point.standing) : point.text;

/** A number with so many decimals as its unit's printed values usually have, without a long tail. */
export const shortNumber = (value: number): string => {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
};

/** The change against the value before, with what may be said about it. */
export const changeText = (t: TFunction, point: HistoryPoint): string => {
  const { change } = point;
  if (!change) return '';
  const sign = change.difference > 0 ? '+' : '';
  const percent = change.percent === null ? '' : `（${sign}${change.percent.toFixed(0)}%）`;
  const said =
    change.exceeds === null
      ? t('变异范围未知，不作判断')
      : change.exceeds
        ? t('超过参考变化值 {limit}%', { limit: (change.referenceChangePercent ?? 0).toFixed(0) })
        : t('在变异范围内（参考变化值 {limit}%）', {
            limit: (change.referenceChangePercent ?? 0).toFixed(0),
          });
  return `Δ ${sign}${shortNumber(change.difference)}${percent} ${said}`;
};

/** The institution of a report. */
export const institutionOf = (history: History, report: HistoryReport): History['institutions'][number] => {
  const institution = history.institutions[report.institution];
  if (!institution) throw new RangeError('a report names an institution that the history lacks');
  return institution;
};

/** Ready sentence for the record (引用): item, result with its range, institution and time. */
export const recordSentence = (history: History, nameZh: string, point: HistoryPoint): string => {
  const report = history.reports[point.report] as HistoryReport;
  const institution = institutionOf(history, report);
  const when = momentText(report.collectedAt ?? report.anchorAt, report.collectedPrecision ?? 'minute');
  const flag = point.flag === null ? '' : FLAG_WORDS[point.flag];
  const range = point.referenceText ? `（参考区间 ${point.referenceText}）` : '';
  const state = point.standing === 'final' ? '' : `，${STANDING_WORDS[point.standing]}`;
  return `${nameZh} ${[point.text, point.unit, flag].filter(Boolean).join(' ')}${range}，${institution.nameZh} ${when} 采样${state}`;
};

/** Age in years on this day, in brackets; in months for the first two years. */
export const ageText = (t: TFunction, birthDate: string | null): string => {
  if (!birthDate) return '';
  const [year = 0, month = 1, day = 1] = birthDate.split('-').map(Number);
  const now = new Date();
  const months = (now.getFullYear() - year) * 12 + now.getMonth() + 1 - month - (now.getDate() < day ? 1 : 0);
  if (Number.isNaN(months) || months < 0) return '';
  return months < 24 ? t('（{n} 个月）', { n: months }) : t('（{n} 岁）', { n: Math.floor(months / 12) });
};
