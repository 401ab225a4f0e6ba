import { afterAll, beforeAll, expect, test } from 'vitest';
import { readImageEvidence } from '../../src/adapters/postgres/imaging-evidence.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { readFactsAnew } from '../../src/apps/flows/imaging/read-facts-anew.ts';
import { FACTS_READING, type InstanceHeader } from '../../src/imaging/index.ts';
import { getJson, putJson } from '../../src/apps/flows/imaging/json-objects.ts';
import { type DataSet, dataSet, writeDataSet } from '../../src/adapters/dicom/write-part10.ts';
import { linkReports } from '../../src/apps/flows/imaging/link-reports.ts';
import { drainOutbox } from '../../src/apps/worker/worker.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { chestReport } from './chest-report.ts';
import { fresh } from './ingest-fixtures.ts';

let bench: ImagingBench;
beforeAll(async () => {
  bench = await imagingBench();
});
afterAll(() => bench.drop());

const evidenceOf = async (id: PublicId) => {
  const rows = await bench.rows<{ person_id: string }>('select person_id from reports where public_id = $1', [
    id,
  ]);
  return (await readImageEvidence(bench.database, [rows[0]?.person_id as string])).get(id);
};

/** Facts of the one study of a report. */
const factsOf = async (id: PublicId) => (await evidenceOf(id))?.studies[0]?.facts;

