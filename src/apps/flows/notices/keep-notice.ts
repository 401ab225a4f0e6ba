import type { Session } from '../../../adapters/postgres/database.ts';
import { keepNotice, type KeptNotice, latestNotice } from '../../../adapters/postgres/notices.ts';
import { type CheckResponseRow, keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { showPerson } from '../../../adapters/postgres/person-search.ts';
import { storeEvent } from '../../../adapters/postgres/reports.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { Rules } from '../../../recognition/index.ts';
import type { Informed } from '../../../web/wire/informed.ts';
import type { NoticeRequest } from '../../../web/wire/notice.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import { auditOf, type FlowDependencies } from '../dependencies.ts';
import type { KeptCheck } from '../checks/kept-check.ts';
import { noticeContent, type NoticeGround, noticeGround, type NoticeWish } from './notice-content.ts';
import { publicIdOf } from '../checks/review-check.ts';

/** Told to whoever writes into the ordering side's record or to the patient's phone. */
export const NOTICE_TOPIC = 'notice.made';

/** The audit row of an act on a notice. */
export const auditNotice = (
  dependencies: FlowDependencies,
  session: Session,
  kept: Pick<KeptNotice, 'personId' | 'publicId' | 'institutionKey'>,
  act: {
    readonly actor: Actor;
    readonly origin: CallOrigin;
    readonly action: string;
    readonly outcome: string;
  },
): Promise<void> =>
  keepAudit(
    session,
    kept.personId,
    dependencies.clock(),
    auditOf(dependencies, act.actor, act.origin, {
      institutionKey: kept.institutionKey,
      action: act.action,
      resource: `notice/${kept.publicId}`,
      basis: 'assumed-by-policy',
      outcome: act.outcome,
    }),
  );

const patientName = async (
  { database, keys }: FlowDependencies,
  session: Session,
  personId: string,
): Promise<string> => {
  const id = await publicIdOf(session, personId);
  const view = id === null ? undefined : await showPerson(database, keys, id);
  return view?.person.name ?? '姓名未登记';
};

interface Making {
  readonly actor: Actor;
  readonly origin: CallOrigin;
  readonly ground: NoticeGround;
  readonly wish: NoticeWish;
}

/**
 * Keeps a notice with its token, its event and its audit row inside the transaction that holds the check's lock. The same
 * wish about the same answer is the notice that is there already.
 */
export const keepNoticeOf = async (
  dependencies: FlowDependencies,
  session: Session,
  { actor, origin, ground, wish }: Making,
): Promise<Result<KeptNotice, Fault>> => {
  const { keys, newPublicId, clock } = dependencies;
  const { row } = ground.check;
  const requestHash = keys.hash('notice-request', canonicalJson(JSON.parse(JSON.stringify(wish))));
  const before = await latestNotice(session, keys, row.person_id, ground.response.public_id);
  if (before?.requestHash === requestHash) return ok(before);
  const at = clock();
  const patientZh = await patientName(dependencies, session, row.person_id);
  const content = noticeContent(ground, wish, { actor, patientZh, at });
  if (!content.ok) return content;
  const kept: KeptNotice = {
    personId: row.person_id,
    publicId: newPublicId(),
    check: row.public_id,
    line: ground.line,
    response: ground.response.public_id,
    version: (before?.version ?? 0) + 1,
    institutionKey: row.institution_id,
    requestHash,
    content: canonicalJson(content.value as never),
    madeAt: at,
  };
  await keepNotice(session, keys, { ...kept, actor: actor.name });
  const event = { check: kept.check, line: kept.line, notice: kept.publicId, version: kept.version };
  await storeEvent(session, row.person_id, { topic: NOTICE_TOPIC, payload: canonicalJson(event) }, at);
  await auditNotice(dependencies, session, kept, {
    actor,
    origin,
    action: 'notice.make',
    outcome: 'recorded',
  });
  return ok(kept);
};

/** The rules of today. */
export const currentRules = async ({ snapshots, clock }: FlowDependencies): Promise<Rules> =>
  (await snapshots.current()).snapshot.rulesAt(clock());

/** A request as a wish. */
export const wishOf = ({
  informed,
  blanks,
  doctorName,
  priceYuan,
}: Omit<NoticeRequest, 'line'>): NoticeWish => ({
  informed: { relation: informed.relation, nameZh: informed.name ?? null },
  blanks,
  ...(doctorName === undefined ? {} : { doctorName }),
  ...(priceYuan === undefined ? {} : { priceYuan }),
});

/**
 * Makes the notice that goes with an answer just given, when the ordering side says that the patient was informed. An
 * answer never fails for want of a notice: without a reason or an earlier result to speak of there is none.
 *
 * @returns the notice's public id, or null
 */
export const noticeWithAnswer = async (
  dependencies: FlowDependencies,
  session: Session,
  call: { readonly actor: Actor; readonly origin: CallOrigin; readonly check: KeptCheck },
  response: CheckResponseRow,
  informed: Informed,
): Promise<PublicId | null> => {
  const ground = noticeGround(call.check, response.line, response, await currentRules(dependencies));
  if (!ground.ok) return null;
  const wish = wishOf({ informed, blanks: {} });
  const kept = await keepNoticeOf(dependencies, session, { ...call, ground: ground.value, wish });
  return kept.ok ? kept.value.publicId : null;
};
