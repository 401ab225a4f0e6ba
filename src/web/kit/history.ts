import type {
  HistoryItem as SentItem,
  HistoryPoint as SentPoint,
  ResultHistory,
} from '../wire/result-history.ts';

type SentCircumstances = SentItem['circumstances'][number];

/** A change against the value before, with the limit that it is held against. */
export interface HistoryChange {
  readonly difference: number;
  readonly percent: number | null;
  /** In per cent; null: not known, so nothing is claimed. */
  readonly referenceChangePercent: number | null;
  readonly exceeds: boolean | null;
  /** The limit rests on a draft. */
  readonly isDraft: boolean;
}

/** One value with all that is known about it. */
export interface HistoryPoint {
  /** Place in the history's reports. */
  readonly report: number;
  readonly ordinal: number;
  readonly text: string;
  readonly unit: string;
  readonly referenceText: string;
  readonly flag: NonNullable<SentPoint['flag']> | null;
  readonly standing: NonNullable<SentPoint['standing']>;
  /** Somebody says that its report is another person's; being looked into. */
  readonly disputed: boolean;
  readonly previous: string | null;
  readonly localName: string;
  readonly method: string | null;
  readonly specimen: ResultHistory['specimens'][number] | null;
  readonly pointOfCare: boolean;
  /** Place in the history's institutions. */
  readonly performer: number | null;
  readonly marks: readonly string[];
  readonly value: number | null;
  readonly converted: boolean;
  readonly comparator: string | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly curve: number | null;
  readonly finding: SentCircumstances['finding'];
  readonly change: HistoryChange | null;
}

/** An item with its values, newest first. */
export interface HistoryItem extends Omit<SentItem, 'points' | 'circumstances' | 'referenceChange'> {
  readonly points: readonly HistoryPoint[];
}

/** A person's results as the pages read them. */
export interface History
  extends Omit<ResultHistory, 'sections' | 'specimens' | 'marks' | 'variationIsDraft'> {
  readonly sections: readonly {
    readonly code: string;
    readonly name: ResultHistory['specimens'][number];
    readonly items: readonly HistoryItem[];
  }[];
}

const NO_MARKS: readonly string[] = [];

/** Without the noise that binary fractions leave behind the last printed digit. */
const withoutNoise = (number: number): number => Math.round(number * 1e9) / 1e9;

const analystOf = (point: SentPoint, item: SentItem, history: ResultHistory): number | undefined =>
  item.circumstances[point.under]?.performer ?? history.reports[point.report]?.institution;

const changeOf = (point: SentPoint, item: SentItem, history: ResultHistory): HistoryChange | null => {
  const earlier = item.points[point.before ?? -1];
  if (point.value === undefined || earlier?.value === undefined) return null;
  const difference = withoutNoise(point.value - earlier.value);
  const isOneLaboratory = analystOf(point, item, history) === analystOf(earlier, item, history);
  const { oneLaboratory, betweenLaboratories } = item.referenceChange;
  return {
    difference,
    percent: earlier.value === 0 ? null : (difference / Math.abs(earlier.value)) * 100,
    referenceChangePercent: isOneLaboratory ? oneLaboratory : betweenLaboratories,
    exceeds: point.exceeds ?? null,
    isDraft: history.variationIsDraft,
  };
};

const pointOf = (sent: SentPoint, item: SentItem, history: ResultHistory): HistoryPoint => {
  const under = item.circumstances[sent.under];
  if (!under) throw new RangeError('a value names circumstances that its item lacks');
  return {
    report: sent.report,
    ordinal: sent.ordinal,
    text: sent.text,
    unit: under.unit,
    referenceText: under.referenceText,
    flag: sent.flag ?? null,
    standing: sent.standing ?? 'final',
    disputed: history.reports[sent.report]?.disputed ?? false,
    previous: sent.previous ?? null,
    localName: under.localName,
    method: under.method ?? null,
    specimen: history.specimens[under.specimen ?? -1] ?? null,
    pointOfCare: under.pointOfCare ?? false,
    performer: under.performer ?? null,
    marks: history.marks[sent.marks ?? -1] ?? NO_MARKS,
    value: sent.value ?? null,
    converted: sent.converted ?? false,
    comparator: sent.comparator ?? null,
    low: under.low ?? null,
    high: under.high ?? null,
    curve: sent.alone === undefined ? (under.curve ?? null) : null,
    finding: sent.alone ?? under.finding,
    change: changeOf(sent, item, history),
  };
};

/** Gives every value back what the answer says only once for many of them. */
export const readHistory = (sent: ResultHistory): History => ({
  person: sent.person,
  at: sent.at,
  complete: sent.complete,
  disclosure: sent.disclosure,
  institutions: sent.institutions,
  reports: sent.reports,
  existing: sent.existing,
  examinations: sent.examinations,
  sections: sent.sections.map(({ code, name, items }) => ({
    code,
    name,
    items: items.map((item) => ({
      code: item.code,
      mapped: item.mapped,
      nameZh: item.nameZh,
      nameEn: item.nameEn,
      initials: item.initials,
      unit: item.unit,
      comparability: item.comparability,
      points: item.points.map((point) => pointOf(point, item, sent)),
    })),
  })),
});
