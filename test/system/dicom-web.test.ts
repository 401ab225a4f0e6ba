import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { multipartBody } from '../../src/adapters/dicomweb/multipart.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import type { JsonDataSet } from '../../src/adapters/dicom/dicom-json.ts';
import { encodeHtj2k } from '../../src/adapters/dicom/codecs.ts';
import { dataSet, writeMeta, writePart10 } from '../../src/adapters/dicom/write-part10.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { foldColdSeries } from '../../src/apps/flows/imaging/fold-series.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { compressedAs, jsonOfFile, once, partsOf, text4, withoutMoments } from './dicom-web-bodies.ts';
import { instanceOf, type TestInstance } from './imaging-bench.ts';
import { type RealSystem, realSystem } from './real-system.ts';

let system: RealSystem;
let strangerKey: string;
beforeAll(async () => {
  system = await realSystem();
  const { database, clock, newPublicId } = system.bench.dependencies;
  const central = {
    code: 'wx-central-his',
    name: 'HIS',
    institution: 'WX-CENTRAL' as InstitutionCode,
    purposes: ['treatment'],
  } as const;
  const act = { at: clock(), newId: newPublicId, by: 'test', peer: 'test' };
  strangerKey = (await createClient(database, central, act)).key;
});
afterAll(() => system.stop());

const STUDY = '2.25.4711';
const SERIES = `${STUDY}.1`;
const slice = (index: number): TestInstance =>
  instanceOf({
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: SERIES,
    SOPInstanceUID: `${SERIES}.${index}`,
    PatientID: 'M-WADO-1',
    InstanceNumber: index,
    AccessionNumber: 'ACC-1',
    Rows: 16,
    Columns: 16,
    WindowCenter: 100,
    WindowWidth: 200,
    PixelData: Uint8Array.from({ length: 512 }, (_, at) => (at % 2 === 0 ? (at + index) % 200 : 0)),
  });
const SLICES = [1, 2, 3].map(slice);
const address = (index: number, rest = '') =>
  `/studies/${STUDY}/series/${SERIES}/instances/${SERIES}.${index}${rest}`;

/** An instance of several frames. */
const MANY = '/studies/2.25.4712/series/2.25.4712.1/instances/2.25.4712.1.1';

const call = (path: string, headers: Readonly<Record<string, string>> = {}, key = system.key) =>
  fetch(`${system.url}/dicom-web${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } });

const fileOf = (instance: TestInstance): Buffer => Buffer.concat([writeMeta(instance), instance.bytes]);

const store = (files: readonly Uint8Array[], path = '/studies', key = system.key): Promise<Response> => {
  const body = multipartBody(
    files.map((bytes) => ({
      mediaType: 'application/dicom',
      location: '/x',
      length: bytes.length,
      pieces: () => once(bytes),
    })),
    'application/dicom',
    'boundary-1',
  );
  return fetch(`${system.url}/dicom-web${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': body.mediaType },
    body: body.pieces,
    duplex: 'half',
  } as RequestInit & { duplex: 'half' });
};

const PERSON_OF_STUDY = statement(
  'test.person-of-study',
  'select p.public_id from studies s join persons p on p.person_id = s.person_id where s.study_uid = $1',
);
const STUDY_AUDITS = statement(
  'test.study-audits',
  "select actor, basis from audit_events where action = 'study.read'",
);

