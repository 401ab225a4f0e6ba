import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import { addStudy } from '../../src/adapters/postgres/imaging-studies.ts';
import type { InstitutionKey } from '../../src/adapters/postgres/registry.ts';
import { writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { studyFinder } from '../../src/apps/flows/imaging/dimse-query.ts';
import { sealedPatient } from '../../src/apps/flows/imaging/header-patient.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { storeFiles } from './dicom-web-bodies.ts';
import { type Attributes, instanceOf } from './imaging-bench.ts';
import { type RealSystem, realSystem } from './real-system.ts';

const study = (uid: string, more: Partial<Attributes>): Buffer => {
  const instance = instanceOf({
    StudyInstanceUID: uid,
    SeriesInstanceUID: `${uid}.1`,
    SOPInstanceUID: `${uid}.1.1`,
    ...more,
  });
  return Buffer.concat([writeMeta(instance), instance.bytes]);
};
const [FIRST, SECOND, PLAIN] = ['2.25.5011', '2.25.5012', '2.25.5013'] as const;

const PLACE = statement(
  'test.place-of-study',
  `select s.person_id, s.institution_id, p.public_id from studies s join persons p on p.person_id = s.person_id
   where s.study_uid = $1`,
);
const SEARCHES = statement(
  'test.searches',
  "select count(*)::int as kept from audit_events where action = 'studies.search' and actor like 'dimse:%'",
);

const WITH_AN_IMAGE = statement(
  'test.with-an-image',
  "update studies set instance_count = 1 where person_id = $1 and description = 'MANY'",
);

let system: RealSystem;
let place: {
  readonly person_id: string;
  readonly institution_id: InstitutionKey;
  readonly public_id: string;
};
beforeAll(async () => {
  system = await realSystem();
  await storeFiles(system, [
    study(FIRST, { PatientID: 'M-SEARCH-1', StudyID: 'CT-0815', ReferringPhysicianName: 'Chen^Yi=陈^怡' }),
    study(SECOND, { PatientID: 'M-SEARCH-2', StudyID: 'MR-7', ReferringPhysicianName: 'LI^ER' }),
    study(PLAIN, { PatientID: 'M-SEARCH-1' }),
  ]);
  const [row] = await system.imaging.database.run<typeof place>(PLACE, [FIRST]);
  place = row as typeof place;
});
afterAll(() => system.stop());

const found = async (query: string) => {
  const answer = await fetch(`${system.url}/dicom-web/studies?${query}`, {
    headers: { authorization: `Bearer ${system.key}` },
  });
  expect(answer.status, query).toBe(200);
  const studies = (await answer.json()) as Record<string, { readonly Value?: readonly unknown[] }>[];
  return { studies, warning: answer.headers.get('warning') };
};
const uidsOf = (studies: readonly Record<string, { readonly Value?: readonly unknown[] }>[]) =>
  studies.map((one) => one['0020000D']?.Value?.[0] as string).toSorted();

const finding = async (level: 'PATIENT' | 'STUDY', matching: Readonly<Record<string, string>>) => {
  const { registry } = await system.imaging.snapshots.current();
  const all: Record<string, { readonly Value?: readonly unknown[] }>[] = [];
  for await (const one of studyFinder(system.imaging, { correctsPatient: async () => false }).find({
    requester: {
      institution: registry.institutionCode(place.institution_id) as InstitutionCode,
      callingAeTitle: 'READING',
      calledAeTitle: 'HUREN',
      remoteAddress: '127.0.0.1',
    },
    model: 'study-root',
    level,
    matching: new Map(Object.entries(matching)),
    returning: [],
  }))
    all.push(one as (typeof all)[number]);
  return all;
};

describe('the number of a study and who asked for it', () => {
  test('are answered by QIDO and C-FIND as the header states them, and empty where it states none', async () => {
    const [one] = (await found(`StudyInstanceUID=${FIRST}&includefield=ReferringPhysicianName,StudyID`))
      .studies;
    const stated = {
      '00200010': { vr: 'SH', Value: ['CT-0815'] },
      '00080090': { vr: 'PN', Value: [{ Alphabetic: 'Chen^Yi', Ideographic: '陈^怡' }] },
    };
    expect(one).toMatchObject(stated);
    expect(await finding('STUDY', { '0020000D': FIRST })).toMatchObject([stated]);
    const [plain] = (await found(`StudyInstanceUID=${PLAIN}`)).studies;
    expect([plain?.['00200010'], plain?.['00080090']]).toEqual([{ vr: 'SH' }, { vr: 'PN' }]);
  });

  test.each([
    ['StudyID', '00200010', 'CT-0815', [FIRST]],
    ['StudyID', '00200010', 'CT-*', [FIRST]],
    ['StudyID', '00200010', 'MR-?', [SECOND]],
    ['StudyID', '00200010', 'ct-0815', []],
    ['StudyID', '00200010', '*', [FIRST, SECOND, PLAIN]],
    ['ReferringPhysicianName', '00080090', '陈怡', [FIRST]],
    ['ReferringPhysicianName', '00080090', 'chen^yi', [FIRST]],
    ['ReferringPhysicianName', '00080090', 'Li*', [SECOND]],
    ['ReferringPhysicianName', '00080090', 'Chen', []],
  ])('%s (%s) narrows: %s', async (keyword, tag, value, expected) => {
    const { studies, warning } = await found(`${keyword}=${encodeURIComponent(value)}`);
    expect(uidsOf(studies)).toEqual(expected);
    expect(warning).toBeNull();
    expect(uidsOf(await finding('STUDY', { [tag]: value }))).toEqual(expected);
  });

  test('are kept where images of the same study say more of the patient', async () => {
    await storeFiles(system, [
      study(FIRST, {
        PatientID: 'M-SEARCH-1',
        SOPInstanceUID: `${FIRST}.1.2`,
        PatientSex: 'M',
        IssuerOfPatientID: 'RIS',
      }),
    ]);
    expect(uidsOf((await found('StudyID=CT-0815&ReferringPhysicianName=Chen*')).studies)).toEqual([FIRST]);
  });
});

test('a person and a patient number together are that person with that number', async () => {
  const person = `person=${place.public_id}`;
  expect(uidsOf((await found(person)).studies)).toEqual([FIRST, PLAIN]);
  expect(uidsOf((await found(`${person}&PatientID=M-SEARCH-1`)).studies)).toEqual([FIRST, PLAIN]);
  expect(uidsOf((await found(`${person}&PatientID=M-SEARCH-?&StudyID=CT*`)).studies)).toEqual([FIRST]);
  // The number of somebody else.
  expect(uidsOf((await found(`${person}&PatientID=M-SEARCH-2`)).studies)).toEqual([]);
});

describe('behind a thousand studies', () => {
  const MORE = 1_203;
  beforeAll(async () => {
    const { database, keys, newPublicId, clock } = system.imaging;
    await database.transaction(async (session) => {
      for (let index = 0; index < MORE; index++) {
        const studyUid = `2.25.5100.${index}`;
        await addStudy(session, place.person_id, {
          publicId: newPublicId(),
          institution: place.institution_id,
          studyUid,
          accession: null,
          report: null,
          description: 'MANY',
          // Some hundred of each day, so that a page ends among its likes.
          studyDate: `202610${String(10 + (index % 10))}`,
          studyTime: null,
          patient: sealedPatient(
            keys,
            studyUid,
            { patientId: 'M-SEARCH-1', issuerOfPatientId: null, name: null, birthDate: null, sex: null },
            { studyId: `N-${index}`, referringPhysician: null },
          ),
          patientHash: 'x',
          charsetDerived: null,
          at: clock(),
        });
      }
      // One of which nothing came is found by nobody.
      await session.run(WITH_AN_IMAGE, [place.person_id]);
    });
  });
  const WANTED = Array.from({ length: MORE }, (_, index) => `2.25.5100.${index}`).toSorted();

  test('C-FIND answers all of them, each once, each page in the access log', async () => {
    const searches = async () =>
      (await system.imaging.database.run<{ kept: number }>(SEARCHES))[0]?.kept as number;
    const before = await searches();
    expect(uidsOf(await finding('STUDY', { '00081030': 'MANY' }))).toEqual(WANTED);
    expect(await searches()).toBe(before + 2);
    expect(uidsOf(await finding('STUDY', { '00100020': 'M-SEARCH-1', '00200010': 'N-*' }))).toEqual(WANTED);
    // The oldest lie behind the first page.
    const hidden = await finding('STUDY', {
      '00081030': 'MANY',
      '00080020': '20261010',
      '00200010': 'N-1200',
    });
    expect(uidsOf(hidden)).toEqual(['2.25.5100.1200']);
    expect(await finding('PATIENT', { '00081030': 'MANY' })).toHaveLength(1);
  });

  test.each(['StudyDescription=MANY', 'StudyID=N-*', 'PatientID=M-SEARCH-1&StudyID=N-*'])(
    'QIDO pages through them, and says so until the last: %s',
    async (query) => {
      const seen: string[] = [];
      const warnings: boolean[] = [];
      for (let offset = 0; offset < MORE; offset += 500) {
        const { studies, warning } = await found(`${query}&limit=500&offset=${offset}`);
        seen.push(...uidsOf(studies));
        warnings.push(warning?.includes('There are more results') ?? false);
      }
      expect(seen.toSorted()).toEqual(WANTED);
      expect(warnings).toEqual([true, true, false]);
    },
  );

  test('QIDO by person pages the same way', async () => {
    const { studies, warning } = await found(`person=${place.public_id}&StudyID=N-*&limit=500&offset=1000`);
    expect([studies.length, warning]).toEqual([MORE - 1_000, null]);
  });
});
