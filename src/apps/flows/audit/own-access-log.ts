import {
  type AccessLogRow,
  readAccessLog,
  readAccessLogRow,
  readFamiliarInstitutions,
  readStaffNames,
  readVisits,
  type VisitRow,
} from '../../../adapters/postgres/access-log.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { retiredBefore } from '../../../adapters/postgres/audit-retirements.ts';
import { readShareOpenings, type ShareOpening } from '../../../adapters/postgres/report-shares.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import {
  openPrivacyCase,
  type PrivacyCaseRow,
  readCasesOf,
} from '../../../adapters/postgres/privacy-cases.ts';
import {
  accessKindOf,
  accessKindWords,
  caseDueAt,
  type FoldedLooks,
  foldLooks,
  isEmergency,
  isRefused,
  purposeWords,
  roleWords,
  shownPurpose,
} from '../../../audit/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import { raiser } from '../../../kernel/fault.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import { isUuid, type PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { Rules } from '../../../recognition/index.ts';
import type { AccessLogAnswer, AccessLogLine, AccessLogQuery } from '../../../web/wire/access-log.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { OwnAccessLog } from '../../server/routes/own-access-log.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { ownAudit, ownReader, type OwnReader } from '../own-data/own-reader.ts';
import { institutionAnswer } from '../present.ts';
import { AUDIT_FLOW_FAULTS } from './audit-faults.ts';
import { evidenceOf } from './case-evidence.ts';

const raise = raiser(AUDIT_FLOW_FAULTS);

/** Rows read at once. A line holds at least one; lines at the end of a page may go on in the next. */
const ROWS_MAX = 400;

const reportOccasion = (row: PublicId): string => `patient-report|${row}`;

/** A row whose institution is known by its code, as folding asks for it. */
interface NamedRow extends AccessLogRow {
  readonly institution: InstitutionCode | null;
}

interface LogReading {
  readonly rules: Rules;
  readonly familiar: ReadonlySet<string>;
  readonly visits: ReadonlyMap<string, VisitRow>;
  readonly names: ReadonlyMap<string, string>;
  /** Openings of shares, by the share. */
  readonly openings: ReadonlyMap<string, readonly ShareOpening[]>;
  readonly cases: ReadonlyMap<string, PrivacyCaseRow>;
}

const checkOf = ({ resource }: AccessLogRow): PublicId | null => {
  const id = /^order-check\/([0-9a-f-]{36})/.exec(resource)?.[1];
  return id !== undefined && isUuid(id) ? id : null;
};

const loginOf = (actor: string): string | null =>
  actor.startsWith('staff:') ? actor.slice('staff:'.length) : null;

const visitOf = (rows: readonly NamedRow[], visits: LogReading['visits']): AccessLogLine['visit'] => {
  for (const row of rows) {
    const visit = visits.get(checkOf(row) ?? '');
    if (visit)
      return {
        class: visit.encounterClass,
        number: visit.encounterNumber,
        at: isoInstant(visit.checkedAt),
      };
  }
  return null;
};

const reportedOf = (rows: readonly NamedRow[], cases: LogReading['cases']): AccessLogLine['reported'] => {
  for (const { id } of rows) {
    const found = cases.get(reportOccasion(id));
    if (found) return { at: isoInstant(found.openedAt), state: found.state, outcome: found.outcome };
  }
  return null;
};

const shareOf = ({ basis, role }: AccessLogRow): PublicId | null => {
  const id = role === 'holder-of-code' ? /^report-share\/([0-9a-f-]{36})$/.exec(basis)?.[1] : undefined;
  return id !== undefined && isUuid(id) ? id : null;
};

/** Who looked by a share, as whoever opened it last before said; nobody has checked it. */
const openerOf = (rows: readonly NamedRow[], openings: LogReading['openings']): string | null => {
  const said = rows.flatMap((row) => {
    const opening = openings.get(shareOf(row) ?? '')?.findLast(({ at }) => at <= row.at);
    const words = [opening?.place, opening?.name].filter(Boolean).join(' ');
    return words === '' ? [] : [words];
  });
  return said.length === 0 ? null : `${[...new Set(said)].join('、')}（自述，未核实）`;
};

const lineOf = ({ kind, rows }: FoldedLooks<NamedRow>, reading: LogReading): AccessLogLine => {
  const { rules, familiar, visits, names, openings, cases } = reading;
  const [newest] = rows;
  const purpose = shownPurpose(newest.purpose, newest.basis);
  const login = loginOf(newest.actor);
  return {
    id: newest.id,
    kind,
    count: rows.length,
    firstAt: isoInstant((rows.at(-1) ?? newest).at),
    lastAt: isoInstant(newest.at),
    institution: newest.institution && institutionAnswer(rules, newest.institution),
    department: newest.department,
    role: { code: newest.role ?? 'unknown', text: roleWords(newest.role) },
    name: (login === null ? undefined : names.get(login)) ?? openerOf(rows, openings),
    purpose: { code: purpose, text: purposeWords(purpose) },
    what: [...new Set(rows.map(({ action }) => accessKindOf(action)))].map((each) => ({
      kind: each,
      text: accessKindWords(each),
    })),
    visit: visitOf(rows, visits),
    refused: isRefused(newest.outcome),
    emergency: rows.some(({ basis }) => isEmergency(basis)),
    unfamiliar: kind !== 'own' && newest.institutionKey !== null && !familiar.has(newest.institutionKey),
    reported: reportedOf(rows, cases),
  };
};

/**
 * Lines of the log about one person, the newest first.
 *
 * @param before id of a row; lines older than it
 */
const readLines = async (
  { database, clock }: FlowDependencies,
  { snapshot, registry }: RulingSnapshot,
  persons: readonly string[],
  before: PublicId | null,
): Promise<Pick<AccessLogAnswer, 'lines' | 'next'>> => {
  const rules = snapshot.rulesAt(clock());
  const read = await readAccessLog(database, persons, before, ROWS_MAX);
  const rows: readonly NamedRow[] = read.map((row) => ({
    ...row,
    institution: row.institutionKey === null ? null : (registry.institutionCode(row.institutionKey) ?? null),
  }));
  const isNamed = (row: NamedRow): boolean =>
    row.institution !== null && rules.policyOf(row.institution).privacy.namesStaffToPatients;
  const shares = [...new Set(rows.flatMap((row) => shareOf(row) ?? []))];
  const [familiar, visits, names, openings, cases] = await Promise.all([
    readFamiliarInstitutions(database, persons),
    readVisits(database, persons, [...new Set(rows.flatMap((row) => checkOf(row) ?? []))]),
    readStaffNames(database, [...new Set(rows.filter(isNamed).flatMap(({ actor }) => loginOf(actor) ?? []))]),
    readShareOpenings(
      database,
      persons.flatMap((personId) => shares.map((id) => ({ personId, id }))),
    ),
    readCasesOf(
      database,
      rows.map(({ id }) => reportOccasion(id)),
    ),
  ]);
  const reading: LogReading = {
    rules,
    familiar,
    visits: new Map(visits.map((visit) => [visit.check, visit])),
    names,
    openings,
    cases: new Map(cases.map((each) => [each.occasion, each])),
  };
  return {
    lines: foldLooks<NamedRow>(rows, (at) => civilDateText(at)).map((fold) => lineOf(fold, reading)),
    next: read.length === ROWS_MAX ? (read.at(-1)?.id ?? null) : null,
  };
};

/** The log of a person for whoever reads that person's own data; reading it stands in it. */
export const readAccessLogOf = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  { filter, before }: Pick<AccessLogQuery, 'filter' | 'before'>,
  origin: CallOrigin,
): Promise<AccessLogAnswer> => {
  const { database, snapshots, clock } = dependencies;
  const ruling = await snapshots.current();
  const from = (before as PublicId | undefined) ?? null;
  const [{ lines, next }, retired] = await Promise.all([
    readLines(dependencies, ruling, reader.members, from),
    retiredBefore(database, 'person'),
  ]);
  await keepAudit(
    database,
    reader.personId,
    clock(),
    ownAudit(dependencies, reader, origin, {
      action: 'access-log.read',
      resource: `person/${reader.person}/access-log`,
      outcome: 'disclosed',
    }),
  );
  return {
    person: reader.person,
    lines: filter === 'unfamiliar' ? lines.filter(({ unfamiliar }) => unfamiliar) : lines,
    next,
    retiredBefore: retired === null ? null : isoInstant(retired),
  };
};

