import { afterAll, beforeAll, expect, test } from 'vitest';
import { consentFlows } from '../../src/apps/flows/consent/consents.ts';
import { fhirFlows } from '../../src/apps/flows/fhir/fhir.ts';
import { dicomWeb } from '../../src/apps/flows/imaging/dicom-web.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import type { DicomWeb } from '../../src/apps/server/routes/dicom-web-port.ts';
import type { FhirFlows } from '../../src/apps/server/routes/fhir-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { ownConsentRequestShape } from '../../src/web/wire/consent.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh, reportMessage } from './ingest-fixtures.ts';
import { listening } from './statement-listener.ts';

/*
 * Two persons who have both refused: one has images elsewhere, the other has none. A search for the images of each gives the
 * same bytes and takes the same statements, however many images there are.
 */

const ORIGIN = { requestId: 'r', peer: 'test', purpose: 'treatment' } as const;
const DOCTOR: StaffActor = {
  kind: 'staff',
  name: 'staff:images',
  login: 'images',
  role: 'doctor',
  institution: 'JIANG-2' as InstitutionCode,
  staffNumber: '200001',
  department: '呼吸内科',
  displayName: '演练医生',
};

/** As the headers of the test's images state the patient. */
const ZHANG_SAN = { name: '张三', birthDate: '19660214' } as const;

let bench: ImagingBench;
let web: DicomWeb;
let fhir: FhirFlows;
let sent: string[];
beforeAll(async () => {
  bench = await imagingBench();
  const heard = listening(bench.database);
  sent = heard.sent;
  fhir = fhirFlows({ ...bench.imaging, database: heard.database });
  web = dicomWeb({ ...bench.imaging, database: heard.database }, bench.receiving);
});
afterAll(() => bench.drop());

/** Somebody whom the doctor's hospital treats, with studies elsewhere, some beside a report of their own. */
const personWith = async (studies: number): Promise<PublicId> => {
  const [record, number] = [fresh('M'), fresh('R')];
  await bench.take(reportMessage({ ...ZHANG_SAN, record, reportNumber: number }));
  for (let index = 0; index < studies; index++) {
    const [uid, accession] = [`2.25.${fresh('77')}`, fresh('A')];
    if (index % 2 === 0) await bench.take(reportMessage({ ...ZHANG_SAN, record, reportNumber: accession }));
    await bench.send(
      instanceOf({
        StudyInstanceUID: uid,
        SeriesInstanceUID: `${uid}.1`,
        SOPInstanceUID: `${uid}.1.1`,
        PatientID: record,
        AccessionNumber: accession,
      }),
    );
  }
  const [person] = await bench.rows<{ public_id: PublicId }>(
    `insert into care_openings (person_id, institution_id, actor, basis, encounter_number, opened_at, open_until)
     select k.person_id, n.institution_id, 'test', 'presented-number', null, now() - interval '1 hour', now() + interval '1 day'
     from report_keys k, institutions n where k.report_number = $1 and n.code = 'JIANG-2'
     returning (select public_id from persons p where p.person_id = care_openings.person_id) as public_id`,
    [number],
  );
  return (person as { public_id: PublicId }).public_id;
};

const refuse = async (person: PublicId): Promise<void> => {
  const recorded = await consentFlows({
    ...bench.dependencies,
    publicUrl: () => 'https://huren.example',
  }).recordOwn(
    { kind: 'patient', name: `patient:${person}`, person },
    ownConsentRequestShape.parse({ kind: 'denied' }),
    null,
    ORIGIN,
  );
  if (!recorded.ok) throw recorded.reason;
};

const search = async (person: PublicId) => {
  sent.length = 0;
  const found = await web.search(
    { actor: DOCTOR, origin: ORIGIN },
    {
      level: 'study',
      person,
      study: null,
      series: null,
      matching: new Map(),
      limit: 10,
      offset: 0,
      patientModule: 'stored',
    },
  );
  return { found, statements: [...sent] };
};

test('a search for images of somebody who refused says and does the same whether or not there are any', async () => {
  const [some, none] = [await personWith(7), await personWith(0)];
  expect((await search(some)).found.matches).toHaveLength(7);
  for (const person of [some, none]) {
    await refuse(person);
    await search(person);
  }
  const [hidden, nothing] = [await search(some), await search(none)];
  expect(nothing.found.matches).toEqual([]);
  expect(hidden).toEqual(nothing);
  expect(hidden.statements.length).toBeGreaterThan(3);
});

const FHIR_ADDRESS = 'https://huren.example/fhir';

/** A search by FHIR; the addresses are the same for everybody, so that what is compared is what was found. */
const searchByFhir = async (patient: string | null, uid: string | null = null) => {
  sent.length = 0;
  const found = await fhir.searchStudies(
    DOCTOR,
    {
      patient,
      identifiers: uid === null ? [] : [{ system: 'urn:dicom:uid', code: `urn:oid:${uid}` }],
      statuses: [],
      modalities: [],
      spans: [],
      updated: [],
      ids: null,
      count: 50,
      offset: 0,
      includes: [],
      address: `${FHIR_ADDRESS}/ImagingStudy`,
      base: FHIR_ADDRESS,
    },
    ORIGIN,
  );
  return { found, statements: [...sent] };
};

test('a search for ImagingStudy of somebody who refused says and does the same whether or not there are any', async () => {
  const [some, none] = [await personWith(7), await personWith(0)];
  const before = await searchByFhir(some);
  expect(before.found).toMatchObject({ value: { total: 7 } });
  const { entry } = (
    before.found as unknown as {
      value: { entry: { resource: { id: string; identifier: { value: string }[] } }[] };
    }
  ).value;
  const [{ id, identifier } = { id: '', identifier: [] }] = entry.map(({ resource }) => resource);
  for (const person of [some, none]) {
    await refuse(person);
    await searchByFhir(person);
  }
  const [hidden, nothing] = [await searchByFhir(some), await searchByFhir(none)];
  expect(nothing.found).toMatchObject({ ok: true, value: { total: 0, entry: [] } });
  expect(hidden).toEqual(nothing);

  const uid = identifier[0]?.value.replace('urn:oid:', '') ?? '';
  expect(await searchByFhir(null, uid)).toEqual(await searchByFhir(null, '2.25.404'));
  const read = async (study: string) => {
    sent.length = 0;
    const found = await fhir.readStudy(DOCTOR, study, ORIGIN);
    return { found, statements: [...sent] };
  };
  const unknown = await read('01930000-0000-7000-8000-0000000000ff');
  expect(unknown.found).toMatchObject({ ok: false, reason: { code: 'FHIR_UNKNOWN' } });
  expect((await read(id)).statements).toEqual(unknown.statements);
  expect((await read(id)).found).toMatchObject({ ok: false, reason: { code: 'FHIR_UNKNOWN' } });
});
