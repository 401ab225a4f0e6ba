import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import yauzl from 'yauzl';
import { dataSet, writeDataSet, writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { mergePersons, unmergePersons } from '../../src/adapters/postgres/person-links.ts';
import { studyCarrying } from '../../src/apps/flows/imaging/carry-own-study.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { passedViewing } from '../../src/apps/flows/imaging/passed-viewing.ts';
import { revokeOwnShare, shareOwnReport } from '../../src/apps/flows/own-data/shares.ts';
import type { OwnDependencies, OwnReader } from '../../src/apps/flows/own-data/own-reader.ts';
import type { CallOrigin, ClientActor, PatientActor, StaffActor } from '../../src/apps/server/flows-port.ts';
import type { CarriedArchive, CarryWish } from '../../src/apps/server/routes/study-carry-port.ts';
import { type Instant, instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { missingTool, runTool } from '../contract/dimse-tools.ts';
import { type ImagingBench, imagingBench, instanceOf, type TestInstance } from './imaging-bench.ts';
import { chestReport, selfReader } from './chest-report.ts';
import { fresh } from './ingest-fixtures.ts';

const run = promisify(execFile);
const HERE = 'JIANG-1' as InstitutionCode;
const ORIGIN: CallOrigin = { requestId: 'test', peer: '127.0.0.1', purpose: 'treatment' };
const DOCTOR: StaffActor = {
  kind: 'staff',
  name: 'staff:doctor',
  login: 'doctor',
  role: 'doctor',
  institution: HERE,
  staffNumber: '1001',
  department: null,
  displayName: '示例医师',
};
const CLIENT: ClientActor = {
  kind: 'client',
  name: 'client:his',
  code: 'his',
  institution: HERE,
  purposes: ['treatment'],
};
const STUDY = '2.25.430001';
const KEY_OBJECT = '1.2.840.10008.5.1.4.1.1.88.59';
const record = fresh('M');
const number = fresh('R');

const slice = (index: number): TestInstance =>
  instanceOf({
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: `${STUDY}.1`,
    SOPInstanceUID: `${STUDY}.1.${index}`,
    PatientID: record,
    AccessionNumber: number,
    StudyID: 'S1',
    SeriesDescription: '肺窗薄层',
    InstanceNumber: index,
    PixelData: Uint8Array.from({ length: 32 }, (_, at) => (at * index) % 200),
  });
const SLICES = [1, 2, 3].map(slice);

/** A document that marks the second slice. */
const keyObject = (): TestInstance => {
  const sopInstanceUid = `${STUDY}.9.1`;
  const elements = [
    ...dataSet({
      SpecificCharacterSet: 'GB18030',
      SOPClassUID: KEY_OBJECT,
      SOPInstanceUID: sopInstanceUid,
      StudyInstanceUID: STUDY,
      SeriesInstanceUID: `${STUDY}.9`,
      PatientName: 'Zhang^San=张^三',
      PatientID: record,
      PatientBirthDate: '19660214',
      PatientSex: 'M',
      Modality: 'KO',
      ContentDate: '20261118',
      ContentTime: '100000',
      SeriesNumber: 9,
      InstanceNumber: 1,
    }),
    {
      tag: 0x0040_a730,
      vr: 'SQ' as const,
      value: [
        [
          {
            tag: 0x0008_1199,
            vr: 'SQ' as const,
            value: [[{ tag: 0x0008_1155, vr: 'UI' as const, value: `${STUDY}.1.2` }]],
          },
        ],
      ],
    },
  ];
  const transferSyntaxUid = '1.2.840.10008.1.2.1';
  return {
    sopClassUid: KEY_OBJECT,
    sopInstanceUid,
    transferSyntaxUid,
    bytes: writeDataSet(elements, { transferSyntaxUid, charset: 'GB18030' }),
  };
};

let bench: ImagingBench;
let folder: string;
let now: Instant;
let study: PublicId;
let report: PublicId;
let reader: OwnReader;
let own: OwnDependencies;

const wish = (over: Partial<CarryWish> = {}): CarryWish => ({
  form: 'dicom',
  only: 'all',
  patientModule: 'stored',
  ...over,
});

const bytesOf = async ({ pieces }: CarriedArchive): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(Buffer.from(piece));
  return Buffer.concat(parts);
};

const unpacked = async (archive: CarriedArchive): Promise<Record<string, Buffer>> => {
  const bytes = await bytesOf(archive);
  if (archive.length !== null) expect(bytes.length).toBe(archive.length);
  const found: Record<string, Buffer> = {};
  const zip = await yauzl.fromBufferPromise(bytes);
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    found[entry.fileName] = Buffer.concat(chunks);
  }
  return found;
};