/**
 * 谁看过我的结果: the patient, or whoever acts for the patient, reads the access log about the patient's records, and reports
 * a line that was not for a visit of the patient's.
 */
export const ownAccessLog = (dependencies: FlowDependencies): OwnAccessLog => {
  const { database, snapshots, clock, newPublicId } = dependencies;
  return {
    async read(actor, { person, filter, before }, origin) {
      const reader = await ownReader(dependencies, actor, person as PublicId | undefined);
      return ok(await readAccessLogOf(dependencies, reader, { filter, before }, origin));
    },

    async report(actor, { person, line }, { text }, origin) {
      const [reader, ruling] = await Promise.all([
        ownReader(dependencies, actor, person as PublicId | undefined),
        snapshots.current(),
      ]);
      const row = await readAccessLogRow(database, reader.members, line);
      if (!row) return fail(raise('ACCESS_LOG_LINE_UNKNOWN'));
      if (row.role === 'patient') return fail(raise('ACCESS_LOG_LINE_OWN'));
      const at = clock();
      const rules = ruling.snapshot.rulesAt(at);
      const [familiar = null] = await readFamiliarInstitutions(database, reader.members);
      // Whoever looked for no institution is looked into where the patient is known.
      const institutionKey = row.institutionKey ?? familiar;
      if (institutionKey === null) return fail(raise('ACCESS_LOG_LINE_UNKNOWN'));
      const institution = ruling.registry.institutionCode(institutionKey) ?? null;
      const occasion = reportOccasion(line);
      const opened = {
        id: newPublicId(),
        institutionKey,
        kind: 'patient-report' as const,
        occasion,
        openedAt: at,
        dueAt: caseDueAt(at, rules.policyOf(institution).privacy.reviewDays),
        actor: row.actor,
        role: row.role,
        department: row.department,
        staffNumber: row.staffNumber,
        person: reader.person,
        evidence: canonicalJson({ rows: [evidenceOf(row)], text }),
      };
      await database.transaction(async (session) => {
        if (!(await openPrivacyCase(session, opened))) return;
        const act = {
          action: 'access-log.report',
          resource: `privacy-case/${opened.id}`,
          outcome: 'recorded',
        };
        await keepAudit(session, reader.personId, at, ownAudit(dependencies, reader, origin, act));
      });
      // Reported before, perhaps by a second tap: the one case of this line.
      const [kept] = await readCasesOf(database, [occasion]);
      return ok({
        id: kept?.id ?? opened.id,
        state: kept?.state ?? 'open',
        dueAt: isoInstant(kept?.dueAt ?? opened.dueAt),
      });
    },
  };
};
