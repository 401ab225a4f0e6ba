import {
  type AnswerCountRow,
  countAnswers,
  countChecks,
  countRecognisable,
  countUnanswered,
  readWorkAnswers,
  readWorkChecks,
  readWorkFindings,
  type WorkAnswerRow,
  type WorkPlace,
  type WorkScope,
} from '../../../adapters/postgres/department-work.ts';
import { keepAuditOfEach } from '../../../adapters/postgres/recognised-orders.ts';
import type { NationalReason } from '../../../catalogue/index.ts';
import { civilDateText, parseCivilDay } from '../../../kernel/civil-day.ts';
import { DAY_MS, type Instant, instant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { countsAsAvoidable } from '../../../recognition/index.ts';
import {
  type DepartmentWorkAnswer,
  type DepartmentWorkQuery,
  WORK_DAYS_MAX,
} from '../../../web/wire/department-work.ts';
import type { DepartmentWork } from '../../server/routes/department-work.ts';
import { auditOf, type FlowDependencies, flowFault, orderingInstitution } from '../dependencies.ts';
import { itemAnswer, momentAnswer } from '../present.ts';
import { executedBetween } from './answer-review.ts';
import { orderedCodes } from './kept-check.ts';

const DAYS_UNLESS_ASKED = 7;
const ROWS_MAX = 500;
const DECISIONS_MAX = 100;

type Row = DepartmentWorkAnswer['rows'][number];

interface Period {
  readonly from: Instant;
  /** First moment of the day after the last. */
  readonly until: Instant;
}

const periodOf = ({ from, to }: DepartmentWorkQuery, today: Instant): Result<Period, Fault> => {
  const last = parseCivilDay(to ?? civilDateText(today)) as Instant;
  const first =
    from === undefined ? instant(last - (DAYS_UNLESS_ASKED - 1) * DAY_MS) : (parseCivilDay(from) as Instant);
  const days = (last - first) / DAY_MS + 1;
  return days < 1 || days > WORK_DAYS_MAX
    ? fail(flowFault('WORK_PERIOD_REFUSED'))
    : ok({ from: first, until: instant(last + DAY_MS) });
};

const placeKey = ({ department, doctor }: WorkPlace): string => JSON.stringify([department, doctor]);

const repeatsOf = (answers: readonly AnswerCountRow[]): Pick<Row, 'repeats' | 'avoidable' | 'reasons'> => {
  const reasons = answers
    .filter(({ kind }) => kind === 're-examine')
    .map(({ reason, items }) => ({
      reason: reason as NationalReason | null,
      avoidable: countsAsAvoidable(reason as NationalReason | null),
      items,
    }));
  const sum = (of: typeof reasons): number => of.reduce((total, { items }) => total + items, 0);
  return { reasons, repeats: sum(reasons), avoidable: sum(reasons.filter(({ avoidable }) => avoidable)) };
};

/** The newest decisions of one doctor, with the persons whom they are about. */
const decisionsOf = async (
  { database, snapshots, clock }: FlowDependencies,
  scope: WorkScope,
): Promise<{
  readonly decisions: DepartmentWorkAnswer['decisions'];
  readonly persons: readonly string[];
  readonly isTruncated: boolean;
}> => {
  const found = await readWorkChecks(database, scope, DECISIONS_MAX + 1);
  const checks = found.slice(0, DECISIONS_MAX);
  const [findings, answers, { registry, snapshot }] = await Promise.all([
    readWorkFindings(database, scope, checks),
    readWorkAnswers(database, checks),
    snapshots.current(),
  ]);
  const rules = snapshot.rulesAt(clock());
  const item = (key: string) => itemAnswer(rules, registry.itemCode(key) ?? '');
  const answerOf = (row: WorkAnswerRow): DepartmentWorkAnswer['decisions'][number]['answers'][number] => ({
    line: row.line,
    kind: row.kind,
    items: (row.item_ids ?? []).map(item),
    reason: row.reason as NationalReason | null,
    reasonText: rules.reasons.national.find(({ code }) => code === row.reason)?.text ?? null,
    respondedAt: momentAnswer(row.responded_at) as string,
  });
  return {
    decisions: checks.map((check) => ({
      check: check.public_id,
      checkedAt: momentAnswer(check.checked_at) as string,
      department: check.department,
      ordered: [...orderedCodes(check.facts)],
      found: findings
        .filter(({ check_public_id }) => check_public_id === check.public_id)
        .map(({ item_id, best_grade }) => ({ ...item(item_id), grade: best_grade })),
      answers: answers.filter(({ check_public_id }) => check_public_id === check.public_id).map(answerOf),
    })),
    persons: [...new Set(checks.map(({ person_id }) => person_id))],
    isTruncated: found.length > DECISIONS_MAX,
  };
};

/**
 * Counts a period by department and doctor, and lists one doctor's decisions. Counts name nobody; every person behind a
 * listed decision gets a row in the log, as with the other lists of answers.
 */
export const departmentWork =
  (dependencies: FlowDependencies): DepartmentWork =>
  async (actor, query, origin) => {
    const { database, snapshots, clock, newPublicId } = dependencies;
    const at = clock();
    const period = periodOf(query, at);
    if (!period.ok) return period;
    const institution = orderingInstitution(actor);
    const { registry } = await snapshots.current();
    const scope: WorkScope = {
      ...period.value,
      institutionKey: registry.institutionKey(institution) ?? '0',
      department: query.department ?? null,
      doctor: query.doctor ?? null,
    };
    const [checks, recognisable, unanswered, answers, executed, listed] = await Promise.all([
      countChecks(database, scope, ROWS_MAX + 1),
      countRecognisable(database, scope),
      countUnanswered(database, scope),
      countAnswers(database, scope),
      executedBetween(dependencies, actor, period.value, origin),
      scope.doctor === null
        ? { decisions: [], persons: [], isTruncated: false }
        : decisionsOf(dependencies, scope),
    ]);
    const by = <Each extends WorkPlace>(rows: readonly Each[]) => Map.groupBy(rows, placeKey);
    const counted = { recognisable: by(recognisable), unanswered: by(unanswered), answers: by(answers) };
    const executions = by(executed.places);
    const rows = checks.slice(0, ROWS_MAX).map((place): Row => {
      const key = placeKey(place);
      const answered = counted.answers.get(key) ?? [];
      return {
        department: place.department,
        doctor: place.doctor,
        checks: place.checks,
        recognisable: counted.recognisable.get(key)?.[0]?.items ?? 0,
        recognised: answered.find(({ kind }) => kind === 'recognise')?.items ?? 0,
        ...repeatsOf(answered),
        recognisedYetExecuted: executions.get(key)?.length ?? 0,
        unanswered: counted.unanswered.get(key)?.[0]?.items ?? 0,
      };
    });
    await keepAuditOfEach(
      database,
      listed.persons,
      newPublicId,
      at,
      auditOf(dependencies, actor, origin, {
        institutionKey: scope.institutionKey,
        action: 'recognition.review',
        resource: 'department-work',
        basis: 'own-institution',
        outcome: 'disclosed',
      }),
    );
    return ok({
      from: civilDateText(scope.from),
      to: civilDateText(instant(scope.until - 1)),
      isTruncated: checks.length > ROWS_MAX || listed.isTruncated || executed.isTruncated,
      rows,
      decisions: listed.decisions,
    });
  };
