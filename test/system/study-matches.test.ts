import { afterAll, beforeAll, expect, test } from 'vitest';
import { studyMatches } from '../../src/apps/flows/imaging/study-matches.ts';
import { readImageEvidence } from '../../src/adapters/postgres/imaging-evidence.ts';
import { ANY_STUDY, searchStudies, studiesOfReport } from '../../src/adapters/postgres/imaging-reading.ts';
import { clusterOf } from '../../src/adapters/postgres/person-lookup.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { StudyMatches } from '../../src/apps/server/routes/study-matches-port.ts';
import { drainOutbox } from '../../src/apps/worker/worker.ts';
import { chestReport } from './chest-report.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh, messageParts, reportMessage } from './ingest-fixtures.ts';

let bench: ImagingBench;
let matches: StudyMatches;
beforeAll(async () => {
  bench = await imagingBench();
  matches = studyMatches(bench.imaging);
});
afterAll(() => bench.drop());

const registrarOf = (institution: string): StaffActor => ({
  kind: 'staff',
  name: `staff:registrar.${institution}`,
  login: `registrar.${institution}`,
  role: 'registrar',
  institution: institution as InstitutionCode,
  staffNumber: '1',
  department: '登记处',
  displayName: '演练登记',
});
const REGISTRAR = registrarOf('JIANG-1');
const ORIGIN = { requestId: 'r', peer: 'test', purpose: 'quality' } as const;

/** A study whose header speaks of somebody else than the holder of its patient number. */
const contradicting = async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('55')}`];
  await bench.take(reportMessage({ record, reportNumber: number, name: '张三', birthDate: '19660214' }));
  await bench.send(
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.1`,
      PatientID: record,
      PatientName: 'Li^Si=李^四',
      PatientBirthDate: '19990101',
    }),
  );
  const [row] = await bench.rows<{ person_id: string; public_id: PublicId }>(
    'select s.person_id, m.public_id from studies s join study_matches m using (person_id, study_id) where study_uid = $1',
    [study],
  );
  const [holder] = await bench.rows<{ person_id: string; public_id: PublicId }>(
    'select p.person_id, p.public_id from persons p join report_keys k using (person_id) where k.report_number = $1',
    [number],
  );
  return { row: row as NonNullable<typeof row>, holder: holder as NonNullable<typeof holder> };
};

const clusterIds = async (personId: string): Promise<readonly string[]> =>
  (await clusterOf(bench.database, personId)).members.map((member) => member.personId);

test('one press gives a study to a candidate, and one takes it back', async () => {
  const { row, holder } = await contradicting();
  const listed = await matches.list(REGISTRAR, ORIGIN);
  expect(listed.ok && listed.value.matches[0]).toMatchObject({
    id: row.public_id,
    reason: 'patient-contradicts',
    state: 'open',
    canGive: true,
    stated: { name: '李^四', birthDate: '19990101' },
    candidates: [{ person: holder.public_id, name: '张三' }],
  });
  expect(await clusterIds(row.person_id)).toEqual([row.person_id]);

  const given = await matches.decide(
    REGISTRAR,
    row.public_id,
    { kind: 'give', person: holder.public_id },
    ORIGIN,
  );
  expect(given.ok && given.value.matches[0]).toMatchObject({ state: 'given', chosen: holder.public_id });
  expect(new Set(await clusterIds(row.person_id))).toEqual(new Set([row.person_id, holder.person_id]));

  await matches.decide(REGISTRAR, row.public_id, { kind: 'undo' }, ORIGIN);
  expect(await clusterIds(row.person_id)).toEqual([row.person_id]);
  // Who had it for a while must be able to see so in the own log.
  expect(
    await bench.rows(
      "select person_id, action from audit_events where resource = $1 and action like 'study-match.%' order by event_id",
      [`study/${listed.ok ? listed.value.matches[0]?.study : ''}`],
    ),
  ).toEqual(
    ['study-match.give', 'study-match.undo'].flatMap((action) =>
      [row.person_id, holder.person_id].map((person_id) => ({ person_id, action })),
    ),
  );
  const again = await matches.decide(
    REGISTRAR,
    row.public_id,
    { kind: 'give', person: holder.public_id },
    ORIGIN,
  );
  expect(again.ok).toBe(true);
});

