import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingTool, runTool } from '../../../test/contract/dimse-tools.ts';
import { type DirectoryRecord, type FileSet, writeDicomDir } from './dicomdir.ts';
import { recordKindOf } from './directory-records.ts';
import { dataSet, TRANSFER_SYNTAXES, writePart10 } from './write-part10.ts';

const run = promisify(execFile);
const CT = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT = TRANSFER_SYNTAXES.explicitLittleEndian;

interface ImageOf {
  readonly study: string;
  readonly series: string;
  readonly uid: string;
  readonly fileId: readonly string[];
}

const image = ({ uid, fileId }: ImageOf, number: number): DirectoryRecord => ({
  type: 'IMAGE',
  charset: 'GB18030',
  keys: dataSet({ InstanceNumber: number }),
  file: { fileId, sopClassUid: CT, sopInstanceUid: uid, transferSyntaxUid: EXPLICIT },
  lower: [],
});

const seriesOf = (uid: string, images: readonly ImageOf[]): DirectoryRecord => ({
  type: 'SERIES',
  charset: 'GB18030',
  keys: dataSet({
    Modality: 'CT',
    SeriesInstanceUID: uid,
    SeriesNumber: 1,
    SeriesDescription: '肺窗薄层',
  }),
  file: null,
  lower: images.map((each, index) => image(each, index + 1)),
});

const images = (series: string, folder: string, count: number): ImageOf[] =>
  Array.from({ length: count }, (_, index) => ({
    study: '2.25.7',
    series,
    uid: `${series}.${index + 1}`,
    fileId: ['DICOM', folder, `I000000${index + 1}`],
  }));

const FIRST = images('2.25.7.1', 'S0000001', 3);
const SECOND = images('2.25.7.2', 'S0000002', 2);

