import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { type ObjectFinding, verifyObjects } from '../../src/apps/flows/imaging/verify-objects.ts';
import { instant } from '../../src/kernel/instant.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';

let bench: ImagingBench;
beforeAll(async () => {
  bench = await imagingBench();
});
afterAll(() => bench.drop());

const files = (): readonly string[] =>
  readdirSync(bench.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const verify = async () => {
  const findings: ObjectFinding[] = [];
  const result = await verifyObjects(bench.imaging, (finding) => findings.push(finding));
  return { ...result, found: findings };
};

test('a missing and a changed object are named with institution and study', async () => {
  for (const index of [1, 2])
    await bench.send(
      instanceOf({
        StudyInstanceUID: '2.25.610',
        SeriesInstanceUID: '2.25.610.1',
        SOPInstanceUID: `2.25.610.1.${index}`,
        PatientID: 'M-VERIFY',
        InstanceNumber: index,
      }),
    );
  const [first, second] = files();
  expect(await verify()).toMatchObject({ series: 1, objects: 2, found: [] });
  await closeQuietSeries(bench.imaging, instant(Date.now() + 3_600_000_000));
  expect(await verify()).toMatchObject({ series: 1, objects: files().length, found: [] });

  rmSync(first as string);
  const stored = readFileSync(second as string);
  stored[stored.length - 1] = (stored[stored.length - 1] as number) ^ 1;
  writeFileSync(second as string, stored);
  const { found } = await verify();
  expect(found.map(({ finding }) => finding).toSorted()).toEqual(['changed', 'missing']);
  expect(
    found.every(({ institution, seriesUid }) => institution === 'JIANG-1' && seriesUid === '2.25.610.1'),
  ).toBe(true);
});

test('what is kept aside is read as well: what contradicts, and what lies in quarantine', async () => {
  const of = {
    StudyInstanceUID: '2.25.611',
    SeriesInstanceUID: '2.25.611.1',
    SOPInstanceUID: '2.25.611.1.1',
    PatientID: 'M-ASIDE',
  };
  await bench.send(instanceOf(of));
  const shown = new Set(files());
  await bench.send(instanceOf({ ...of, SliceThickness: 5 }));
  const [other] = files().filter((file) => !shown.has(file));
  const unread = instanceOf({ ...of, SOPInstanceUID: '2.25.611.1.2' });
  expect(await bench.send({ ...unread, sopInstanceUid: '2.25.611.1.9' })).toMatchObject({
    kind: 'quarantined',
  });
  const [set] = files().filter((file) => !shown.has(file) && file !== other);
  for (const file of [other, set]) rmSync(file as string);
  const { found } = await verify();
  expect(found.filter(({ aside }) => aside !== null)).toEqual([
    {
      institution: 'JIANG-1',
      study: expect.any(String),
      seriesUid: null,
      sopInstanceUid: '2.25.611.1.1',
      aside: 'conflict',
      finding: 'missing',
    },
    {
      institution: 'JIANG-1',
      study: null,
      seriesUid: null,
      sopInstanceUid: '2.25.611.1.9',
      aside: 'quarantine',
      finding: 'missing',
    },
  ]);
});
