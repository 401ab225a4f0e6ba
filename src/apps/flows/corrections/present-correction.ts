import type { CorrectionRow } from '../../../adapters/postgres/corrections.ts';
import {
  type CorrectionEventRow,
  readCorrectionEvents,
  readUnseenCorrections,
} from '../../../adapters/postgres/correction-steps.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import {
  dueNext,
  isOpen,
  stepsOpenTo,
  type TicketDeadlines,
  type TicketParty,
} from '../../../correction/index.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import {
  type InstitutionCode,
  type WorkingCalendar,
  yearsWithoutHolidays,
} from '../../../organisation/index.ts';
import { isNameDisclosed, type Rules } from '../../../recognition/index.ts';
import type { CorrectionAnswer } from '../../../web/wire/correction.ts';
import type { Actor, PatientActor } from '../../server/flows-port.ts';
import { institutionAnswer, momentAnswer } from '../present.ts';
import { mayReach } from '../reach.ts';

/** Whoever has to do with a ticket. */
export type TicketActor = Actor | PatientActor;

/** Whose data are an actor's own, and on what: of patients and those who act for them. */
export interface OwnData {
  /** Internal keys of the records. */
  readonly records: readonly string[];
  /** As audit rows carry it; null for those who have no data of their own here. */
  readonly basis: string | null;
}

/** What staff and systems have. */
export const NO_OWN_DATA: OwnData = { records: [], basis: null };

/** The institution for which somebody acts; null for a patient, the authority and the operator. */
export const institutionOf = (actor: TicketActor): InstitutionCode | null =>
  actor.kind === 'patient' ? null : actor.institution;

/** 工号 of a person, whether signed in here or let in by a hospital's system; null for all others. */
export const staffNumberOf = (actor: TicketActor): string | null =>
  actor.kind === 'staff' || actor.kind === 'launched' ? actor.staffNumber : null;

/** What a ticket calls a report whose own title would tell what is hidden in it. */
const PLAIN_TITLE = '检查检验报告';

/** True for whoever answers for the reports of the institution that issued this one. */
export const isSourceDesk = (
  actor: TicketActor,
  row: CorrectionRow,
  { registry }: Pick<RulingSnapshot, 'registry'>,
): boolean =>
  actor.kind !== 'patient' &&
  mayReach(actor, 'correction-desk:work', {
    kind: 'record',
    institution: registry.institutionCode(row.institution_id) ?? null,
    check: null,
  });

/**
 * True for whoever follows the ticket as its reporter: who sent it, by whichever way in; the desk that took it from a
 * patient, and that patient. A patient follows what is about own records, and those of persons acted for by now.
 */
export const isReporter = (
  actor: TicketActor,
  row: CorrectionRow,
  { registry }: Pick<RulingSnapshot, 'registry'>,
  { records }: OwnData,
): boolean => {
  const isSender = row.actor === actor.name;
  // Whoever acted for the person when the ticket was sent, and does no more, follows it no more.
  if (actor.kind === 'patient')
    return records.includes(row.person_id) && (isSender || row.on_behalf !== null);
  if (isSender) return true;
  const from =
    row.reporting_institution_id === null
      ? undefined
      : registry.institutionCode(row.reporting_institution_id);
  if (from === undefined || from !== actor.institution) return false;
  const isSamePerson = row.doctor !== null && row.doctor === staffNumberOf(actor);
  return isSamePerson || (row.on_behalf !== null && actor.kind === 'staff' && actor.role === 'registrar');
};

const reasonText = (code: string | null, rules: Rules) =>
  code === null
    ? null
    : (rules.correctionRules.content.unfoundedReasons.find((each) => each.code === code)?.text ?? {
        zh: code,
        en: code,
      });

const stepAnswer = (event: CorrectionEventRow, rules: Rules): CorrectionAnswer['history'][number] => ({
  place: event.place,
  step: event.step,
  state: event.state,
  at: isoInstant(event.occurred_at as Instant),
  by: event.party,
  text: event.note,
  reason: reasonText(event.reason, rules),
  remedy: event.remedy,
  reportVersion: event.report_version,
});

