import type { AuditRecord } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId, type PersonLookup } from '../../../adapters/postgres/person-lookup.ts';
import { representationsBy } from '../../../adapters/postgres/representations.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { isActing, type RepresentationRelation } from '../../../person/index.ts';
import type { CallOrigin, PatientActor } from '../../server/flows-port.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import type { LineReader } from '../results/line-disclosure.ts';

/**
 * Somebody who reads a person's own data: the patient, whoever acts for the patient, or the desk while the patient stands
 * there. Everything that the flows of this folder need to read, and to write down who did.
 */
export interface OwnReader {
  /** The person whose data it is, as addressed. */
  readonly person: PublicId;
  readonly personId: string;
  /**
   * The records that are this person's beyond doubt. What is only taken to be (weak links) is for a doctor to weigh, and
   * stays out: shown to a patient it could be a stranger's.
   */
  readonly members: readonly string[];
  /** What the one who reads is to the person; null for somebody who only holds what was shared. */
  readonly relation: RepresentationRelation | 'self' | null;
  /** Who acts, as the access log names them; the institution is the desk's. */
  readonly who: Pick<AuditRecord, 'actor' | 'role' | 'department' | 'staffNumber' | 'institutionKey'>;
  /** `own-data`, `acting-for` or `desk-visit`, the latter two with the id of what they rest on. */
  readonly basis: string;
  /** Whether results of restricted classes may be asked for. */
  readonly mayAskForRestricted: boolean;
}

/** Records of a cluster that are the same person's beyond doubt. */
export const certainMembers = ({ members }: Pick<PersonLookup, 'members'>): readonly string[] =>
  members.filter(({ grade }) => grade !== 'weak').map(({ personId }) => personId);

/**
 * The reader as whom a patient signed in comes, for themselves or for a person they act for. Whether somebody else exists
 * cannot be told from the answer.
 *
 * @throws PERSON_NOT_FOUND for everybody for whom the patient does not act at this moment
 */
export const ownReader = async (
  { database, clock }: Pick<FlowDependencies, 'database' | 'clock'>,
  actor: PatientActor,
  person: PublicId = actor.person,
): Promise<OwnReader> => {
  const self = await lookupPersonByPublicId(database, actor.person);
  if (!self) throw flowFault('PERSON_NOT_FOUND');
  const who = {
    actor: actor.name,
    role: 'patient',
    department: null,
    staffNumber: null,
    institutionKey: null,
  };
  if (person === actor.person)
    return {
      who,
      person,
      personId: self.personId,
      members: certainMembers(self),
      relation: 'self',
      basis: 'own-data',
      mayAskForRestricted: true,
    };
  const at = clock();
  const acting = (await representationsBy(database, certainMembers(self))).find(
    (each) => each.person === person && isActing(each, at),
  );
  const found = acting && (await lookupPersonByPublicId(database, person));
  if (!acting || !found) throw flowFault('PERSON_NOT_FOUND');
  return {
    // Whoever is acted for sees in the log that it was not they who looked.
    who: { ...who, role: 'representative' },
    person,
    personId: found.personId,
    members: certainMembers(found),
    relation: acting.relation,
    basis: `acting-for/${acting.id}`,
    mayAskForRestricted: acting.restricted,
  };
};

/** Which lines this reader is shown. */
export const lineReaderOf = (reader: OwnReader, asked: 'shown' | undefined): LineReader => ({
  institution: null,
  asksForRestricted: asked === 'shown' && reader.mayAskForRestricted,
});

/** The row of the access log for an act of this reader. */
export const ownAudit = (
  { newPublicId }: Pick<FlowDependencies, 'newPublicId'>,
  reader: OwnReader,
  origin: CallOrigin,
  act: Pick<AuditRecord, 'action' | 'resource' | 'outcome'>,
): AuditRecord => ({
  publicId: newPublicId(),
  ...reader.who,
  purpose: 'own-data',
  basis: reader.basis,
  peer: origin.peer,
  ...act,
});

/** What the flows of one's own data work with. */
export interface OwnDependencies extends FlowDependencies {
  /** The platform's address as phones reach it, without a slash at the end. */
  readonly publicUrl: () => string;
  /** How long a shared report waits to be opened, and how often it may be. */
  readonly share: { readonly minutes: number; readonly openings: number };
}
