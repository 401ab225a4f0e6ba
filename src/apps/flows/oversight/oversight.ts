import { readStaffNames } from '../../../adapters/postgres/access-log.ts';
import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { noticesOfCheck } from '../../../adapters/postgres/notices.ts';
import { keepAudit, readOrderCheck } from '../../../adapters/postgres/order-checks.ts';
import {
  type CaseRow,
  type CaseSubjectRow,
  keepCase,
  keepCaseClosing,
  keepCaseDecision,
  lockCase,
  readCase,
  readCases,
  readCaseSubjects,
} from '../../../adapters/postgres/oversight-cases.ts';
import { readPersonInCluster } from '../../../adapters/postgres/person-search.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type CaseCourse,
  closeCase,
  decideCase,
  isCaseOpenTo,
  mayCloseCase,
  mayDecideCase,
  OVERSIGHT_FAULTS,
} from '../../../oversight/index.ts';
import { type NoticeContent, noticeLines, type Rules } from '../../../recognition/index.ts';
import type { CaseAnswer, CaseSubjectAnswer } from '../../../web/wire/oversight-case.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { OversightFlows } from '../../server/routes/oversight-port.ts';
import { openKeptCheck, presentationOf } from '../checks/kept-check.ts';
import { presentCheck } from '../checks/present-check.ts';
import { explanationOf } from '../checks/explain-check.ts';
import { auditOf, type FlowDependencies } from '../dependencies.ts';
import { personAnswer } from '../people.ts';
import { institutionAnswer, momentAnswer } from '../present.ts';
import { mayReach } from '../reach.ts';
import { findVisibleReport, presentReport } from '../results/read-report.ts';
import { caseSubjects } from './case-subjects.ts';
import { OVERSIGHT_FLOW_FAULTS } from './oversight-faults.ts';

const raise = raiser({ ...OVERSIGHT_FAULTS, ...OVERSIGHT_FLOW_FAULTS });

const LISTED_MAX = 200;

const courseOf = (row: CaseRow): CaseCourse => ({
  state: row.state,
  openedBy: row.opened_by,
  decidedBy: row.decided_by,
  openUntil: row.open_until as Instant | null,
});

const institutionName = ({ registry }: RulingSnapshot, rules: Rules, key: string): string => {
  const code = registry.institutionCode(key);
  return code === undefined ? '未知机构' : institutionAnswer(rules, code).nameZh;
};

/** By what name accounts are kept: an actor who signed in is `staff:` and the login. */
const loginOf = (actor: string): string => actor.replace(/^staff:/, '');

/** What a case is shown with. */
interface CaseReading {
  readonly subjects: readonly CaseSubjectRow[];
  /** Names of staff by login. */
  readonly names: ReadonlyMap<string, string>;
  readonly actor: Actor;
  readonly ruling: RulingSnapshot;
  readonly at: Instant;
}

const answerOf = (row: CaseRow, { subjects, names, actor, ruling, at }: CaseReading): CaseAnswer => {
  const nameOf = (by: string | null): string | null =>
    by === null ? null : (names.get(loginOf(by)) ?? null);
  const course = courseOf(row);
  const rules = ruling.snapshot.rulesAt(at);
  return {
    id: row.public_id,
    state: row.state,
    ranOut: row.state === 'approved' && row.open_until !== null && row.open_until <= at,
    subject: { kind: row.subject_kind, reference: row.subject_reference },
    legalBasis: row.legal_basis,
    reason: row.reason,
    days: row.days_open,
    openedBy: row.opened_by,
    openedByName: nameOf(row.opened_by),
    openedAt: momentAnswer(row.opened_at) as string,
    decidedBy: row.decided_by,
    decidedByName: nameOf(row.decided_by),
    decidedAt: momentAnswer(row.decided_at),
    decisionText: row.decision_text,
    openUntil: momentAnswer(row.open_until),
    closedBy: row.closed_by,
    closedByName: nameOf(row.closed_by),
    closedAt: momentAnswer(row.closed_at),
    outcome: row.outcome,
    closingText: row.closing_text,
    subjects: subjects.map(({ place, check_public_id, institution_id, occurred_at }) => ({
      place,
      what: check_public_id === null ? 'report' : 'order-check',
      institutionZh: institutionName(ruling, rules, institution_id),
      at: momentAnswer(occurred_at) as string,
    })),
    may: {
      decide: mayDecideCase(course, actor.name),
      read: isCaseOpenTo(course, actor.name, at),
      close: mayCloseCase(course, actor.name),
    },
  };
};