const deadlinesKept = (row: CorrectionRow, calendar: WorkingCalendar): TicketDeadlines | null => {
  const [acceptBy, answerBy] = [row.accept_by as Instant | null, row.answer_by as Instant | null];
  if (acceptBy === null || answerBy === null) return null;
  const { zone, week } = calendar;
  const withoutAny: WorkingCalendar = { zone, week, holidays: [], makeUpDays: [] };
  const years =
    row.years_without_holidays ?? yearsWithoutHolidays(withoutAny, row.submitted_at as Instant, answerBy);
  return { acceptBy, answerBy, yearsWithoutHolidays: years };
};

/** What is owed next on a ticket, by its own deadlines. */
const dueAnswer = (row: CorrectionRow, rules: Rules, at: Instant): CorrectionAnswer['due'] => {
  const { calendar } = rules.correctionRules.content;
  const due = dueNext(row.state, deadlinesKept(row, calendar), calendar, at);
  return (
    due && {
      what: due.what,
      by: isoInstant(due.by),
      overdue: due.isOverdue,
      workingHours: due.workingHours,
      yearsWithoutHolidays: [...due.yearsWithoutHolidays],
    }
  );
};

const offeredVersion = (row: CorrectionRow, history: readonly CorrectionEventRow[]): number | null =>
  isOpen(row.state) ? (history.findLast(({ step }) => step === 'amendment')?.report_version ?? null) : null;

/**
 * Tickets as one actor may see them: their courses, what is due, and what that actor may do.
 *
 * @param partiesIn the parts that the actor has in a ticket: a desk may have reported an error of its own
 */
export const presentCorrections = async (
  session: Session,
  actor: TicketActor,
  ruling: RulingSnapshot,
  rows: readonly CorrectionRow[],
  partiesIn: (row: CorrectionRow) => readonly TicketParty[],
  at: Instant,
): Promise<CorrectionAnswer[]> => {
  const rules = ruling.snapshot.rulesAt(at);
  const persons = [...new Set(rows.map(({ person_id }) => person_id))];
  const ids = rows.map(({ public_id }) => public_id);
  const [events, unseen] = await Promise.all([
    readCorrectionEvents(session, persons, ids),
    readUnseenCorrections(session, persons, ids, actor.name),
  ]);
  const histories = Map.groupBy(events, ({ correction_public_id }) => correction_public_id);
  const namedInstitution = (key: string | null) => {
    const code = key === null ? undefined : ruling.registry.institutionCode(key);
    return code === undefined ? null : institutionAnswer(rules, code);
  };
  return rows.map((row) => {
    const history = histories.get(row.public_id) ?? [];
    const source = namedInstitution(row.institution_id);
    const code = (source?.code ?? 'UNKNOWN') as InstitutionCode;
    const named = { names: [row.title], performer: code, reporter: code };
    const isTitleShown =
      (actor.kind === 'patient' && row.actor === actor.name) ||
      isNameDisclosed(named, { institution: institutionOf(actor) }, rules);
    return {
      id: row.public_id,
      ticket: row.ticket,
      report: row.report_public_id,
      reportNumber: row.report_number,
      title: isTitleShown ? row.title : PLAIN_TITLE,
      reportVersion: row.report_version,
      currentVersion: row.current_version,
      ordinal: row.ordinal,
      institution: { code: source?.code ?? 'UNKNOWN', nameZh: source?.nameZh ?? '未知机构' },
      reportedBy: {
        party: row.party,
        institutionZh: namedInstitution(row.reporting_institution_id)?.nameZh ?? null,
        doctor: row.doctor,
        onBehalf: row.on_behalf as CorrectionAnswer['reportedBy']['onBehalf'],
      },
      kind: row.kind,
      text: row.text,
      hasPhoto: row.photo_object !== null,
      disputed: row.disputed,
      state: row.state,
      submittedAt: momentAnswer(row.submitted_at) as string,
      due: dueAnswer(row, rules, at),
      offeredVersion: offeredVersion(row, history),
      unseen: unseen.has(row.public_id),
      history: history.map((event) => stepAnswer(event, rules)),
      steps: [...new Set(partiesIn(row).flatMap((party) => stepsOpenTo(party, row.state)))],
    };
  });
};
