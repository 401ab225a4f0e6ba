import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import {
  isNotificationOf,
  markNotificationRead,
  type PatientNotificationRow,
  readNotifications,
} from '../../../adapters/postgres/privacy-cases.ts';
import { type CaseFinding, type Told, toldSentence, toldTitle } from '../../../audit/index.ts';
import type { TicketStep } from '../../../correction/index.ts';
import { type EmergencyReason, emergencyReasonWords } from '../../../consent/index.ts';
import { civilTimeText } from '../../../kernel/civil-day.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { isoInstant, parseInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { Rules } from '../../../recognition/index.ts';
import type { OwnNotification, OwnNotifications } from '../../../web/wire/own-notifications.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { institutionAnswer } from '../present.ts';
import { OWN_DATA_FAULTS } from './own-data-faults.ts';
import { ownAudit, type OwnReader } from './own-reader.ts';
import type { CorrectionTold, TicketTold } from './tell-patient.ts';

const raise = raiser(OWN_DATA_FAULTS);

/** What was kept when an emergency access was opened. */
interface AccessTold {
  readonly institution: InstitutionCode;
  readonly department: string | null;
  readonly reason: EmergencyReason;
  readonly openedAt: string;
}

/** What was kept when a case was closed. */
interface ClosureTold {
  readonly kind: 'emergency-access' | 'patient-report';
  readonly outcome: CaseFinding;
  readonly openedAt: string;
}

/** What a step of a ticket means to whoever reported the error. */
const TICKET_STEP_TOLD: Readonly<Record<TicketStep, Bilingual>> = {
  submit: { zh: '已提交', en: 'it was sent' },
  accept: { zh: '出报告的医院已受理', en: 'the hospital that issued the report has taken it up' },
  investigate: { zh: '出报告的医院正在核实', en: 'the hospital is looking into it' },
  ask: { zh: '医院有问题需要您答复', en: 'the hospital has a question for you' },
  reply: { zh: '已答复医院的询问', en: 'the question was answered' },
  amendment: { zh: '医院发来了更正报告，正在确认', en: 'an amended report came in and is being looked at' },
  correct: { zh: '已更正', en: 'it was put right' },
  refuse: {
    zh: '经核实，原结果无误，理由可以查看',
    en: 'the result was found to be right; the reason can be read',
  },
  'follow-up': { zh: '医院作了回访', en: 'the hospital has followed it up' },
};

const momentOf = (iso: string): string => {
  const at = parseInstant(iso);
  return at === undefined ? iso : civilTimeText(at);
};

const toldBy = ({ kind, content }: PatientNotificationRow, rules: Rules): Told => {
  if (kind === 'case-closed') {
    const { kind: about, outcome, openedAt } = JSON.parse(content) as ClosureTold;
    return { kind, about, outcome, openedAt: momentOf(openedAt) };
  }
  if (kind === 'ticket-step') {
    const { ticket, step } = JSON.parse(content) as TicketTold;
    return { kind, ticket, step: TICKET_STEP_TOLD[step] };
  }
  if (kind === 'result-corrected') {
    const { change } = JSON.parse(content) as CorrectionTold;
    return { kind, change };
  }
  if (kind !== 'emergency-access') throw new RangeError(`no words for a notification of the kind ${kind}`);
  const { institution, department, reason, openedAt } = JSON.parse(content) as AccessTold;
  const { nameZh, nameEn } = institutionAnswer(rules, institution);
  return {
    kind,
    openedAt: momentOf(openedAt),
    where: {
      zh: `${nameZh}${department ?? ''}`,
      en: department === null ? nameEn : `${nameEn} (${department})`,
    },
    reason: emergencyReasonWords(reason),
  };
};

const notificationOf = (row: PatientNotificationRow, rules: Rules): OwnNotification => {
  const told = toldBy(row, rules);
  return {
    id: row.id,
    kind: told.kind,
    toldAt: isoInstant(row.toldAt),
    readAt: row.readAt === null ? null : isoInstant(row.readAt),
    title: toldTitle(told),
    text: toldSentence(told),
  };
};

/** What a person was told without having asked, for whoever reads that person's own data. */
export const readOwnNotifications = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  origin: CallOrigin,
): Promise<OwnNotifications> => {
  const { database, snapshots, clock } = dependencies;
  const at = clock();
  const { snapshot } = await snapshots.current();
  const rows = await database.transaction(async (session) => {
    const act = {
      action: 'own-notifications.read',
      resource: `person/${reader.person}/notifications`,
      outcome: 'disclosed',
    };
    await keepAudit(session, reader.personId, at, ownAudit(dependencies, reader, origin, act));
    return readNotifications(session, reader.members);
  });
  const rules = snapshot.rulesAt(at);
  return { person: reader.person, notifications: rows.map((row) => notificationOf(row, rules)) };
};

/** Keeps that a notification was opened. The first opening counts; opening it again changes nothing. */
export const markOwnNotification = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  id: PublicId,
  origin: CallOrigin,
): Promise<Result<void, Fault>> => {
  const at = dependencies.clock();
  return dependencies.database.transaction(async (session) => {
    if (await markNotificationRead(session, reader.members, id, at)) {
      const act = {
        action: 'own-notifications.open',
        resource: `notification/${id}`,
        outcome: 'recorded',
      };
      await keepAudit(session, reader.personId, at, ownAudit(dependencies, reader, origin, act));
      return ok(undefined);
    }
    return (await isNotificationOf(session, reader.members, id))
      ? ok(undefined)
      : fail(raise('NOTIFICATION_UNKNOWN'));
  });
};
