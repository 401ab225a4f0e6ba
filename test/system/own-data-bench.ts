import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { lookupPerson, lookupPersonByPublicId } from '../../src/adapters/postgres/person-lookup.ts';
import { findPersons } from '../../src/adapters/postgres/person-search.ts';
import { recordRepresentation } from '../../src/apps/flows/own-data/representations.ts';
import { DAY_MS, instant } from '../../src/kernel/instant.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { RepresentationRelation } from '../../src/person/index.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import type { RealSystem } from './real-system.ts';
import { memberOf, type RegionBench } from './region-bench.ts';

const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };
const PASSWORD = 'Correct-horse-77';

/** The source record by which a member of the cast is known, newborns by name. */
export const personOf = async (bench: RegionBench, key: string): Promise<PublicId> => {
  const { database, keys } = bench.dependencies;
  const { person } = memberOf(bench, key);
  const found =
    person.nationalId === null
      ? (await findPersons(database, keys, { by: 'name', text: person.name })).persons[0]
      : await lookupPerson(database, keys, {
          identifiers: [{ type: 'national-id', issuer: 'CN', number: person.nationalId }],
        });
  if (!found) throw new RangeError(`nobody is called ${key}`);
  return found.publicId;
};

/** Makes a patient's account and signs a browser in with it. */
export const signedInPatient = async (system: RealSystem, key: string): Promise<FormBrowser> => {
  const { bench } = system;
  const { database, clock, newPublicId } = bench.dependencies;
  const login = `own.${key}`;
  await createAccount(
    database,
    {
      login,
      password: PASSWORD,
      role: 'patient',
      institution: null,
      displayName: memberOf(bench, key).person.name,
      person: await personOf(bench, key),
    },
    { at: clock(), newId: newPublicId, by: 'test', peer: 'test' },
    TEST_COST,
  );
  const browser = formBrowser(system.url);
  await browser.signIn(login, PASSWORD);
  return browser;
};

/** The sign-in of a patient made by `signedInPatient`. */
export const patientSignIn = (key: string) => ({ login: `own.${key}`, password: PASSWORD });

/** Records that one member of the cast acts for another, as the desk does. */
export const actsFor = async (
  { bench }: RealSystem,
  representative: string,
  person: string,
  over: { relation?: RepresentationRelation; agreed?: boolean; restricted?: boolean } = {},
): Promise<void> => {
  const { dependencies } = bench;
  const { snapshots, clock } = dependencies;
  const subject = await lookupPersonOf(bench, person);
  const { registry } = await snapshots.current();
  const institutionKey = registry.institutionKey('YX-COUNTY' as never) as string;
  const recorded = await recordRepresentation(
    dependencies,
    {
      ...subject,
      who: {
        actor: 'staff:desk',
        role: 'registrar',
        department: null,
        staffNumber: null,
        institutionKey,
      },
      basis: 'desk-visit/test',
      relation: null,
      mayAskForRestricted: false,
    },
    institutionKey,
    {
      representative: await personOf(bench, representative),
      relation: over.relation ?? 'parent',
      evidence: 'household-register',
      agreed: over.agreed ?? false,
      restricted: over.restricted ?? false,
      until: instant(clock() + 300 * DAY_MS),
    },
    bench.origin,
  );
  if (!recorded.ok) throw recorded.reason;
};

const lookupPersonOf = async (bench: RegionBench, key: string) => {
  const publicId = await personOf(bench, key);
  const found = await lookupPersonByPublicId(bench.dependencies.database, publicId);
  if (!found) throw new RangeError(key);
  return {
    person: publicId,
    personId: found.personId,
    members: found.members.map(({ personId }) => personId),
  };
};

/** Finds somebody of the cast as a doctor does: by a number that was presented, or by name where there is none. */
export const presentNumber = async (
  doctor: FormBrowser,
  { bench }: RealSystem,
  key: string,
): Promise<void> => {
  const { person } = memberOf(bench, key);
  const wanted =
    person.nationalId === null
      ? { by: 'name', text: person.name, encounter: `MZ-${key}` }
      : { by: 'national-id', text: person.nationalId };
  const found = await doctor.postJson('/api/person-searches', wanted);
  if (found.status !== 200) throw new Error(`nobody was found: ${found.status}`);
};
