import {
  type DataElement,
  type DataSet,
  dataSet,
  type Encoding,
  TRANSFER_SYNTAXES,
  writeDataSet,
  writeMeta,
  type WrittenCharset,
} from './write-part10.ts';

/** Media Storage Directory Storage: the SOP class of a DICOMDIR. */
export const DICOMDIR_CLASS = '1.2.840.10008.1.3.10';

/** A file of the file set, as its record refers to it. */
export interface ReferencedFile {
  /** Components of its file id (PS3.10 8.2): at most eight, each of one to eight capitals, digits and underscores. */
  readonly fileId: readonly string[];
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

/** A record of the directory with the records below it (PS3.3 F.4). */
export interface DirectoryRecord {
  readonly type: string;
  /** Character set of this record's own texts. */
  readonly charset: WrittenCharset;
  readonly keys: DataSet;
  /** null: PATIENT, STUDY and SERIES refer to no file. */
  readonly file: ReferencedFile | null;
  readonly lower: readonly DirectoryRecord[];
}

/** The file set that a directory describes. */
export interface FileSet {
  /** File-set ID (0004,1130): a label of at most 16 characters. */
  readonly id: string;
  /** UID of this directory. */
  readonly sopInstanceUid: string;
  readonly patients: readonly DirectoryRecord[];
}

const EXPLICIT = TRANSFER_SYNTAXES.explicitLittleEndian;
const PLAIN: Encoding = { transferSyntaxUid: EXPLICIT, charset: 'ISO_IR 6' };
const IN_USE = 0xffff;
const NOT_INCONSISTENT = 0;
const ITEM_HEAD_BYTES = 8;
const SEQUENCE_HEAD_BYTES = 12;

/** A record on its way into the file: all lie one behind the other, and name each other by where they begin. */
interface PlacedRecord {
  readonly record: DirectoryRecord;
  readonly next: PlacedRecord | null;
  readonly lower: PlacedRecord | null;
  /** From the beginning of the file. */
  offset: number;
}

/** Places siblings and what is below them; the last one is placed first, since each names the one after it. */
const linked = (records: readonly DirectoryRecord[]): PlacedRecord | null =>
  records.reduceRight<PlacedRecord | null>(
    (next, record) => ({ record, next, lower: linked(record.lower), offset: 0 }),
    null,
  );

/** All records in the order of the file: each before what is below it, and that before its next sibling. */
const inFileOrder = (first: PlacedRecord | null): PlacedRecord[] => {
  const ordered: PlacedRecord[] = [];
  const waiting: (PlacedRecord | null)[] = [first];
  for (let placed = waiting.pop(); placed !== undefined; placed = waiting.pop()) {
    if (!placed) continue;
    ordered.push(placed);
    waiting.push(placed.next, placed.lower);
  }
  return ordered;
};

const isAscii = (value: DataElement['value']): boolean =>
  typeof value === 'string'
    ? // oxlint-disable-next-line no-control-regex -- the characters that need no character set to be named
      /^[\0-\x7f]*$/.test(value)
    : Array.isArray(value) &&
      value.every((each) =>
        Array.isArray(each)
          ? each.every((inner: DataElement) => isAscii(inner.value))
          : typeof each === 'number' || isAscii(each as string),
      );

/** Whether texts of a record go beyond the default repertoire: then it names its character set. */
const needsCharset = (keys: DataSet): boolean =>
  keys.some(({ value }) => typeof value !== 'number' && !(value instanceof Uint8Array) && !isAscii(value));

const recordBytes = ({ record, next, lower }: PlacedRecord): Buffer => {
  const { file, charset, keys } = record;
  const elements = [
    ...dataSet({
      OffsetOfTheNextDirectoryRecord: next?.offset ?? 0,
      RecordInUseFlag: IN_USE,
      OffsetOfReferencedLowerLevelDirectoryEntity: lower?.offset ?? 0,
      DirectoryRecordType: record.type,
      ReferencedFileID: file?.fileId,
      ReferencedSOPClassUIDInFile: file?.sopClassUid,
      ReferencedSOPInstanceUIDInFile: file?.sopInstanceUid,
      ReferencedTransferSyntaxUIDInFile: file?.transferSyntaxUid,
      SpecificCharacterSet: needsCharset(keys) ? charset : undefined,
    }),
    ...keys,
  ];
  return writeDataSet(elements, { transferSyntaxUid: EXPLICIT, charset });
};

const itemHead = (length: number): Buffer => {
  const head = Buffer.alloc(ITEM_HEAD_BYTES);
  head.writeUInt16LE(0xfffe, 0);
  head.writeUInt16LE(0xe000, 2);
  head.writeUInt32LE(length, 4);
  return head;
};

const sequenceHead = (length: number): Buffer => {
  const head = Buffer.alloc(SEQUENCE_HEAD_BYTES);
  head.writeUInt16LE(0x0004, 0);
  head.writeUInt16LE(0x1220, 2);
  head.write('SQ', 4, 'latin1');
  head.writeUInt32LE(length, 8);
  return head;
};

/**
 * A DICOMDIR: the directory of a file set (PS3.10 8.6, PS3.3 annex F). Offsets count from the first byte of the file, its
 * preamble included; they have a fixed width, so the first pass tells where everything lies and the second writes it.
 */
export const writeDicomDir = ({ id, sopInstanceUid, patients }: FileSet): Buffer => {
  const first = linked(patients);
  const ordered = inFileOrder(first);
  const meta = writeMeta({ sopClassUid: DICOMDIR_CLASS, sopInstanceUid, transferSyntaxUid: EXPLICIT });
  const before = (lastOffset: number): Buffer =>
    writeDataSet(
      dataSet({
        FileSetID: id,
        OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity: first?.offset ?? 0,
        OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity: lastOffset,
        FileSetConsistencyFlag: NOT_INCONSISTENT,
      }),
      PLAIN,
    );
  let at = meta.length + before(0).length + SEQUENCE_HEAD_BYTES;
  for (const placed of ordered) {
    placed.offset = at;
    at += ITEM_HEAD_BYTES + recordBytes(placed).length;
  }
  let last = first;
  while (last?.next) last = last.next;
  const head = before(last?.offset ?? 0);
  const items = ordered.flatMap((placed) => {
    const bytes = recordBytes(placed);
    return [itemHead(bytes.length), bytes];
  });
  const length = items.reduce((sum, each) => sum + each.length, 0);
  return Buffer.concat([meta, head, sequenceHead(length), ...items]);
};
