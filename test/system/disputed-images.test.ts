import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import { fhirFlows } from '../../src/apps/flows/fhir/fhir.ts';
import { studyCarrying } from '../../src/apps/flows/imaging/carry-own-study.ts';
import { dicomWeb } from '../../src/apps/flows/imaging/dicom-web.ts';
import { passedViewing } from '../../src/apps/flows/imaging/passed-viewing.ts';
import { studyViewing } from '../../src/apps/flows/imaging/view-study.ts';
import { shareOwnReport } from '../../src/apps/flows/own-data/shares.ts';
import { reportFlow } from '../../src/apps/flows/results/read-report.ts';
import { historyFlows } from '../../src/apps/flows/results/result-history.ts';
import type {
  Actor,
  CallOrigin,
  ClientActor,
  LaunchedActor,
  PatientActor,
  StaffActor,
} from '../../src/apps/server/flows-port.ts';
import { type Instant, instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type CorrectionStepRequest, correctionRequestShape } from '../../src/web/wire/correction.ts';
import { chestReport, selfReader } from './chest-report.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

/*
 * A report that somebody says is another person's takes its images with it: on every way out they open for the institution
 * that issued it and for nobody else, until it has answered.
 */

const STUDY = '2.25.310119';
const ORIGIN: CallOrigin = { requestId: 'test', peer: '127.0.0.1', purpose: 'treatment' };
const SOURCE = 'JIANG-1' as InstitutionCode;
const ELSEWHERE = 'JIANG-2' as InstitutionCode;
const DOCTOR = { staffNumber: '2001', department: '呼吸科' };
const CLIENT: ClientActor = {
  kind: 'client',
  name: 'client:his-2',
  code: 'his-2',
  institution: ELSEWHERE,
  purposes: ['treatment'],
};
const staffOf = (institution: InstitutionCode, role: StaffActor['role']): StaffActor => ({
  kind: 'staff',
  name: `staff:${role}.${institution}`,
  login: `${role}.${institution}`,
  role,
  institution,
  displayName: '演练',
  ...DOCTOR,
});

let bench: ImagingBench;
let now: Instant;
let report: PublicId;
let person: PublicId;
let ways: () => Promise<Readonly<Record<string, boolean>>>;
let sourceOpens: () => Promise<readonly boolean[]>;
let imagesOf: (actor: Actor) => Promise<unknown>;
let dispute: () => Promise<PublicId>;
let answer: (id: PublicId, step: Partial<CorrectionStepRequest>) => Promise<void>;

const opens = async (asked: Promise<unknown>): Promise<boolean> => {
  try {
    const found = await asked;
    return typeof found === 'object' && found !== null && 'ok' in found ? found.ok === true : found !== null;
  } catch (error) {
    if ((error as { code?: string }).code === 'STUDY_UNKNOWN') return false;
    throw error;
  }
};

