import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { fileImages } from '../../src/adapters/objects/image-objects.ts';
import { tieredImages } from '../../src/adapters/objects/tiered-images.ts';
import { seriesOfStudy, studiesByUid } from '../../src/adapters/postgres/imaging-reading.ts';
import { seriesToCopy } from '../../src/adapters/postgres/imaging-view-copies.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { getJson, putJson } from '../../src/apps/flows/imaging/json-objects.ts';
import { readFactsAnew } from '../../src/apps/flows/imaging/read-facts-anew.ts';
import type { InstanceHeader } from '../../src/imaging/index.ts';
import { dicomWeb } from '../../src/apps/flows/imaging/dicom-web.ts';
import { instanceSource } from '../../src/apps/flows/imaging/dimse-query.ts';
import { receiving } from '../../src/apps/flows/imaging/receive.ts';
import {
  farMover,
  moveNextFar,
  recallNext,
  recallOf,
  type TierDependencies,
} from '../../src/apps/flows/imaging/tiers.ts';
import { verifyObjects } from '../../src/apps/flows/imaging/verify-objects.ts';
import type { ClientActor } from '../../src/apps/server/flows-port.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { DAY_MS, instant, MINUTE_MS } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { testKeys } from './ingest-fixtures.ts';

let bench: ImagingBench;
let farFolder: string;
let tiered: TierDependencies;
beforeAll(async () => {
  bench = await imagingBench();
  farFolder = mkdtempSync(join(tmpdir(), 'far-'));
  const tiers = { near: bench.imaging.images, far: fileImages(farFolder, testKeys) };
  tiered = { ...bench.imaging, images: tieredImages(tiers), tiers };
  for (const index of [1, 2, 3]) await bench.send(slice(index));
  await closeQuietSeries(tiered, LATER);
});
afterAll(async () => {
  await bench.drop();
  rmSync(farFolder, { recursive: true, force: true });
});

const LATER = instant(Date.parse('2100-01-01T00:00:00Z'));
const STUDY = '2.25.6600';
const SERIES = `${STUDY}.1`;
const slice = (index: number) =>
  instanceOf({
    StudyInstanceUID: STUDY,
    SeriesInstanceUID: SERIES,
    SOPInstanceUID: `${SERIES}.${index}`,
    PatientID: 'M-FAR',
    InstanceNumber: index,
  });
const HIS: ClientActor = {
  kind: 'client',
  name: 'client:jiang-1-his',
  code: 'jiang-1-his',
  institution: 'JIANG-1' as InstitutionCode,
} as ClientActor;
const READER = { actor: HIS, origin: { requestId: 'r', peer: 'test', purpose: 'treatment' } } as never;

const files = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length
    : 0;

const theStudy = async () => {
  const [study] = await studiesByUid(bench.database, STUDY);
  if (!study) throw new Error('the study was sent');
  const [series] = await seriesOfStudy(bench.database, study);
  if (!series) throw new Error('and its series');
  return { study, series };
};

const web = () => dicomWeb(tiered, receiving(tiered));
const frame = async (index: number) => {
  const { frames } = await web().frames(
    READER,
    { study: STUDY, series: SERIES, instance: `${SERIES}.${index}` },
    [1],
    null,
  );
  const pieces: Uint8Array[] = [];
  for (const part of frames) for await (const piece of part.pieces()) pieces.push(piece);
  return Buffer.concat(pieces).toString('hex');
};
const refusal = async (work: Promise<unknown>) => {
  try {
    await work;
    return 'answered';
  } catch (error) {
    return error instanceof Fault ? { code: error.code, status: error.status, detail: error.detail } : error;
  }
};

