import { elementOf, itemOf, readDataSet, textValues, UnreadableDataSet } from './data-set.ts';
import { DICOMDIR_CLASS } from './dicomdir.ts';
import { FILE_START_MAX, readFileStart } from './read-file-start.ts';

const RECORDS = '00041220';
const IN_USE_FLAG = '00041410';
const FILE_ID = '00041500';
const INACTIVE = 0;

/** A medium of a hundred thousand images has some forty elements for each in its directory. */
const ELEMENTS_MAX = 5_000_000;

/**
 * The files that a DICOMDIR refers to (PS3.3 annex F, PS3.10 §8), in the order of its records: the components of each file
 * id, as written. Records that are out of use are left out.
 *
 * @returns null when these bytes are no DICOMDIR, or cannot be read
 */
export const directoryFiles = (bytes: Uint8Array): readonly (readonly string[])[] | null => {
  const start = readFileStart(bytes.subarray(0, FILE_START_MAX));
  if (start?.sopClassUid !== DICOMDIR_CLASS) return null;
  try {
    const directory = readDataSet(bytes.subarray(start.dataSetOffset), true, {
      transferSyntaxUid: start.transferSyntaxUid,
      sopClassUid: DICOMDIR_CLASS,
      assumedCharset: null,
      elementsMax: ELEMENTS_MAX,
    });
    return (elementOf(directory, RECORDS)?.items ?? []).flatMap((item) => {
      const record = itemOf(directory, item);
      const file = record && elementOf(record, FILE_ID);
      if (!record || !file || record.parsed.uint16(`x${IN_USE_FLAG}`) === INACTIVE) return [];
      const fileId = textValues(record, FILE_ID, file).filter((component) => component !== '');
      return fileId.length === 0 ? [] : [fileId];
    });
  } catch (error) {
    if (error instanceof UnreadableDataSet) return null;
    throw error;
  }
};