describe('STOW-RS (PS3.18 §10.5)', () => {
  test('stores every part and names it', async () => {
    const response = await store(SLICES.map(fileOf), `/studies/${STUDY}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      '00081199': {
        Value: SLICES.map((one) => ({ '00081155': { vr: 'UI', Value: [one.sopInstanceUid] } })),
      },
    });
  });

  test('says 202 with the reason when one of three is broken', async () => {
    const response = await store([fileOf(slice(1)), Buffer.from('no DICOM'), fileOf(slice(2))]);
    expect(response.status).toBe(202);
    const answer = (await response.json()) as Record<string, { Value: unknown[] }>;
    expect(answer['00081199']?.Value).toHaveLength(2);
    expect(answer['00081198']?.Value).toEqual([
      { '00081150': { vr: 'UI' }, '00081155': { vr: 'UI' }, '00081197': { vr: 'US', Value: [0xc000] } },
    ]);
  });

  test('says 409 when all are of another study than the address', async () => {
    expect((await store([fileOf(slice(1))], '/studies/2.25.1')).status).toBe(409);
  });

  test('refuses a body without its boundary, and strangers', async () => {
    const wrong = await fetch(`${system.url}/dicom-web/studies`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${system.key}`,
        'content-type': 'multipart/related; type="application/dicom"; boundary=x',
      },
      body: 'nothing of the kind',
    });
    expect(wrong.status).toBe(400);
    expect((await store([fileOf(slice(1))], '/studies', 'wrong')).status).toBe(401);
  });

  test.each(['application/dicom+json', 'image/jpeg', 'text/html'])(
    'refuses parts that say they are %s, whatever they are',
    async (type) => {
      const odd = instanceOf({
        StudyInstanceUID: '2.25.4713',
        SeriesInstanceUID: '2.25.4713.1',
        SOPInstanceUID: '2.25.4713.1.1',
        PatientID: 'M-WADO-3',
      });
      const body = Buffer.concat([Buffer.from('--b\r\n\r\n'), fileOf(odd), Buffer.from('\r\n--b--\r\n')]);
      const answer = await fetch(`${system.url}/dicom-web/studies`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${system.key}`,
          'content-type': `multipart/related; type="${type}"; boundary=b`,
        },
        body,
      });
      expect([answer.status, await answer.json()]).toEqual([
        415,
        expect.objectContaining({ code: 'STORE_TYPE_UNSUPPORTED' }),
      ]);
      expect(await (await call('/studies?StudyInstanceUID=2.25.4713')).json()).toEqual([]);
    },
  );

  test('refuses a body that says it is longer than it may be before a byte of it', async () => {
    const status = await new Promise((resolve, reject) => {
      const sending = request(`${system.url}/dicom-web/studies`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${system.key}`,
          'content-type': 'multipart/related; type="application/dicom"; boundary=b',
          'content-length': String(65 * 1024 * 1024 * 1024),
        },
      });
      sending.once('response', ({ statusCode }) => {
        resolve(statusCode);
        sending.destroy();
      });
      sending.once('error', reject);
      sending.flushHeaders();
    });
    expect(status).toBe(413);
  });
});

describe('what somebody sent is saved by a browser, and run by none', () => {
  const DOCUMENTS = '1.2.840.10008.5.1.4.1.1.104.1';
  const of = '/studies/2.25.4714/series/2.25.4714.1/instances/2.25.4714.1.1';
  const page = Buffer.from('<!doctype html><script>alert(1)</script>'.repeat(40));
  const bytes = writePart10(
    { sopClassUid: DOCUMENTS, sopInstanceUid: '2.25.4714.1.1', transferSyntaxUid: '1.2.840.10008.1.2.1' },
    [
      ...dataSet({
        SOPClassUID: DOCUMENTS,
        StudyInstanceUID: '2.25.4714',
        SeriesInstanceUID: '2.25.4714.1',
        SOPInstanceUID: '2.25.4714.1.1',
        PatientID: 'M-WADO-4',
        Modality: 'DOC',
      }),
      { tag: 0x0042_0011, vr: 'OB', value: page },
      { tag: 0x0042_0012, vr: 'LO', value: 'text/html' },
    ],
    { transferSyntaxUid: '1.2.840.10008.1.2.1', charset: 'ISO_IR 6' },
  );

  test('an encapsulated document is stored, and has no picture', async () => {
    expect((await store([bytes])).status).toBe(200);
    const metadata = (await (await call(`${of}/metadata`)).json()) as Record<string, unknown>[];
    expect(metadata[0]?.['00420011']).toMatchObject({
      BulkDataURI: expect.stringContaining('/bulkdata/00420011'),
    });
    expect(metadata[0]?.['00420012']).toEqual({ vr: 'LO', Value: ['text/html'] });
    for (const picture of ['/rendered', '/thumbnail', '/frames/1'])
      expect((await call(of + picture)).status, picture).toBe(404);
  });

  test.each([
    ['the instance', of, 'application/dicom; transfer-syntax=*', 'application/dicom'],
    ['its page', `${of}/bulkdata/00420011`, 'application/octet-stream', 'application/octet-stream'],
    ['both in parts', of, 'multipart/related; type="application/dicom"', 'multipart/related'],
  ])('%s', async (_name, path, accept, type) => {
    const answer = await call(path, { accept });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain(type);
    expect(answer.headers.get('content-disposition')).toBe('attachment');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    if (path.includes('bulkdata')) expect(Buffer.from(await answer.arrayBuffer()).equals(page)).toBe(true);
  });
});

