import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { viewingPasses } from '../../src/apps/flows/imaging/viewing-pass.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { encapsulated, sendInstances } from '../browser/sent-studies.ts';
import { instanceOf } from './imaging-bench.ts';
import { testKeys } from './ingest-fixtures.ts';
import { type RealSystem, realSystem } from './real-system.ts';

// A video is stored as its device sent it, and given to whoever may see the study: as an MP4 where it is one (PS3.18 §8.7.4).

/** A white square that moves over black: three seconds, ten frames each, H.264 without a sound. */
const MP4 = readFileSync(new URL('../fixtures/moving-square.mp4', import.meta.url));
const H264 = '1.2.840.10008.1.2.4.102';
const H264_FRAGMENTABLE = '1.2.840.10008.1.2.4.102.1';
const MPEG2 = '1.2.840.10008.1.2.4.100';
const STUDY = '2.25.880';
const SERIES = `${STUDY}.1`;

const STUDY_ID = statement('test.video-study', 'select public_id from studies where study_uid = $1');
const THUMBNAIL = statement('test.video-thumbnail', 'select thumbnail from series where series_uid = $1');
const OPENINGS = statement(
  'test.video-openings',
  "select actor from audit_events where action = 'study.read' order by event_id",
);

let system: RealSystem;
let strangerKey: string;

/** An instance of thirty frames by its header, whatever it holds. */
const plain = (number: number) => {
  const { bytes, ...of } = instanceOf({
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: SERIES,
    SOPInstanceUID: `${SERIES}.${number}`,
    PatientID: 'M-VIDEO-1',
    Modality: 'ES',
    InstanceNumber: number,
    NumberOfFrames: 30,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelData: new Uint8Array(30 * 16),
  });
  return { ...of, bytes: Buffer.from(bytes) };
};

const address = (number: number): string =>
  `/studies/${STUDY}/series/${SERIES}/instances/${SERIES}.${number}/rendered`;
const IN_ADDRESS = '?accept=video/mp4';

const call = (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  key: string | null = system.key,
): Promise<Response> =>
  fetch(system.url + path, {
    headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
  });
const asked = (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  key: string | null = system.key,
) => call(`/dicom-web${path}`, headers, key);
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());
const codeOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { code: string }).code;

beforeAll(async () => {
  system = await realSystem();
  const { database, clock, newPublicId } = system.bench.dependencies;
  strangerKey = (
    await createClient(
      database,
      {
        code: 'wx-central-his',
        name: 'HIS',
        institution: 'WX-CENTRAL' as InstitutionCode,
        purposes: ['treatment'],
      },
      { at: clock(), newId: newPublicId, by: 'test', peer: 'test' },
    )
  ).key;
  await sendInstances(system, 'YX-COUNTY', [
    encapsulated(plain(1), H264, MP4),
    encapsulated(
      plain(2),
      H264_FRAGMENTABLE,
      MP4.subarray(0, 700),
      MP4.subarray(700, 1200),
      MP4.subarray(1200),
    ),
    // A video elementary stream: its sequence header, and no container around it.
    encapsulated(plain(3), MPEG2, Buffer.from('000001b30a0078', 'hex')),
    plain(4),
  ]);
}, 120_000);
afterAll(() => system?.stop());

