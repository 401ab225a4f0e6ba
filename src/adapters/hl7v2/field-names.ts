import table from '../../../data/hl7v2-fields.json' with { type: 'json' };
import type { Bilingual } from '../../kernel/bilingual.ts';

interface SegmentNames extends Bilingual {
  readonly clause: string;
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

const SEGMENTS = table.segments as Readonly<Record<string, SegmentNames>>;

/** What a segment or a field of it is called, and where the standard describes it. */
export interface PlaceName {
  readonly name: Bilingual;
  /** Standard and section, e.g. `HL7 v2.5.1 §7.4.2.6`. */
  readonly clause: string;
}

/** Name of a segment; undefined for Z segments and those that are not read. */
export const segmentName = (segment: string): PlaceName | undefined => {
  const known = SEGMENTS[segment];
  return known && { name: { zh: known.zh, en: known.en }, clause: `${table.standard} §${known.clause}` };
};

/** Name of a field; undefined where we have none for it. */
export const fieldName = (segment: string, field: number): PlaceName | undefined => {
  const known = SEGMENTS[segment];
  const [zh, en] = known?.fields[field] ?? [];
  if (!known || zh === undefined || en === undefined) return undefined;
  return { name: { zh, en }, clause: `${table.standard} §${known.clause}.${field}` };
};
