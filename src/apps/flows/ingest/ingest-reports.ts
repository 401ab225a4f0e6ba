import type { Database, Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import {
  claimMessage,
  keepMessage,
  type MessageClaim,
  type MessageKey,
  setClaimPerson,
} from '../../../adapters/postgres/messages.ts';
import {
  type PersonResolution,
  recallPerson,
  resolvePerson,
} from '../../../adapters/postgres/person-index.ts';
import { everLinked, markDecisions, type MarkKind } from '../../../adapters/postgres/reports-marks.ts';
import { setReplacedBy, storeNextVersion } from '../../../adapters/postgres/reports-versions.ts';
import {
  currentReport,
  type CurrentReport,
  type DomainEvent,
  lockReportNumber,
  newMessageStatement,
  type ReportNumberHolder,
  storeNewReports,
  surveyMessage,
} from '../../../adapters/postgres/reports.ts';
import { answerByAmendment } from '../corrections/amended-reports.ts';
import { tellOfCorrectedResult } from '../own-data/tell-patient.ts';
import type { CorrectedKind } from '../../../audit/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type IncomingReportMessage,
  isTakenBack,
  type NextReportState,
  nextReportState,
  replacedState,
  type ReportContent,
  reportDifferences,
  type ReportState,
  wholeWithPart,
} from '../../../result/index.ts';
import { RefusedMessage, refusalOf, type ReportOutcome } from './ingest-outcome.ts';
import {
  lookupsOf,
  performerLookup,
  type PreparedReport,
  prepareReports,
  type RecordContext,
  reportRecord,
  resultRecords,
} from './ingest-prepare.ts';
import { senderDefaults } from './ingest-senders.ts';
import { keptMessageOf, type MessageWork, personRefusal, type StoredOutcome } from './ingest-work.ts';
import { keepAttachments } from './take-large.ts';

/** The topic under which report changes wait in the outbox. */
export const REPORTS_TOPIC = 'reports.stored';

interface ReportWork extends MessageWork {
  readonly message: IncomingReportMessage;
  readonly prepared: readonly PreparedReport[];
  readonly records: RecordContext;
}

const outcomeOf = (
  next: NextReportState,
  report: PublicId,
  marks = { marked: 0, relied: 0 },
): ReportOutcome => ({
  report,
  version: next.version,
  decision: next.decision,
  standing: next.standing,
  ...marks,
});

const eventOf = (work: MessageWork, reports: readonly ReportOutcome[]): DomainEvent => ({
  topic: REPORTS_TOPIC,
  payload: canonicalJson({ sender: work.sender.code, reports: reports.map((report) => ({ ...report })) }),
});

const claimOf = (work: MessageWork, personKey: string | null): MessageClaim => ({ ...work.claim, personKey });

const firstState = (work: ReportWork, prepared: PreparedReport): NextReportState =>
  nextReportState(null, { content: prepared.content, arrivedAt: work.receivedAt });

/**
 * The usual message: a known person, report numbers never seen. Everything goes out in one flight, and any row that
 * another message was quicker to write makes the whole of it fail.
 *
 * @returns undefined when it did not come to that; then nothing was stored
 */
const storeAtOnce = async (
  database: Database,
  work: ReportWork,
  person: PersonResolution,
): Promise<StoredOutcome | undefined> => {
  const { newPublicId } = work.dependencies;
  // Claimed in one order by everybody, so that two messages with the same numbers never wait for each other.
  const sorted = [...work.prepared].sort((left, right) =>
    left.report.reportNumber < right.report.reportNumber ? -1 : 1,
  );
  const states = sorted.map((prepared) => ({
    prepared,
    next: firstState(work, prepared),
    publicId: newPublicId(),
  }));
  const reports = states.map(({ prepared, next, publicId }) => reportRecord(prepared, next, publicId));
  const outcomes = states.map(({ next, publicId }) => outcomeOf(next, publicId));
  const { institutionKey } = work.sender;
  try {
    await database.batch([
      newMessageStatement(
        {
          message: keptMessageOf(work, person.personId),
          institutionKey,
          reports,
          results: states.flatMap(
            ({ prepared, next, publicId }) => resultRecords(prepared, next, publicId, work.records).results,
          ),
          event: eventOf(work, outcomes),
        },
        claimOf(work, person.personId),
      ),
    ]);
  } catch (error) {
    if (error instanceof Fault) throw error;
    return undefined;
  }
  return { kind: 'stored', reports: outcomes };
};

const stateOf = (current: CurrentReport): ReportState => ({
  version: current.version,
  standing: current.standing,
  content: JSON.parse(current.content) as ReportContent,
  replaced: current.replaced,
});

/** What a change of a report is called on the decisions it reaches; a change that is not here reaches none. */
export const MARKS_OF_DECISIONS: Readonly<Partial<Record<string, MarkKind & CorrectedKind>>> = {
  correction: 'corrected',
  withdrawal: 'withdrawn',
  reinstatement: 'reinstated',
};

