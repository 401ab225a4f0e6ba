import {
  type DeskVisit,
  endDeskVisit,
  keepDeskVisit,
  readDeskVisit,
} from '../../../adapters/postgres/desk-visits.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPerson, lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import { Fault, raiser } from '../../../kernel/fault.ts';
import { instant } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { DeskVisitView } from '../../../web/desk-pages.ts';
import type { StaffActor } from '../../server/flows-port.ts';
import type { DeskFlows } from '../../server/routes/desk-port.ts';
import { readAccessLogOf } from '../audit/own-access-log.ts';
import { type FlowDependencies, flowFault, orderingInstitution } from '../dependencies.ts';
import { personAnswer } from '../people.ts';
import { OWN_DATA_FAULTS } from './own-data-faults.ts';
import { readOwnNotifications } from './notifications.ts';
import { certainMembers, ownAudit, type OwnReader } from './own-reader.ts';
import { readOwnRepeats } from './own-repeats.ts';
import { readOwnResults } from './own-results.ts';
import { endOwnRepresentation, readRepresentations, recordRepresentation } from './representations.ts';

const raise = raiser(OWN_DATA_FAULTS);

/** A patient who needs longer shows the document again: an open screen at a desk is read by the next in the queue. */
const VISIT_MS = 20 * 60_000;

interface OpenVisit {
  readonly visit: DeskVisit;
  readonly view: DeskVisitView;
  readonly reader: OwnReader;
}

const whoOf = (actor: StaffActor, institutionKey: string): OwnReader['who'] => ({
  actor: actor.name,
  role: actor.role,
  department: actor.department,
  staffNumber: actor.staffNumber,
  institutionKey,
});

/** @throws DESK_VISIT_UNKNOWN for every visit that this actor did not begin, or whose time is over */
const openVisit = async (
  { database, keys, clock }: FlowDependencies,
  actor: StaffActor,
  id: PublicId,
): Promise<OpenVisit> => {
  const visit = await readDeskVisit(database, id);
  if (!visit || visit.actor !== actor.name || visit.endsAt <= clock()) throw raise('DESK_VISIT_UNKNOWN');
  const [summary, found] = await Promise.all([
    readPersonSummary(database, keys, visit.person),
    lookupPersonByPublicId(database, visit.person),
  ]);
  if (!summary || !found) throw raise('DESK_VISIT_UNKNOWN');
  const present = visit.present as DeskVisitView['present'];
  return {
    visit,
    view: {
      id,
      person: personAnswer(summary),
      present,
      document: visit.document as DeskVisitView['document'],
      endsAt: visit.endsAt,
    },
    reader: {
      who: whoOf(actor, visit.institutionKey),
      person: visit.person,
      personId: visit.personId,
      members: certainMembers(found),
      relation: present === 'self' ? 'self' : null,
      basis: `desk-visit/${id}`,
      mayAskForRestricted: present === 'self',
    },
  };
};

/** The flows of the desk, as the server calls them. */
export const deskFlows = (dependencies: FlowDependencies): DeskFlows => {
  const { database, keys, clock, newPublicId, snapshots } = dependencies;
  const during = (actor: StaffActor, id: PublicId) => openVisit(dependencies, actor, id);
  return {
    async open(actor, request, origin) {
      const institution = orderingInstitution(actor);
      const [found, { registry }] = await Promise.all([
        lookupPersonByPublicId(database, request.person),
        snapshots.current(),
      ]);
      const institutionKey = registry.institutionKey(institution);
      if (!found || institutionKey === undefined) return fail(flowFault('PERSON_NOT_FOUND'));
      const id = newPublicId();
      const at = clock();
      const visit = {
        id,
        personId: found.personId,
        institutionKey,
        actor: actor.name,
        present: request.present,
        document: request.document,
        openedAt: at,
        endsAt: instant(at + VISIT_MS),
      };
      const reader: OwnReader = {
        who: whoOf(actor, institutionKey),
        person: found.publicId,
        personId: found.personId,
        members: certainMembers(found),
        relation: null,
        basis: `desk-visit/${id}`,
        mayAskForRestricted: false,
      };
      await database.transaction(async (session) => {
        await keepDeskVisit(session, visit);
        const act = { action: 'desk-visit.open', resource: `desk-visit/${id}`, outcome: 'recorded' };
        await keepAudit(session, found.personId, at, ownAudit(dependencies, reader, origin, act));
      });
      return ok(id);
    },
    async visit(actor, id, origin) {
      const { view, reader } = await during(actor, id);
      const { notifications } = await readOwnNotifications(dependencies, reader, origin);
      return { visit: view, shown: notifications };
    },
    async results(actor, id, restricted, origin) {
      const { view, reader } = await during(actor, id);
      return { visit: view, shown: await readOwnResults(dependencies, reader, restricted, origin) };
    },
    async repeats(actor, id, origin) {
      const { view, reader } = await during(actor, id);
      return { visit: view, shown: await readOwnRepeats(dependencies, reader, undefined, origin) };
    },
    async accessLog(actor, id, origin) {
      const { view, reader } = await during(actor, id);
      const shown = await readAccessLogOf(dependencies, reader, { filter: 'all', before: undefined }, origin);
      return { visit: view, shown };
    },
    async representations(actor, id) {
      const { view, reader } = await during(actor, id);
      return { visit: view, shown: (await readRepresentations(dependencies, reader.members)).representedBy };
    },
    async recordRepresentation(actor, id, { nationalId, ...stated }, origin) {
      const { visit, reader } = await during(actor, id);
      try {
        const representative = await lookupPerson(database, keys, {
          identifiers: [{ type: 'national-id', issuer: 'CN', number: nationalId }],
        });
        if (!representative) return fail(raise('REPRESENTATIVE_NOT_FOUND', { place: 'nationalId' }));
        const relation = { ...stated, representative: representative.publicId };
        return await recordRepresentation(dependencies, reader, visit.institutionKey, relation, origin);
      } catch (error) {
        // A number that is nobody's, or that several unconfirmed records carry.
        if (error instanceof Fault && error.code.startsWith('PERSON_'))
          return fail(raise('REPRESENTATIVE_NOT_FOUND', { place: 'nationalId' }));
        throw error;
      }
    },
    async endRepresentation(actor, id, representation, origin) {
      const { reader } = await during(actor, id);
      return endOwnRepresentation(dependencies, reader, representation, origin);
    },
    async close(actor, id) {
      const { visit } = await during(actor, id);
      await endDeskVisit(database, visit, clock());
    },
  };
};