// PS3.18 §8.7.3.5.2: without a named syntax `application/octet-stream` is explicit VR little endian.
test('a frame that is stored compressed is decoded for whoever asks for plain words, and all its samples are the same', async () => {
  const samples = Uint8Array.from({ length: 512 }, (_, at) => (at * 29) & (at % 2 === 0 ? 0xff : 0x0f));
  const shape = { width: 16, height: 16, bitsPerSample: 16, componentCount: 1, isSigned: false };
  const coded = await encodeHtj2k({ ...shape, bytes: samples });
  const native = instanceOf({
    StudyInstanceUID: '2.25.4716',
    SeriesInstanceUID: '2.25.4716.1',
    SOPInstanceUID: '2.25.4716.1.1',
    PatientID: 'M-WADO-6',
    PatientName: 'Li^Jun',
    StudyDate: '2026.11.18',
    Rows: 16,
    Columns: 16,
    PixelData: samples,
  });
  const compressed = compressedAs('1.2.840.10008.1.2.4.201', native, coded);
  expect((await store([fileOf(compressed)])).status).toBe(200);
  // A day in the old form (PS3.5 §6.2) is found by the day, and answered as one.
  const ofDay = await (await call('/studies?StudyDate=20261118&PatientID=M-WADO-6')).json();
  expect(ofDay).toMatchObject([{ '00080020': { Value: ['20261118'] } }]);
  const frame = '/studies/2.25.4716/series/2.25.4716.1/instances/2.25.4716.1.1/frames/1';
  const plain = await call(frame, { accept: 'application/octet-stream' });
  expect(plain.headers.get('content-type')).toBe(
    'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
  );
  expect(Buffer.from(await plain.arrayBuffer()).equals(samples)).toBe(true);
  const stored = await call(frame, { accept: 'image/*' });
  expect(stored.headers.get('content-type')).toBe('image/jphc; transfer-syntax=1.2.840.10008.1.2.4.201');
  expect(
    Buffer.from(await stored.arrayBuffer())
      .subarray(0, coded.length)
      .equals(coded),
  ).toBe(true);
  expect((await call(frame, { accept: 'image/jls' })).status).toBe(406);
  // RFC 9110 §13.1.5: the rest of something else is not wanted.
  const etag = plain.headers.get('etag') ?? '';
  const rest = (ifRange: string) =>
    call(frame, { accept: 'application/octet-stream', range: 'bytes=10-19', 'if-range': ifRange });
  expect((await rest(etag)).status).toBe(206);
  expect((await rest('"nope"')).status).toBe(200);
});

test.each([
  '/studies/..%2f..%2fapi%2fhealth',
  '/studies/..%2f..%2f..%2fetc%2fpasswd/metadata',
  `/studies/${STUDY}/series/..%2f${SERIES}`,
  `/studies/${STUDY}/series/${SERIES}/instances/..%2f..%2fx/frames/1`,
  `/studies/${STUDY}/series/${SERIES}/instances/${SERIES}.1/bulkdata/..%2f..%2f7FE00010`,
  '/studies/..%5c..%5cwindows',
  '/studies/%2e%2e%2f%00',
])('%s leads nowhere', async (path) => {
  const answer = await call(path);
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
});