const mark = async (
  session: Session,
  work: MessageWork,
  current: CurrentReport,
  next: NextReportState,
): Promise<{ readonly marked: number; readonly relied: number }> => {
  const kind = MARKS_OF_DECISIONS[next.decision];
  if (!kind) return { marked: 0, relied: 0 };
  const persons = await everLinked(session, current.personKey);
  const marks = await markDecisions(session, persons, current.publicId, next.version, kind, work.receivedAt);
  if (marks.relied > 0)
    await tellOfCorrectedResult(
      session,
      current.personKey,
      work.dependencies.newPublicId(),
      kind,
      work.receivedAt,
    );
  return marks;
};

const isUnchanged = ({ decision }: NextReportState): boolean => decision === 'repeat' || decision === 'stale';

const requireOwn = (
  person: PersonResolution,
  holder: ReportNumberHolder,
  place: string,
  detail = '',
): void => {
  if (!person.members.some(({ personId }) => personId === holder.personKey))
    throw new RefusedMessage(refusalOf('REPORT_OF_ANOTHER_PERSON', place, detail));
};

/** Lets what was just stored answer the tickets about the report. */
const answerTickets = (
  session: Session,
  work: ReportWork,
  current: CurrentReport,
  next: NextReportState,
): Promise<void> =>
  answerByAmendment(
    work.dependencies,
    session,
    {
      personKey: current.personKey,
      report: current.publicId,
      version: next.version,
      isGone: isTakenBack(next.standing),
      differences: reportDifferences(stateOf(current).content, next.content),
    },
    work.receivedAt,
  );

/** Withdraws a report that another number replaces. */
const withdrawReplaced = async (
  session: Session,
  work: ReportWork,
  current: CurrentReport,
  by: PublicId,
  messageKey: MessageKey,
): Promise<readonly ReportOutcome[]> => {
  await setReplacedBy(session, current, by, work.receivedAt);
  const next = replacedState(stateOf(current), work.receivedAt);
  if (isUnchanged(next)) return [];
  const outcome = outcomeOf(next, current.publicId, await mark(session, work, current, next));
  await storeNextVersion(session, current, {
    report: {
      ...current,
      standing: next.standing,
      statedAt: next.statedAt,
      content: canonicalJson(next.content),
    },
    version: next.version,
    results: [],
    carried: next.observations,
    messageKey,
    recordedAt: work.receivedAt,
    event: eventOf(work, [outcome]),
  });
  await answerTickets(session, work, current, next);
  return [outcome];
};

/** Deals with the report that this one says it replaces, whether it has come in already or is still to come. */
const replaceEarlier = async (
  session: Session,
  work: ReportWork,
  person: PersonResolution,
  { report: { replaces, reportNumber, place } }: PreparedReport,
  by: PublicId,
  messageKey: MessageKey,
): Promise<readonly ReportOutcome[]> => {
  if (replaces === null || replaces === '' || replaces === reportNumber) return [];
  const holder = await lockReportNumber(session, replaces, work.sender.institutionKey, {
    personKey: person.personId,
    publicId: work.dependencies.newPublicId(),
    replacedBy: by,
  });
  if (!holder) return [];
  requireOwn(person, holder, place, 'replaced report');
  const current = await currentReport(session, holder);
  return !current || current.replaced ? [] : withdrawReplaced(session, work, current, by, messageKey);
};

const storeFirstVersion = async (
  session: Session,
  work: ReportWork,
  prepared: PreparedReport,
  holder: ReportNumberHolder,
  messageKey: MessageKey,
): Promise<readonly ReportOutcome[]> => {
  const next = firstState(work, prepared);
  const outcome = outcomeOf(next, holder.publicId);
  await storeNewReports(
    session,
    {
      message: keptMessageOf(work, holder.personKey),
      institutionKey: work.sender.institutionKey,
      reports: [reportRecord(prepared, next, holder.publicId)],
      results: resultRecords(prepared, next, holder.publicId, work.records).results,
      event: eventOf(work, [outcome]),
    },
    messageKey,
  );
  if (holder.replacedBy === null) return [outcome];
  const stored = (await currentReport(session, holder)) as CurrentReport;
  return [outcome, ...(await withdrawReplaced(session, work, stored, holder.replacedBy, messageKey))];
};

/** The next state of a report of which the message is a further part. Lines kept from before are not written again. */
const nextWithPart = (state: ReportState, prepared: PreparedReport, arrivedAt: Instant): NextReportState => {
  const { content, places } = wholeWithPart(state, prepared.content);
  const next = nextReportState(state, { content, arrivedAt });
  return {
    ...next,
    observations: next.observations.map((line) => ({
      ...line,
      incoming: line.incoming === null ? null : (places[line.incoming] ?? null),
    })),
  };
};