/** Lays an archive out as a medium, and tells where. */
const medium = (name: string, files: Record<string, Buffer>): string => {
  const at = join(folder, name);
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    writeFileSync(join(at, path), bytes);
  }
  return at;
};

const downloads = () =>
  bench.rows<{ actor: string; resource: string; basis: string; purpose: string }>(
    "select actor, resource, basis, purpose from audit_events where action = 'study.download' order by event_id",
  );

beforeAll(async () => {
  bench = await imagingBench();
  folder = mkdtempSync(join(tmpdir(), 'carried-'));
  report = await chestReport(bench, record, number);
  for (const one of [...SLICES, keyObject()]) await bench.send(one);
  const [row] = await bench.rows<{ public_id: PublicId; person_id: string; person: PublicId }>(
    `select s.public_id, s.person_id, p.public_id as person from studies s join persons p on p.person_id = s.person_id
     where s.study_uid = $1`,
    [STUDY],
  );
  if (!row) throw new Error('the study was not stored');
  study = row.public_id;
  now = instant(bench.imaging.clock());
  own = {
    ...bench.imaging,
    clock: () => now,
    publicUrl: () => 'http://huren',
    share: { minutes: 15, openings: 1 },
  };
  reader = selfReader(row.person, row.person_id);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await bench.drop();
});

const fileOf = (instance: TestInstance): Buffer => Buffer.concat([writeMeta(instance), instance.bytes]);

const PYDICOM = `
import json, sys
from pydicom.fileset import FileSet
files = FileSet(sys.argv[1])
print(json.dumps(sorted([one.SOPInstanceUID, one.load().SOPInstanceUID, str(one.PatientName), one.PatientID,
  one.StudyDescription, one.DirectoryRecordType] for one in files), ensure_ascii=False))
`;

const withPython = (path: string) =>
  run('/usr/bin/python3', ['-c', PYDICOM, path], { env: { ...process.env, PYTHONIOENCODING: 'utf-8' } });
const hasPydicom = (): Promise<boolean> =>
  run('/usr/bin/python3', ['-c', 'import pydicom']).then(
    () => true,
    () => false,
  );

describe.each(['while its series are open', 'after they were closed'])('a study taken along %s', (when) => {
  let files: Record<string, Buffer>;
  beforeAll(async () => {
    if (when.startsWith('after')) await closeQuietSeries(bench.imaging, instant(Date.now() + 3_600_000_000));
    const carrying = studyCarrying(bench.imaging);
    files = await unpacked(await carrying.carry({ actor: DOCTOR, origin: ORIGIN }, study, wish()));
  });

  it('holds every file byte for byte, under names that any medium can hold', () => {
    const names = Object.keys(files);
    expect(names.slice(0, 2)).toEqual(['README.TXT', 'DICOMDIR']);
    for (const name of names) expect(name).toMatch(/^[A-Z0-9_]{1,8}(\/[A-Z0-9_]{1,8})*(\.TXT)?$/);
    const contents = Object.values(files).map((bytes) => bytes.toString('hex'));
    for (const one of [...SLICES, keyObject()]) expect(contents).toContain(fileOf(one).toString('hex'));
    expect(names).toHaveLength(2 + 4);
  });

  it('says in Chinese what it is, and names nobody', () => {
    const text = files['README.TXT']?.toString('utf8') ?? '';
    expect(text).toContain('DICOMDIR');
    expect(text).toContain('逐字节相同');
    expect(text).toContain('胸部CT平扫');
    expect(text).not.toContain('张三');
  });

  it('is read by pydicom, dcmtk and gdcm', async ({ skip }) => {
    const at = medium(when.startsWith('after') ? 'closed' : 'open', files);
    const missing = missingTool('dcmdump', 'gdcmdump');
    if (missing) skip(missing);
    const { code, text } = await runTool('dcmdump', ['+U8', join(at, 'DICOMDIR')]);
    expect(code).toBe(0);
    expect(text).not.toMatch(/^[EW]:/m);
    // In its own characters it is shown converted, and says so; here it is asked what it is in.
    expect((await runTool('dcmdump', [join(at, 'DICOMDIR')])).text).toContain('CS [GB18030]');
    expect(text).toContain('张^三');
    expect((await runTool('gdcmdump', [join(at, 'DICOMDIR')])).code).toBe(0);
    if (!(await hasPydicom())) skip('pydicom not installed');
    const found = JSON.parse((await withPython(join(at, 'DICOMDIR'))).stdout) as string[][];
    expect(found).toEqual(
      [...SLICES, keyObject()]
        .map(({ sopInstanceUid, sopClassUid }) => [
          sopInstanceUid,
          sopInstanceUid,
          'Zhang^San=张^三',
          record,
          '胸部CT平扫',
          sopClassUid === KEY_OBJECT ? 'KEY OBJECT DOC' : 'IMAGE',
        ])
        .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1)),
    );
  });
});

