import { fail, ok, type Result } from '../../kernel/result.ts';
import { readDataSet, UnreadableDataSet } from './data-set.ts';
import { jsonOf } from './dicom-json.ts';
import type { DataSetHead, HeaderProblem, ReadInstance } from './header-reader.ts';
import { announcedCount, headerOf } from './read-header.ts';

/**
 * Reads the header of one instance in the calling thread.
 *
 * @param bulk address of the instance, in front of `/bulkdata/…`; null: no metadata wanted
 */
export const readInstance = (of: DataSetHead, bulk: string | null): Result<ReadInstance, HeaderProblem> => {
  try {
    const dataSet = readDataSet(of.head, of.isWhole, of);
    const header = headerOf(dataSet, of.transferSyntaxUid);
    if ('missing' in header) return fail(header.missing);
    return ok({
      header,
      pixels: dataSet.pixels,
      announcedCount: announcedCount(dataSet),
      charsetDerived: dataSet.charset.derived,
      metadata:
        bulk === null
          ? null
          : JSON.stringify(
              jsonOf(dataSet, { of: (path) => `${bulk}/bulkdata/${path.replaceAll('/', '.')}` }),
            ),
    });
  } catch (error) {
    if (error instanceof UnreadableDataSet) return fail(error.problem);
    // A library that stumbles over what nobody foresaw: the data set is at fault until shown otherwise.
    return fail('malformed');
  }
};
