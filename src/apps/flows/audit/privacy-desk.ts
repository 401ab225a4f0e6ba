import { searchAccessLog, type FoundLogRow } from '../../../adapters/postgres/access-log-search.ts';
import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import { readEmergencyEnd } from '../../../adapters/postgres/emergency-accesses.ts';
import { readStaffNames } from '../../../adapters/postgres/access-log.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import {
  lookupPerson,
  lookupPersonByPublicId,
  type PersonLookup,
} from '../../../adapters/postgres/person-lookup.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import {
  keepFinding,
  listPrivacyCases,
  notifyPatient,
  type PrivacyCaseRow,
  readFindings,
  readPrivacyCase,
} from '../../../adapters/postgres/privacy-cases.ts';
import { keepAuditOfEach } from '../../../adapters/postgres/recognised-orders.ts';
import { keepWatched, readWatched, removeWatched } from '../../../adapters/postgres/watched-persons.ts';
import {
  accessKindOf,
  accessKindWords,
  basisWords,
  isOverdue,
  outcomeWords,
  purposeWords,
  roleWords,
  shownPurpose,
  stateAfter,
} from '../../../audit/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { Fault, raiser } from '../../../kernel/fault.ts';
import { DAY_MS, type Instant, instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { LogRow, PrivacyCase, PrivacyCaseDetail, WatchedPerson } from '../../../web/wire/privacy.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { PrivacyDesk } from '../../server/routes/privacy-port.ts';
import { auditOf, type FlowDependencies, flowFault, orderingInstitution } from '../dependencies.ts';
import { personAnswer } from '../people.ts';
import { AUDIT_FLOW_FAULTS } from './audit-faults.ts';
import { accessOfCase, factsOf } from './case-facts.ts';

const raise = raiser(AUDIT_FLOW_FAULTS);

const FOUND_MAX = 200;
/** What whoever looked did in this stretch around the occasion belongs to the case. */
const AROUND_MS = DAY_MS;

/** The institution whose officer this is. */
const ownKey = async ({ snapshots }: FlowDependencies, actor: Actor): Promise<string> => {
  const institution = orderingInstitution(actor);
  const { registry } = await snapshots.current();
  return registry.institutionKey(institution) ?? '0';
};

const caseOf = (row: PrivacyCaseRow, at: Instant): PrivacyCase => ({
  id: row.id,
  kind: row.kind,
  openedAt: isoInstant(row.openedAt),
  dueAt: isoInstant(row.dueAt),
  overdue: isOverdue(row.state, row.dueAt, at),
  state: row.state,
  outcome: row.outcome,
  closedAt: row.closedAt === null ? null : isoInstant(row.closedAt),
  looker: {
    actor: row.actor,
    role: roleWords(row.role),
    department: row.department,
    staffNumber: row.staffNumber,
  },
});

const logRow = (row: FoundLogRow): LogRow => ({
  id: row.id,
  at: isoInstant(row.at),
  actor: row.actor,
  role: roleWords(row.role),
  department: row.department,
  staffNumber: row.staffNumber,
  person: row.person,
  what: accessKindWords(accessKindOf(row.action)),
  action: row.action,
  purpose: purposeWords(shownPurpose(row.purpose, row.basis)),
  basis: basisWords(row.basis),
  outcome: outcomeWords(row.outcome),
  peer: row.peer,
});

/** A case of the officer's own institution; another's is as unknown as one that is not there. */
const readOwnCase = async (
  dependencies: FlowDependencies,
  actor: Actor,
  id: PublicId,
): Promise<Result<PrivacyCaseRow, Fault>> => {
  const [row, key] = await Promise.all([
    readPrivacyCase(dependencies.database, id),
    ownKey(dependencies, actor),
  ]);
  return row && row.institutionKey === key ? ok(row) : fail(raise('PRIVACY_CASE_UNKNOWN'));
};

/** What the one who looked did around the occasion, with this person or, where the case is about many, with all. */
const rowsAround = async (
  { database }: FlowDependencies,
  row: PrivacyCaseRow,
  persons: readonly string[] | null,
): Promise<readonly FoundLogRow[]> => {
  const found = await searchAccessLog(database, {
    institutionKey: row.institutionKey,
    from: instant(row.openedAt - AROUND_MS),
    until: instant(row.openedAt + AROUND_MS),
    persons,
    staff: row.staffNumber ?? row.actor.replace(/^staff:/, ''),
    purpose: null,
    limit: FOUND_MAX,
  });
  return found;
};

/** The search itself leaves a row in the log of whoever is on the list, and one of its own with the reason. */
const keepSearch = async (
  dependencies: FlowDependencies,
  actor: Actor,
  origin: CallOrigin,
  rows: readonly FoundLogRow[],
  act: { readonly action: string; readonly resource: string; readonly institutionKey: string },
): Promise<void> =>
  keepAuditOfEach(
    dependencies.database,
    [...new Set(rows.map(({ personKey }) => personKey))],
    dependencies.newPublicId,
    dependencies.clock(),
    auditOf(dependencies, actor, origin, { ...act, basis: 'privacy-review', outcome: 'disclosed' }),
  );

/** The queue of cases, the log and the list of watched persons of one institution. */
export const privacyDesk = (dependencies: FlowDependencies): PrivacyDesk => {
  const { database, keys, clock, newPublicId } = dependencies;
  const actOf = (actor: Actor, origin: CallOrigin) => ({
    at: clock(),
    newId: newPublicId,
    by: actor.name,
    peer: origin.peer,
  });
  /** undefined for nobody, and for what is no national id. */
  const personByNumber = async (number: string): Promise<PersonLookup | undefined> => {
    try {
      return await lookupPerson(database, keys, {
        identifiers: [{ type: 'national-id', issuer: 'CN', number }],
      });
    } catch (error) {
      if (error instanceof Fault && error.status < 500) return undefined;
      throw error;
    }
  };

  return {
    async rules(actor) {
      const { snapshot } = await dependencies.snapshots.current();
      const { privacy, privacyBy } = snapshot.rulesAt(clock()).policyOf(orderingInstitution(actor));
      return { policy: privacy, by: privacyBy };
    },

    async queue(actor, closed) {
      const rows = await listPrivacyCases(database, await ownKey(dependencies, actor), closed);
      return ok(rows.map((row) => caseOf(row, clock())));
    },

    async read(actor, id, origin) {
      const found = await readOwnCase(dependencies, actor, id);
      if (!found.ok) return found;
      const row = found.value;
      const [lookup, summary, findings] = await Promise.all([
        row.person ? lookupPersonByPublicId(database, row.person) : undefined,
        row.person ? readPersonSummary(database, keys, row.person) : undefined,
        readFindings(database, id),
      ]);
      const persons = lookup?.members.map(({ personId }) => personId) ?? null;
      const access = accessOfCase(row);
      const endedAt = access && persons ? await readEmergencyEnd(database, persons, access) : null;
      const rows = await rowsAround(dependencies, row, persons);
      const { institutionKey } = row;
      const act = { action: 'privacy-case.read', resource: `privacy-case/${id}`, institutionKey };
      if (lookup)
        await keepAudit(
          database,
          lookup.personId,
          clock(),
          auditOf(dependencies, actor, origin, { ...act, basis: 'privacy-review', outcome: 'disclosed' }),
        );
      else await keepSearch(dependencies, actor, origin, rows, act);
      const loginsOf = findings.map(({ actor: by }) => by.replace(/^staff:/, ''));
      const names = await readStaffNames(database, [...new Set(loginsOf)]);
      const detail: PrivacyCaseDetail = {
        ...caseOf(row, clock()),
        person: summary ? personAnswer(summary) : null,
        facts: [...factsOf(row, endedAt)],
        rows: rows.map(logRow),
        findings: findings.map(({ finding, text, actor: by, at }, index) => ({
          finding,
          text,
          by,
          byName: names.get(loginsOf[index] as string) ?? null,
          at: isoInstant(at),
        })),
      };
      return ok(detail);
    },

    async find(actor, id, { finding, text }, origin) {
      const found = await readOwnCase(dependencies, actor, id);
      if (!found.ok) return found;
      const row = found.value;
      // Nobody judges himself.
      if (row.actor === actor.name) return fail(raise('PRIVACY_CASE_OWN'));
      const at = clock();
      const lookup = row.person ? await lookupPersonByPublicId(database, row.person) : undefined;
      const state = stateAfter(finding);
      const isKept = await database.transaction(async (session) => {
        if (!(await keepFinding(session, id, state, { finding, text, actor: actor.name, at }))) return false;
        const act = actOf(actor, origin);
        await recordSystemAct(session, act, 'privacy-case.find', `privacy-case/${id}`, finding);
        if (
          state === 'closed' &&
          lookup &&
          (row.kind === 'patient-report' || row.kind === 'emergency-access')
        )
          await notifyPatient(session, lookup.personId, {
            id: newPublicId(),
            kind: 'case-closed',
            content: canonicalJson({
              case: id,
              kind: row.kind,
              outcome: finding,
              openedAt: isoInstant(row.openedAt),
            }),
            at,
          });
        return true;
      });
      return isKept ? ok(undefined) : fail(raise('PRIVACY_CASE_CLOSED'));
    },

    async search(actor, { reason, nationalId, staff, purpose, days }, origin) {
      const institutionKey = await ownKey(dependencies, actor);
      const person = nationalId === '' ? undefined : await personByNumber(nationalId);
      if (nationalId !== '' && !person) return fail(flowFault('PERSON_NOT_FOUND'));
      const until = clock();
      const rows = await searchAccessLog(database, {
        institutionKey,
        from: instant(until - days * DAY_MS),
        until,
        persons: person?.members.map(({ personId }) => personId) ?? null,
        staff: staff === '' ? null : staff,
        purpose: purpose === '' ? null : purpose,
        limit: FOUND_MAX + 1,
      });
      const shown = rows.slice(0, FOUND_MAX);
      await keepSearch(dependencies, actor, origin, shown, {
        action: 'access-log.search',
        resource: 'access-log',
        institutionKey,
      });
      const outcome = `found ${shown.length}: ${reason}`;
      await recordSystemAct(database, actOf(actor, origin), 'access-log.search', 'access-log', outcome);
      return ok({ rows: shown.map(logRow), truncated: rows.length > shown.length });
    },

    async watched(actor, origin) {
      const rows = await readWatched(database, await ownKey(dependencies, actor));
      const listed: WatchedPerson[] = [];
      for (const { person, note, addedBy, addedAt } of rows) {
        const summary = await readPersonSummary(database, keys, person);
        if (!summary) continue;
        await keepAudit(
          database,
          summary.personId,
          clock(),
          auditOf(dependencies, actor, origin, {
            institutionKey: await ownKey(dependencies, actor),
            action: 'watched-person.list',
            resource: `person/${person}`,
            basis: 'privacy-review',
            outcome: 'disclosed',
          }),
        );
        listed.push({ person: personAnswer(summary), note, addedBy, addedAt: isoInstant(addedAt) });
      }
      return ok(listed);
    },

    async watch(actor, { nationalId, note }, origin) {
      const institutionKey = await ownKey(dependencies, actor);
      const person = await personByNumber(nationalId);
      if (!person) return fail(flowFault('PERSON_NOT_FOUND'));
      const at = clock();
      await database.transaction(async (session) => {
        await keepWatched(session, {
          institutionKey,
          person: person.publicId,
          note,
          addedBy: actor.name,
          addedAt: at,
        });
        await keepAudit(
          session,
          person.personId,
          at,
          auditOf(dependencies, actor, origin, {
            institutionKey,
            action: 'watched-person.add',
            resource: `person/${person.publicId}`,
            basis: 'privacy-review',
            outcome: 'recorded',
          }),
        );
      });
      return ok(undefined);
    },

    async unwatch(actor, person, origin) {
      const institutionKey = await ownKey(dependencies, actor);
      const removed = await database.transaction(async (session) => {
        const act = actOf(actor, origin);
        await recordSystemAct(session, act, 'watched-person.remove', `person/${person}`, 'done');
        return removeWatched(session, institutionKey, person);
      });
      return removed ? ok(undefined) : fail(flowFault('PERSON_NOT_FOUND'));
    },
  };
};
