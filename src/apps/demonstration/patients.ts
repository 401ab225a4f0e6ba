import { accountByLogin, createAccount, setAccountPassword } from '../../adapters/postgres/accounts.ts';
import { lookupPerson, lookupPersonByPublicId } from '../../adapters/postgres/person-lookup.ts';
import { findPersons } from '../../adapters/postgres/person-search.ts';
import { representationsOf } from '../../adapters/postgres/representations.ts';
import { DAY_MS, type Instant, instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { RepresentationEvidence, RepresentationRelation } from '../../person/index.ts';
import { certainMembers } from '../flows/own-data/own-reader.ts';
import { recordRepresentation } from '../flows/own-data/representations.ts';
import type { Installation } from '../installation.ts';
import { demonstrationCast } from './cast.ts';
import { HOME_INSTITUTION } from './region.ts';

/** Members of the cast who sign in for their own data. */
const PATIENTS = [
  { login: 'patient', key: 'three-orders' },
  { login: 'patient-elder', key: 'three-hospitals' },
  { login: 'mother', key: 'mother-of-twins' },
  { login: 'daughter', key: 'daughter' },
] as const;

/** Who acts for whom: a mother for her newborns, a daughter for her father. */
const RELATIONS: readonly {
  readonly representative: string;
  readonly person: string;
  readonly relation: RepresentationRelation;
  readonly evidence: RepresentationEvidence;
  readonly agreed: boolean;
}[] = [
  {
    representative: 'mother-of-twins',
    person: 'twin-one',
    relation: 'parent',
    evidence: 'birth-certificate',
    agreed: false,
  },
  {
    representative: 'mother-of-twins',
    person: 'twin-two',
    relation: 'parent',
    evidence: 'birth-certificate',
    agreed: false,
  },
  {
    representative: 'daughter',
    person: 'three-hospitals',
    relation: 'child',
    evidence: 'household-register',
    agreed: true,
  },
];

const RELATION_DAYS = 730;

/** The record by which a member of the cast is known since the messages came in; newborns have no number yet. */
const personOf = async ({ database, keys }: Installation, now: Instant, key: string): Promise<PublicId> => {
  const person = demonstrationCast(now).find((each) => each.key === key)?.person;
  if (!person) throw new RangeError(`nobody in the cast is called ${key}`);
  const found =
    person.nationalId === null
      ? (await findPersons(database, keys, { by: 'name', text: person.name })).persons[0]
      : await lookupPerson(database, keys, {
          identifiers: [{ type: 'national-id', issuer: 'CN', number: person.nationalId }],
        });
  if (!found) throw new RangeError(`no message of ${key} came in`);
  return found.publicId;
};

const recordRelation = async (
  installation: Installation,
  now: Instant,
  { representative, person, relation, evidence, agreed }: (typeof RELATIONS)[number],
): Promise<void> => {
  const { database, clock, snapshots } = installation;
  const found = await lookupPersonByPublicId(database, await personOf(installation, now, person));
  const { registry } = await snapshots.current();
  const institutionKey = registry.institutionKey(HOME_INSTITUTION as string as InstitutionCode);
  if (!found || institutionKey === undefined) throw new RangeError(`${person} cannot be acted for`);
  const members = certainMembers(found);
  // Of a loading that was cut short some are recorded.
  if ((await representationsOf(database, members)).length > 0) return;
  const who = { actor: 'staff:desk', role: 'registrar', department: null, staffNumber: null, institutionKey };
  const recorded = await recordRepresentation(
    installation,
    {
      person: found.publicId,
      personId: found.personId,
      members,
      who,
      basis: 'demonstration',
      relation: 'self',
      mayAskForRestricted: false,
    },
    institutionKey,
    {
      representative: await personOf(installation, now, representative),
      relation,
      evidence,
      agreed,
      restricted: false,
      until: instant(clock() + RELATION_DAYS * DAY_MS),
    },
    { requestId: 'demonstration', peer: 'local', purpose: 'own-data' },
  );
  if (!recorded.ok) throw recorded.reason;
};

/** A patient's sign-in. Patients have no second factor. */
export interface MadePatient {
  readonly login: string;
  readonly password: string;
  readonly displayName: string;
}

/** Makes the sign-ins of patients and records who acts for whom. The messages have to be in. */
export const makePatients = async (
  installation: Installation,
  now: Instant,
  newPassword: () => string,
): Promise<MadePatient[]> => {
  const { database, newPublicId } = installation;
  const act = { at: now, newId: newPublicId, by: 'demonstration', peer: 'local' };
  const made: MadePatient[] = [];
  for (const { login, key } of PATIENTS) {
    const password = newPassword();
    const person = await personOf(installation, now, key);
    const displayName = demonstrationCast(now).find((each) => each.key === key)?.person.name ?? login;
    if (await accountByLogin(database, login))
      await setAccountPassword(database, login, { password, isGiven: false }, act);
    else
      await createAccount(
        database,
        { login, password, role: 'patient', institution: null, displayName, person },
        act,
      );
    made.push({ login, password, displayName });
  }
  for (const relation of RELATIONS) await recordRelation(installation, now, relation);
  return made;
};
