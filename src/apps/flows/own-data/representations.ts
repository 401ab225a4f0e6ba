import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import {
  endRepresentation,
  keepRepresentation,
  representationsBy,
  representationsOf,
} from '../../../adapters/postgres/representations.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  isActing,
  type Representation,
  representationEnd,
  type StatedRepresentation,
} from '../../../person/index.ts';
import type { OwnRepresentation } from '../../../web/wire/own-data.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import { personAnswer } from '../people.ts';
import { OWN_DATA_FAULTS } from './own-data-faults.ts';
import { certainMembers, ownAudit, type OwnReader } from './own-reader.ts';

const raise = raiser(OWN_DATA_FAULTS);

const answerOf = async (
  { database, keys }: FlowDependencies,
  representation: Representation,
  other: PublicId,
): Promise<OwnRepresentation | undefined> => {
  const summary = await readPersonSummary(database, keys, other);
  return (
    summary && {
      id: representation.id,
      person: personAnswer(summary),
      relation: representation.relation,
      evidence: representation.evidence,
      restricted: representation.restricted,
      recordedAt: isoInstant(representation.recordedAt),
      endsAt: isoInstant(representation.endsAt),
    }
  );
};

const inForce = (all: readonly Representation[], at: Instant): readonly Representation[] =>
  all.filter((each) => isActing(each, at));

/** For whom these records of one person act at present, and who acts for them. */
export const readRepresentations = async (
  dependencies: FlowDependencies,
  members: readonly string[],
): Promise<{ readonly actingFor: OwnRepresentation[]; readonly representedBy: OwnRepresentation[] }> => {
  const { database, clock } = dependencies;
  const at = clock();
  const [by, of] = await Promise.all([
    representationsBy(database, members),
    representationsOf(database, members),
  ]);
  const [actingFor, representedBy] = await Promise.all([
    Promise.all(inForce(by, at).map((each) => answerOf(dependencies, each, each.person))),
    Promise.all(inForce(of, at).map((each) => answerOf(dependencies, each, each.representative))),
  ]);
  const known = (all: readonly (OwnRepresentation | undefined)[]) => all.filter((each) => each !== undefined);
  return { actingFor: known(actingFor), representedBy: known(representedBy) };
};

/**
 * Records that somebody may act for the person at the desk, or that the person at the desk is acted for: what was stated,
 * shortened to what the law allows.
 *
 * @returns when it ends, or PERSON_NOT_FOUND, REPRESENTATIVE_SAME, REPRESENTATION_NOT_AGREED, REPRESENTATION_END_INVALID
 */
export const recordRepresentation = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  institutionKey: string,
  stated: StatedRepresentation & { readonly representative: PublicId },
  origin: CallOrigin,
): Promise<Result<Instant, Fault>> => {
  const { database, keys, clock, newPublicId } = dependencies;
  const at = clock();
  const [subject, representative] = await Promise.all([
    readPersonSummary(database, keys, reader.person),
    lookupPersonByPublicId(database, stated.representative),
  ]);
  if (!subject || !representative) return fail(flowFault('PERSON_NOT_FOUND'));
  if (certainMembers(representative).some((member) => reader.members.includes(member)))
    return fail(raise('REPRESENTATIVE_SAME', { place: 'representative' }));
  const endsAt = representationEnd(stated, subject.birthDate, at);
  if (!endsAt.ok) return endsAt;
  const id = newPublicId();
  await database.transaction(async (session) => {
    await keepRepresentation(session, {
      id,
      personId: reader.personId,
      representativeId: representative.personId,
      relation: stated.relation,
      evidence: stated.evidence,
      agreed: stated.agreed,
      restricted: stated.restricted,
      startsAt: at,
      endsAt: endsAt.value,
      institutionKey,
      actor: reader.who.actor,
      recordedAt: at,
    });
    await keepAudit(
      session,
      reader.personId,
      at,
      ownAudit(dependencies, reader, origin, {
        action: 'representation.record',
        resource: `representation/${id}`,
        outcome: 'recorded',
      }),
    );
  });
  return endsAt;
};

/** Ends a relation, from either of its ends. @returns REPRESENTATION_UNKNOWN where this person has no such relation in force */
export const endOwnRepresentation = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  id: PublicId,
  origin: CallOrigin,
): Promise<Result<void, Fault>> => {
  const { database, clock } = dependencies;
  const at = clock();
  const all = [
    ...(await representationsBy(database, reader.members)),
    ...(await representationsOf(database, reader.members)),
  ];
  const found = inForce(all, at).find((each) => each.id === id);
  if (!found) return fail(raise('REPRESENTATION_UNKNOWN'));
  await database.transaction(async (session) => {
    if (!(await endRepresentation(session, found, reader.who.actor, at))) return;
    await keepAudit(
      session,
      found.personId,
      at,
      ownAudit(dependencies, reader, origin, {
        action: 'representation.end',
        resource: `representation/${id}`,
        outcome: 'recorded',
      }),
    );
  });
  return ok(undefined);
};
