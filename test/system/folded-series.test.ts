import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Requester } from '../../src/adapters/dimse/ports.ts';
import type { ContentHash } from '../../src/adapters/objects/image-objects.ts';
import { coldSeries } from '../../src/adapters/postgres/imaging-folding.ts';
import {
  ANY_STUDY,
  searchStudies,
  seriesOfStudy,
  shownSeriesOfStudy,
  studiesByUid,
} from '../../src/adapters/postgres/imaging-reading.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { commitmentLedger, storeStatus } from '../../src/apps/flows/imaging/dimse-doors.ts';
import { instanceSource, studyFinder } from '../../src/apps/flows/imaging/dimse-query.ts';
import { foldColdSeries, foldSeries } from '../../src/apps/flows/imaging/fold-series.ts';
import { contentsCache } from '../../src/apps/flows/imaging/series-contents.ts';
import { verifyObjects } from '../../src/apps/flows/imaging/verify-objects.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { CT_STORAGE, type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

let bench: ImagingBench;
beforeAll(async () => {
  bench = await imagingBench();
});
afterAll(() => bench.drop());

const LATER = instant(Date.parse('2100-01-01T00:00:00Z'));
const close = () => closeQuietSeries(bench.imaging, LATER);
const fold = () => foldColdSeries(bench.imaging, LATER);

let study: string;
let patient: string;
const slice = (index: number, over: { readonly series?: string; readonly number?: number } = {}) =>
  instanceOf({
    StudyInstanceUID: study,
    SeriesInstanceUID: over.series ?? `${study}.1`,
    SOPInstanceUID: `${study}.1.${index}`,
    PatientID: patient,
    InstanceNumber: over.number ?? index,
  });

beforeEach(async () => {
  study = `2.25.${fresh('88')}`;
  patient = fresh('M-FOLD');
  for (const index of [1, 2, 3]) await bench.send(slice(index));
  await close();
});

const rowsOf = async () => ({
  instances: await bench.rows('select sop_uid from instances where sop_uid like $1', [`${study}%`]),
  keys: await bench.rows('select sop_uid from instance_keys where sop_uid like $1', [`${study}%`]),
});

const theSeries = async () => {
  const [found] = await studiesByUid(bench.database, study);
  if (!found) throw new Error('the study was sent');
  const [series] = await seriesOfStudy(bench.database, found);
  if (!series) throw new Error('so was its series');
  return { found, series };
};

const listed = async () => {
  const { series } = await theSeries();
  const { instances } = await contentsCache(bench.imaging).of(series);
  return instances.map(({ sopInstanceUid }) => sopInstanceUid);
};

const UIDS = () => [1, 2, 3].map((index) => `${study}.1.${index}`);

const REQUESTER: Requester = {
  institution: 'JIANG-1' as InstitutionCode,
  callingAeTitle: 'WORK',
  calledAeTitle: 'HUREN',
  remoteAddress: '127.0.0.1',
} as Requester;