const checkServing = () => {
  test('a frame comes alone, whole or in ranges, and as part of many', async () => {
    const pixels = SLICES[0]?.bytes.subarray(-512) as Uint8Array;
    const alone = await call(address(1, '/frames/1'), {
      accept: 'application/octet-stream; transfer-syntax=*',
    });
    expect(alone.status).toBe(200);
    expect(Buffer.from(await alone.arrayBuffer()).equals(pixels)).toBe(true);
    expect(alone.headers.get('accept-ranges')).toBe('bytes');
    expect(alone.headers.get('cache-control')).toBe('private, no-cache');
    expect(alone.headers.get('etag')).toMatch(/^"[0-9a-f]{24}"$/);

    const range = await call(address(1, '/frames/1'), {
      accept: 'application/octet-stream',
      range: 'bytes=10-19',
    });
    expect([range.status, range.headers.get('content-range')]).toEqual([206, 'bytes 10-19/512']);
    expect(Buffer.from(await range.arrayBuffer()).equals(pixels.subarray(10, 20))).toBe(true);

    const many = await call(address(1, '/frames/1'), {
      accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*',
    });
    expect((await partsOf(many))[0]?.equals(pixels)).toBe(true);

    const again = await call(address(1, '/frames/1'), {
      accept: 'application/octet-stream',
      'if-none-match': alone.headers.get('etag') ?? '',
    });
    expect(again.status).toBe(304);
  });

  test('an answer that goes out in one go says of itself what every other does', async () => {
    const other = await call(address(1, '/rendered'), { accept: 'image/jpeg' });
    const frame = await call(address(1, '/frames/1'), { accept: 'application/octet-stream' });
    const common = ['x-request-id', 'x-content-type-options', 'content-security-policy', 'referrer-policy'];
    expect(common.filter((name) => other.headers.has(name))).toEqual(common);
    expect(common.filter((name) => frame.headers.has(name))).toEqual(common);
    expect(frame.headers.get('content-length')).toBe('512');
  });

  test('a frame that is asked for a hundred times over is read once', async () => {
    const { images } = system.imaging;
    const spy = vi.spyOn(images, 'part');
    const asked = Array.from({ length: 100 }, () => 1).join(',');
    const parts = await partsOf(await call(address(1, `/frames/${asked}`)));
    const reads = spy.mock.calls.length;
    spy.mockRestore();
    expect(parts.map((part) => part.equals(SLICES[0]?.bytes.subarray(-512) as Uint8Array))).toEqual(
      Array.from({ length: 100 }, () => true),
    );
    expect(reads).toBe(1);
  });

  test('frames of one instance come in the order in which they were asked for', async () => {
    const many = instanceOf({
      StudyInstanceUID: '2.25.4712',
      SeriesInstanceUID: '2.25.4712.1',
      SOPInstanceUID: '2.25.4712.1.1',
      PatientID: 'M-WADO-2',
      PatientName: 'Li^Si=李^四',
      Rows: 16,
      Columns: 16,
      NumberOfFrames: 3,
      PixelData: Uint8Array.from({ length: 3 * 512 }, (_, at) => Math.floor(at / 512)),
    });
    await store([fileOf(many)]);
    const parts = await partsOf(await call(`${MANY}/frames/3,1,3,2`));
    expect(parts.map((part) => [part.length, part[0]])).toEqual([3, 1, 3, 2].map((each) => [512, each - 1]));
  });

  test.each(['0', '2', '1,1,999'])('frame %s is none', async (frames) => {
    expect((await call(address(1, `/frames/${frames}`))).status).toBe(404);
  });

  test('a range behind the end is not satisfied', async () => {
    const range = { accept: 'application/octet-stream', range: 'bytes=512-' };
    expect((await call(address(1, '/frames/1'), range)).status).toBe(416);
  });

  test('an instance and a study come as they were sent', async () => {
    const one = await call(address(2), { accept: 'application/dicom; transfer-syntax=*' });
    expect(Buffer.from(await one.arrayBuffer()).equals(fileOf(SLICES[1] as TestInstance))).toBe(true);
    const all = await partsOf(await call(`/studies/${STUDY}`));
    expect(all.map((part) => SLICES.findIndex((each) => fileOf(each).equals(part)))).toEqual([0, 1, 2]);
  });

  test('another transfer syntax than the stored one cannot be had', async () => {
    const wanted =
      'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.4.80';
    expect((await call(address(1, '/frames/1'), { accept: wanted })).status).toBe(406);
  });

  test('metadata are in UTF-8 with the place of the pixels', async () => {
    const response = await call(`/studies/${STUDY}/series/${SERIES}/metadata`);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const found = (await response.json()) as Record<string, { Value?: unknown[]; BulkDataURI?: string }>[];
    expect(found).toHaveLength(3);
    expect(found[0]?.['00100010']?.Value).toEqual([{ Alphabetic: 'Zhang^San', Ideographic: '张^三' }]);
    const bulk = found[0]?.['7FE00010']?.BulkDataURI?.replace('/dicom-web', '') ?? '';
    const pixels = await call(bulk, { accept: 'application/octet-stream' });
    expect((await pixels.arrayBuffer()).byteLength).toBe(512);
    const ofStudy = (await (await call(`/studies/${STUDY}/metadata`)).json()) as unknown[];
    expect(ofStudy).toEqual(found);
    const ofOne = (await (await call(address(2, '/metadata'))).json()) as unknown[];
    expect(ofOne).toEqual([found[1]]);
  });

  test('pictures are drawn as JPEG and PNG, and no larger than asked', async () => {
    const jpeg = await call(address(1, '/rendered'), { accept: 'image/jpeg' });
    expect([...new Uint8Array(await jpeg.arrayBuffer()).subarray(0, 2)]).toEqual([0xff, 0xd8]);
    const png = await call(address(1, '/rendered?viewport=8,8'), { accept: 'image/png' });
    const bytes = Buffer.from(await png.arrayBuffer());
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([8, 8]);
    for (const path of [
      `/studies/${STUDY}/rendered`,
      `/studies/${STUDY}/thumbnail`,
      address(1, '/thumbnail'),
    ])
      expect((await call(path)).headers.get('content-type'), path).toBe('image/jpeg');
    expect((await call(address(1, '/rendered?window=a,b'))).status).toBe(400);
    expect((await call(address(1, '/rendered?annotation=bogus'))).status).toBe(400);
    expect((await call(address(1, '/frames/1,2/rendered'))).status).toBe(404);
    const annotated = await call(address(1, '/rendered?annotation=patient,technique'));
    expect(annotated.headers.get('warning')).toContain('annotation');
    expect((await call(address(1, '/rendered'), { accept: 'image/gif' })).status).toBe(406);
  });

  test('searches find study, series and instances', async () => {
    const studies = await (await call('/studies?PatientID=M-WADO-1')).json();
    expect(studies).toMatchObject([
      {
        '0020000D': { Value: [STUDY] },
        '00100010': { Value: [{ Ideographic: '张^三' }] },
        '00201208': { Value: [3] },
        '00080061': { Value: ['CT'] },
      },
    ]);
    for (const query of [
      'AccessionNumber=ACC-1',
      `StudyInstanceUID=${STUDY}`,
      'PatientName=张*&StudyDate=20261101-',
      'PatientName=zhang^san',
      'PatientName=Zhang^S*%3D张*&PatientID=M-WADO-*',
      'PatientName=张^三&StudyTime=0915',
      'AccessionNumber=ACC-1*&ModalitiesInStudy=*',
      'ModalitiesInStudy=C?&PatientID=M-WADO-1',
    ])
      expect(await (await call(`/studies?${query}`)).json(), query).toHaveLength(1);
    for (const query of [
      'AccessionNumber=ACC-2',
      'PatientID=nobody',
      'StudyDate=-20261101',
      'ModalitiesInStudy=MR',
      'PatientID=M-WADO-1?',
      'PatientID=M-WADO-1&PatientName=Li*',
      'PatientID=M-WADO-1&StudyTime=0916-',
    ])
      expect(await (await call(`/studies?${query}`)).json(), query).toEqual([]);
    const series = await (await call(`/studies/${STUDY}/series`)).json();
    expect(series).toMatchObject([{ '0020000E': { Value: [SERIES] }, '00201209': { Value: [3] } }]);
    const paged = await call(`/studies/${STUDY}/series/${SERIES}/instances?limit=2&offset=0`);
    expect(await paged.json()).toHaveLength(2);
    expect(paged.headers.get('warning')).toContain('There are more results');
    expect((await call('/studies?limit=-1')).status).toBe(400);
    const nul = await call('/studies?PatientName=a%00b');
    expect(nul.status).toBe(400);
    expect(await nul.json()).toMatchObject({ code: 'SEARCH_INVALID' });
    const number = await call(
      `/studies/${STUDY}/series/${SERIES}/instances?InstanceNumber=2&StudyDate=20200101`,
    );
    expect(await number.json()).toHaveLength(1);
    expect(number.headers.get('warning')).toContain('Not matched: 00080020');
  });
};