describe('who takes a study along', () => {
  it('stands in the access log before the first byte, with the form it left in', async () => {
    const before = (await downloads()).length;
    const archive = await studyCarrying(bench.imaging).carry(
      { actor: DOCTOR, origin: ORIGIN },
      study,
      wish({ form: 'pictures', only: 'key-images' }),
    );
    const rows = (await downloads()).slice(before);
    expect(rows).toMatchObject([
      { actor: 'staff:doctor', resource: `study/${study}/pictures/key-images`, purpose: 'treatment' },
    ]);
    await bytesOf(archive);
    expect((await downloads()).slice(before)).toHaveLength(1);
  });

  it('is a patient only for the own study, and no institution that does not treat the patient', async () => {
    const carrying = studyCarrying(bench.imaging);
    const before = (await downloads()).length;
    const patient: PatientActor = {
      kind: 'patient',
      name: 'patient:1',
      login: 'own',
      person: reader.person,
      institution: null,
      displayName: '示例',
    } as unknown as PatientActor;
    await bytesOf(await carrying.carry({ actor: patient, origin: ORIGIN }, study, wish()));
    expect((await downloads()).slice(before)).toMatchObject([{ actor: 'patient:1', basis: 'own-data' }]);
    const stranger: StaffActor = { ...DOCTOR, institution: 'NOWHERE' as InstitutionCode };
    const unknown = { code: 'STUDY_UNKNOWN' };
    const stray = { actor: stranger, origin: ORIGIN };
    await expect(carrying.carry(stray, study, wish())).rejects.toMatchObject(unknown);
    await expect(carrying.offer(stray, study)).rejects.toMatchObject(unknown);
    expect((await downloads()).slice(before)).toHaveLength(1);
  });

  it('is the holder of a share only where its patient allows it, until it is taken back', async () => {
    const viewing = passedViewing({ ...bench.imaging, clock: () => now });
    const passOf = async (allows: boolean) => {
      const made = await shareOwnReport(
        own,
        reader,
        { report, masked: false, restricted: false, downloads: allows },
        ORIGIN,
      );
      if (!made.ok) throw new Error('not shared');
      const pass = (await viewing.forShare(made.value.url.split('/').at(-1) as string)) ?? '';
      return { pass, share: made.value.share.id as PublicId };
    };
    const allowed = await passOf(true);
    const opened = await viewing.open(allowed.pass, ORIGIN);
    expect(opened.ok && opened.value.downloadHref).toBe(`/viewing/${allowed.pass}/download`);
    // The page itself carries the header of the picture that it opens with.
    const headerOf = (answer: typeof opened): Record<string, unknown> =>
      (answer.ok && answer.value.opening?.header) || {};
    expect(JSON.stringify(headerOf(opened)['00100020'])).toContain(record);
    const holder = { pass: allowed.pass, origin: ORIGIN };
    expect(await viewing.carrying.offer(holder, null)).toMatchObject({ instances: 4, hasKeyImages: true });
    const files = await unpacked(await viewing.carrying.carry(holder, null, wish()));
    expect(Object.keys(files)).toHaveLength(6);
    expect((await downloads()).at(-1)).toMatchObject({
      actor: 'holder-of-code',
      basis: `report-share/${allowed.share}`,
    });
    const series = { study: STUDY, series: `${STUDY}.1`, instance: null };
    const told = async (by: typeof holder): Promise<string> =>
      gunzipSync((await viewing.images.metadata(by, series)).gzip).toString('utf8');
    expect(await told(holder)).toContain(record);
    expect(await viewing.images.instances(holder, { ...series, instance: `${STUDY}.1.1` })).toHaveLength(1);
    await revokeOwnShare(own, reader, allowed.share, ORIGIN);
    now = instant(now + 6_000);
    await expect(viewing.carrying.carry(holder, null, wish())).rejects.toMatchObject({
      code: 'STUDY_UNKNOWN',
    });

    const looking = await passOf(false);
    const looked = await viewing.open(looking.pass, ORIGIN);
    expect(looked.ok && looked.value.downloadHref).toBeNull();
    expect(headerOf(looked)).toHaveProperty('00280010');
    expect(JSON.stringify(headerOf(looked))).not.toContain(record);
    expect(Object.keys(headerOf(looked)).filter((tag) => tag.startsWith('0010'))).toEqual([]);
    await expect(
      viewing.carrying.carry({ pass: looking.pass, origin: ORIGIN }, null, wish()),
    ).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
    // Neither image by image: headers come without the patient, and enough of them to be drawn by.
    const onlooker = { pass: looking.pass, origin: ORIGIN };
    await expect(
      viewing.images.instances(onlooker, { ...series, instance: `${STUDY}.1.1` }),
    ).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
    const unnamed = JSON.parse(await told(onlooker)) as readonly Record<string, { Value?: unknown[] }>[];
    expect(unnamed).toHaveLength(3);
    expect(unnamed[0]?.['00280010']?.Value).toEqual([4]);
    expect(Object.keys(unnamed[0] ?? {}).filter((tag) => tag.startsWith('0010'))).toEqual([]);
    for (const word of [record, number, '张', 'Zhang', '19660214'])
      expect(JSON.stringify(unnamed)).not.toContain(word);
  });

  it('is no doctor in a card or behind an address', async () => {
    const viewing = passedViewing({ ...bench.imaging, clock: () => now });
    const pass = await viewing.forClient(
      CLIENT,
      { staffNumber: '1001', department: null },
      { studyUid: STUDY, accession: undefined },
    );
    if (!pass.ok) throw new Error('no pass');
    await expect(
      viewing.carrying.carry({ pass: pass.value, origin: ORIGIN }, null, wish()),
    ).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
  });
});