/** One audit row for everybody whom a case names, and one in the book of acts without a person. */
const keepAct = async (
  dependencies: FlowDependencies,
  session: Session,
  act: {
    readonly actor: Actor;
    readonly origin: CallOrigin;
    readonly id: PublicId;
    readonly action: string;
    readonly outcome: string;
    readonly subjects: readonly Pick<CaseSubjectRow, 'person_id' | 'institution_id'>[];
  },
): Promise<void> => {
  const { actor, origin, id, action, outcome, subjects } = act;
  const at = dependencies.clock();
  const persons = new Map(subjects.map(({ person_id, institution_id }) => [person_id, institution_id]));
  for (const [personId, institutionKey] of persons)
    await keepAudit(
      session,
      personId,
      at,
      auditOf(dependencies, actor, origin, {
        institutionKey,
        action,
        resource: `oversight-case/${id}`,
        basis: 'oversight-case',
        outcome,
      }),
    );
  await recordSystemAct(
    session,
    { at, newId: dependencies.newPublicId, by: actor.name, peer: origin.peer },
    action,
    `oversight-case/${id}`,
    outcome,
  );
};

/** What an open case shows of one of its subjects, to whom it is open. */
const subjectAnswer = async (
  dependencies: FlowDependencies,
  session: Session,
  row: CaseRow,
  subject: CaseSubjectRow,
): Promise<CaseSubjectAnswer> => {
  const { keys, snapshots, clock } = dependencies;
  const at = clock();
  const ruling = await snapshots.current();
  const person = await readPersonInCluster(session, keys, subject.person_id);
  const kept =
    subject.check_public_id === null ? undefined : await readOrderCheck(session, subject.check_public_id);
  const check = kept && (await openKeptCheck(dependencies, kept, null, session));
  const notices = kept ? await noticesOfCheck(session, keys, kept.person_id, kept.public_id) : [];
  // Restricted classes stay hidden from the authority too: a case is about an act, not about a diagnosis.
  const report =
    subject.report_public_id === null
      ? undefined
      : await findVisibleReport(dependencies, { institution: null }, subject.report_public_id, at);
  return {
    case: row.public_id,
    place: subject.place,
    openUntil: momentAnswer(row.open_until) as string,
    person: person ? personAnswer(person.summary) : null,
    institutionZh: institutionName(ruling, ruling.snapshot.rulesAt(at), subject.institution_id),
    occurredAt: momentAnswer(subject.occurred_at) as string,
    check: check ? presentCheck(presentationOf(check, person?.summary.publicId ?? null)) : null,
    explanation: check ? explanationOf(check) : null,
    notices: notices.map(({ content, madeAt }) => {
      const notice = JSON.parse(content) as NoticeContent;
      return {
        titleZh: notice.titleZh,
        madeAt: momentAnswer(madeAt) as string,
        lines: noticeLines(notice, 'staff').map(({ labelZh, textZh }) => `${labelZh}：${textZh}`),
      };
    }),
    report: report ? await presentReport(session, report, 'oversight-case', at) : null,
  };
};

