import type { JsonValue } from '../kernel/canonical-json.ts';
import type { JsonObject, ObservationContent, ReportContent } from './report-content.ts';

/** What of a report a later version says otherwise. */
export type ChangedField = 'value' | 'unit' | 'reference' | 'standing' | 'line' | 'findings' | 'impression';

/** One difference between two versions of a report; an absent side is null (a line that came or went). */
export interface ReportDifference {
  /** The line; null for what concerns the report as a whole. */
  readonly ordinal: number | null;
  readonly name: string;
  readonly field: ChangedField;
  readonly from: string | null;
  readonly to: string | null;
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
const memberText = (value: JsonValue | undefined, name: string): string =>
  textOf(value !== null && typeof value === 'object' ? (value as JsonObject)[name] : undefined);

const nameOf = ({ stated }: ObservationContent): string =>
  memberText(stated['code'], 'text') || memberText(stated['code'], 'code');
const valueOf = ({ stated }: ObservationContent): string => memberText(stated['value'], 'text');

const FIELDS: readonly (readonly [ChangedField, (line: ObservationContent) => string])[] = [
  ['value', valueOf],
  ['unit', ({ stated }) => textOf(stated['unit'])],
  ['reference', ({ stated }) => textOf(stated['reference'])],
  ['standing', ({ standing }) => standing ?? ''],
];

/** What a reader of the earlier version must be told about the later one, line by line in the later one's order. */
export const reportDifferences = (
  earlier: ReportContent,
  later: ReportContent,
): readonly ReportDifference[] => {
  const before = new Map(earlier.observations.map((line) => [line.key, line]));
  const after = new Set(later.observations.map(({ key }) => key));
  const differences: ReportDifference[] = [];
  for (const field of ['findings', 'impression'] as const) {
    const [from, to] = [textOf(earlier.substance[field]), textOf(later.substance[field])];
    if (from !== to) differences.push({ ordinal: null, name: '', field, from: from || null, to: to || null });
  }
  for (const line of later.observations) {
    const known = before.get(line.key);
    const place = { ordinal: line.ordinal ?? null, name: nameOf(line) };
    if (!known) {
      differences.push({ ...place, field: 'line', from: null, to: valueOf(line) });
      continue;
    }
    for (const [field, of] of FIELDS) {
      const [from, to] = [of(known), of(line)];
      if (from !== to) differences.push({ ...place, field, from, to });
    }
  }
  for (const line of earlier.observations)
    if (!after.has(line.key))
      differences.push({
        ordinal: line.ordinal ?? null,
        name: nameOf(line),
        field: 'line',
        from: valueOf(line),
        to: null,
      });
  return differences;
};