/** A person known by a report, and what became of a study under his number whose first header states this of him. */
const under = async (
  registered: { readonly name: string; readonly birthDate: string },
  stated: Parameters<typeof instanceOf>[0] extends infer All ? Omit<All, `${string}UID`> : never,
  next: typeof stated | null = null,
) => {
  const [record, number, uid] = [fresh('M'), fresh('R'), `2.25.${fresh('57')}`];
  await bench.take(reportMessage({ record, reportNumber: number, ...registered }));
  for (const [index, header] of [stated, next].entries())
    if (header)
      await bench.send(
        instanceOf({
          StudyInstanceUID: uid,
          SeriesInstanceUID: `${uid}.1`,
          SOPInstanceUID: `${uid}.1.${index + 1}`,
          PatientID: record,
          AccessionNumber: number,
          ...header,
        }),
      );
  const [row] = await bench.rows<{
    person_id: string;
    report: string | null;
    instance_count: string;
    reason: string | null;
    contradicted: readonly string[] | null;
  }>(
    `select s.person_id, s.report_public_id as report, s.instance_count, m.reason, m.contradicted
     from studies s left join study_matches m using (person_id, study_id) where s.study_uid = $1`,
    [uid],
  );
  const [holder] = await bench.rows<{ person_id: string }>(
    'select person_id from report_keys where report_number = $1',
    [number],
  );
  const found = row as NonNullable<typeof row>;
  return { ...found, images: Number(found.instance_count), isHolders: found.person_id === holder?.person_id };
};

test.each([
  ['another name alone', { PatientName: '王^五', PatientBirthDate: '', PatientSex: '' }, ['name']],
  ['another name in letters', { PatientName: 'Wang^Wu', PatientBirthDate: '' }, ['name']],
  ['another name, born alike', { PatientName: 'Wang^Wu=王^五' }, ['name']],
  ['another birth date', { PatientBirthDate: '19900101' }, ['birth-date']],
  ['another sex', { PatientSex: 'F' }, ['sex']],
])(
  'a new study whose header states %s waits beside the holder of its number',
  async (_, stated, contradicted) => {
    const study = await under({ name: '张三', birthDate: '19660214' }, stated);
    expect(study).toMatchObject({
      isHolders: false,
      report: null,
      reason: 'patient-contradicts',
      contradicted,
    });
    const listed = await matches.list(REGISTRAR, ORIGIN);
    const entry = listed.ok ? listed.value.matches[0] : undefined;
    expect(entry).toMatchObject({ canGive: true, contradicted, candidates: [{ name: '张三' }] });
    const person = entry?.candidates[0]?.person as PublicId;
    await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'give', person }, ORIGIN);
    expect(await clusterIds(study.person_id)).toHaveLength(2);
    await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'undo' }, ORIGIN);
    expect(await clusterIds(study.person_id)).toHaveLength(1);
  },
);

test.each([
  ['the name in letters alone', { PatientName: 'ZHANG^SAN', PatientBirthDate: '', PatientSex: 'O' }],
  ['the name in UTF-8', { SpecificCharacterSet: 'ISO_IR 192', PatientName: 'Zhang^San=張^三' }],
  ['nothing beside the number', { PatientName: '', PatientBirthDate: '', PatientSex: '' }],
  ['nobody known', { PatientName: '无名氏', PatientBirthDate: '', PatientSex: 'M' }],
  ['the year of birth', { PatientBirthDate: '19660101' }],
])('a new study whose header states %s is the holder’s', async (_, stated) => {
  expect(await under({ name: '张三', birthDate: '19660214' }, stated)).toMatchObject({
    isHolders: true,
    reason: null,
  });
});

test('a first image that states nobody lets no other patient’s images in after it', async () => {
  const first = { PatientName: '', PatientBirthDate: '', PatientSex: '' };
  const registered = { name: '张三', birthDate: '19660214' };
  expect(await under(registered, first, { PatientName: '王^五', PatientBirthDate: '' })).toMatchObject({
    isHolders: true,
    images: 1,
    reason: 'two-patients',
  });
  expect(await under(registered, first, { PatientName: '张^三' })).toMatchObject({ images: 2, reason: null });
});

test('a person who is registered otherwise later keeps the studies of before, and those still under way', async () => {
  const [record, uid] = [fresh('M'), `2.25.${fresh('58')}`];
  await bench.take(reportMessage({ record, reportNumber: fresh('R'), name: '张三', birthDate: '19660214' }));
  const send = (index: number, name: string) =>
    bench.send(
      instanceOf({
        StudyInstanceUID: uid,
        SeriesInstanceUID: `${uid}.1`,
        SOPInstanceUID: `${uid}.1.${index}`,
        PatientID: record,
        PatientName: name,
      }),
    );
  await send(1, '=张^三');
  await bench.rows(
    "update persons set name = '李小华', birth_date = '1970-01-02' where person_id = (select person_id from studies where study_uid = $1)",
    [uid],
  );
  await send(2, '=张^三');
  await send(3, 'Zhang^San=张^三');
  expect(
    await bench.rows(
      `select s.instance_count, m.reason from studies s left join study_matches m using (person_id, study_id)
       where s.study_uid = $1`,
      [uid],
    ),
  ).toEqual([{ instance_count: 3, reason: null }]);
});