beforeAll(async () => {
  bench = await imagingBench();
  const [record, number] = [fresh('M'), fresh('R')];
  report = await chestReport(bench, record, number);
  await bench.send(
    instanceOf({
      StudyInstanceUID: STUDY,
      SeriesInstanceUID: `${STUDY}.1`,
      SOPInstanceUID: `${STUDY}.1.1`,
      PatientID: record,
      AccessionNumber: number,
    }),
  );
  now = instant(bench.imaging.clock());
  const dependencies = { ...bench.imaging, clock: () => now };
  const { database } = dependencies;
  await createClient(
    database,
    { code: 'his-2', name: '示例HIS', institution: ELSEWHERE, purposes: ['treatment'] },
    { at: now, newId: bench.imaging.newPublicId, by: 'test', peer: 'test' },
  );
  const [row] = await bench.rows<{ person_id: string; public_id: PublicId }>(
    `insert into care_openings (person_id, institution_id, actor, basis, encounter_number, opened_at, open_until)
     select r.person_id, n.institution_id, 'test', 'presented-number', null, now() - interval '1 hour', now() + interval '1 day'
     from reports r, institutions n where r.public_id = $1 and n.code = 'JIANG-2'
     returning person_id, (select public_id from persons p where p.person_id = care_openings.person_id) as public_id`,
    [report],
  );
  if (!row) throw new Error('the report was not stored');
  person = row.public_id;
  const self = selfReader(person, row.person_id);
  const patient: PatientActor = { kind: 'patient', name: `patient:${person}`, person };
  const own = { ...dependencies, publicUrl: () => 'http://huren', share: { minutes: 15, openings: 9 } };

  const elsewhere = staffOf(ELSEWHERE, 'doctor');
  const source = staffOf(SOURCE, 'doctor');
  const viewing = studyViewing(dependencies);
  const carrying = studyCarrying(dependencies);
  const web = dicomWeb(dependencies, bench.receiving);
  const fhir = fhirFlows(dependencies);
  const passed = passedViewing(dependencies);
  const [study] = await bench.rows<{ public_id: PublicId }>(
    'select public_id from studies where study_uid = $1',
    [STUDY],
  );
  const id = (study as { public_id: PublicId }).public_id;
  const address = { study: STUDY, series: `${STUDY}.1`, instance: null };
  const searched = async (actor: Actor | PatientActor, ofPerson: PublicId | null) =>
    (
      await web.search(
        { actor, origin: ORIGIN },
        {
          level: 'study',
          person: ofPerson,
          study: null,
          series: null,
          matching: new Map(),
          limit: 10,
          offset: 0,
          patientModule: 'stored',
        },
      )
    ).matches.length > 0;
  const searchedByFhir = async () => {
    const base = 'https://huren.example/fhir';
    const found = await fhir.searchStudies(
      elsewhere,
      {
        patient: person,
        identifiers: [],
        statuses: [],
        modalities: [],
        spans: [],
        updated: [],
        ids: null,
        count: 50,
        offset: 0,
        includes: [],
        address: `${base}/ImagingStudy`,
        base,
      },
      ORIGIN,
    );
    return found.ok && (found.value as { total?: number }).total === 1;
  };
  const shared = await shareOwnReport(
    own,
    self,
    { report, masked: false, restricted: false, downloads: true },
    ORIGIN,
  );
  if (!shared.ok) throw shared.reason;
  const token = shared.value.url.split('/').at(-1) as string;
  const launched = { ...CLIENT, ...DOCTOR, kind: 'launched', client: 'his-2' } as unknown as LaunchedActor;
  const made = async (pass: Promise<{ ok: boolean; value?: string }>): Promise<string> =>
    (await pass).value ?? '';
  // Passes that were given while nobody doubted anything.
  const passes = {
    share: (await passed.forShare(token)) ?? '',
    card: await made(passed.forCard(launched, report)),
    client: await made(passed.forClient(CLIENT, DOCTOR, { studyUid: STUDY, accession: undefined })),
  };
  const byPass = (pass: string) => opens(passed.images.metadata({ pass, origin: ORIGIN }, address));
  const metadataFor = (actor: Actor | PatientActor) =>
    opens(web.metadata({ actor, origin: ORIGIN }, address));

  ways = async () => ({
    'report of a doctor elsewhere': await opens(viewing.ofReport(elsewhere, report)),
    'viewer of a doctor elsewhere': await opens(viewing.open(elsewhere, id, undefined, ORIGIN)),
    'mark of a doctor elsewhere': await opens(viewing.mark(elsewhere, id, { images: [] }, ORIGIN)),
    'download elsewhere': await opens(carrying.offer({ actor: elsewhere, origin: ORIGIN }, id)),
    'search elsewhere': await searched(elsewhere, person),
    'retrieval elsewhere': await metadataFor(elsewhere),
    'ImagingStudy search': await searchedByFhir(),
    'ImagingStudy read': (await fhir.readStudy(elsewhere, id, ORIGIN)).ok,
    'viewer of the patient': await opens(viewing.open(patient, id, undefined, ORIGIN)),
    'download of the patient': await opens(carrying.offer({ actor: patient, origin: ORIGIN }, id)),
    'search of the patient': await searched(patient, null),
    'retrieval of the patient': await metadataFor(patient),
    'pass of a share': await byPass(passes.share),
    'pass of a card': await byPass(passes.card),
    'pass of a client': await byPass(passes.client),
    'viewer behind a share': await opens(passed.open(passes.share, ORIGIN)),
    'viewer behind a card': await opens(passed.open(passes.card, ORIGIN)),
    'viewer behind a client': await opens(passed.open(passes.client, ORIGIN)),
    'new pass of a share': await opens(passed.forShare(token)),
    'new pass of a card': await opens(passed.forCard(launched, report)),
    'new pass of a client': await opens(
      passed.forClient(CLIENT, DOCTOR, { studyUid: STUDY, accession: undefined }),
    ),
  });
  sourceOpens = async () => [
    await opens(viewing.ofReport(source, report)),
    await opens(viewing.open(source, id, undefined, ORIGIN)),
    await metadataFor(source),
    await searched(source, null),
    await searched(source, person),
  ];
  const history = historyFlows(dependencies).resultHistory;
  imagesOf = async (actor) => {
    const read = await reportFlow(dependencies)(actor, report, ORIGIN);
    const listed = await history(actor, person, ORIGIN);
    if (!read.ok || !listed.ok) throw new Error('not shown');
    return [read.value.images, listed.value.reports.find((each) => each.id === report)?.images];
  };
  const corrections = correctionFlows(dependencies);
  dispute = async () => {
    const sent = await corrections.submit(
      elsewhere,
      correctionRequestShape.parse({ report, kind: 'wrong-person', text: '片上姓名不是本人' }),
      null,
      ORIGIN,
    );
    if (!sent.ok) throw sent.reason;
    return sent.value.id as PublicId;
  };
  const desk = staffOf(SOURCE, 'institution-it');
  answer = async (ticket, step) => {
    const now = await corrections.read(desk, ticket, ORIGIN);
    if (!now.ok) throw now.reason;
    const taken = await corrections.takeStep(
      desk,
      'source',
      ticket,
      { text: '', seen: now.value.history.length, ...step } as CorrectionStepRequest,
      null,
      ORIGIN,
    );
    if (!taken.ok) throw taken.reason;
  };
});
afterAll(() => bench.drop());