describe('a folded series', () => {
  test('has no rows, and its manifest says what they said', async () => {
    const before = await contentsCache(bench.imaging).of((await theSeries()).series);
    expect(await fold()).not.toEqual([]);
    expect(await rowsOf()).toEqual({ instances: [], keys: [] });
    const after = await contentsCache(bench.imaging).of((await theSeries()).series);
    expect(after.instances).toEqual(before.instances);
    expect(after.instances.every(({ sender, receivedAt }) => sender === 'test' && receivedAt)).toBe(true);
  });

  test('is found by C-FIND, and retrieved with the same bytes as before', async () => {
    const bytes = async () => {
      const selected = await instanceSource(bench.imaging).select({
        requester: REQUESTER,
        destinationAeTitle: 'WORK',
        level: 'STUDY',
        patientId: null,
        studyInstanceUids: [study],
        seriesInstanceUids: [],
        sopInstanceUids: [],
      });
      const sent: string[] = [];
      for (const { open } of selected) {
        const pieces: Uint8Array[] = [];
        for await (const piece of open()) pieces.push(piece);
        sent.push(Buffer.concat(pieces).toString('hex'));
      }
      return sent;
    };
    const before = await bytes();
    expect(before).toHaveLength(3);
    await fold();
    expect(await bytes()).toEqual(before);
    const found: unknown[] = [];
    for await (const one of studyFinder(bench.imaging, { correctsPatient: async () => false }).find({
      requester: REQUESTER,
      model: 'study-root',
      level: 'IMAGE',
      matching: new Map([['0020000D', study]]),
      returning: [],
    }))
      found.push(one);
    expect(found).toHaveLength(3);
  });

  test('whose manifest is gone keeps nobody from sending what it does not list', async () => {
    await fold();
    const { series } = await theSeries();
    await bench.imaging.images.remove(series.manifest as ContentHash);
    const sent = [11, 12, 1, 13, 14].map((index) => bench.send(slice(index)));
    const outcomes = (await Promise.allSettled(sent)).map((one) =>
      one.status === 'fulfilled' && one.value.kind === 'indexed' ? one.value.outcome : one.status,
    );
    expect(outcomes).toEqual(['stored', 'stored', 'rejected', 'stored', 'stored']);
    // For the tests that follow: everything anew.
    await bench.drop();
    bench = await imagingBench();
  });

  test('is verified like any other', async () => {
    await fold();
    const before = await verifyObjects(bench.imaging, () => undefined);
    expect(before).toMatchObject({ findings: 0 });
    const { objects } = before;
    for (const name of readdirSync(bench.folder, { recursive: true, withFileTypes: true }))
      if (name.isFile()) {
        rmSync(join(name.parentPath, name.name));
        break;
      }
    const findings: unknown[] = [];
    await verifyObjects(bench.imaging, (one) => findings.push(one));
    expect(objects).toBeGreaterThan(6);
    expect(findings).toHaveLength(1);
    // For the tests that follow: everything anew.
    await bench.drop();
    bench = await imagingBench();
  });

  const commit = (references: readonly { sopClassUid: string; sopInstanceUid: string }[], by = 'JIANG-1') =>
    commitmentLedger(bench.imaging).commit({ institution: by as InstitutionCode } as never, references);

  test('is committed to a device that asks only now, each instance by its class', async () => {
    await fold();
    const [known, unknown] = [`${study}.1.2`, `${study}.1.9`].map((sopInstanceUid) => ({
      sopClassUid: CT_STORAGE,
      sopInstanceUid,
    })) as [{ sopClassUid: string; sopInstanceUid: string }, { sopClassUid: string; sopInstanceUid: string }];
    const other = { ...known, sopClassUid: '1.2.840.10008.5.1.4.1.1.4' };
    expect(await commit([known, unknown])).toEqual({
      committed: [known],
      failed: [{ ...unknown, reason: 0x0112 }],
    });
    expect(await commit([other])).toEqual({ committed: [], failed: [{ ...other, reason: 0x0119 }] });
    // To the institution that sent it, and to no other.
    expect((await commit([known], 'JIANG-2')).committed).toEqual([]);
    expect(await rowsOf()).toEqual({ instances: [], keys: [] });
  });

  test('takes the same instance again as known: one object, no row, and its key once more', async () => {
    await fold();
    expect(await bench.send(slice(2))).toMatchObject({ outcome: 'known' });
    expect((await rowsOf()).instances).toEqual([]);
    expect((await rowsOf()).keys).toHaveLength(1);
    const { series, found } = await theSeries();
    expect(series).toMatchObject({ instanceCount: 3, closedAt: expect.anything() });
    expect(found.instanceCount).toBe(3);
    expect(await fold()).not.toEqual([]);
    expect(await rowsOf()).toEqual({ instances: [], keys: [] });
  });

  test('keeps other content of a UID it lists as a conflict, also in another study', async () => {
    await fold();
    const other = `${study}.5`;
    const stray = instanceOf({
      StudyInstanceUID: other,
      SeriesInstanceUID: `${other}.1`,
      SOPInstanceUID: `${study}.1.2`,
      PatientID: patient,
      InstanceNumber: 96,
    });
    const sent = await bench.send(stray);
    expect(sent).toMatchObject({ kind: 'indexed', outcome: 'other-series' });
    expect(storeStatus(sent).status).toBe(0);
    const [conflict] = await bench.rows<{ content: string; reason: string; ticket: string | null }>(
      `select c.other_content as content, h.reason, h.public_id as ticket from imaging_conflicts c
       join image_holds h on h.public_id = c.hold_public_id where c.sop_uid = $1`,
      [stray.sopInstanceUid],
    );
    expect(conflict).toMatchObject({ reason: 'other-series', ticket: expect.any(String) });
    await (await bench.imaging.images.open(conflict?.content as never)).close();
    // Shown where it was, and nowhere else; its key is that of the study that lists it.
    expect(await listed()).toEqual(UIDS());
    // A study of which nothing is shown is found by nobody, by UID or beside the patient's others.
    const [mine] = await studiesByUid(bench.database, study);
    const { personId } = mine as NonNullable<typeof mine>;
    const beside = await searchStudies(bench.database, { persons: [personId] }, ANY_STUDY, { limit: 50 });
    expect([
      await studiesByUid(bench.database, other),
      beside.map(({ studyUid }) => studyUid).filter((uid) => uid === study || uid === other),
    ]).toEqual([[], [study]]);
    expect(await bench.send(slice(2))).toMatchObject({ outcome: 'known' });
    expect(
      await bench.rows(
        'select s.series_uid from instance_keys k join series s using (person_id, series_id) where k.sop_uid = $1',
        [stray.sopInstanceUid],
      ),
    ).toEqual([{ series_uid: `${study}.1` }]);
    // From another institution it is another instance.
    expect(await bench.send(stray, 'JIANG-2')).toMatchObject({ outcome: 'stored' });
  });

  test('keeps other content of a UID it lists as a conflict, also in another series of its study', async () => {
    await fold();
    expect(await bench.send(slice(2, { number: 99 }))).toMatchObject({ outcome: 'other-content' });
    expect(await bench.send(slice(3, { series: `${study}.2`, number: 98 }))).toMatchObject({
      outcome: 'other-series',
    });
    // And once more, now that there is a key again.
    expect(await bench.send(slice(2, { number: 97 }))).toMatchObject({ outcome: 'other-content' });
    expect(await listed()).toEqual(UIDS());
    // The series whose one instance is held is there for its case alone.
    const [found] = await studiesByUid(bench.database, study);
    const of = found as NonNullable<typeof found>;
    const uids = async (read: typeof seriesOfStudy) =>
      (await read(bench.database, of)).map((one) => one.seriesUid);
    expect(await uids(seriesOfStudy)).toContain(`${study}.2`);
    expect(await uids(shownSeriesOfStudy)).toEqual([`${study}.1`]);
    expect(
      await bench.rows('select reason from imaging_conflicts where sop_uid like $1 order by 1', [
        `${study}%`,
      ]),
    ).toEqual([{ reason: 'other-content' }, { reason: 'other-content' }, { reason: 'other-series' }]);
  });

  test('a late instance opens it again beside what the manifest lists, and folding once more keeps all', async () => {
    await fold();
    expect(await bench.send(slice(4))).toMatchObject({ outcome: 'stored' });
    const all = [...UIDS(), `${study}.1.4`];
    expect((await theSeries()).series).toMatchObject({ closedAt: null, instanceCount: 4 });
    expect(await listed()).toEqual(all);
    await close();
    expect(await listed()).toEqual(all);
    await fold();
    expect(await rowsOf()).toEqual({ instances: [], keys: [] });
    expect(await listed()).toEqual(all);
    expect((await theSeries()).found.instanceCount).toBe(4);
  });
});