describe('pictures', () => {
  const JPEG = 'ffd8';

  it('are drawn of every image, with the sentence that they are not for diagnosis', async () => {
    const files = await unpacked(
      await studyCarrying(bench.imaging).carry(
        { actor: DOCTOR, origin: ORIGIN },
        study,
        wish({ form: 'pictures' }),
      ),
    );
    const pictures = Object.keys(files).filter((name) => name.endsWith('.JPG'));
    expect(pictures).toEqual([1, 2, 3].map((index) => `SERIES01/IMG0000${index}.JPG`));
    for (const name of pictures) expect(files[name]?.toString('hex', 0, 2)).toBe(JPEG);
    const text = files['README.TXT']?.toString('utf8') ?? '';
    expect(text).toContain('图片仅供查看，不能用于诊断。');
    expect(text).toContain('图片：3 张');
    expect(text).toContain('1 个心电波形或文档');
  });

  it('are those alone that a document marks, where key images are asked for', async () => {
    const files = await unpacked(
      await studyCarrying(bench.imaging).carry(
        { actor: DOCTOR, origin: ORIGIN },
        study,
        wish({ form: 'pictures', only: 'key-images' }),
      ),
    );
    expect(Object.keys(files)).toEqual(['SERIES01/IMG00001.JPG', 'README.TXT']);
  });
});

