import { expect, test } from 'vitest';
import { dataSet, TRANSFER_SYNTAXES, writeDataSet, writeMeta } from '../../../adapters/dicom/write-part10.ts';
import type { StoredPart } from '../../server/routes/dicom-web-port.ts';
import { unnamedRetrieval } from './unnamed-retrieval.ts';

const TWELVE_LEADS = '1.2.840.10008.5.1.4.1.1.9.1.1';
const CT = '1.2.840.10008.5.1.4.1.1.2';

/** A file of a class, and retrieval that has it. */
const stored = (sopClassUid: string) => {
  const of = {
    sopClassUid,
    sopInstanceUid: '2.25.4.1.1',
    transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
  };
  const file = Buffer.concat([
    writeMeta(of),
    writeDataSet(
      dataSet({
        SpecificCharacterSet: 'GB18030',
        SOPClassUID: sopClassUid,
        SOPInstanceUID: of.sopInstanceUid,
        PatientName: 'Zhang^San=张^三',
        PatientID: 'M-7788',
        AccessionNumber: 'A-9911',
        StudyInstanceUID: '2.25.4',
        SeriesInstanceUID: '2.25.4.1',
        StudyDescription: '十二导联心电图',
        Modality: 'ECG',
      }),
      { transferSyntaxUid: of.transferSyntaxUid, charset: 'GB18030' },
    ),
  ]);
  const part = {
    mediaType: 'application/dicom',
    location: '/x',
    content: 'c',
    length: file.length,
    pieces: async function* () {
      yield file;
    },
    whole: async () => [file],
  } satisfies StoredPart;
  const retrieval = unnamedRetrieval<{ mayTake: boolean }>(
    { images: { get: async () => file } } as unknown as Parameters<typeof unnamedRetrieval>[0],
    {
      instances: async () => [part],
      located: async () => [{ instance: { ...of, content: 'c', size: file.length } }],
    } as unknown as Parameters<typeof unnamedRetrieval<{ mayTake: boolean }>>[1],
    async ({ mayTake }) => mayTake,
  );
  const given = async (mayTake: boolean): Promise<Buffer> => {
    const [one] = await retrieval.instances({ mayTake }, {} as never);
    const pieces: Uint8Array[] = [];
    for await (const piece of (one as StoredPart).pieces()) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  return { file, given };
};

const NAMES = ['Zhang^San', 'M-7788', 'A-9911'].map((text) => Buffer.from(text));

test('who may only look is given the curves of an ECG, and nobody’s name, number or order', async () => {
  const { file, given } = stored(TWELVE_LEADS);
  const seen = await given(false);
  for (const name of NAMES) {
    expect(file.includes(name)).toBe(true);
    expect(seen.includes(name)).toBe(false);
  }
  // 张三 in GB18030.
  expect(file.includes(Buffer.from('d5c55ec8fd', 'hex'))).toBe(true);
  expect(seen.includes(Buffer.from('d5c5', 'hex'))).toBe(false);
  expect(seen.includes(Buffer.from('2.25.4.1.1'))).toBe(true);
});

test('who may take it along is given it as it is stored', async () => {
  const { file, given } = stored(TWELVE_LEADS);
  expect((await given(true)).equals(file)).toBe(true);
});

test('who may only look is given no other instance whole', async () => {
  const { given } = stored(CT);
  await expect(given(false)).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
});