test('nothing but a candidate can be given, and nothing twice', async () => {
  const { row, holder } = await contradicting();
  const { row: stranger } = await contradicting();
  const [other] = await bench.rows<{ public_id: PublicId }>(
    'select public_id from persons where person_id = $1',
    [stranger.person_id],
  );
  const wrong = await matches.decide(
    REGISTRAR,
    row.public_id,
    { kind: 'give', person: (other as { public_id: PublicId }).public_id },
    ORIGIN,
  );
  expect(wrong).toMatchObject({ ok: false, reason: { code: 'STUDY_MATCH_IMPOSSIBLE' } });
  await matches.decide(REGISTRAR, row.public_id, { kind: 'apart' }, ORIGIN);
  const late = await matches.decide(
    REGISTRAR,
    row.public_id,
    { kind: 'give', person: holder.public_id },
    ORIGIN,
  );
  expect(late).toMatchObject({ ok: false, reason: { code: 'STUDY_MATCH_DECIDED' } });
});

test('another institution neither sees nor decides it', async () => {
  const { row } = await contradicting();
  const listed = await matches.list(registrarOf('JIANG-2'), ORIGIN);
  expect(listed.ok && listed.value.matches).toEqual([]);
  const decided = await matches.decide(registrarOf('JIANG-2'), row.public_id, { kind: 'apart' }, ORIGIN);
  expect(decided).toMatchObject({ ok: false, reason: { code: 'STUDY_MATCH_UNKNOWN' } });
});

test('everybody whose data the list shows finds that in their log', async () => {
  const { row, holder } = await contradicting();
  await matches.list(REGISTRAR, ORIGIN);
  for (const { person_id: personId } of [row, holder]) {
    const [audit] = await bench.rows<{ count: string }>(
      "select count(*) from audit_events where person_id = $1 and action = 'study-match.list'",
      [personId],
    );
    expect(Number(audit?.count)).toBeGreaterThan(0);
  }
});

