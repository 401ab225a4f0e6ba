import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { storeFiles } from './dicom-web-bodies.ts';
import { instanceOf } from './imaging-bench.ts';
import { type RealSystem, realSystem } from './real-system.ts';

const STUDY = '2.25.4811';
const SERIES = `${STUDY}.1`;
const FILES = [1, 2].map((index) => {
  const instance = instanceOf({
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: SERIES,
    SOPInstanceUID: `${SERIES}.${index}`,
    PatientID: 'M-HEAD-1',
    InstanceNumber: index,
    Rows: 16,
    Columns: 16,
    WindowCenter: 100,
    WindowWidth: 200,
    PixelData: Uint8Array.from({ length: 512 }, (_, at) => (at % 2 === 0 ? (at + index) % 200 : 0)),
  });
  return Buffer.concat([writeMeta(instance), instance.bytes]);
});

const AUDITS = statement(
  'test.head-audits',
  "select action, count(*)::int as kept from audit_events where action like 'stud%' group by action order by action",
);

let system: RealSystem;
beforeAll(async () => {
  system = await realSystem();
  await storeFiles(system, FILES);
});
afterAll(() => system.stop());

const ask = async (
  method: 'GET' | 'HEAD' | 'PUT',
  path: string,
  headers: Readonly<Record<string, string>> = {},
) => {
  const answer = await fetch(`${system.url}/dicom-web${path}`, {
    method,
    headers: { authorization: `Bearer ${system.key}`, 'accept-encoding': 'identity', ...headers },
  });
  return { answer, body: Buffer.from(await answer.arrayBuffer()) };
};

/** Headers of the same answer given twice that are of the moment, or a boundary that is made anew for each. */
const OF_THE_MOMENT = new Set(['date', 'x-request-id', 'connection', 'keep-alive']);
const lasting = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries(
    [...headers]
      .filter(([name]) => !OF_THE_MOMENT.has(name))
      .map(([name, value]) => [name, value.replace(/huren-[0-9a-f-]{36}/, 'huren')]),
  );

const INSTANCE = `/studies/${STUDY}/series/${SERIES}/instances/${SERIES}.1`;

describe('HEAD on DICOMweb (RFC 9110 §9.3.2)', () => {
  test.each([
    ['a search', `/studies?StudyInstanceUID=${STUDY}`, undefined],
    ['series', `/studies/${STUDY}/series`, undefined],
    ['a study', `/studies/${STUDY}`, undefined],
    ['an instance alone', INSTANCE, 'application/dicom'],
    ['metadata', `/studies/${STUDY}/series/${SERIES}/metadata`, undefined],
    [
      'frames',
      `${INSTANCE}/frames/1`,
      'multipart/related; type="application/octet-stream"; transfer-syntax=*',
    ],
    ['a frame alone', `${INSTANCE}/frames/1`, 'application/octet-stream; transfer-syntax=*'],
    ['a frame as plain words', `${INSTANCE}/frames/1`, undefined],
    ['a large value', `${INSTANCE}/bulkdata/7FE00010`, 'application/octet-stream'],
    ['a picture', `${INSTANCE}/rendered`, 'image/png'],
    ['a thumbnail', `/studies/${STUDY}/thumbnail`, undefined],
  ])('%s says what the GET says, and sends nothing', async (_what, path, accept) => {
    const headers = accept === undefined ? {} : { accept };
    const got = await ask('GET', path, headers);
    const head = await ask('HEAD', path, headers);
    expect([got.answer.status, head.answer.status]).toEqual([200, 200]);
    expect(got.body.length).toBeGreaterThan(0);
    expect(head.body).toHaveLength(0);
    expect(lasting(head.answer)).toEqual(lasting(got.answer));
    expect(head.answer.headers.get('content-length')).toBe(String(got.body.length));
  });

  test('is negotiated, compared and refused like a GET', async () => {
    const refused = await ask('HEAD', INSTANCE, { accept: 'text/html' });
    expect([refused.answer.status, refused.body.length]).toEqual([406, 0]);
    const etag = (await ask('HEAD', INSTANCE)).answer.headers.get('etag') as string;
    expect((await ask('HEAD', INSTANCE, { 'if-none-match': etag })).answer.status).toBe(304);
    expect((await ask('HEAD', '/studies/2.25.1')).answer.status).toBe(404);
    expect((await ask('HEAD', INSTANCE, { authorization: 'Bearer wrong' })).answer.status).toBe(401);
  });

  test('takes no range, which is for bodies', async () => {
    const frame = `${INSTANCE}/frames/1`;
    const accept = 'application/octet-stream; transfer-syntax=*';
    expect((await ask('GET', frame, { accept, range: 'bytes=0-9' })).answer.status).toBe(206);
    const { answer } = await ask('HEAD', frame, { accept, range: 'bytes=0-9' });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '512']);
  });

  test('opens a study in the access log as a GET does, and no second time', async () => {
    const { database } = system.bench.dependencies;
    const kept = new Map(
      (await database.run<{ action: string; kept: number }>(AUDITS)).map((row) => [row.action, row.kept]),
    );
    expect(kept.get('study.read')).toBe(1);
    const before = kept.get('studies.search') ?? 0;
    await ask('HEAD', `/studies?StudyInstanceUID=${STUDY}`);
    expect(await database.run(AUDITS)).toContainEqual({ action: 'studies.search', kept: before + 1 });
  });

  test('counts no traffic for what is not sent', async () => {
    const counted: number[] = [];
    const counting = vi.spyOn(system.imaging.traffic, 'count');
    counting.mockImplementation((_key, _way, bytes) => void counted.push(bytes));
    for (const path of [INSTANCE, `${INSTANCE}/frames/1`, `${INSTANCE}/rendered`, `${INSTANCE}/metadata`])
      await ask('HEAD', path, path === INSTANCE ? {} : { accept: '*/*' });
    expect(counted).toEqual([]);
    await ask('GET', `${INSTANCE}/metadata`);
    expect(counted).toHaveLength(1);
    counting.mockRestore();
  });

  test('is named where another method is refused', async () => {
    const { answer } = await ask('PUT', `/studies/${STUDY}/series`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});
