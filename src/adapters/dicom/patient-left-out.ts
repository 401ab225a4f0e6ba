import type { Element } from 'dicom-parser';
import { elementVr, readDataSet } from './data-set.ts';
import type { JsonAttribute, JsonDataSet } from './dicom-json.ts';
import { elementWriter, tagOf } from './element-writer.ts';
import { encodingOf } from './transfer-syntax.ts';

/** Size and weight, without which uptake is not computed, and age: they name nobody. */
const KEPT = new Set(['00101010', '00101020', '00101030']);
/**
 * Groups that are about the patient or the visit, not the image: patient, trial, visit, and the one in which a corrected header keeps
 * what it said before (0400,0561).
 */
const LEFT_OUT_GROUPS = new Set(['0010', '0012', '0038', '0400']);
/** Referenced Patient Sequence, accession number, and the requests and orders that carry numbers of the visit. */
const LEFT_OUT = new Set([
  '00080050',
  '00081120',
  '00321064',
  '00400275',
  '00402016',
  '00402017',
  '00401001',
  '0040A370',
]);

const isPrivate = (tag: string): boolean => Number.parseInt(tag.slice(3, 4), 16) % 2 === 1;

/** Whether an attribute may tell who the patient is: private ones may, and every person's name. */
const mayName = (tag: string, vr: string): boolean =>
  !KEPT.has(tag) &&
  (LEFT_OUT_GROUPS.has(tag.slice(0, 4)) || LEFT_OUT.has(tag) || vr === 'PN' || isPrivate(tag));

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