describe('the video of an instance', () => {
  test.each([
    ['in one fragment', 1],
    ['in several', 2],
  ])('comes as it was sent, %s, whole and by ranges', async (_name, number) => {
    const whole = await asked(address(number) + IN_ADDRESS);
    expect(whole.status).toBe(200);
    expect(whole.headers.get('content-type')).toBe('video/mp4');
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    expect(whole.headers.get('cache-control')).toContain('private');
    expect((await bytesOf(whole)).equals(MP4)).toBe(true);
    for (const [range, from, to] of [
      ['bytes=0-7', 0, 8],
      ['bytes=650-1250', 650, 1251],
      ['bytes=1200-', 1200, MP4.length],
      ['bytes=-10', MP4.length - 10, MP4.length],
    ] as const) {
      const part = await asked(address(number) + IN_ADDRESS, { range });
      expect(part.status, range).toBe(206);
      expect(part.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${MP4.length}`);
      expect((await bytesOf(part)).equals(MP4.subarray(from, to)), range).toBe(true);
    }
    const behind = await asked(address(number) + IN_ADDRESS, { range: `bytes=${MP4.length}-` });
    expect(behind.status).toBe(416);
  });

  test('is asked for by the header too, and known again by its tag', async () => {
    const first = await asked(address(1), { accept: 'video/mp4' });
    expect(first.headers.get('content-type')).toBe('video/mp4');
    const again = await asked(address(1), {
      accept: 'video/mp4',
      'if-none-match': first.headers.get('etag') ?? '',
    });
    expect(again.status).toBe(304);
  });

  test('is not what comes to whoever asks for a picture', async () => {
    const picture = await asked(address(1), { accept: 'image/jpeg' });
    expect(picture.status).not.toBe(200);
    expect(await codeOf(picture)).toMatch(/^FRAME_/);
  });

  test.each([
    ['MPEG-2 without a container', 3],
    ['an instance of pictures', 4],
  ])('is refused in words where there is none to play: %s', async (_name, number) => {
    const refused = await asked(address(number) + IN_ADDRESS);
    expect(refused.status).toBe(406);
    expect(await codeOf(refused)).toBe('VIDEO_NOT_PLAYABLE');
  });

  test('is announced by the metadata: they say the syntax that can be had', async () => {
    const answer = await asked(`/studies/${STUDY}/series/${SERIES}/metadata`);
    const read = (await answer.json()) as Record<string, { Value?: string[] }>[];
    expect(read.map((one) => one['00083002']?.Value?.[0])).toEqual(
      expect.arrayContaining([H264, H264_FRAGMENTABLE, MPEG2, '1.2.840.10008.1.2.1']),
    );
    for (const one of read) expect(Object.keys(one)).toEqual(Object.keys(one).toSorted());
  });
});

test('stands for its series only where there is no picture', async () => {
  const series = `/studies/${STUDY}/series/${SERIES}`;
  // By number a video is the middle one.
  const drawn = await asked(`${series}/rendered?accept=image/jpeg`);
  expect(drawn.status).toBe(200);
  expect(drawn.headers.get('content-type')).toBe('image/jpeg');
  await closeQuietSeries(system.imaging, instant(systemClock() + 1_000));
  const [kept] = await system.bench.dependencies.database.run<{ thumbnail: string | null }>(THUMBNAIL, [
    SERIES,
  ]);
  expect(kept?.thumbnail).toEqual(expect.any(String));
});

describe('who is given a video', () => {
  test('is nobody who may not see the study, and no stranger', async () => {
    expect(await codeOf(await asked(address(1) + IN_ADDRESS, {}, strangerKey))).toBe('STUDY_UNKNOWN');
    expect((await asked(address(1) + IN_ADDRESS, {}, null)).status).toBe(401);
  });

  test('is in the log once for the study, however many ranges were read, by a pass too', async () => {
    const { database } = system.bench.dependencies;
    const [row] = await database.run<{ public_id: PublicId }>(STUDY_ID, [STUDY]);
    const pass = viewingPasses({ keys: testKeys, clock: systemClock }).make({
      via: 'client',
      study: (row as { public_id: PublicId }).public_id,
      client: 'yx-county-his',
      institution: 'YX-COUNTY' as InstitutionCode,
      staffNumber: '100118',
      department: null,
    });
    for (const range of ['bytes=0-99', 'bytes=100-199'])
      expect((await call(`/viewing/${pass}${address(1)}${IN_ADDRESS}`, { range }, null)).status).toBe(206);
    const broken = await call(`/viewing/x${pass}${address(1)}${IN_ADDRESS}`, {}, null);
    expect(broken.status).toBe(404);
    const rows = await database.run<{ actor: string }>(OPENINGS);
    expect(rows.map(({ actor }) => actor)).toEqual(['client:yx-county-his', 'launched:yx-county-his/100118']);
  });
});