describe('while a series is open', () => {
  checkServing();
});

describe('after it is closed', () => {
  beforeAll(async () => {
    await closeQuietSeries(system.imaging, instant(Date.now() + 3_600_000_000));
  });
  checkServing();
});

const ROWS = statement(
  'test.rows-of-instances',
  'select sop_uid from instances union select sop_uid from instance_keys',
);

describe('after its rows were folded away', () => {
  test('there is no row of an instance left', async () => {
    expect(await foldColdSeries(system.imaging, instant(Date.now() + 3_600_000_000))).not.toEqual([]);
    expect(await system.bench.dependencies.database.run(ROWS)).toEqual([]);
    // A reader that looked a second ago may still take a series for open; a week lies between closing and folding.
    for (const frame of [address(1, '/frames/1'), `${MANY}/frames/1`])
      await expect.poll(async () => (await call(frame)).status, { timeout: 10_000 }).toBe(200);
  });
  checkServing();

  test('one more instance opens it again, and closing it shows all', async () => {
    await store([fileOf(slice(4))]);
    const metadata = async () =>
      ((await (await call(`/studies/${STUDY}/series/${SERIES}/metadata`)).json()) as unknown[]).length;
    await expect.poll(metadata, { timeout: 10_000 }).toBe(4);
    await closeQuietSeries(system.imaging, instant(Date.now() + 3_600_000_000));
    await expect.poll(metadata, { timeout: 10_000 }).toBe(4);
  });
});

