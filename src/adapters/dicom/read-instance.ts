import type { HeaderPixels } from '../../imaging/index.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { type CorrectedHead, correctedHead, type HeaderCorrection } from './corrected-head.ts';
import {
  type DicomDataSet,
  elementOf,
  elementVr,
  isDocumentClass,
  itemOf,
  readDataSet,
  textValues,
  UnreadableDataSet,
} from './data-set.ts';
import { type JsonDataSet, jsonOf } from './dicom-json.ts';
import { frameDisplayOf } from './frame-display.ts';
import type { DataSetHead, HeaderProblem, HeaderWishes, ReadInstance } from './header-reader.ts';
import { type PlainHead, plainHead, type PlainSyntax } from './plain-head.ts';
import { announcedCount, headerOf } from './read-header.ts';
import { encodingOf } from './transfer-syntax.ts';

/** Follows a path of tags and item numbers to a value. */
const valueAt = (dataSet: DicomDataSet, path: string): ReadInstance['value'] => {
  const [tag = '', number, ...rest] = path.split('.');
  const element = elementOf(dataSet, tag);
  if (!element) return null;
  if (number === undefined)
    return element.length < 0 || element.items
      ? null
      : { offset: element.dataOffset, length: element.length, vr: elementVr(tag, element) };
  const item = element.items?.[Number(number) - 1];
  const inner = item && itemOf(dataSet, item);
  return inner ? valueAt(inner, rest.join('.')) : null;
};

const charsetNamed = (dataSet: DicomDataSet): string | null => {
  const element = elementOf(dataSet, '00080005');
  return (element && textValues(dataSet, '00080005', element).join('\\')) || null;
};

/** Attributes that are changed lie behind the document that a data set wraps, so that one is read whole. */
const corrected = (of: DataSetHead, read: DicomDataSet, correction: HeaderCorrection): CorrectedHead => {
  const dataSet = isDocumentClass(of.sopClassUid)
    ? readDataSet(of.head, of.isWhole, { ...of, sopClassUid: '' })
    : read;
  return correctedHead(dataSet, of.transferSyntaxUid, correction);
};

const PIXEL_DATA = '7FE00010';
const DOCUMENT = '00420011';
/** The longest head of an element. */
const ELEMENT_HEAD_BYTES = 12;
const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';

/** The header in another syntax, out of the corrected one where there is one: that has the document that an instance wraps in it. */
const plain = (
  of: DataSetHead,
  read: DicomDataSet,
  pixels: HeaderPixels,
  head: CorrectedHead | null,
  syntax: PlainSyntax,
): PlainHead | null => {
  if (head?.kind === 'impossible') return null;
  if (head?.kind !== 'corrected') {
    const bulkTag = isDocumentClass(of.sopClassUid) ? DOCUMENT : PIXEL_DATA;
    return plainHead(read, { ...of, pixels, bulkTag }, syntax);
  }
  const { deflated } = encodingOf(of.transferSyntaxUid);
  const transferSyntaxUid = deflated ? EXPLICIT_LITTLE : of.transferSyntaxUid;
  const bulk = read.bytes.subarray(head.from, head.from + ELEMENT_HEAD_BYTES);
  const bytes = Buffer.concat([head.bytes, bulk]);
  const dataSet = readDataSet(bytes, true, { ...of, transferSyntaxUid, sopClassUid: '' });
  const made = plainHead(dataSet, { transferSyntaxUid, pixels, bulkTag: PIXEL_DATA }, syntax);
  const moved = head.from - head.bytes.length;
  return made?.bulk ? { ...made, bulk: { ...made.bulk, offset: made.bulk.offset + moved } } : made;
};

/**
 * What the metadata tell: also what stands behind a document, where the bytes go on behind it. That nobody can read that does not
 * keep anybody from what stands before it.
 */
const told = (of: DataSetHead, read: DicomDataSet): DicomDataSet => {
  if (!of.isWhole || !isDocumentClass(of.sopClassUid)) return read;
  try {
    return readDataSet(of.head, true, { ...of, sopClassUid: '' });
  } catch {
    return read;
  }
};

/**
 * With the syntax in which the instance can be had (Available Transfer Syntax UID), which its data set does not say: whoever
 * reads metadata alone knows by it whether there are frames to decode or a video to play.
 */
const withSyntax = (json: JsonDataSet, transferSyntaxUid: string): JsonDataSet =>
  Object.fromEntries(
    Object.entries({ ...json, '00083002': { vr: 'UI', Value: [transferSyntaxUid] } }).sort(
      ([one], [other]) => (one < other ? -1 : 1),
    ),
  );

/**
 * Reads the header of one instance in the calling thread.
 */
export const readInstance = (
  of: DataSetHead,
  { bulk, path, correction, display, plain: plainSyntax }: HeaderWishes = {},
): Result<ReadInstance, HeaderProblem> => {
  try {
    const dataSet = readDataSet(of.head, of.isWhole, of);
    const header = headerOf(dataSet, of.transferSyntaxUid);
    if ('missing' in header) return fail(header.missing);
    const head = correction === undefined ? null : corrected(of, dataSet, correction);
    return ok({
      header,
      pixels: dataSet.pixels,
      announcedCount: announcedCount(dataSet),
      charsetDerived: dataSet.charset.derived,
      charsetOverruled: dataSet.charset.overrules,
      charsetNamed: charsetNamed(dataSet),
      corrected: head,
      plain: plainSyntax === undefined ? null : plain(of, dataSet, header.pixels, head, plainSyntax),
      metadata:
        bulk === undefined
          ? null
          : JSON.stringify(
              withSyntax(
                jsonOf(told(of, dataSet), {
                  of: (place) => `${bulk}/bulkdata/${place.replaceAll('/', '.')}`,
                }),
                of.transferSyntaxUid,
              ),
            ),
      display: display === undefined ? null : frameDisplayOf(dataSet, header.geometry, display),
      value: path === undefined ? null : valueAt(dataSet, path),
    });
  } catch (error) {
    if (error instanceof UnreadableDataSet) return fail(error.problem);
    // A library that stumbles over what nobody foresaw: the data set is at fault until shown otherwise.
    return fail('malformed');
  }
};