describe('folding loses nothing', () => {
  test('when an image comes in after the series was read', async () => {
    const { series } = await theSeries();
    await bench.send(slice(4));
    expect(await foldSeries(bench.imaging, series)).toEqual({ kind: 'changed' });
    expect((await rowsOf()).instances).toHaveLength(4);
  });

  test('when images come in while it folds', async () => {
    const { series } = await theSeries();
    const sent = [4, 5, 6, 2].map((index) => bench.send(slice(index)));
    const [folding, ...outcomes] = await Promise.all([foldSeries(bench.imaging, series), ...sent]);
    expect(['folded', 'changed']).toContain(folding.kind);
    expect(outcomes.map((one) => one.kind === 'indexed' && one.outcome)).toEqual([
      'stored',
      'stored',
      'stored',
      'known',
    ]);
    expect(await listed()).toEqual([...UIDS(), ...[4, 5, 6].map((index) => `${study}.1.${index}`)]);
  });

  test('when it is interrupted before the commit', async () => {
    const { series } = await theSeries();
    const broken = {
      ...bench.imaging,
      database: {
        ...bench.database,
        transaction: (work: Parameters<typeof bench.database.transaction>[0]) =>
          bench.database.transaction(async (session) => {
            await work(session);
            throw new Error('power cut');
          }),
      } as typeof bench.database,
    };
    await expect(foldSeries(broken, series)).rejects.toThrow('power cut');
    expect((await rowsOf()).instances).toHaveLength(3);
    expect(await listed()).toEqual(UIDS());
    expect((await foldSeries(bench.imaging, series)).kind).toBe('folded');
    expect(await listed()).toEqual(UIDS());
  });

  test('when the manifest cannot be read: the rows stay, for another hot time', async () => {
    const { series } = await theSeries();
    const closedAt = instant(series.closedAt ?? 0);
    await bench.imaging.images.remove(series.manifest as never);
    const later = { ...bench.imaging, clock: () => instant(closedAt + 1) };
    expect(await foldSeries(later, series)).toEqual({ kind: 'refused' });
    expect((await rowsOf()).instances).toHaveLength(3);
    const waiting = await coldSeries(bench.database, LATER, 1_000);
    expect(waiting.map(({ seriesId }) => seriesId)).toContain(series.seriesId);
    const cold = await coldSeries(bench.database, closedAt, 1_000);
    expect(cold.map(({ seriesId }) => seriesId)).not.toContain(series.seriesId);
  });
});
