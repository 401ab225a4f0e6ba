import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { holdStudy, MOVED } from '../../src/adapters/postgres/imaging-moves.ts';
import { seriesOfStudy } from '../../src/adapters/postgres/imaging-reading.ts';
import { closeOneSeries, closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { linkReports } from '../../src/apps/flows/imaging/link-reports.ts';
import { studyMatches } from '../../src/apps/flows/imaging/study-matches.ts';
import { studyViewing } from '../../src/apps/flows/imaging/view-study.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import type { StudyMatches } from '../../src/apps/server/routes/study-matches-port.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { chestReport } from './chest-report.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

const ORIGIN = { requestId: 'r', peer: 'test', purpose: 'quality' } as const;
const staffOf = (institution: string, role: StaffActor['role']): StaffActor => ({
  kind: 'staff',
  name: `staff:${role}.${institution}`,
  login: `${role}.${institution}`,
  role,
  institution: institution as InstitutionCode,
  staffNumber: '1',
  department: '登记处',
  displayName: '演练登记',
});
const REGISTRAR = staffOf('JIANG-1', 'registrar');
const DOCTOR = staffOf('JIANG-1', 'doctor');

const WAITING = `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;

let bench: ImagingBench;
let matches: StudyMatches;
beforeAll(async () => {
  bench = await imagingBench();
  matches = studyMatches(bench.imaging);
});
afterAll(() => bench.drop());

const slice = (study: string, record: string, number: string, index: number) =>
  instanceOf({
    StudyInstanceUID: study,
    SeriesInstanceUID: `${study}.1`,
    SOPInstanceUID: `${study}.1.${index}`,
    PatientID: record,
    AccessionNumber: number,
    InstanceNumber: index,
  });

/** A chest CT that was made under the number of somebody who is there, with a report of that person. */
const placed = async () => {
  const [record, number, uid] = [fresh('M'), fresh('R'), `2.25.${fresh('57')}`];
  const report = await chestReport(bench, record, number);
  for (const index of [1, 2]) await bench.send(slice(uid, record, number, index));
  const [study] = await bench.rows<{ public_id: PublicId; person_id: string; study_id: string }>(
    'select public_id, person_id, study_id from studies where study_uid = $1',
    [uid],
  );
  return { record, number, uid, report, ...(study as NonNullable<typeof study>) };
};

/** Says that what came has come whole, as the worker does after a pause. */
const close = () => closeQuietSeries(bench.imaging, instant(bench.imaging.clock() + 1_000));

/** Every stored object with its bytes. */
const objects = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(bench.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );

/** Every row that belongs to a study, of every table that names one, apart from its person and from its worklist entry. */
const rowsOf = async (study: string) => {
  const tables = await bench.rows<{ table_name: string; column_name: string }>(
    `select c.table_name, c.column_name from information_schema.columns c
     where c.table_schema = 'public' and c.column_name in ('study_id', 'series_id') and c.table_name <> 'study_matches'
       and exists (select 1 from information_schema.columns p where p.table_schema = 'public' and p.table_name = c.table_name
         and p.column_name = 'person_id')
       and not (c.column_name = 'series_id' and c.table_name = 'series')
     order by c.table_name`,
  );
  const all = [];
  for (const { table_name: table, column_name: column } of tables) {
    const keys =
      column === 'study_id'
        ? '(select study_id from studies where study_uid = $1)'
        : '(select series_id from series where study_id in (select study_id from studies where study_uid = $1))';
    const rows = await bench.database.run<{ person: string; row: string }>(
      statement(
        `test.rows-of-${table}`,
        `select person_id as person, (to_jsonb(t) - 'person_id')::text as row from ${table} t where ${column} in ${keys} order by 2`,
      ),
      [study],
    );
    all.push(...rows.map(({ person, row }) => ({ table, person, row })));
  }
  return all;
};

const entryOf = async (study: PublicId) => {
  const listed = await matches.list(REGISTRAR, ORIGIN);
  return listed.ok ? listed.value.matches.find((match) => match.study === study) : undefined;
};

test('a placed study is set apart and put back in one press each, and nothing stored changes', async () => {
  const study = await placed();
  const { public_id: id, person_id: wrong, number, uid, report } = study;
  await close();
  const viewing = studyViewing(bench.imaging);
  const opened = await viewing.open(DOCTOR, id, undefined, ORIGIN);
  expect(opened.ok).toBe(true);
  // One row in every table that a study can have rows in.
  await bench.rows(
    `insert into key_images (person_id, study_id, reader, images, marked_at) values ($1, $2, 'r', '[]', now())`,
    [wrong, study.study_id],
  );
  await bench.rows(
    `insert into study_recalls (person_id, study_id, asked_at, done, total) values ($1, $2, now(), 0, 1)`,
    [wrong, study.study_id],
  );
  const [before, bytes] = [await rowsOf(uid), objects()];
  expect(new Set(before.map(({ person }) => person))).toEqual(new Set([wrong]));
  expect(new Set(before.map(({ table }) => table))).toEqual(
    new Set([
      'instance_keys',
      'instances',
      'key_images',
      'series',
      'studies',
      'study_accessions',
      'study_keys',
      'study_openings',
      'study_recalls',
    ]),
  );

  const found = await matches.placed(REGISTRAR, number, ORIGIN);
  expect(found).toMatchObject({ ok: true, value: { studies: [{ study: id, coming: false }] } });
  const done = await matches.setApart(REGISTRAR, id, ORIGIN);
  expect(done.ok).toBe(true);
  expect(await entryOf(id)).toMatchObject({
    reason: 'not-this-patient',
    state: 'open',
    canGive: true,
    wasPlaced: true,
    candidates: [],
  });
  const apart = await rowsOf(uid);
  const [own] = new Set(apart.map(({ person }) => person));
  expect(own).not.toBe(wrong);
  expect(apart).toEqual(
    before.map(({ row, ...one }) => ({
      ...one,
      person: own,
      row: row.replace(`"report_public_id": "${report}"`, '"report_public_id": null'),
    })),
  );
  expect(objects()).toEqual(bytes);
  expect((await viewing.ofReport(DOCTOR, report)).ok).toBe(false);
  expect(await matches.placed(REGISTRAR, uid, ORIGIN)).toMatchObject({ value: { studies: [] } });
  // Both find it in their log.
  expect(
    await bench.rows<{ person_id: string }>(
      "select person_id from audit_events where resource = $1 and action = 'study-match.set-apart' order by event_id",
      [`study/${id}`],
    ),
  ).toEqual([{ person_id: wrong }, { person_id: own }]);

  const entry = await entryOf(id);
  const back = await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'undo' }, ORIGIN);
  expect(back.ok).toBe(true);
  expect(await rowsOf(uid)).toEqual(before);
  expect(objects()).toEqual(bytes);
  expect(await entryOf(id)).toBeUndefined();
  expect((await viewing.ofReport(DOCTOR, report)).ok).toBe(true);
  // And once more: what was undone can be done again.
  expect((await matches.setApart(REGISTRAR, id, ORIGIN)).ok).toBe(true);
});

test('a decision that weighed its report is marked, and told when the study was the patient’s after all', async () => {
  const { public_id: id, person_id: wrong, report } = await placed();
  await close();
  const check = bench.imaging.newPublicId();
  await bench.rows(
    `insert into order_checks (person_id, public_id, institution_id, actor, encounter_class, checked_at, evaluator, snapshot_id,
       cluster_version, facts, verdicts)
     select $1, $2, min(institution_id), 'staff:doctor', 'outpatient', now(), 1, 's', 1, $3, '' from institutions`,
    [wrong, check, JSON.stringify({ report })],
  );
  const marks = () =>
    bench.rows<{ kind: string }>('select kind from check_marks where check_public_id = $1 order by mark_id', [
      check,
    ]);
  expect((await matches.setApart(REGISTRAR, id, ORIGIN)).ok).toBe(true);
  expect(await marks()).toEqual([{ kind: 'other-images' }]);
  const entry = await entryOf(id);
  expect((await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'undo' }, ORIGIN)).ok).toBe(true);
  expect(await marks()).toEqual([{ kind: 'other-images' }, { kind: 'upheld' }]);
});

test('every table that a study lies in is moved whole', async () => {
  const study = await placed();
  await close();
  const columns = await bench.rows<{ table_name: string; column_name: string }>(
    `select table_name, column_name from information_schema.columns
     where table_schema = 'public' and (table_name, 'person_id') in (
       select table_name, column_name from information_schema.columns where table_schema = 'public')
       and table_name in (select table_name from information_schema.columns where table_schema = 'public'
         and column_name in ('study_id', 'series_id'))
     order by 1, 2`,
  );
  const known = Map.groupBy(columns, ({ table_name }) => table_name);
  expect([...known.keys()]).toEqual([
    'folded_uids',
    'image_holds',
    'image_retirement_studies',
    'imaging_conflicts',
    'instance_keys',
    'instances',
    'key_images',
    // Not moved: gone with the row of the study, and with it the share.
    'report_share_studies',
    'series',
    'studies',
    'study_accessions',
    'study_keys',
    'study_matches',
    'study_openings',
    'study_proofs',
    'study_recalls',
    'view_copies',
  ]);
  for (const { name, columns: moved } of MOVED)
    expect([name, [...moved.split(/,\s*/), 'person_id'].toSorted()]).toEqual([
      name,
      (known.get(name) ?? []).map(({ column_name }) => column_name).toSorted(),
    ]);
  expect((await matches.setApart(REGISTRAR, study.public_id, ORIGIN)).ok).toBe(true);
});

test('images that come in afterwards go where the study lies then', async () => {
  const { public_id: id, person_id: wrong, record, number, uid } = await placed();
  await close();
  expect((await matches.setApart(REGISTRAR, id, ORIGIN)).ok).toBe(true);
  expect(await bench.send(slice(uid, record, number, 3))).toMatchObject({
    kind: 'indexed',
    outcome: 'stored',
  });
  const other = { ...slice(uid, 'another', number, 4) };
  expect(await bench.send(other)).toMatchObject({ outcome: 'two-patients' });
  const rows = await rowsOf(uid);
  expect(rows.filter(({ person }) => person === wrong)).toEqual([]);
  expect(rows.filter(({ table }) => table === 'instances')).toHaveLength(3);
});

test('a placed study whose report turns out to be another person’s is taken out and given to that person', async () => {
  const [record, number, uid] = [fresh('M'), fresh('R'), `2.25.${fresh('58')}`];
  await bench.send(slice(uid, record, number, 1));
  const report = await chestReport(bench, fresh('M'), number);
  const [holder] = await bench.rows<{ person_id: string; public_id: PublicId }>(
    'select p.person_id, p.public_id from persons p join reports r using (person_id) where r.public_id = $1',
    [report],
  );
  const { person_id: personId, public_id: person } = holder as NonNullable<typeof holder>;
  await bench.database.transaction((session) =>
    linkReports(bench.imaging, session, {
      personId,
      payload: JSON.stringify({ reports: [{ report }] }),
    }),
  );
  await close();
  const [study] = await bench.rows<{ public_id: PublicId }>(
    'select public_id from studies where study_uid = $1',
    [uid],
  );
  const { public_id: id } = study as NonNullable<typeof study>;
  expect(await entryOf(id)).toMatchObject({ reason: 'report-of-another-person', canGive: false });
  expect((await matches.setApart(REGISTRAR, id, ORIGIN)).ok).toBe(true);
  const entry = await entryOf(id);
  expect(entry).toMatchObject({ reason: 'not-this-patient', canGive: true, candidates: [{ person }] });
  const given = await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'give', person }, ORIGIN);
  expect(given.ok).toBe(true);
  expect((await studyViewing(bench.imaging).ofReport(DOCTOR, report)).ok).toBe(true);
});

test('a study that is still coming in is set apart, what comes after goes with it, and one press brings all of it back', async () => {
  const { public_id: id, person_id: wrong, record, number, uid, report } = await placed();
  const persons = async () => new Set((await rowsOf(uid)).map(({ person }) => person));
  const next = (series: number, index: number) =>
    instanceOf({
      StudyInstanceUID: uid,
      SeriesInstanceUID: `${uid}.${series}`,
      SOPInstanceUID: `${uid}.${series}.${index}`,
      PatientID: record,
      AccessionNumber: number,
    });
  const found = await matches.placed(REGISTRAR, number, ORIGIN);
  expect(found).toMatchObject({ value: { studies: [{ study: id, coming: true }] } });
  expect((await matches.setApart(REGISTRAR, id, ORIGIN)).ok).toBe(true);
  expect(await bench.send(next(1, 3))).toMatchObject({ outcome: 'stored' });
  expect(await bench.send(next(2, 1))).toMatchObject({ outcome: 'stored' });
  const apart = await persons();
  expect(apart.size).toBe(1);
  expect(apart).not.toContain(wrong);
  expect((await studyViewing(bench.imaging).ofReport(DOCTOR, report)).ok).toBe(false);
  expect(await entryOf(id)).toMatchObject({ instances: 4 });

  const entry = await entryOf(id);
  expect((await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'undo' }, ORIGIN)).ok).toBe(true);
  expect(await bench.send(next(2, 2))).toMatchObject({ outcome: 'stored' });
  expect(await persons()).toEqual(new Set([wrong]));
  await close();
  expect(await matches.placed(REGISTRAR, number, ORIGIN)).toMatchObject({
    value: { studies: [{ study: id, instances: 5, coming: false }] },
  });
  expect((await studyViewing(bench.imaging).ofReport(DOCTOR, report)).ok).toBe(true);
});

test('images of many series that arrive at that very moment lie whole where their study went', async () => {
  const { public_id: id, person_id: wrong, record, number, uid } = await placed();
  const sent = Array.from({ length: 40 }, (_, index) =>
    instanceOf({
      StudyInstanceUID: uid,
      SeriesInstanceUID: `${uid}.${(index * 7) % 5}.9`,
      SOPInstanceUID: `${uid}.9.${index}`,
      // Now and then somebody else's, which is kept beside.
      PatientID: index % 13 === 12 ? `${record}0` : record,
      AccessionNumber: number,
    }),
  );
  const [outcomes, done] = await Promise.all([
    Promise.all(sent.map((one) => bench.send(one))),
    matches.setApart(REGISTRAR, id, ORIGIN),
  ]);
  // Refused only where the other patient's image came first, and put the study on the worklist for that.
  if (!done.ok) expect(done.reason.code).toBe('STUDY_MATCH_DECIDED');
  expect(outcomes.filter((one) => one.kind === 'indexed' && one.outcome === 'stored')).toHaveLength(37);
  expect(outcomes.filter((one) => one.kind === 'indexed' && one.outcome === 'two-patients')).toHaveLength(3);
  const rows = await rowsOf(uid);
  const [person, ...others] = new Set(rows.map((row) => row.person));
  expect(others).toEqual([]);
  expect(person === wrong).toBe(!done.ok);
  expect(rows.filter(({ table }) => table === 'instances')).toHaveLength(39);
  const [counted] = await bench.rows<{ of_study: string; of_series: string }>(
    `select s.instance_count as of_study, (select sum(c.instance_count) from series c where c.study_id = s.study_id) as of_series
     from studies s where s.study_uid = $1`,
    [uid],
  );
  expect(counted).toMatchObject({ of_study: 39 });
  expect(Number(counted?.of_series)).toBe(39);
});

test('a series made known while the others were being held is held too', async () => {
  const { person_id: personId, study_id: studyId, uid } = await placed();
  let attempts = 0;
  const holding = () =>
    bench.database.transaction((session) => {
      attempts += 1;
      return holdStudy(session, { personId, studyId });
    });
  const held = await bench.database.transaction(async (session) => {
    await session.run(
      statement(
        'test.arriving-series',
        `insert into series (person_id, study_id, series_uid, instance_count, bytes, version, first_at, last_at, sender)
         select person_id, study_id, series_uid || '1', 0, 0, 0, first_at, last_at, sender from series where study_id = $1`,
      ),
      [studyId],
    );
    await session.run(
      statement('test.growing-study', 'update studies set series_count = 2 where study_id = $1'),
      [studyId],
    );
    const answer = holding();
    answer.catch(() => undefined);
    while ((await bench.rows(WAITING)).length === 0);
    return { answer };
  });
  const series = await bench.rows<{ series_id: string }>(
    'select series_id from series where study_id in (select study_id from studies where study_uid = $1) order by 1',
    [uid],
  );
  expect(series).toHaveLength(2);
  expect((await held.answer)?.toSorted()).toEqual(series.map(({ series_id }) => series_id).toSorted());
  expect(attempts).toBe(2);
});

test('what was read of an open series before its study went and came back does not close it', async () => {
  const { public_id: id, study_id: studyId, person_id: personId } = await placed();
  const [read] = await seriesOfStudy(bench.database, { personId, studyId });
  expect((await matches.setApart(REGISTRAR, id, ORIGIN)).ok).toBe(true);
  const entry = await entryOf(id);
  expect((await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'undo' }, ORIGIN)).ok).toBe(true);
  expect(await closeOneSeries(bench.imaging, read as NonNullable<typeof read>)).toBe(false);
  await close();
  const [after] = await seriesOfStudy(bench.database, { personId, studyId });
  expect(after).toMatchObject({ instanceCount: 2 });
  expect(after?.closedAt).not.toBeNull();
});

test('of another institution, or twice, it is refused', async () => {
  const { public_id: id } = await placed();
  await close();
  expect(await matches.setApart(staffOf('JIANG-2', 'registrar'), id, ORIGIN)).toMatchObject({
    reason: { code: 'STUDY_MATCH_UNKNOWN' },
  });
  expect(await matches.setApart(DOCTOR, id, ORIGIN)).toMatchObject({
    reason: { code: 'STUDY_MATCH_UNKNOWN' },
  });
  expect((await matches.setApart(REGISTRAR, id, ORIGIN)).ok).toBe(true);
  expect(await matches.setApart(REGISTRAR, id, ORIGIN)).toMatchObject({
    reason: { code: 'STUDY_MATCH_DECIDED' },
  });
});
