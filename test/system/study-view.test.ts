import { createClient, setClientDisabled } from '../../src/adapters/postgres/accounts-clients.ts';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passedViewing } from '../../src/apps/flows/imaging/passed-viewing.ts';
import { studyViewing } from '../../src/apps/flows/imaging/view-study.ts';
import { VIEWING_PASS_MS } from '../../src/apps/flows/imaging/viewing-pass.ts';
import type { OwnDependencies, OwnReader } from '../../src/apps/flows/own-data/own-reader.ts';
import { revokeOwnShare, shareOwnReport } from '../../src/apps/flows/own-data/shares.ts';
import type {
  CallOrigin,
  ClientActor,
  LaunchedActor,
  PatientActor,
  StaffActor,
} from '../../src/apps/server/flows-port.ts';
import type { PassedViewing } from '../../src/apps/server/routes/passed-viewing-port.ts';
import { type Instant, instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { chestReport, selfReader } from './chest-report.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

let bench: ImagingBench;
let report: PublicId;
let reader: OwnReader;
let now: Instant;
let viewing: PassedViewing;
let own: OwnDependencies;

const STUDY = '2.25.310001';
const record = fresh('M');
const number = fresh('R');

const ORIGIN: CallOrigin = { requestId: 'test', peer: '127.0.0.1', purpose: 'treatment' };
const HERE = 'JIANG-1' as InstitutionCode;
const CLIENT: ClientActor = {
  kind: 'client',
  name: 'client:his',
  code: 'his',
  institution: HERE,
  purposes: ['treatment'],
};
const STRANGER: ClientActor = { ...CLIENT, code: 'other', institution: 'NOWHERE' as InstitutionCode };
const DOCTOR = { staffNumber: '1001', department: '呼吸科' };

beforeAll(async () => {
  bench = await imagingBench();
  report = await chestReport(bench, record, number);
  for (const index of [1, 2, 3])
    await bench.send(
      instanceOf({
        StudyInstanceUID: STUDY,
        SeriesInstanceUID: `${STUDY}.1`,
        SOPInstanceUID: `${STUDY}.1.${index}`,
        PatientID: record,
        AccessionNumber: number,
        InstanceNumber: index,
      }),
    );
  now = instant(bench.imaging.clock());
  const dependencies = { ...bench.imaging, clock: () => now };
  await createClient(
    bench.imaging.database,
    { code: 'his', name: '示例HIS', institution: HERE, purposes: ['treatment'] },
    { at: now, newId: bench.imaging.newPublicId, by: 'test', peer: 'test' },
  );
  viewing = passedViewing(dependencies);
  own = { ...dependencies, publicUrl: () => 'http://huren', share: { minutes: 15, openings: 1 } };
  const [row] = await bench.rows<{ person_id: string; public_id: PublicId }>(
    'select r.person_id, p.public_id from reports r join persons p on p.person_id = r.person_id where r.public_id = $1',
    [report],
  );
  if (!row) throw new Error('the report was not stored');
  reader = selfReader(row.public_id, row.person_id);
});
afterAll(() => bench.drop());

const openings = () =>
  bench.rows<{ actor: string; basis: string }>(
    "select actor, basis from audit_events where action = 'study.read' order by event_id",
  );

const metadata = async (pass: string, study = STUDY): Promise<unknown[]> => {
  const { gzip } = await viewing.images.metadata(
    { pass, origin: ORIGIN },
    { study, series: `${STUDY}.1`, instance: null },
  );
  return JSON.parse(gunzipSync(gzip).toString('utf8')) as unknown[];
};

const made = <Value>(result: { readonly ok: boolean; readonly value?: Value }): Value => {
  if (!result.ok || result.value === undefined) throw new Error('refused');
  return result.value;
};

describe('a study opened by a doctor who signed in', () => {
  const doctor: StaffActor = {
    kind: 'staff',
    name: 'staff:doctor',
    login: 'doctor',
    role: 'doctor',
    institution: HERE,
    staffNumber: '1001',
    department: null,
    displayName: '示例医师',
  };

  it('stands beside its report, and is one row of the log however often it is opened', async () => {
    const flows = studyViewing(bench.imaging);
    const id = made(await flows.ofReport(doctor, report));
    for (const _ of [1, 2]) {
      const study = made(await flows.open(doctor, id, undefined, ORIGIN));
      expect(study).toMatchObject({
        studyUid: STUDY,
        audience: 'staff',
        received: 3,
        studiedAt: '2026-11-18 09:15',
        report: { id: report, kind: 'imaging' },
        reportHref: `/reports/${report}`,
        state: 'receiving',
        // Named while more are on their way: by the header of the slice in the middle of those that have come.
        opening: { seriesUid: `${STUDY}.1`, header: { '00080018': { vr: 'UI', Value: [`${STUDY}.1.2`] } } },
      });
    }
    expect(await openings()).toHaveLength(1);
  });

  it('keeps what its reader marked, for that reader alone, with a row in the log for each time', async () => {
    const flows = studyViewing(bench.imaging);
    const id = made(await flows.ofReport(doctor, report));
    const mark = (index: number, series = `${STUDY}.1`) => ({
      seriesUid: series,
      sopInstanceUid: `${STUDY}.1.${index}`,
      frame: 1,
      number: index,
    });
    const kept = async (reader = doctor) => made(await flows.open(reader, id, undefined, ORIGIN)).keyImages;
    expect(await kept()).toEqual([]);
    // Of another study's series nothing is kept.
    const images = [mark(3), mark(1), mark(2, '2.25.1')];
    const first = made(await flows.mark(doctor, id, { images }, ORIGIN));
    expect(first).toEqual({ images: [mark(3), mark(1)] });
    expect(await kept()).toEqual([mark(3), mark(1)]);
    const colleague = { ...doctor, name: 'staff:colleague', login: 'colleague' };
    expect(await kept(colleague)).toEqual([]);
    made(await flows.mark(colleague, id, { images: [mark(2)] }, ORIGIN));
    made(await flows.mark(doctor, id, { images: [] }, ORIGIN));
    expect([await kept(), await kept(colleague)]).toEqual([[], [mark(2)]]);
    const elsewhere = { ...doctor, institution: 'NOWHERE' as InstitutionCode };
    expect(await flows.mark(elsewhere, id, { images: [mark(1)] }, ORIGIN)).toMatchObject({
      reason: { code: 'STUDY_UNKNOWN' },
    });
    expect(
      await bench.rows(
        "select actor, outcome from audit_events where action = 'study.mark' order by event_id",
      ),
    ).toEqual([
      { actor: 'staff:doctor', outcome: 'recorded' },
      { actor: 'staff:colleague', outcome: 'recorded' },
      { actor: 'staff:doctor', outcome: 'recorded' },
    ]);
  });

  it('is nothing to a doctor whose hospital does not treat the patient', async () => {
    const elsewhere = { ...doctor, institution: 'NOWHERE' as InstitutionCode };
    const flows = studyViewing(bench.imaging);
    expect(await flows.ofReport(elsewhere, report)).toMatchObject({ reason: { code: 'STUDY_UNKNOWN' } });
  });
});

describe('a study opened by a pass', () => {
  it('comes from an address that a client signed, by accession number or UID, and names the doctor in the log', async () => {
    const before = (await openings()).length;
    const pass = made(await viewing.forClient(CLIENT, DOCTOR, { studyUid: undefined, accession: number }));
    made(await viewing.forClient(CLIENT, DOCTOR, { studyUid: STUDY, accession: undefined }));
    const study = made(await viewing.open(pass, ORIGIN));
    made(await viewing.open(pass, ORIGIN));
    expect(study).toMatchObject({ root: `/viewing/${pass}`, studyUid: STUDY, priors: [], reportHref: null });
    expect(await metadata(pass)).toHaveLength(3);
    await expect(metadata(pass, '2.25.1')).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
    const rows = (await openings()).slice(before);
    expect(rows).toEqual([{ actor: 'launched:his/1001', basis: 'client/his' }]);
  });

  it('leaves its row also where the images are asked for and never the page', async () => {
    const before = (await openings()).length;
    const other = { ...DOCTOR, staffNumber: '1002' };
    const pass = made(await viewing.forClient(CLIENT, other, { studyUid: STUDY, accession: undefined }));
    expect((await openings()).length).toBe(before);
    expect(await metadata(pass)).toHaveLength(3);
    expect(await metadata(pass)).toHaveLength(3);
    expect((await openings()).slice(before)).toEqual([{ actor: 'launched:his/1002', basis: 'client/his' }]);
  });

  it('is not given to a client of a hospital that does not treat the patient', async () => {
    for (const wanted of [
      { studyUid: STUDY, accession: undefined },
      { studyUid: undefined, accession: number },
    ])
      expect(await viewing.forClient(STRANGER, DOCTOR, wanted)).toMatchObject({
        reason: { code: 'STUDY_UNKNOWN' },
      });
  });

  it('is neither of two that one accession number names, and none that waits for somebody’s eye', async () => {
    const [one, other, waiting] = ['2.25.9101', '2.25.9102', '2.25.9103'];
    const accession = fresh('D');
    const send = (study: string, attributes: { readonly PatientID: string; readonly PatientName: string }) =>
      bench.send(
        instanceOf({
          StudyInstanceUID: study,
          SeriesInstanceUID: `${study}.1`,
          SOPInstanceUID: `${study}.1.1`,
          AccessionNumber: accession,
          ...attributes,
        }),
        HERE,
      );
    const by = async (wanted: { readonly studyUid?: string }) => {
      const result = await viewing.forClient(CLIENT, DOCTOR, {
        studyUid: wanted.studyUid,
        accession: wanted.studyUid === undefined ? accession : undefined,
      });
      return result.ok ? made(await viewing.open(result.value, ORIGIN)).studyUid : result.reason.code;
    };
    const first = { PatientID: fresh('M'), PatientName: 'Li^Jia=李^甲' };
    await send(one, first);
    expect(await by({})).toBe(one);
    // Under the number of the first, in another name.
    await send(waiting, { ...first, PatientName: 'Qian^Yi=钱^乙' });
    expect(await by({})).toBe(one);
    expect(await by({ studyUid: waiting })).toBe('STUDY_UNKNOWN');
    await send(other, { PatientID: fresh('M'), PatientName: 'Zhao^Yi=赵^乙' });
    expect(await by({})).toBe('STUDY_OF_TWO_PEOPLE');
    expect([await by({ studyUid: one }), await by({ studyUid: other })]).toEqual([one, other]);
  });

  it('ends when the client is locked, for a card as for an address', async () => {
    const launched = { ...CLIENT, ...DOCTOR, kind: 'launched', client: 'his' } as unknown as LaunchedActor;
    const passes = [
      made(await viewing.forCard(launched, report)),
      made(await viewing.forClient(CLIENT, DOCTOR, { studyUid: STUDY, accession: undefined })),
    ];
    for (const pass of passes) expect(await metadata(pass)).toHaveLength(3);
    const act = { at: now, newId: bench.imaging.newPublicId, by: 'test', peer: 'test' };
    await setClientDisabled(bench.imaging.database, 'his', true, act);
    for (const pass of passes) await expect(metadata(pass)).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
    await setClientDisabled(bench.imaging.database, 'his', false, act);
    for (const pass of passes) expect(await metadata(pass)).toHaveLength(3);
  });

  it('runs out', async () => {
    const pass = made(await viewing.forClient(CLIENT, DOCTOR, { studyUid: STUDY, accession: undefined }));
    now = instant(now + VIEWING_PASS_MS + 2_000);
    await expect(metadata(pass)).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
  });

  it('behind a share shows the images until the share is taken back', async () => {
    const { share, url } = made(
      await shareOwnReport(
        own,
        reader,
        { report, masked: false, restricted: false, downloads: false },
        ORIGIN,
      ),
    );
    const pass = (await viewing.forShare(url.split('/').at(-1) as string)) ?? '';
    expect(made(await viewing.open(pass, ORIGIN))).toMatchObject({ audience: 'guest', priors: [] });
    expect(await metadata(pass)).toHaveLength(3);
    expect((await openings()).at(-1)).toEqual({ actor: 'holder-of-code', basis: `report-share/${share.id}` });
    made({ ...(await revokeOwnShare(own, reader, share.id as PublicId, ORIGIN)), value: true });
    // At once: not when the decision on which the frames before it went has grown old.
    await expect(metadata(pass)).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' });
  });

  it('is not given where the name is left out: headers hold it', async () => {
    const { url } = made(
      await shareOwnReport(
        own,
        reader,
        { report, masked: true, restricted: false, downloads: false },
        ORIGIN,
      ),
    );
    expect(await viewing.forShare(url.split('/').at(-1) as string)).toBeNull();
    expect(await viewing.forShare('x'.repeat(32))).toBeNull();
  });
});

describe('images without a report', () => {
  it('are listed to their patient alone, and open; what has a report is listed by that', async () => {
    const flows = studyViewing(bench.imaging);
    const uid = '2.25.430977';
    const [known] = await bench.rows<{ person: PublicId }>(
      'select p.public_id as person from persons p where p.person_id = $1',
      [reader.personId],
    );
    await bench.send(
      instanceOf({
        StudyInstanceUID: uid,
        SeriesInstanceUID: `${uid}.1`,
        SOPInstanceUID: `${uid}.1.1`,
        PatientID: record,
        AccessionNumber: '',
      }),
    );
    const patientOf = (person: PublicId): PatientActor => ({
      kind: 'patient',
      name: `patient:${person}`,
      person,
    });
    const patient = patientOf(known?.person as PublicId);
    const { studies } = await flows.unreported(patient, undefined, ORIGIN);
    expect(studies).toMatchObject([{ title: '胸部CT平扫', studiedAt: '2026-11-18 09:15', instances: 1 }]);
    const [one] = studies as [(typeof studies)[number]];
    expect(made(await flows.open(patient, one.id as PublicId, undefined, ORIGIN)).studyUid).toBe(uid);
    const [row] = await bench.rows<{ actor: string; basis: string }>(
      "select actor, basis from audit_events where action = 'own-studies.read'",
    );
    expect(row).toEqual({ actor: patient.name, basis: 'own-data' });
    const other = await chestReport(bench, fresh('M'), fresh('R'));
    const [stranger] = await bench.rows<{ public_id: PublicId }>(
      'select p.public_id from persons p join reports r using (person_id) where r.public_id = $1',
      [other],
    );
    const strange = patientOf(stranger?.public_id as PublicId);
    expect((await flows.unreported(strange, undefined, ORIGIN)).studies).toEqual([]);
    await expect(flows.unreported(strange, patient.person, ORIGIN)).rejects.toMatchObject({
      code: 'PERSON_NOT_FOUND',
    });
  });
});
