import { readDataSet, elementOf, textValues } from '../../../adapters/dicom/data-set.ts';
import { jsonOf } from '../../../adapters/dicom/dicom-json.ts';
import {
  type DataElement,
  type DataSet,
  type DicomValue,
  writeDataSet,
  type WrittenCharset,
} from '../../../adapters/dicom/write-part10.ts';
import type { Vr } from '../../../adapters/dicom/written-attributes.ts';
import type { DicomJson, DicomJsonAttribute, IdentifierCodec } from '../../../adapters/dimse/ports.ts';

const SPECIFIC_CHARACTER_SET = '00080005';
const CHARSETS: readonly WrittenCharset[] = ['ISO_IR 6', 'ISO_IR 192', 'GB18030', 'GBK'];

/** The groups of a name as they stand on the wire; anything else as it is. */
const wireValue = (value: unknown): string | number => {
  if (typeof value === 'string' || typeof value === 'number') return value;
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = (value ?? {}) as Record<string, string>;
  return [Alphabetic, Ideographic, Phonetic].join('=').replace(/=+$/, '');
};

const elementValue = ({ vr, Value = [] }: DicomJsonAttribute): DicomValue => {
  if (vr === 'SQ') return Value.map((item) => elementsOf(item as DicomJson));
  // An empty value has no bytes, whatever its representation.
  return Value.length === 0 ? new Uint8Array(0) : Value.map(wireValue);
};

/** Attributes of the JSON model as the writer takes them. */
export const elementsOf = (json: DicomJson): DataSet =>
  Object.entries(json).map(
    ([tag, attribute]): DataElement => ({
      tag: Number.parseInt(tag, 16),
      vr: attribute.vr as Vr,
      value: elementValue(attribute),
    }),
  );

/** Identifiers of DIMSE by the reader and the writer of data sets that images are read and written with. */
export const identifierCodec: IdentifierCodec = {
  read(dataSet, transferSyntaxUid) {
    const read = readDataSet(dataSet, true, { transferSyntaxUid, sopClassUid: '', assumedCharset: null });
    const json: DicomJson = jsonOf(read, { of: () => '' });
    const named = elementOf(read, SPECIFIC_CHARACTER_SET);
    // The model knows UTF-8 only; here it matters in which character set the question was asked.
    return named
      ? {
          ...json,
          [SPECIFIC_CHARACTER_SET]: { vr: 'CS', Value: textValues(read, SPECIFIC_CHARACTER_SET, named) },
        }
      : json;
  },
  write(json, transferSyntaxUid) {
    const [name] = (json[SPECIFIC_CHARACTER_SET]?.Value ?? []) as readonly string[];
    const charset = CHARSETS.find((known) => known === name) ?? 'ISO_IR 6';
    return writeDataSet(elementsOf(json), { transferSyntaxUid, charset });
  },
};