describe('with the patient module of now (patient-module=current)', () => {
  const NAMED = statement(
    'test.name-person',
    'update persons set name = $2 where person_id in (select person_id from studies where study_uid = $1) returning person_id',
  );
  const current = '?patient-module=current';
  const one = { accept: 'application/dicom; transfer-syntax=*' };

  test('what says it already comes as it is stored, and says so', async () => {
    const answer = await call(address(1, current), one);
    expect(answer.headers.get('huren-patient-module')).toBe('as-stored');
    expect(Buffer.from(await answer.arrayBuffer()).equals(fileOf(SLICES[0] as TestInstance))).toBe(true);
  });

  test('another name goes into the header, the old one beside it, and the pixels stay', async () => {
    const { database } = system.bench.dependencies;
    await database.run(NAMED, [STUDY, '李四']);
    const answer = await call(address(1, current), one);
    expect(answer.status, answer.status === 200 ? '' : await answer.text()).toBe(200);
    expect(answer.headers.get('huren-patient-module')).toBe('corrected');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.length).toBe(Number(answer.headers.get('content-length')));
    const name = (text: string) => Buffer.concat([Buffer.from('PN'), text4(text)]);
    expect(bytes.includes(name('=李四'))).toBe(true);
    expect(bytes.includes(name('Zhang^San=张^三'))).toBe(true);
    expect(bytes.subarray(-512).equals(Buffer.from((SLICES[0] as TestInstance).bytes.subarray(-512)))).toBe(
      true,
    );
    const range = await call(address(1, current), { ...one, range: 'bytes=0-199' });
    expect(Buffer.from(await range.arrayBuffer()).equals(bytes.subarray(0, 200))).toBe(true);

    const all = await call(`/studies/${STUDY}${current}`);
    expect(all.headers.get('huren-patient-module')).toBe('corrected');
    for (const part of await partsOf(all)) expect(part.includes(name('=李四'))).toBe(true);
    // Searches and metadata say the same, and that they do.
    const found = await call(`/studies${current}&StudyInstanceUID=${STUDY}`);
    expect(found.headers.get('huren-patient-module')).toBe('corrected');
    expect(await found.json()).toMatchObject([{ '00100010': { Value: [{ Ideographic: '李四' }] } }]);
    const described = await call(`/studies/${STUDY}/series/${SERIES}/metadata${current}`);
    expect(described.headers.get('huren-patient-module')).toBe('corrected');
    expect(described.headers.get('etag')).not.toBe(
      (await call(`/studies/${STUDY}/series/${SERIES}/metadata`)).headers.get('etag'),
    );
    for (const instance of (await described.json()) as Record<string, { Value?: unknown[] }>[]) {
      expect(instance['00100010']?.Value).toEqual([{ Ideographic: '李四' }]);
      expect(JSON.stringify(instance['04000561']?.Value)).toContain('张^三');
      expect(instance['7FE00010'] ?? instance['00280010']).toBeDefined();
    }
    // Who corrected, and what was there: the same in metadata as in the header that goes out (PS3.3 C.12.1).
    const [header, [metadata]] = await Promise.all([
      call(address(1, current), one).then(async (sent) =>
        jsonOfFile(Buffer.from(await sent.arrayBuffer()), address),
      ),
      call(address(1, `/metadata${current}`)).then(async (sent) => (await sent.json()) as JsonDataSet[]),
    ]);
    for (const tag of ['0018A001', '04000561']) {
      expect(header[tag], tag).toBeDefined();
      expect(withoutMoments(metadata?.[tag]), tag).toEqual(withoutMoments(header[tag]));
    }
    const asStored = await call(`/studies?StudyInstanceUID=${STUDY}`);
    expect(asStored.headers.get('huren-patient-module')).toBeNull();
    expect(JSON.stringify(await asStored.json())).toContain('张^三');
    // Who does not ask for it gets what is stored.
    const stored = await call(address(1), one);
    expect(stored.headers.get('huren-patient-module')).toBeNull();
    expect(Buffer.from(await stored.arrayBuffer()).equals(fileOf(SLICES[0] as TestInstance))).toBe(true);
    await database.run(NAMED, [STUDY, '张三']);
  });

  test('any other word is refused', async () => {
    expect((await call(address(1, '?patient-module=other'), one)).status).toBe(400);
  });
});

