import type { CorrectedAttribute, HeaderCorrection } from '../../../adapters/dicom/corrected-head.ts';
import { CORRECTION_DESCRIPTION, MODIFYING_EQUIPMENT } from '../../../adapters/dicom/modifying-equipment.ts';

/** A data set in the DICOM JSON model (PS3.18 annex F). */
export type DataSetJson = Readonly<
  Record<string, { readonly vr: string; readonly Value?: readonly unknown[] }>
>;

/** An attribute whose one value is known, or that is there without one. */
const elementOf = (vr: string, value: unknown): DataSetJson[string] =>
  value === '' ? { vr } : { vr, Value: [value] };

const said = ({ vr, value }: CorrectedAttribute): DataSetJson[string] => {
  if (vr !== 'PN' || value === '') return elementOf(vr, value);
  // A name is written with its delimiters: alphabetic=ideographic=phonetic.
  const [alphabetic = '', ideographic = ''] = value.split('=');
  return elementOf(vr, {
    ...(alphabetic === '' ? {} : { Alphabetic: alphabetic }),
    ...(ideographic === '' ? {} : { Ideographic: ideographic }),
  });
};

const isSame = (one: DataSetJson[string] | undefined, other: DataSetJson[string]): boolean =>
  JSON.stringify(one?.Value ?? []) === JSON.stringify(other.Value ?? []);

/** The attributes of a search's answer, or of a list: what the person index says stands in their place and nothing beside it. */
export const correctedAttributes = (
  stored: DataSetJson,
  correction: HeaderCorrection | null,
): { readonly json: DataSetJson; readonly isCorrected: boolean } => {
  const changed = (correction?.attributes ?? []).filter((each) => !isSame(stored[each.tag], said(each)));
  if (changed.length === 0) return { json: stored, isCorrected: false };
  return {
    json: { ...stored, ...Object.fromEntries(changed.map((each) => [each.tag, said(each)])) },
    isCorrected: true,
  };
};

/** A sequence with one more item than what is stored. */
const grown = (stored: DataSetJson, tag: string, item: object): DataSetJson => ({
  [tag]: { vr: 'SQ', Value: [...(stored[tag]?.Value ?? []), item] },
});

/**
 * The metadata of an instance as its corrected header has it: with what was there in Original Attributes Sequence and who
 * changed it in Contributing Equipment Sequence, as {@link correctedHead} writes them (PS3.3 C.12.1).
 */
export const correctedMetadata = (
  stored: DataSetJson,
  correction: HeaderCorrection | null,
): { readonly json: DataSetJson; readonly isCorrected: boolean } => {
  const { json, isCorrected } = correctedAttributes(stored, correction);
  if (!isCorrected || correction === null) return { json, isCorrected };
  const { attributes, system, source, at } = correction;
  const changed = attributes.filter(({ tag }) => json[tag] !== stored[tag]);
  const original = {
    '04000550': elementOf(
      'SQ',
      Object.fromEntries(changed.map(({ tag, vr }) => [tag, stored[tag] ?? { vr }])),
    ),
    '04000562': elementOf('DT', at),
    '04000563': elementOf('LO', system),
    '04000564': elementOf('LO', source),
    '04000565': elementOf('CS', 'CORRECT'),
  };
  const { value, scheme, meaning } = MODIFYING_EQUIPMENT;
  const equipment = {
    '00080070': elementOf('LO', system),
    '0018A002': elementOf('DT', at),
    '0018A003': elementOf('ST', CORRECTION_DESCRIPTION),
    '0040A170': elementOf('SQ', {
      '00080100': elementOf('SH', value),
      '00080102': elementOf('SH', scheme),
      '00080104': elementOf('LO', meaning),
    }),
  };
  const all = { ...json, ...grown(stored, '0018A001', equipment), ...grown(stored, '04000561', original) };
  // The model keeps tags in their order.
  return {
    json: Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1))),
    isCorrected,
  };
};