/** Longer than what was decided for a reader counts. */
const later = (): void => {
  now = instant(now + 6_000);
};

/** As the report says it, and the list of results. */
const twice = (images: object) => [images, images];

const open = (found: Readonly<Record<string, boolean>>, isOpen: boolean): readonly string[] =>
  Object.entries(found).flatMap(([way, is]) => (is === isOpen ? [way] : []));

describe('images of a report that is said to be another person’s', () => {
  test('open for its source alone until that has answered, and then as before', async () => {
    const images = { state: 'receiving', received: 1, announced: null };
    expect(open(await ways(), false)).toEqual([]);
    expect(new Set(await sourceOpens())).toEqual(new Set([true]));
    const ticket = await dispute();
    later();
    expect(open(await ways(), true)).toEqual([]);
    expect(new Set(await sourceOpens())).toEqual(new Set([true]));
    expect(await imagesOf(staffOf(ELSEWHERE, 'doctor'))).toEqual(twice({ ...images, closed: true }));
    expect(await imagesOf(staffOf(SOURCE, 'doctor'))).toEqual(twice(images));

    await answer(ticket, { step: 'accept' });
    await answer(ticket, { step: 'investigate' });
    later();
    expect(open(await ways(), true)).toEqual([]);
    await answer(ticket, { step: 'refuse', reason: 'identity-confirmed' });
    later();
    expect(open(await ways(), false)).toEqual([]);
    expect(await imagesOf(staffOf(ELSEWHERE, 'doctor'))).toEqual(twice(images));
  });

  test('stay closed while another of two tickets is open', async () => {
    const [one, other] = [await dispute(), await dispute()];
    await answer(one, { step: 'accept' });
    await answer(one, { step: 'investigate' });
    await answer(one, { step: 'refuse', reason: 'identity-confirmed' });
    later();
    expect(open(await ways(), true)).toEqual([]);
    await answer(other, { step: 'accept' });
    await answer(other, { step: 'investigate' });
    await answer(other, { step: 'refuse', reason: 'identity-confirmed' });
    later();
    expect(open(await ways(), false)).toEqual([]);
  });
});