describe('images that nobody opens', () => {
  test('move to the far tier, and not before their time', async () => {
    const before = { near: files(bench.folder), far: files(farFolder) };
    expect(before.far).toBe(0);
    // Of the bench's clock, which stands in November 2026.
    expect(await farMover(tiered, 30 * DAY_MS)()).toBe(false);
    expect(await farMover(tiered, null)()).toBe(false);
    expect(files(farFolder)).toBe(0);
    await moveNextFar(tiered, LATER, { after: '0' });
    const { study, series } = await theStudy();
    expect(series.tier).toBe('far');
    expect(study.farBytes).toBe(study.bytes);
    expect(files(farFolder)).toBe(3);
    expect(files(bench.folder)).toBe(before.near - 3);
    // Nobody makes a view copy of what nobody opens.
    expect(await seriesToCopy(bench.database, 10)).toEqual([]);
  });

  test('are found as NEARLINE, with metadata and the picture that stands for them at once', async () => {
    const search = await web().search(READER, {
      level: 'series',
      study: STUDY,
      series: null,
      matching: new Map(),
      limit: 10,
      offset: 0,
      person: null,
    } as never);
    expect(search.matches).toMatchObject([{ '00080056': { vr: 'CS', Value: ['NEARLINE'] } }]);
    const address = { study: STUDY, series: SERIES, instance: null };
    expect((await web().metadata(READER, address)).version).not.toBeNull();
    expect((await web().thumbnail(READER, address)).bytes.length).toBeGreaterThan(0);
  });

  test('are whole where they are, and go to a workstation straight from there', async () => {
    expect(await verifyObjects(tiered, () => undefined)).toMatchObject({ findings: 0 });
    const selected = await instanceSource(tiered).select({
      requester: {
        institution: 'JIANG-1',
        callingAeTitle: 'W',
        calledAeTitle: 'H',
        remoteAddress: '::1',
      } as never,
      destinationAeTitle: 'W',
      level: 'STUDY',
      patientId: null,
      studyInstanceUids: [STUDY],
      seriesInstanceUids: [],
      sopInstanceUids: [],
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of selected[1]?.open() ?? []) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(slice(2).bytes)).toBe(true);
  });

  const factsOfStudy = async (): Promise<{ readonly frames: number }> => {
    while ((await readFactsAnew(tiered)) > 0);
    const [row] = await bench.rows<{ facts: string }>('select facts from studies where study_uid = $1', [
      STUDY,
    ]);
    return JSON.parse(row?.facts ?? '{}') as { readonly frames: number };
  };

  test('whose headers an older program kept in part are summed up by those until they are near', async () => {
    const { series } = await theStudy();
    const kept = await getJson<readonly InstanceHeader[]>(tiered.images, series.headers as string);
    const before = kept.map((header) => ({
      ...header,
      reading: 1,
      pixels: { ...header.pixels, numberOfFrames: 2 },
    }));
    await bench.rows('update series set headers = $2 where series_uid = $1', [
      SERIES,
      await putJson(tiered.images, JSON.stringify(before)),
    ]);
    await bench.rows('update studies set facts_reading = 1 where study_uid = $1', [STUDY]);
    expect((await factsOfStudy()).frames).toBe(6);
  });

  test('are recalled when somebody asks for their pixels, who is told to come back', async () => {
    expect(await refusal(frame(1))).toEqual({
      code: 'IMAGES_BEING_RECALLED',
      status: 503,
      detail: '0/3',
    });
    expect(await refusal(frame(2))).toMatchObject({ code: 'IMAGES_BEING_RECALLED' });
    expect(await bench.rows('select 1 as one from study_recalls where finished_at is null')).toHaveLength(1);
    expect(await recallNext(tiered)).toBe(true);
    expect(await recallNext(tiered)).toBe(false);
    expect(await frame(1)).toBe(Buffer.from(new Uint8Array(32)).toString('hex'));
    const { study, series } = await theStudy();
    expect([series.tier, study.farBytes]).toEqual(['near', 0]);
    expect(await seriesToCopy(bench.database, 10)).toMatchObject([{ seriesId: series.seriesId }]);
  });

  test('are read anew when they are near', async () => {
    expect((await factsOfStudy()).frames).toBe(3);
  });

  test('a late image of a far series is kept near, and closing and recalling join it with the others', async () => {
    await moveNextFar(tiered, LATER, { after: '0' });
    // Lately opened: it stays where it is, so the rows are set back.
    await bench.database.run(OLD_OPENINGS);
    await bench.database.run(OLD_RECALLS);
    await moveNextFar(tiered, instant(Date.parse('2027-01-01T00:00:00Z')), { after: '0' });
    expect((await theStudy()).series.tier).toBe('far');
    await bench.send(slice(4));
    await closeQuietSeries(tiered, LATER);
    expect((await theStudy()).series).toMatchObject({ instanceCount: 4, tier: 'far' });
    expect(await refusal(frame(4))).toMatchObject({ code: 'IMAGES_BEING_RECALLED' });
    expect(await seriesToCopy(bench.database, 10)).toEqual([]);
    expect(await recallNext(tiered)).toBe(true);
    for (const index of [1, 2, 3, 4]) expect(await frame(index)).toHaveLength(64);
    expect(await verifyObjects(tiered, () => undefined)).toMatchObject({ findings: 0 });
  });

  test('stay near when a copy cannot be made', async () => {
    await bench.database.run(OLD_OPENINGS);
    await bench.database.run(OLD_RECALLS);
    const broken = {
      ...tiered,
      tiers: {
        near: tiered.tiers.near,
        far: {
          ...fileImages(join(farFolder, 'other'), testKeys),
          begin: () => Promise.reject(new Error('no space')),
        },
      },
    };
    await expect(moveNextFar(broken, LATER, { after: '0' })).rejects.toThrow('no space');
    expect((await theStudy()).series.tier).toBe('near');
    expect(await verifyObjects(bench.imaging, () => undefined)).toMatchObject({ findings: 0 });
  });

  test('of a study whose list cannot be read stay far, and keep no other waiting', async () => {
    const BROKEN = '2.25.6601';
    await bench.send(
      instanceOf({
        StudyInstanceUID: BROKEN,
        SeriesInstanceUID: `${BROKEN}.1`,
        SOPInstanceUID: `${BROKEN}.1.1`,
        PatientID: 'M-BROKEN',
      }),
    );
    await closeQuietSeries(tiered, LATER);
    await bench.database.run(OLD_OPENINGS);
    await bench.database.run(OLD_RECALLS);
    const place = { after: '0' };
    while (await moveNextFar(tiered, LATER, place));
    const [broken] = await studiesByUid(bench.database, BROKEN);
    const { study } = await theStudy();
    if (!broken) throw new Error('the study was sent');
    const [lost] = await seriesOfStudy(bench.database, broken);
    await tiered.images.remove(lost?.manifest as never);
    let minute = 0;
    const ticking = { ...tiered, clock: () => instant(LATER + minute++ * MINUTE_MS) };
    for (const each of [broken, study]) await recallOf(ticking, each);
    await expect(recallNext(ticking)).rejects.toThrow('OBJECT_MISSING');
    expect(await recallNext(ticking)).toBe(true);
    expect((await theStudy()).series.tier).toBe('near');
    await expect(recallNext(ticking)).rejects.toThrow('OBJECT_MISSING');
  });
});

const OLD_OPENINGS = statement('test.old-openings', "update study_openings set opened_at = '2020-01-01'");
const OLD_RECALLS = statement('test.old-recalls', "update study_recalls set finished_at = '2020-01-01'");