const FILE_SET: FileSet = {
  id: 'HUREN',
  sopInstanceUid: '2.25.99',
  patients: [
    {
      type: 'PATIENT',
      charset: 'GB18030',
      keys: dataSet({ PatientName: 'Zhang^San=张^镕喆', PatientID: 'M-1' }),
      file: null,
      lower: [
        {
          type: 'STUDY',
          charset: 'GB18030',
          keys: dataSet({
            StudyDate: '20261118',
            StudyTime: '091500',
            AccessionNumber: 'A-1',
            StudyDescription: '胸部CT平扫',
            StudyInstanceUID: '2.25.7',
            StudyID: '1',
          }),
          file: null,
          lower: [seriesOf('2.25.7.1', FIRST), seriesOf('2.25.7.2', SECOND)],
        },
      ],
    },
  ],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dicomdir-'));
  writeFileSync(join(folder, 'DICOMDIR'), writeDicomDir(FILE_SET));
  for (const one of [...FIRST, ...SECOND]) {
    const path = join(folder, ...one.fileId);
    mkdirSync(dirname(path), { recursive: true });
    const attributes = dataSet({
      SpecificCharacterSet: 'GB18030',
      SOPClassUID: CT,
      SOPInstanceUID: one.uid,
      StudyInstanceUID: one.study,
      SeriesInstanceUID: one.series,
      PatientName: 'Zhang^San=张^镕喆',
      PatientID: 'M-1',
      Modality: 'CT',
      StudyDate: '20261118',
      StudyTime: '091500',
      StudyID: '1',
      SeriesNumber: 1,
      InstanceNumber: 1,
    });
    writeFileSync(
      path,
      writePart10({ sopClassUid: CT, sopInstanceUid: one.uid, transferSyntaxUid: EXPLICIT }, attributes, {
        transferSyntaxUid: EXPLICIT,
        charset: 'GB18030',
      }),
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads a file set with pydicom, and says what is in it. */
const PYDICOM = `
import json, sys
from pydicom.fileset import FileSet
files = FileSet(sys.argv[1])
print(json.dumps([[str(one.PatientName), one.PatientID, one.StudyDescription, one.SeriesDescription,
  one.SOPInstanceUID, one.load().SOPInstanceUID] for one in files], ensure_ascii=False))
`;

describe('a DICOMDIR (PS3.10 8, PS3.3 F)', () => {
  it('is read by dcmtk: records, links by offset, texts in their character set', async ({ skip }) => {
    const missing = missingTool('dcmdump');
    if (missing) skip(missing);
    const { code, text } = await runTool('dcmdump', ['+U8', '+L', join(folder, 'DICOMDIR')]);
    expect(code).toBe(0);
    expect(text).not.toMatch(/^[EW]:/m);
    expect(text).toContain('张^镕喆');
    expect(text).toContain('胸部CT平扫');
    expect(text.match(/CS \[(PATIENT|STUDY|SERIES|IMAGE)\]/g)).toHaveLength(1 + 1 + 2 + 5);
    expect(text).toContain('DICOM\\S0000002\\I0000002');
  });

  it('is taken by dcmtk for a directory to which more can be added', async ({ skip }) => {
    const missing = missingTool('dcmmkdir');
    if (missing) skip(missing);
    const more = join(folder, 'DICOM', 'S0000003');
    mkdirSync(more, { recursive: true });
    const bytes = writePart10(
      { sopClassUid: CT, sopInstanceUid: '2.25.7.3.1', transferSyntaxUid: EXPLICIT },
      dataSet({
        SpecificCharacterSet: 'GB18030',
        SOPClassUID: CT,
        SOPInstanceUID: '2.25.7.3.1',
        StudyInstanceUID: '2.25.7',
        SeriesInstanceUID: '2.25.7.3',
        PatientName: 'Zhang^San=张^镕喆',
        PatientID: 'M-1',
        Modality: 'CT',
        StudyDate: '20261118',
        StudyTime: '091500',
        StudyID: '1',
        SeriesNumber: 3,
        InstanceNumber: 1,
      }),
      { transferSyntaxUid: EXPLICIT, charset: 'GB18030' },
    );
    writeFileSync(join(more, 'I0000001'), bytes);
    const copy = join(folder, 'COPY');
    writeFileSync(copy, writeDicomDir(FILE_SET));
    const { code, text } = await runTool(
      'dcmmkdir',
      ['--append', '-Nxc', '-Pgp', '+I', '+D', 'COPY', 'DICOM/S0000003/I0000001'],
      folder,
    );
    expect(text).not.toMatch(/^[EF]:/m);
    expect(code).toBe(0);
    const { text: dumped } = await runTool('dcmdump', ['COPY'], folder);
    expect(dumped.match(/CS \[IMAGE\]/g)).toHaveLength(6);
  });

  it('is read by pydicom with every file it names', async ({ skip }) => {
    const python = '/usr/bin/python3';
    const has = await run(python, ['-c', 'import pydicom']).then(
      () => true,
      () => false,
    );
    if (!has) skip('pydicom not installed');
    const { stdout } = await run(python, ['-c', PYDICOM, join(folder, 'DICOMDIR')], {
      env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
    });
    expect(JSON.parse(stdout)).toEqual(
      [...FIRST, ...SECOND].map(({ uid }) => [
        'Zhang^San=张^镕喆',
        'M-1',
        '胸部CT平扫',
        '肺窗薄层',
        uid,
        uid,
      ]),
    );
  });

  it('is read by gdcm', async ({ skip }) => {
    const missing = missingTool('gdcmdump');
    if (missing) skip(missing);
    const { code, text } = await runTool('gdcmdump', [join(folder, 'DICOMDIR')]);
    expect(code).toBe(0);
    expect(text.match(/\[IMAGE ?\]/g)?.length).toBe(5);
  });

  it('is there without a record too', () => {
    expect(writeDicomDir({ id: 'HUREN', sopInstanceUid: '2.25.1', patients: [] }).length).toBeGreaterThan(
      132,
    );
  });
});

describe('how an instance stands in a directory', () => {
  it.each([
    [CT, true, 'IMAGE'],
    ['1.2.840.10008.5.1.4.1.1.9.1.1', false, 'WAVEFORM'],
    ['1.2.840.10008.5.1.4.1.1.88.59', false, 'KEY OBJECT DOC'],
    ['1.2.840.10008.5.1.4.1.1.88.33', false, 'SR DOCUMENT'],
    ['1.2.840.10008.5.1.4.1.1.104.1', false, 'ENCAP DOC'],
    ['1.2.840.10008.5.1.4.1.1.11.1', false, 'PRESENTATION'],
    ['1.2.840.10008.5.1.4.1.1.66', false, 'RAW DATA'],
    ['1.2.840.10008.5.1.4.1.1.66.4', true, 'IMAGE'],
    ['1.2.3.4', false, 'PRIVATE'],
  ])('%s', (sopClassUid, hasPixels, type) => {
    expect(recordKindOf(sopClassUid, hasPixels).type).toBe(type);
  });
});
