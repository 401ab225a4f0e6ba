import { fail, ok, type Result } from '../../kernel/result.ts';
import {
  type IncomingAdmissionMessage,
  type IncomingPatient,
  normaliseIdentifier,
  type PersonRefusal,
  type StatedIdentifier,
} from '../../person/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Session } from './database.ts';
import { type PersonResolution, type ResolveContext, resolvePerson } from './person-index.ts';
import { mergePersons } from './person-links.ts';
import { clusterOf, standingUnder } from './person-lookup.ts';

/** What an admission message did. */
export interface AdmissionOutcome extends PersonResolution {
  /** Records that the message merged into the patient's, by person id. */
  readonly merged: readonly string[];
}

/** Who says it and when; an admission message is the basis by definition. */
export type AdmissionContext = Omit<ResolveContext, 'basis'>;

const UNDESCRIBED: Omit<IncomingPatient, 'identifiers'> = {
  name: null,
  sex: 'not-stated',
  birthDate: null,
  phones: [],
  address: null,
  motherIdentifiers: [],
  birthOrder: null,
  multipleBirth: false,
  deceased: false,
};

/** The record numbers of one institution among some identifiers; its systems number in spaces of their own (`H1/LIS`). */
const ownRecords = (identifiers: readonly StatedIdentifier[], issuer: string): StatedIdentifier[] =>
  identifiers.filter((stated) => {
    const identifier = normaliseIdentifier(stated);
    if (identifier?.type !== 'medical-record' || !identifier.valid) return false;
    return identifier.issuer === issuer || identifier.issuer.startsWith(`${issuer}/`);
  });

const sameNumber = (one: StatedIdentifier, other: StatedIdentifier): boolean =>
  one.issuer === other.issuer && normaliseIdentifier(one)?.number === normaliseIdentifier(other)?.number;

const mergeRefusal = (code: PersonRefusal['code'], detail: string): PersonRefusal => ({
  code,
  place: 'mergedIdentifiers',
  detail,
});

/** The record numbers an A40 takes out of use, or why it cannot be followed. */
const recordsToMerge = (
  { patient, mergedIdentifiers }: IncomingAdmissionMessage,
  issuer: string,
): Result<StatedIdentifier[], PersonRefusal> => {
  const surviving = ownRecords(patient.identifiers, issuer);
  if (surviving.length === 0)
    return fail(mergeRefusal('PERSON_MERGE_INCOMPLETE', 'no-surviving-record-number'));
  const records = mergedIdentifiers.filter(({ type }) => type === 'medical-record');
  const own = ownRecords(records, issuer);
  if (own.length < records.length)
    return fail(mergeRefusal('PERSON_MERGE_FOREIGN', 'record-number-of-another-issuer'));
  const others = own.filter((merged) => !surviving.some((survivor) => sameNumber(survivor, merged)));
  if (others.length === 0) return fail(mergeRefusal('PERSON_MERGE_INCOMPLETE', 'no-record-number-to-merge'));
  return ok(others);
};

/**
 * Follows an admission message in the caller's transaction. Registration and update (A01, A04, A08, A28, A31) make the
 * person known and bring demographics up to date. A merge (A40) declares two record numbers of the same institution to
 * be one patient: a strong link between their records. No result moves; what arrived under either number is in view
 * under both. A merged number that was never seen becomes a record, so that a late message under it finds its way. The
 * inverse is `unmergePersons`.
 *
 * @returns a refusal when the message names nobody, mixes two people, or merges what must stay apart; roll back then
 */
export const applyAdmission = async (
  session: Session,
  keys: KeyRing,
  message: IncomingAdmissionMessage,
  context: AdmissionContext,
): Promise<Result<AdmissionOutcome, PersonRefusal>> => {
  const stated: ResolveContext = {
    ...context,
    basis: 'admission',
    ...(message.sentAt ? { statedAt: message.sentAt.at } : {}),
  };
  const records = message.event === 'A40' ? recordsToMerge(message, context.issuer) : ok([]);
  if (!records.ok) return records;
  const survivor = await resolvePerson(session, keys, message.patient, stated);
  if (!survivor.ok) return survivor;
  const merged: string[] = [];
  for (const record of records.value) {
    const { contradiction } = await standingUnder(session, keys, message.patient, record);
    if (contradiction)
      return fail({ code: 'PERSON_CONTRADICTION', place: 'mergedIdentifiers', detail: contradiction });
    // Nothing is said about the merged record but its number: it keeps its own description, so that parting the two
    // again leaves both as they were.
    const bare: IncomingPatient = { ...UNDESCRIBED, identifiers: [record] };
    const other = await resolvePerson(session, keys, bare, { ...stated, basis: 'order' });
    if (!other.ok) return fail({ ...other.reason, place: 'mergedIdentifiers' });
    if (other.value.personId === survivor.value.personId) continue;
    const link = await mergePersons(session, {
      personId: survivor.value.personId,
      otherId: other.value.personId,
      grade: 'strong',
      cause: 'admission',
      actor: context.issuer,
      reason: context.sourceRef,
      at: context.at,
    });
    if (!link.ok) return fail({ ...link.reason, place: 'mergedIdentifiers' });
    merged.push(other.value.personId);
  }
  const cluster = await clusterOf(session, survivor.value.personId);
  return ok({ ...survivor.value, ...cluster, merged });
};
