import type { Element } from 'dicom-parser';
import { elementVr, readDataSet } from './data-set.ts';
import type { JsonAttribute, JsonDataSet } from './dicom-json.ts';
import { elementWriter, tagOf } from './element-writer.ts';
import { encodingOf } from './transfer-syntax.ts';

/** Size and weight, without which uptake is not computed, and age: they name nobody. */
const KEPT = new Set(['00101010', '00101020', '00101030']);
/**
 * Groups that are about the patient, the visit or the order and not the image: patient, trial, who took a photograph and where, the
 * study as it was scheduled, visit, the one in which a corrected header keeps what it said before (0400,0561), storage and topics, what
 * was printed on labels, texts of old, interpretations, signatures.
 */
const LEFT_OUT_GROUPS = new Set([
  '0010',
  '0012',
  '0016',
  '0032',
  '0038',
  '0400',
  '0088',
  '2030',
  '2200',
  '4000',
  '4008',
  'FFFA',
  'FFFC',
]);
/** In group 0040: procedure steps as scheduled and done, requests, persons and their addresses, work items. */
const PROCEDURE = [
  [0x0001, 0x02ff],
  [0x1000, 0x4fff],
] as const;
/**
 * Numbers of orders, requests and studies, which devices fill with each other's; persons; numbers of devices, departments and
 * specimens; texts that say whose an image is; the texts of structured reports, which repeat all of these. Beside the rest of table E.1-1 of
 * PS3.15 those attributes that it takes for granted within others.
 */
const LEFT_OUT = new Set([
  // Numbers of the study and the order.
  '00080050',
  '00080051',
  '00081110',
  '00081111',
  '00081120',
  '00200010',
  '00201070',
  '0040050A',
  '0040A370',
  '0040A390',
  '0040E001',
  // Persons, and how they are reached or numbered.
  '00080092',
  '00080094',
  '00080096',
  '0008009D',
  '00081049',
  '00081052',
  '00081062',
  '00081072',
  '0040A027',
  '0040A073',
  '0040A078',
  '0040A07A',
  '0040A07C',
  '0040A088',
  '0040A307',
  '0040A352',
  '0040A353',
  '0040A354',
  '0040A358',
  '00700086',
  // The institution beyond its name.
  '00080081',
  '00080082',
  '00081010',
  '00081040',
  '00081041',
  // Devices, plates and cassettes by their numbers.
  '00181000',
  '00181004',
  '00181005',
  '00181007',
  '00181008',
  '00181009',
  '0018100A',
  '00185011',
  '0018700A',
  '00189367',
  '00189371',
  '00189373',
  '00203100',
  '00203401',
  '00203402',
  '00203406',
  '00500020',
  '00500021',
  '30080105',
  '300A00B2',
  '300A0216',
  '300A0611',
  '300A0615',
  '3010001B',
  '3010002D',
  '30100043',
  '00340001',
  '00340002',
  '00340005',
  // Specimens.
  '00400512',
  '00400513',
  '00400515',
  '00400551',
  '00400560',
  '00400562',
  '004006FA',
  '0050001B',
  // Texts that say whose an image is, or why it was made.
  '00081080',
  '00081084',
  '00084000',
  '00284000',
  '00400555',
  '0040A160',
]);

const isPrivate = (tag: string): boolean => Number.parseInt(tag.slice(3, 4), 16) % 2 === 1;

const isOfProcedure = (tag: string): boolean => {
  if (!tag.startsWith('0040')) return false;
  const element = Number.parseInt(tag.slice(4), 16);
  return PROCEDURE.some(([first, last]) => first <= element && element <= last);
};

/** Groups of curves (retired) hold labels as well. */
const isCurve = (tag: string): boolean => tag.startsWith('50');

/** Whether an attribute may tell who the patient is: private ones may, and every person's name. */
const mayName = (tag: string, vr: string): boolean =>
  !KEPT.has(tag) &&
  (LEFT_OUT_GROUPS.has(tag.slice(0, 4)) ||
    LEFT_OUT.has(tag) ||
    isOfProcedure(tag) ||
    isCurve(tag) ||
    vr === 'PN' ||
    isPrivate(tag));

const attributeWithout = (attribute: JsonAttribute): JsonAttribute =>
  attribute.vr === 'SQ' && attribute.Value
    ? { ...attribute, Value: attribute.Value.map((item) => metadataWithoutPatient(item as JsonDataSet)) }
    : attribute;

/** Metadata of an instance without what may tell who its patient is, at every level. */
export const metadataWithoutPatient = (dataSet: JsonDataSet): JsonDataSet =>
  Object.fromEntries(
    Object.entries(dataSet).flatMap(([tag, attribute]) =>
      mayName(tag, attribute.vr) ? [] : [[tag, attributeWithout(attribute)]],
    ),
  );

/** Whether an element, or one within it, may tell who the patient is. Within a sequence private ones say how it was recorded. */
const namesWithin = (element: Element): boolean => {
  const tag = tagOf(element.tag);
  return (
    mayName(tag, elementVr(tag, element)) ||
    (element.items ?? []).some(({ dataSet }) =>
      Object.values(dataSet?.elements ?? {}).some((each) => !isPrivate(tagOf(each.tag)) && namesWithin(each)),
    )
  );
};

/**
 * A whole data set without the elements that may tell who its patient is; what is left is byte for byte as it was. Of a sequence that
 * holds one such element nothing is left.
 *
 * @throws UnreadableDataSet
 */
export const dataSetWithoutPatient = (
  bytes: Uint8Array,
  of: { readonly transferSyntaxUid: string; readonly sopClassUid: string },
): readonly Uint8Array[] => {
  const read = readDataSet(bytes, true, { ...of, assumedCharset: null });
  const { startOf } = elementWriter(encodingOf(of.transferSyntaxUid));
  const elements = Object.values(read.parsed.elements).toSorted(
    (one, other) => one.dataOffset - other.dataOffset,
  );
  return elements.flatMap((element, index) => {
    const next = elements[index + 1];
    return namesWithin(element)
      ? []
      : [read.bytes.subarray(startOf(element), next ? startOf(next) : read.bytes.length)];
  });
};