describe('rights', () => {
  test('another institution that does not treat the patient finds nothing, by search or by address', async () => {
    expect(await (await call('/studies?PatientID=M-WADO-1', {}, strangerKey)).json()).toEqual([]);
    for (const path of [`/studies/${STUDY}/metadata`, address(1, '/frames/1'), `/studies/${STUDY}/thumbnail`])
      expect((await call(path, {}, strangerKey)).status, path).toBe(404);
    expect((await call(`/studies/${STUDY}/metadata`, {}, strangerKey)).status).toBe(
      (await call('/studies/2.25.999/metadata', {}, strangerKey)).status,
    );
  });

  test('what is not shown is not counted either: no page comes short, and no word that there is more', async () => {
    const [row] = await system.bench.dependencies.database.run<{ public_id: string }>(PERSON_OF_STUDY, [
      STUDY,
    ]);
    const person = `person=${row?.public_id}`;
    for (const page of [
      'limit=0',
      'limit=1',
      'limit=0&StudyDescription=胸*',
      'limit=0&ModalitiesInStudy=CT',
    ]) {
      const answer = await call(`/studies?${person}&${page}`, {}, strangerKey);
      expect(await answer.json(), page).toEqual([]);
      expect(answer.headers.get('warning'), page).toBeNull();
    }
    expect(await (await call(`/studies?${person}`)).json()).toHaveLength(1);
    expect((await call(`/studies?${person}&limit=0`)).headers.get('warning')).toContain('more results');
  });

  test('whoever is not signed in is told so', async () => {
    expect((await fetch(`${system.url}/dicom-web/studies`)).status).toBe(401);
  });

  test('the access log has one row for each study opened, not one for each frame', async () => {
    const rows = await system.bench.dependencies.database.run<{ actor: string }>(STUDY_AUDITS);
    // That of the slices, that of several frames, that of a compressed one, and that of a document.
    expect(rows.map(({ actor }) => actor)).toEqual(Array.from({ length: 4 }, () => 'client:yx-county-his'));
  });
});