const storeNextState = async (
  session: Session,
  work: ReportWork,
  prepared: PreparedReport,
  current: CurrentReport,
  messageKey: MessageKey,
): Promise<ReportOutcome> => {
  const state = stateOf(current);
  const isPart = senderDefaults(work.sender).dialect.resultMode === 'increment';
  const next = isPart
    ? nextWithPart(state, prepared, work.receivedAt)
    : nextReportState(state, { content: prepared.content, arrivedAt: work.receivedAt });
  if (isUnchanged(next)) return outcomeOf(next, current.publicId);
  const outcome = outcomeOf(next, current.publicId, await mark(session, work, current, next));
  const { results, carried } = resultRecords(prepared, next, current.publicId, work.records);
  await storeNextVersion(session, current, {
    report: reportRecord(prepared, next, current.publicId),
    version: next.version,
    results,
    carried,
    messageKey,
    recordedAt: work.receivedAt,
    event: eventOf(work, [outcome]),
  });
  await answerTickets(session, work, current, next);
  return outcome;
};

/** Brings one report of the message to its next state, under the lock of its number. */
const storeReport = async (
  session: Session,
  work: ReportWork,
  person: PersonResolution,
  prepared: PreparedReport,
  messageKey: MessageKey,
): Promise<readonly ReportOutcome[]> => {
  const { reportNumber, place } = prepared.report;
  const claimed = { personKey: person.personId, publicId: work.dependencies.newPublicId(), replacedBy: null };
  const holder =
    (await lockReportNumber(session, reportNumber, work.sender.institutionKey, claimed)) ?? claimed;
  requireOwn(person, holder, place);
  const current = await currentReport(session, holder);
  const outcomes = current
    ? [await storeNextState(session, work, prepared, current, messageKey)]
    : await storeFirstVersion(session, work, prepared, holder, messageKey);
  return [
    ...outcomes,
    ...(await replaceEarlier(session, work, person, prepared, holder.publicId, messageKey)),
  ];
};

/** The careful way: every step under its lock, in one transaction. */
const storeStepByStep = (database: Database, work: ReportWork): Promise<StoredOutcome> =>
  database.transaction(async (session): Promise<StoredOutcome> => {
    const by = await claimMessage(session, claimOf(work, null));
    if (by) return { kind: 'claimed', by };
    const { keys } = work.dependencies;
    const resolved = await resolvePerson(session, keys, work.message.patient, work.personContext);
    if (!resolved.ok) throw new RefusedMessage(personRefusal(resolved.reason));
    const person = resolved.value;
    await setClaimPerson(session, work.claim, person.personId);
    const messageKey = await keepMessage(session, keptMessageOf(work, person.personId));
    const sorted = [...work.prepared].sort((left, right) =>
      left.report.reportNumber < right.report.reportNumber ? -1 : 1,
    );
    const reports: ReportOutcome[] = [];
    for (const prepared of sorted)
      reports.push(...(await storeReport(session, work, person, prepared, messageKey)));
    return { kind: 'stored', reports };
  });

const rulingSnapshot = async (work: MessageWork, epoch: number | null): Promise<RulingSnapshot> =>
  epoch === null ? work.dependencies.snapshots.current() : work.dependencies.snapshots.atEpoch(epoch);

/** Stores a message that carries reports: person, report versions, results, marks and event in one transaction. */
export const ingestReports = async (
  work: MessageWork,
  message: IncomingReportMessage,
): Promise<StoredOutcome> => {
  const { database, keys } = work.dependencies;
  const numbers = message.reports.map(({ reportNumber }) => reportNumber);
  const [survey, recalled] = await Promise.all([
    surveyMessage(database, work.claim, work.sender.institutionKey, numbers),
    recallPerson(database, keys, message.patient, work.personContext),
  ]);
  if (survey.claimed) return { kind: 'claimed', by: survey.claimed };
  if (recalled && !recalled.ok) return { kind: 'refused', refusal: personRefusal(recalled.reason) };

  const ruling = await rulingSnapshot(work, survey.epoch);
  const lookups = lookupsOf(work.sender.institution, ruling, work.receivedAt);
  const read = prepareReports(message.reports, work.sender, lookups, message.sentAt);
  if (!read.ok) return { kind: 'refused', refusal: read.reason };
  const prepared = read.value;
  await keepAttachments(work.dependencies.objects, message);

  const reportWork: ReportWork = {
    ...work,
    message,
    prepared,
    records: {
      sender: work.sender,
      registry: ruling.registry,
      performerOf: performerLookup(work.sender, ruling, work.receivedAt),
    },
  };
  const isUsual =
    recalled?.ok === true &&
    survey.knownReports.length === 0 &&
    new Set(numbers).size === numbers.length &&
    message.reports.every(({ replaces }) => replaces === null);
  const stored = isUsual ? await storeAtOnce(database, reportWork, recalled.value) : undefined;
  return stored ?? storeStepByStep(database, reportWork);
};