test('another institution’s patient is not shown, nor given the study, on a number alone', async () => {
  const [record, number, study] = [fresh('M'), fresh('R'), `2.25.${fresh('56')}`];
  await bench.take(reportMessage({ record, reportNumber: number }));
  await bench.send(
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.1`,
      PatientID: record,
      IssuerOfPatientID: 'JIANG-1',
      PatientName: '',
      PatientBirthDate: '',
    }),
    'JIANG-2',
  );
  const ours = registrarOf('JIANG-2');
  const [holder] = await bench.rows<{ person_id: string; public_id: PublicId }>(
    'select p.person_id, p.public_id from persons p join report_keys k using (person_id) where k.report_number = $1',
    [number],
  );
  const listed = async () => {
    const found = await matches.list(ours, ORIGIN);
    return found.ok ? found.value.matches[0] : undefined;
  };
  const waiting = await listed();
  expect(waiting).toMatchObject({ reason: 'number-of-another-institution', candidates: [] });
  const give = { kind: 'give', person: holder?.public_id as PublicId } as const;
  expect(await matches.decide(ours, waiting?.id as PublicId, give, ORIGIN)).toMatchObject({
    ok: false,
    reason: { code: 'STUDY_MATCH_IMPOSSIBLE' },
  });
  await bench.rows(
    `insert into care_openings (person_id, institution_id, actor, basis, encounter_number, opened_at, open_until)
     select $1, institution_id, 'test', 'presented-number', null, now() - interval '1 hour', now() + interval '1 day'
     from institutions where code = 'JIANG-2'`,
    [(holder as NonNullable<typeof holder>).person_id],
  );
  expect(await listed()).toMatchObject({ candidates: [{ person: holder?.public_id }] });
});

test('a study whose UID the report of another person states waits beside both, whichever came first', async () => {
  for (const order of ['report first', 'study first']) {
    const [record, other, uid] = [fresh('M'), fresh('M'), `2.25.${fresh('58')}`];
    await bench.take(
      reportMessage({ record, reportNumber: fresh('R'), name: '张三', birthDate: '19660214' }),
    );
    const send = () =>
      bench.send(
        instanceOf({
          StudyInstanceUID: uid,
          SeriesInstanceUID: `${uid}.1`,
          SOPInstanceUID: `${uid}.1.1`,
          PatientID: record,
          AccessionNumber: fresh('A'),
        }),
      );
    if (order === 'study first') await send();
    const report = await chestReport(bench, other, fresh('R'), uid);
    await drainOutbox(bench.dependencies);
    if (order === 'report first') await send();
    const listed = await matches.list(REGISTRAR, ORIGIN);
    const [study] = await bench.rows<{ public_id: PublicId; report_public_id: PublicId | null }>(
      'select public_id, report_public_id from studies where study_uid = $1',
      [uid],
    );
    const entry = listed.ok && listed.value.matches.find((match) => match.study === study?.public_id);
    expect(entry).toMatchObject({ reason: 'report-of-another-person', state: 'open' });
    // What is placed lies under one of the two already.
    expect(entry && [entry.canGive, entry.candidates.length]).toEqual(
      order === 'report first' ? [true, 2] : [false, 1],
    );
    expect(study?.report_public_id).toBeNull();
    if (order === 'study first') continue;
    // Given to the report's person in one press, it lies beside that report.
    const [holder] = await bench.rows<{ public_id: PublicId }>(
      'select p.public_id from persons p join reports r using (person_id) where r.public_id = $1',
      [report],
    );
    const give = { kind: 'give', person: holder?.public_id as PublicId } as const;
    expect((await matches.decide(REGISTRAR, (entry && entry.id) as PublicId, give, ORIGIN)).ok).toBe(true);
    expect(await bench.rows('select report_public_id from studies where study_uid = $1', [uid])).toEqual([
      { report_public_id: report },
    ]);
  }
});

test('a report that was taken back keeps no study from its person', async () => {
  const [record, uid] = [fresh('M'), `2.25.${fresh('58')}`];
  await bench.take(reportMessage({ record, reportNumber: fresh('R'), name: '张三', birthDate: '19660214' }));
  const report = await chestReport(bench, fresh('M'), fresh('R'), uid);
  await drainOutbox(bench.dependencies);
  await bench.rows("update reports set standing = 'entered-in-error' where public_id = $1", [report]);
  await bench.send(
    instanceOf({
      StudyInstanceUID: uid,
      SeriesInstanceUID: `${uid}.1`,
      SOPInstanceUID: `${uid}.1.1`,
      PatientID: record,
    }),
  );
  expect(
    await bench.rows(
      'select 1 from study_matches join studies s using (person_id, study_id) where s.study_uid = $1',
      [uid],
    ),
  ).toEqual([]);
});

test('given and taken back, viewer, history and verdict follow at once', async () => {
  const [record, other, number, study] = [fresh('M'), fresh('M'), fresh('R'), `2.25.${fresh('56')}`];
  const parts = messageParts({ record: other, reportNumber: number, name: '李四', birthDate: '19700101' });
  const taken = await bench.take(
    [
      `MSH|^~\\&|LIS|JIANG1|HUREN|REGION|20261120093000+0800||ORU^R01^ORU_R01|${fresh('C')}|P|2.5.1||||||UNICODE UTF-8`,
      `PID|1||${other}^^^^MR||${parts.name}||${parts.birthDate}|M`,
      `ORC|RE|${parts.orderNumber}|${number}`,
      `OBR|1|${parts.orderNumber}|${number}|CTC^胸部CT平扫|||20261118091500+0800|||||||||||||||20261118100000+0800||CT|F`,
      'OBX|1|TX|CTC^胸部CT平扫||未见异常||||||F',
    ].join('\r'),
  );
  const report = taken.reports[0]?.report as PublicId;
  await bench.take(reportMessage({ record, reportNumber: fresh('R'), name: '张三', birthDate: '19660214' }));
  await bench.send(
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.1`,
      PatientID: record,
      AccessionNumber: number,
    }),
  );
  const listed = await matches.list(REGISTRAR, ORIGIN);
  const entry = listed.ok ? listed.value.matches[0] : undefined;
  expect(entry).toMatchObject({ reason: 'report-of-another-person', canGive: true });
  const [holder] = await bench.rows<{ person_id: string; public_id: PublicId }>(
    'select p.person_id, p.public_id from persons p join reports r using (person_id) where r.public_id = $1',
    [report],
  );
  const { person_id: personId, public_id: person } = holder as NonNullable<typeof holder>;
  /** What the history lists, what the viewer opens beside the report, and what the verdict weighs. */
  const seen = async () => {
    const persons = await clusterIds(personId);
    const found = await searchStudies(bench.database, { persons }, ANY_STUDY, { limit: 10, offset: 0 });
    return {
      history: found.map(({ studyUid }) => studyUid),
      viewer: (await studiesOfReport(bench.database, persons, report)).length,
      verdict: (await readImageEvidence(bench.database, persons)).has(report),
    };
  };
  const nothing = { history: [], viewer: 0, verdict: false };
  expect(await seen()).toEqual(nothing);
  for (let round = 0; round < 2; round++) {
    await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'give', person }, ORIGIN);
    expect(await seen()).toEqual({ history: [study], viewer: 1, verdict: true });
    await matches.decide(REGISTRAR, entry?.id as PublicId, { kind: 'undo' }, ORIGIN);
    expect(await seen()).toEqual(nothing);
  }
});