/** The authority's cases. A regulator learns who somebody is here and nowhere else. */
export const oversightFlows = (dependencies: FlowDependencies): OversightFlows => {
  const { database, snapshots, clock, newPublicId } = dependencies;

  const shown = async (actor: Actor, rows: readonly CaseRow[]): Promise<CaseAnswer[]> => {
    const acted = rows.flatMap(({ opened_by, decided_by, closed_by }) => [opened_by, decided_by, closed_by]);
    const logins = new Set(acted.flatMap((by) => (by === null ? [] : [loginOf(by)])));
    const [subjects, names, ruling] = await Promise.all([
      readCaseSubjects(
        database,
        rows.map(({ case_id }) => case_id),
      ),
      readStaffNames(database, [...logins]),
      snapshots.current(),
    ]);
    const ofCase = Map.groupBy(subjects, ({ case_id }) => case_id);
    const shownWith = { names, actor, ruling, at: clock() };
    return rows.map((row) => answerOf(row, { ...shownWith, subjects: ofCase.get(row.case_id) ?? [] }));
  };

  const shownOne = async (actor: Actor, id: PublicId): Promise<Result<CaseAnswer, Fault>> => {
    const row = await readCase(database, id);
    const [answer] = row ? await shown(actor, [row]) : [];
    return answer ? ok(answer) : fail(raise('CASE_UNKNOWN'));
  };

  /** Holds a case and does one act to it, which is recorded with everybody whom the case names. */
  const act = async (
    actor: Actor,
    id: PublicId,
    origin: CallOrigin,
    action: string,
    change: (session: Session, row: CaseRow) => Promise<Result<string, Fault>>,
  ): Promise<Result<CaseAnswer, Fault>> => {
    const done = await database.transaction(async (session): Promise<Result<null, Fault>> => {
      const row = await lockCase(session, id);
      if (!row) return fail(raise('CASE_UNKNOWN'));
      const changed = await change(session, row);
      if (!changed.ok) return changed;
      const subjects = await readCaseSubjects(session, [row.case_id]);
      await keepAct(dependencies, session, { actor, origin, id, action, outcome: changed.value, subjects });
      return ok(null);
    });
    return done.ok ? shownOne(actor, id) : done;
  };

  return {
    async open(actor, request, origin) {
      const subjects = await caseSubjects(dependencies, request);
      if (subjects.length === 0) return fail(raise('CASE_SUBJECT_UNKNOWN', { place: 'subject.reference' }));
      const id = newPublicId();
      await database.transaction(async (session) => {
        const record = {
          publicId: id,
          subjectKind: request.subject.kind,
          subjectReference: request.subject.reference,
          legalBasis: request.legalBasis,
          reason: request.reason,
          daysOpen: request.days,
          openedBy: actor.name,
        };
        await keepCase(session, record, subjects, clock());
        await keepAct(dependencies, session, {
          actor,
          origin,
          id,
          action: 'oversight-case.open',
          outcome: 'requested',
          subjects: subjects.map((each) => ({
            person_id: each.personId,
            institution_id: each.institutionKey,
          })),
        });
      });
      return shownOne(actor, id);
    },
    async list(actor) {
      const rows = await readCases(database, LISTED_MAX + 1);
      return ok({
        cases: await shown(actor, rows.slice(0, LISTED_MAX)),
        truncated: rows.length > LISTED_MAX,
      });
    },
    read: shownOne,
    decide: (actor, id, { approved, text }, origin) =>
      act(actor, id, origin, 'oversight-case.decide', async (session, row) => {
        const at = clock();
        const decided = decideCase(courseOf(row), actor.name, approved, row.days_open, at);
        if (!decided.ok) return decided;
        await keepCaseDecision(session, id, { by: actor.name, text, openUntil: decided.value }, at);
        return ok(approved ? 'approved' : 'refused');
      }),
    async subject(actor, id, place, origin) {
      return database.transaction(async (session): Promise<Result<CaseSubjectAnswer, Fault>> => {
        const row = await readCase(session, id);
        const subject =
          row && (await readCaseSubjects(session, [row.case_id])).find((each) => each.place === place);
        if (!row || !subject) return fail(raise('CASE_UNKNOWN'));
        const isOpen = isCaseOpenTo(courseOf(row), actor.name, clock());
        const mayRead = mayReach(actor, 'oversight-case:read', { kind: 'case', isOpen });
        await keepAct(dependencies, session, {
          actor,
          origin,
          id,
          action: 'oversight-case.read',
          outcome: mayRead ? 'disclosed' : 'refused',
          subjects: [subject],
        });
        return mayRead
          ? ok(await subjectAnswer(dependencies, session, row, subject))
          : fail(raise('CASE_NOT_OPEN'));
      });
    },
    close: (actor, id, { outcome, text }, origin) =>
      act(actor, id, origin, 'oversight-case.close', async (session, row) => {
        const closed = closeCase(courseOf(row), actor.name);
        if (!closed.ok) return closed;
        await keepCaseClosing(session, id, { by: actor.name, outcome, text }, clock());
        return ok(outcome);
      }),
  };
};