/** Digest of the pixels, as dcmdump takes them out of a file. */
const pixelDigest = async (path: string): Promise<string> => {
  const raw = `${path}.d`;
  mkdirSync(raw, { recursive: true });
  await runTool('dcmdump', ['+W', raw, path]);
  const { readdirSync } = await import('node:fs');
  const [file = ''] = readdirSync(raw);
  return createHash('sha256')
    .update(readFileSync(join(raw, file)))
    .digest('hex');
};

describe('a header that the person index corrects', () => {
  const surviving = fresh('M');

  it('follows a merge, keeps the pixels, says what it said before; and is as stored again after the two are parted', async ({
    skip,
  }) => {
    const missing = missingTool('dcmdump');
    if (missing) skip(missing);
    const carrying = studyCarrying(bench.imaging);
    const current = wish({ patientModule: 'current' });
    expect(await carrying.offer({ actor: DOCTOR, origin: ORIGIN }, study)).toMatchObject({
      needsCorrection: false,
    });
    await bench.take(
      [
        `MSH|^~\\&|LIS|JIANG1|HUREN|REGION|20261125093000+0800||ADT^A28^ADT_A05|${fresh('C')}|P|2.5.1||||||UNICODE UTF-8`,
        'EVN|A28|20261125093000+0800',
        `PID|1||${surviving}^^^^MR||张叁||19660215|M`,
      ].join('\r'),
    );
    const [other] = await bench.rows<{ person_id: string }>(
      "select person_id from persons where name = '张叁' order by person_id desc limit 1",
    );
    if (!other) throw new Error('nobody was registered');
    const pair = { personId: other.person_id, otherId: reader.personId };
    const by = { actor: 'test', reason: 'test', at: now };
    const merged = await bench.imaging.database.transaction((session) =>
      mergePersons(session, { ...pair, ...by, cause: 'staff', grade: 'strong' }),
    );
    expect(merged.ok).toBe(true);
    expect(await carrying.offer({ actor: DOCTOR, origin: ORIGIN }, study)).toMatchObject({
      needsCorrection: true,
    });

    const plain = await unpacked(await carrying.carry({ actor: DOCTOR, origin: ORIGIN }, study, wish()));
    const archive = await carrying.carry({ actor: DOCTOR, origin: ORIGIN }, study, current);
    expect(archive.isCorrected).toBe(true);
    const files = await unpacked(archive);
    expect((await downloads()).at(-1)?.resource).toBe(`study/${study}/dicom/corrected`);
    expect(files['README.TXT']?.toString('utf8')).toContain('像素与医院发来的完全相同');
    const [before, after] = [medium('plain', plain), medium('corrected', files)];
    const name = 'DICOM/S0000001/I0000001';
    expect(files[name]?.equals(plain[name] as Buffer)).toBe(false);
    const { text } = await runTool('dcmdump', ['+U8', join(after, name)]);
    expect(text).not.toMatch(/^[EW]:/m);
    expect(text).toContain('PN [=张叁]');
    expect(text).toContain('PN [Zhang^San=张^三]');
    expect(text).toContain(`LO [${surviving}]`);
    expect(text).toContain('CS [CORRECT]');
    expect(await pixelDigest(join(after, name))).toBe(await pixelDigest(join(before, name)));
    if (await hasPydicom()) {
      const found = JSON.parse((await withPython(join(after, 'DICOMDIR'))).stdout) as string[][];
      expect(new Set(found.map(([, , person, id]) => `${person} ${id}`))).toEqual(
        new Set([`=张叁 ${surviving}`]),
      );
    }

    const parted = await bench.imaging.database.transaction((session) =>
      unmergePersons(session, { ...pair, ...by, cause: 'staff' }),
    );
    expect(parted.ok).toBe(true);
    const again = await carrying.carry({ actor: DOCTOR, origin: ORIGIN }, study, current);
    expect(again.isCorrected).toBe(false);
    expect((await unpacked(again))[name]?.equals(plain[name] as Buffer)).toBe(true);
  });
});
