import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import type { ContentHash } from '../../src/adapters/objects/image-objects.ts';
import {
  seriesOfStudy,
  type SeriesReading,
  studiesByUid,
} from '../../src/adapters/postgres/imaging-reading.ts';
import { closeOneSeries, closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { instant } from '../../src/kernel/instant.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh, reportMessage } from './ingest-fixtures.ts';

let bench: ImagingBench;
beforeAll(async () => {
  bench = await imagingBench();
});
afterAll(() => bench.drop());

const uids = () => {
  const study = `2.25.${fresh('77')}`;
  return { StudyInstanceUID: study, SeriesInstanceUID: `${study}.1`, SOPInstanceUID: `${study}.1.1` };
};

interface StudyRow {
  readonly person_id: string;
  readonly study_id: string;
  readonly instance_count: number;
  readonly series_count: number;
  readonly report_public_id: string | null;
  readonly charset_derived: string | null;
}

const studies = (uid: string) =>
  bench.rows<StudyRow>(
    `select person_id, study_id, instance_count, series_count, report_public_id, charset_derived from studies
     where study_uid = $1 order by institution_id`,
    [uid],
  );

const matches = (uid: string) =>
  bench.rows<{ reason: string; candidates: string[] }>(
    `select m.reason, m.candidates from study_matches m join studies s using (person_id, study_id) where s.study_uid = $1`,
    [uid],
  );

const conflicts = (uid: string) =>
  bench.rows<{ reason: string }>(
    `select c.reason from imaging_conflicts c join studies s using (person_id, study_id) where s.study_uid = $1`,
    [uid],
  );

describe('an instance', () => {
  test('is kept with its data set byte for byte', async () => {
    const instance = instanceOf({ ...uids(), PatientID: fresh('M') });
    expect(await bench.send(instance)).toMatchObject({ kind: 'indexed', outcome: 'stored' });
    const [row] = await bench.rows<{
      content: ContentHash;
      pixel_offset: string;
      frame_bytes: string;
      rows: number;
    }>('select content, pixel_offset, frame_bytes, rows from instances where sop_uid = $1', [
      instance.sopInstanceUid,
    ]);
    const meta = writeMeta(instance);
    const stored = await bench.imaging.images.get((row as { content: ContentHash }).content);
    expect(Buffer.from(stored).equals(Buffer.concat([meta, instance.bytes]))).toBe(true);
    expect(row).toMatchObject({ pixel_offset: String(stored.length - 32), frame_bytes: '32', rows: 4 });
  });

  test('sent again is a success and one object', async () => {
    const of = uids();
    const instance = instanceOf({ ...of, PatientID: fresh('M') });
    await bench.send(instance);
    expect(await bench.send(instance)).toMatchObject({ kind: 'indexed', outcome: 'known' });
    expect(await studies(of.StudyInstanceUID)).toMatchObject([{ instance_count: 1, series_count: 1 }]);
    expect(await conflicts(of.StudyInstanceUID)).toEqual([]);
  });

  test('of the same UID with other content is kept beside the first and not shown', async () => {
    const of = { ...uids(), PatientID: fresh('M') };
    await bench.send(instanceOf(of));
    const changed = instanceOf({ ...of, StudyDescription: '头颅CT平扫' });
    expect(await bench.send(changed)).toMatchObject({ outcome: 'other-content' });
    expect(await bench.send(changed)).toMatchObject({ outcome: 'other-content' });
    expect(await studies(of.StudyInstanceUID)).toMatchObject([{ instance_count: 1 }]);
    expect(await conflicts(of.StudyInstanceUID)).toEqual([{ reason: 'other-content' }]);
  });

  test('of two hundred at once all are there, and counted once', async () => {
    const of = { ...uids(), PatientID: fresh('M') };
    const sent = Array.from({ length: 200 }, (_, index) =>
      instanceOf({
        ...of,
        SeriesInstanceUID: `${of.StudyInstanceUID}.${index % 3}`,
        SOPInstanceUID: `${of.StudyInstanceUID}.9.${index}`,
        InstanceNumber: index,
      }),
    );
    const outcomes = await Promise.all([...sent, ...sent].map((one) => bench.send(one)));
    expect(outcomes.filter((one) => one.kind === 'indexed' && one.outcome === 'stored')).toHaveLength(200);
    expect(outcomes.filter((one) => one.kind === 'indexed' && one.outcome === 'known')).toHaveLength(200);
    expect(await studies(of.StudyInstanceUID)).toMatchObject([{ instance_count: 200, series_count: 3 }]);
  });

  test('whose UID is not the one of the command is set aside with the reason', async () => {
    const instance = instanceOf({ ...uids(), PatientID: fresh('M') });
    expect(await bench.send({ ...instance, sopInstanceUid: '2.25.1' })).toEqual({
      kind: 'quarantined',
      reason: 'sop-instance-uid-differs',
    });
    const [row] = await bench.rows<{ reason_code: string; arrivals: number }>(
      'select reason_code, arrivals from quarantined_instances where sop_uid = $1',
      ['2.25.1'],
    );
    expect(row).toEqual({ reason_code: 'sop-instance-uid-differs', arrivals: 1 });
  });

  test('that is no data set is set aside, and its neighbour goes through', async () => {
    const good = instanceOf({ ...uids(), PatientID: fresh('M') });
    const bad = { ...good, sopInstanceUid: '2.25.666', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n') };
    const [first, second] = await Promise.all([bench.send(bad), bench.send(good)]);
    expect(first.kind).toBe('quarantined');
    expect(second).toMatchObject({ kind: 'indexed', outcome: 'stored' });
  });

  test('given up in the middle leaves nothing', async () => {
    const instance = instanceOf({ ...uids(), PatientID: fresh('M') });
    const begun = await bench.receiving.begin({
      ...instance,
      institution: 'JIANG-1' as never,
      sender: 'test',
      assumedCharset: null,
    });
    await begun.write(instance.bytes.subarray(0, 100));
    await begun.abort();
    expect(await bench.imaging.images.sweep(instant(Date.now() + 1_000_000))).toBe(0);
    expect(await studies(instance.sopInstanceUid)).toEqual([]);
  });

  test('without a character set is read as what its bytes are, and that is recorded', async () => {
    const of = uids();
    await bench.send(instanceOf({ ...of, PatientID: fresh('M'), SpecificCharacterSet: undefined }));
    const [study] = await studies(of.StudyInstanceUID);
    expect(study?.charset_derived).toBe('gb18030');
  });
});

const report = async (record: string, number: string, parts: object = {}) => {
  const outcome = await bench.take(
    reportMessage({
      controlId: fresh('C'),
      record,
      name: '张三',
      birthDate: '19660214',
      reportNumber: number,
      facility: 'JIANG1',
      application: 'LIS',
      ...parts,
    }),
  );
  expect(outcome.outcome).toBe('accepted');
};

const personOfRecord = async (record: string): Promise<string> => {
  const [row] = await bench.rows<{ person_id: string }>(
    'select person_id from report_keys where report_number = $1',
    [record],
  );
  return (row as { person_id: string }).person_id;
};

describe('a study', () => {
  const seriesOf = async (study: string) => {
    const [found] = await studiesByUid(bench.database, study);
    return found ? { found, series: await seriesOfStudy(bench.database, found) } : undefined;
  };
  const slice = (study: string, patient: string, series: number, index: number) =>
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.${series}`,
      SOPInstanceUID: `${study}.${series}.${index}`,
      SeriesNumber: series,
      PatientID: patient,
    });
  const untilOneWaits = async (): Promise<void> => {
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    while ((await bench.rows(waiting)).length === 0) await delay(20);
  };

  test('is open as long as one of its series is, also where one closes while another grows', async () => {
    const { StudyInstanceUID: study } = uids();
    const patient = fresh('M');
    for (const series of [1, 2]) await bench.send(slice(study, patient, series, 1));
    const [first] = (await seriesOf(study))?.series ?? [];
    let growing: Promise<unknown> = Promise.resolve();
    const slow = {
      ...bench.imaging,
      database: {
        ...bench.database,
        transaction: (work: Parameters<typeof bench.database.transaction>[0]) =>
          bench.database.transaction(async (session) => {
            const closed = await work(session);
            growing = bench.send(slice(study, patient, 2, 2));
            await untilOneWaits();
            return closed;
          }),
      } as typeof bench.database,
    };
    expect(await closeOneSeries(slow, first as SeriesReading)).toBe(true);
    await growing;
    await closeQuietSeries(bench.imaging, instant(Date.parse('2100-01-01T00:00:00Z')));
    const { found, series } = (await seriesOf(study)) ?? {};
    expect(series?.map(({ closedAt, instanceCount }) => [closedAt !== null, instanceCount])).toEqual([
      [true, 1],
      [true, 2],
    ]);
    expect(found?.openSeries).toBe(0);
  });
});

describe('a study belongs', () => {
  test('to the holder of the patient number, under which HL7 results came too', async () => {
    const record = fresh('M');
    const number = fresh('R');
    await report(record, number);
    const of = uids();
    await bench.send(instanceOf({ ...of, PatientID: record, AccessionNumber: number }));
    expect(await studies(of.StudyInstanceUID)).toMatchObject([{ person_id: await personOfRecord(number) }]);
    expect(await matches(of.StudyInstanceUID)).toEqual([]);
  });

  test('to nobody for now when its number is held by somebody else', async () => {
    const record = fresh('M');
    const number = fresh('R');
    await report(record, number);
    const of = uids();
    await bench.send(
      instanceOf({ ...of, PatientID: record, PatientName: 'Li^Si=李^四', PatientBirthDate: '19990101' }),
    );
    const holder = await personOfRecord(number);
    const [study] = await studies(of.StudyInstanceUID);
    expect(study?.person_id).not.toBe(holder);
    expect(await matches(of.StudyInstanceUID)).toEqual([
      { reason: 'patient-contradicts', candidates: [holder] },
    ]);
  });

  test('to nobody for now when its accession number is of another person’s report', async () => {
    const [one, other] = [fresh('M'), fresh('M')];
    const [first, second] = [fresh('R'), fresh('R')];
    await report(one, first);
    await report(other, second, { name: '李四', birthDate: '19990101' });
    const of = uids();
    await bench.send(instanceOf({ ...of, PatientID: one, AccessionNumber: second }));
    expect(await matches(of.StudyInstanceUID)).toEqual([
      {
        reason: 'report-of-another-person',
        candidates: [await personOfRecord(first), await personOfRecord(second)],
      },
    ]);
  });

  test('to another institution’s patient only where name and birth date say so too, not by the number alone', async () => {
    const record = fresh('M');
    const number = fresh('R');
    await report(record, number);
    const holder = await personOfRecord(number);
    const named = { PatientID: record, IssuerOfPatientID: 'JIANG-1' } as const;
    const corroborated = uids();
    await bench.send(
      instanceOf({ ...corroborated, ...named, PatientName: 'Zhang^San=张^三', PatientBirthDate: '19660214' }),
      'JIANG-2',
    );
    expect(await studies(corroborated.StudyInstanceUID)).toMatchObject([{ person_id: holder }]);
    const alone = uids();
    await bench.send(
      instanceOf({ ...alone, ...named, PatientName: 'Zhang^San=张^三', PatientBirthDate: '' }),
      'JIANG-2',
    );
    const [study] = await studies(alone.StudyInstanceUID);
    expect(study?.person_id).not.toBe(holder);
    expect(await matches(alone.StudyInstanceUID)).toEqual([
      { reason: 'number-of-another-institution', candidates: [holder] },
    ]);
    const planted = uids();
    const unknown = { PatientID: fresh('M'), IssuerOfPatientID: 'JIANG-1' } as const;
    await bench.send(instanceOf({ ...planted, ...unknown }), 'JIANG-2');
    expect(await matches(planted.StudyInstanceUID)).toEqual([
      { reason: 'number-of-another-institution', candidates: [] },
    ]);
  });

  test('by its number where its name was read against the set it names; such a name speaks for nobody', async () => {
    const [record, number] = [fresh('M'), fresh('R')];
    await report(record, number);
    const holder = await personOfRecord(number);
    // GBK, and says Latin-1.
    const wrong = { SpecificCharacterSet: 'ISO_IR 100', PatientID: record } as const;
    const same = uids();
    await bench.send(instanceOf({ ...same, ...wrong }));
    expect(await studies(same.StudyInstanceUID)).toMatchObject([
      { person_id: holder, charset_derived: 'gb18030' },
    ]);
    expect(await matches(same.StudyInstanceUID)).toEqual([]);
    const elsewhere = uids();
    await bench.send(instanceOf({ ...elsewhere, ...wrong, IssuerOfPatientID: 'JIANG-1' }), 'JIANG-2');
    expect(await matches(elsewhere.StudyInstanceUID)).toEqual([
      { reason: 'number-of-another-institution', candidates: [holder] },
    ]);
    const another = uids();
    await bench.send(
      instanceOf({ ...another, ...wrong, PatientName: '李^四', PatientBirthDate: '19990101' }),
    );
    expect(await matches(another.StudyInstanceUID)).toEqual([
      { reason: 'patient-contradicts', candidates: [holder] },
    ]);
  });

  test('to nobody for now without a patient number, never to who has the name', async () => {
    const number = fresh('R');
    await report(fresh('M'), number);
    const of = uids();
    await bench.send(instanceOf({ ...of, PatientID: '' }));
    expect(await matches(of.StudyInstanceUID)).toEqual([{ reason: 'no-patient-id', candidates: [] }]);
  });

  test('to two institutions as two studies, though the UID is one', async () => {
    const instance = instanceOf({ ...uids(), PatientID: fresh('M') });
    await bench.send(instance, 'JIANG-1');
    expect(await bench.send(instance, 'JIANG-2')).toMatchObject({ outcome: 'stored' });
    const found = await bench.rows('select 1 from instance_keys where sop_uid = $1', [
      instance.sopInstanceUid,
    ]);
    expect(found).toHaveLength(2);
  });

  test('to one patient: an instance of another one is kept and not shown', async () => {
    const of = uids();
    await bench.send(instanceOf({ ...of, PatientID: fresh('M') }));
    const stray = instanceOf({ ...of, SOPInstanceUID: `${of.StudyInstanceUID}.5`, PatientID: fresh('M') });
    expect(await bench.send(stray)).toMatchObject({ outcome: 'two-patients' });
    expect(await studies(of.StudyInstanceUID)).toMatchObject([{ instance_count: 1 }]);
    expect(await conflicts(of.StudyInstanceUID)).toEqual([{ reason: 'two-patients' }]);
  });
});
