import type { DicomJson, FindRequest, InstanceSource, StudyFinder } from '../../src/adapters/dimse/ports.ts';
import type { RetrieveRequest, StoredInstance } from '../../src/adapters/dimse/ports.ts';
import type { ExampleFile } from './dimse-files.ts';
import { CT } from './dimse-wire.ts';

/** A study as a row of C-FIND, with its name in Chinese. */
export const studyRow = (uid: string, more: DicomJson = {}): DicomJson => ({
  '00080020': { vr: 'DA', Value: ['20261120'] },
  '00080050': { vr: 'SH', Value: ['A1001'] },
  '00080061': { vr: 'CS', Value: ['CT'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang^San', Ideographic: '张^三' }] },
  '00100020': { vr: 'LO', Value: ['P0001'] },
  '0020000D': { vr: 'UI', Value: [uid] },
  '00201208': { vr: 'IS', Value: [50] },
  ...more,
});

/** A finder that gives these rows to whatever is asked, and remembers the questions. */
export const memoryFinder = (
  rows: readonly DicomJson[],
  onRow: () => Promise<void> = async () => undefined,
): StudyFinder & { readonly asked: FindRequest[] } => {
  const asked: FindRequest[] = [];
  return {
    asked,
    async *find(request) {
      asked.push(request);
      for (const row of rows) {
        await onRow();
        yield row;
      }
    },
  };
};

/** A source of these files, in pieces as they are read from a disk, and of whatever else is given. */
export const memorySource = (
  files: readonly ExampleFile[],
  others: readonly StoredInstance[] = [],
): InstanceSource & { readonly asked: RetrieveRequest[] } => {
  const asked: RetrieveRequest[] = [];
  const stored = files.map(
    (file): StoredInstance => ({
      sopClassUid: CT,
      sopInstanceUid: file.sopInstanceUid,
      transferSyntaxUid: file.transferSyntaxUid,
      async *open() {
        for (let at = 0; at < file.dataSet.length; at += 3000) {
          await Promise.resolve();
          yield file.dataSet.subarray(at, at + 3000);
        }
      },
    }),
  );
  return {
    asked,
    isAmbiguous: async (_requester, patientId) => patientId === 'TWO-PERSONS',
    async select(request) {
      asked.push(request);
      return [...stored, ...others];
    },
  };
};