const slices = (study: string, record: string, accession: string, count: number, more = {}) =>
  Array.from({ length: count }, (_, index) =>
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.${index}`,
      PatientID: record,
      AccessionNumber: accession,
      InstanceNumber: index + 1,
      SliceThickness: 5,
      ImagePositionPatient: [0, 0, index * 5],
      ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
      ...more,
    }),
  );

test('a report that came before its images gets them, with what their headers amount to once the series is closed', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  const id = await chestReport(bench, record, number);
  expect(await evidenceOf(id)).toBeUndefined();
  for (const slice of slices(study, record, number, 4)) await bench.send(slice);
  expect(await evidenceOf(id)).toMatchObject({ received: 4, isOpen: true, studies: [{ facts: null }] });
  await closeQuietSeries(bench.imaging, instant(Date.now() + 3_600_000_000));
  expect(await evidenceOf(id)).toMatchObject({
    received: 4,
    isOpen: false,
    studies: [{ facts: { modalities: ['CT'], instances: 4, series: [{ thicknessMm: 5 }] } }],
  });
});

test('facts that an older program read are read anew from the kept headers, once', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  const id = await chestReport(bench, record, number);
  for (const slice of slices(study, record, number, 3, { SeriesDescription: 'NON CONTRAST' }))
    await bench.send(slice);
  await closeQuietSeries(bench.imaging, instant(Date.now() + 3_600_000_000));
  const made = await factsOf(id);
  expect(made).toMatchObject({ reading: FACTS_READING, series: [{ phase: 'plain' }] });
  await bench.rows(
    `update studies set facts_reading = 1, facts = replace(facts, '"plain"', '"enhanced"') where study_uid = $1`,
    [study],
  );
  expect((await factsOf(id))?.series[0]?.phase).toBe('enhanced');
  while ((await readFactsAnew(bench.imaging)) > 0);
  expect(await factsOf(id)).toEqual(made);
  await bench.rows('update studies set facts_reading = 1 where study_uid = $1', [study]);
  await bench.rows(`update series set headers = repeat('0', 64) where series_uid = $1`, [`${study}.1`]);
  while ((await readFactsAnew(bench.imaging)) > 0);
  expect(await factsOf(id)).toEqual(made);
});

test('a Chinese word in a code is read in the character set of its data set, and kept headers that misread it are read again', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  const id = await chestReport(bench, record, number);
  // 颈椎 in GB18030, as devices write it into a code that has plain letters by the standard.
  const words = Buffer.from([0xbe, 0xb1, 0xd7, 0xb5]);
  for (const slice of slices(study, record, number, 3, {
    StudyDescription: 'CT',
    BodyPartExamined: 'ZZZZ',
  })) {
    const bytes = Buffer.from(slice.bytes);
    words.copy(bytes, bytes.indexOf('ZZZZ'));
    await bench.send({ ...slice, bytes });
  }
  await closeQuietSeries(bench.imaging, instant(Date.now() + 3_600_000_000));
  const made = await factsOf(id);
  expect(made?.series[0]?.shows).toEqual({
    regions: ['neck', 'spine'],
    narrow: ['cervical-spine'],
    isCoded: true,
  });
  const [kept] = await bench.rows<{ headers: string }>('select headers from series where series_uid = $1', [
    `${study}.1`,
  ]);
  const headers = await getJson<readonly InstanceHeader[]>(bench.imaging.images, kept?.headers as string);
  const misread = headers.map((header) => ({
    ...header,
    reading: 2,
    anatomy: { ...header.anatomy, bodyPartExamined: words.toString('latin1') },
  }));
  await bench.rows('update series set headers = $2 where series_uid = $1', [
    `${study}.1`,
    await putJson(bench.imaging.images, JSON.stringify(misread)),
  ]);
  await bench.rows('update studies set facts_reading = 6 where study_uid = $1', [study]);
  while ((await readFactsAnew(bench.imaging)) > 0);
  expect(await factsOf(id)).toEqual(made);
});

test('what a series denies of contrast, and a thickness that can be none, are no facts of it', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  const id = await chestReport(bench, record, number);
  const more = { SeriesDescription: '拒绝增强', ContrastBolusAgent: 'NONE GIVEN', SliceThickness: 0 };
  for (const slice of slices(study, record, number, 3, more)) await bench.send(slice);
  await closeQuietSeries(bench.imaging, instant(Date.now() + 3_600_000_000));
  expect((await factsOf(id))?.series[0]).toMatchObject({ phase: null, thicknessMm: null, spacingMm: 5 });
});

test('an image of many frames that an older program kept without their places is read again', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  const id = await chestReport(bench, record, number);
  const group = (tag: number, ...items: DataSet[]): DataSet => [{ tag, vr: 'SQ', value: items }];
  const frame = (z: number): DataSet => group(0x0020_9113, dataSet({ ImagePositionPatient: [0, 0, z] }));
  const attributes = {
    StudyInstanceUID: study,
    SeriesInstanceUID: `${study}.1`,
    SOPInstanceUID: `${study}.1.1`,
    PatientID: record,
    AccessionNumber: number,
    Modality: 'CT',
    NumberOfFrames: 3,
  };
  const shared = [
    ...group(0x0028_9110, dataSet({ SliceThickness: 2 })),
    ...group(0x0020_9116, dataSet({ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] })),
  ];
  const instance = instanceOf(attributes);
  await bench.send({
    ...instance,
    bytes: writeDataSet(
      [
        ...dataSet({ SOPClassUID: instance.sopClassUid, ...attributes }),
        ...group(0x5200_9229, shared),
        ...group(0x5200_9230, frame(0), frame(2), frame(4)),
      ],
      { transferSyntaxUid: instance.transferSyntaxUid, charset: 'GB18030' },
    ),
  });
  await closeQuietSeries(bench.imaging, instant(Date.now() + 3_600_000_000));
  const made = await factsOf(id);
  expect(made?.series).toMatchObject([{ plane: 'axial', thicknessMm: 2, coverageMm: 6, frames: 3 }]);
  const { images } = bench.imaging;
  const [row] = await bench.rows<{ headers: string }>('select headers from series where series_uid = $1', [
    `${study}.1`,
  ]);
  const [kept] = await getJson<readonly InstanceHeader[]>(images, (row as { headers: string }).headers);
  const { framePositionsMm: _, ...geometry } = (kept as InstanceHeader).geometry;
  const before = {
    ...kept,
    reading: 1,
    geometry: { ...geometry, imageOrientationPatient: null, sliceThicknessMm: null },
  };
  await bench.rows('update series set headers = $2 where series_uid = $1', [
    `${study}.1`,
    await putJson(images, JSON.stringify([before])),
  ]);
  await bench.rows(`update studies set facts_reading = 2, facts = '{"series":[]}' where study_uid = $1`, [
    study,
  ]);
  while ((await readFactsAnew(bench.imaging)) > 0);
  expect(await factsOf(id)).toEqual(made);
});

test('images that came before their report are given to it when it comes', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  for (const slice of slices(study, record, number, 2)) await bench.send(slice);
  const id = await chestReport(bench, record, number);
  await drainOutbox(bench.dependencies);
  expect(await evidenceOf(id)).toMatchObject({ received: 2 });
});

test.each(['report', 'images'])(
  'a report that states the study UID gets its images without any number, the %s first',
  async (first) => {
    const [record, study] = [fresh('M'), `2.25.${fresh('31')}`];
    const send = async () => {
      for (const slice of slices(study, record, '', 2)) await bench.send(slice);
    };
    if (first === 'images') await send();
    const other = await chestReport(bench, record, fresh('R'), `${study}.7`);
    const id = await chestReport(bench, record, fresh('R'), study);
    await drainOutbox(bench.dependencies);
    if (first === 'report') await send();
    expect(await evidenceOf(id)).toMatchObject({ received: 2 });
    expect(await evidenceOf(other)).toBeUndefined();
  },
);

test('the accession number counts before the study UID, and neither goes beyond the person', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  const stating = await chestReport(bench, record, fresh('R'), study);
  const numbered = await chestReport(bench, record, number);
  const stranger = await chestReport(bench, fresh('M'), fresh('R'), study);
  for (const slice of slices(study, record, number, 1)) await bench.send(slice);
  expect(await evidenceOf(numbered)).toMatchObject({ received: 1 });
  expect(await evidenceOf(stating)).toBeUndefined();
  expect(await evidenceOf(stranger)).toBeUndefined();
});

test('images of another person than the report’s wait for somebody’s eye', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  for (const slice of slices(study, fresh('M'), number, 1)) await bench.send(slice);
  const id = await chestReport(bench, record, number);
  await drainOutbox(bench.dependencies);
  expect(await evidenceOf(id)).toBeUndefined();
  const rows = await bench.rows<{ reason: string }>(
    'select m.reason from study_matches m join studies s using (person_id, study_id) where s.study_uid = $1',
    [study],
  );
  expect(rows).toEqual([{ reason: 'report-of-another-person' }]);
});

test('an event that is drained again changes nothing', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('31')}`];
  for (const slice of slices(study, record, number, 1)) await bench.send(slice);
  const id = await chestReport(bench, record, number);
  const [row] = await bench.rows<{ person_id: string }>(
    'select person_id from reports where public_id = $1',
    [id],
  );
  const event = {
    personId: (row as { person_id: string }).person_id,
    payload: JSON.stringify({ reports: [{ report: id }] }),
  };
  for (let again = 0; again < 2; again++)
    await bench.database.transaction((session) => linkReports(bench.dependencies, session, event));
  expect(await evidenceOf(id)).toMatchObject({ received: 1 });
});
