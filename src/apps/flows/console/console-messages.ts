import { maskedMessage } from './masked-message.ts';
import { mayReach } from '../reach.ts';
import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import { sha256Hex } from '../../../kernel/content-hash.ts';
import {
  acceptedAt,
  acceptedBody,
  type AcceptedMessage,
  type KeptQuarantineAct,
  personDecision,
  quarantineActs,
} from '../../../adapters/postgres/message-traffic.ts';
import { findClaim } from '../../../adapters/postgres/messages.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { listQuarantined, type QuarantinedMessage } from '../../../adapters/postgres/quarantine.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { Sender } from '../../../adapters/postgres/senders.ts';
import { decodePieces, markedText } from '../../../adapters/hl7v2/lenient-text.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import { isUuid } from '../../../kernel/uuid.ts';
import type { MessageAnswer, MessageTestAnswer } from '../../../web/wire/console.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { ConsoleFlows } from '../../server/routes/console-port.ts';
import {
  acknowledgementAnswer,
  annotationAnswer,
  refusalAcknowledgement,
  type ToldReason,
} from './console-annotation.ts';
import { agentOf } from '../dependencies.ts';
import { consoleFault, mayReadContent, openableSenders } from './console-scope.ts';
import { acceptedId, acceptedSummary, momentOfId, quarantinedSummary } from './console-traffic.ts';
import { messageSeal, openBody, quarantineSeal } from '../ingest/ingest-body.ts';
import { quarantinedBytes } from '../ingest/ingest-replay.ts';
import { senderDefaults } from '../ingest/ingest-senders.ts';
import type { IngestDependencies } from '../ingest/ingest-work.ts';

/** Longer ones are attachments; nobody mends them by hand. */
const EDITABLE_CHARACTERS_MAX = 512 * 1024;

/** Records that somebody did something to a message without a known person. */
export const recordMessageAct = (
  session: Session,
  { clock, newPublicId }: IngestDependencies,
  actor: Actor,
  origin: CallOrigin,
  act: { readonly action: string; readonly resource: string; readonly outcome: string },
): Promise<void> =>
  recordSystemAct(
    session,
    { at: clock(), newId: newPublicId, by: actor.name, peer: origin.peer },
    act.action,
    act.resource,
    act.outcome,
  );

/** What was decided about the patient of a message, as one word. */
export const personWord = async (
  session: Session,
  { personKey, receivedAt }: Pick<AcceptedMessage, 'personKey' | 'receivedAt'>,
): Promise<MessageTestAnswer['person']> => {
  const decision = await personDecision(session, personKey, receivedAt);
  if (!decision) return null;
  if (decision.queued) return 'queued';
  if (decision.linked) return 'linked';
  return decision.created ? 'new' : 'known';
};

/** The message, or what is left of it for whom only its form is. */
export const asShownTo = (actor: Actor, sender: Sender | undefined, message: MessageAnswer): MessageAnswer =>
  mayReadContent(actor, sender) ? message : maskedMessage(message);

/** A quarantined message that the actor may open; undefined for every other. */
export const openableQuarantined = async (
  { database }: IngestDependencies,
  actor: Actor,
  id: string,
  senders: readonly Sender[],
): Promise<QuarantinedMessage | undefined> => {
  if (!isUuid(id)) return undefined;
  const [message] = await listQuarantined(database, { publicIds: [id] }, 1);
  if (!message) return undefined;
  const isOpenable =
    senders.some(({ key }) => key === message.senderKey) ||
    mayReach(actor, 'message:read', { kind: 'technical', institution: null });
  return isOpenable ? message : undefined;
};

const actAnswer = async (
  dependencies: IngestDependencies,
  act: KeptQuarantineAct,
  sender: Sender | undefined,
): Promise<MessageAnswer['acts'][number]> => {
  let text: string | null = null;
  if (act.copy) {
    const bytes = await openBody(dependencies, act.copy.body, quarantineSeal(act.copy.bodyHash));
    text = markedText(decodePieces(bytes, sender ? senderDefaults(sender).charset : 'utf-8'));
  }
  return {
    id: act.publicId,
    kind: act.kind,
    actor: act.actor,
    reason: act.reason,
    at: isoInstant(act.at),
    outcome: act.outcome,
    reasonCode: act.reasonCode,
    place: act.place,
    text,
  };
};

/** A quarantined message with its reading. Call it after its opening was recorded. */
export const quarantinedAnswer = async (
  dependencies: IngestDependencies,
  message: QuarantinedMessage,
  senders: readonly Sender[],
): Promise<MessageAnswer> => {
  const { database, snapshots, clock } = dependencies;
  const sender = senders.find(({ key }) => key === message.senderKey);
  const [bytes, ruling, acts] = await Promise.all([
    quarantinedBytes(dependencies, message.publicId),
    snapshots.current(),
    quarantineActs(database, message.publicId),
  ]);
  const told: ToldReason = { code: message.reasonCode, place: message.place, detail: message.detail };
  const reason = message.state === 'resolved' ? null : told;
  const { annotated, text } = annotationAnswer(bytes, { sender, ruling, at: clock(), reason });
  return {
    ...quarantinedSummary(message, senders),
    isMasked: false,
    annotated,
    editable: message.state === 'open' && text.length <= EDITABLE_CHARACTERS_MAX ? text : null,
    acknowledgement: refusalAcknowledgement(bytes, sender, told, message.receivedAt),
    person: null,
    attempts: message.attempts,
    resolvedAt: message.resolvedAt === null ? null : isoInstant(message.resolvedAt),
    acts: await Promise.all(acts.map((act) => actAnswer(dependencies, act, sender))),
  };
};

const openQuarantined = async (
  dependencies: IngestDependencies,
  message: QuarantinedMessage,
  actor: Actor,
  origin: CallOrigin,
  senders: readonly Sender[],
): Promise<MessageAnswer> => {
  // What is shown names a patient, so that it is shown at all is on record first.
  await recordMessageAct(dependencies.database, dependencies, actor, origin, {
    action: 'quarantine.show',
    resource: `quarantine/${message.publicId}`,
    outcome: 'disclosed',
  });
  return quarantinedAnswer(dependencies, message, senders);
};

const acceptedOf = async (
  { database, keys }: IngestDependencies,
  id: string,
  senders: readonly Sender[],
): Promise<AcceptedMessage | undefined> => {
  const at = momentOfId(id);
  if (at === undefined) return undefined;
  const candidates = await acceptedAt(
    database,
    senders.map(({ key }) => key),
    at,
  );
  return candidates.find((message) => acceptedId(keys, message) === id);
};

/** The answer that was given to an accepted message, as it is kept for its repeats. */
const givenAcknowledgement = async (
  { database, keys }: IngestDependencies,
  { controlId, senderKey }: AcceptedMessage,
  bytes: Uint8Array,
) => {
  const bodyHash = keys.hash('message', sha256Hex(bytes));
  const claims = await Promise.all(
    ['', bodyHash].map((contentKey) => findClaim(database, { controlId, senderKey, contentKey })),
  );
  const given = claims.find((claim) => claim?.bodyHash === bodyHash)?.acknowledgement;
  return acknowledgementAnswer(
    given === undefined || given === '' ? null : Buffer.from(given, 'latin1'),
    true,
  );
};

const openAccepted = async (
  dependencies: IngestDependencies,
  message: AcceptedMessage,
  actor: Actor,
  origin: CallOrigin,
  senders: readonly Sender[],
): Promise<Result<MessageAnswer, Fault>> => {
  const { database, keys, clock, snapshots, newPublicId } = dependencies;
  const sender = senders.find(({ key }) => key === message.senderKey);
  const [ruling, body] = await Promise.all([
    snapshots.current(),
    database.transaction(async (session) => {
      const found = await acceptedBody(session, message);
      if (!found) return undefined;
      await keepAudit(session, message.personKey, clock(), {
        publicId: newPublicId(),
        ...agentOf(actor),
        institutionKey: sender?.institutionKey ?? null,
        action: 'message.read',
        resource: `message/${acceptedId(keys, message)}`,
        purpose: origin.purpose,
        basis: mayReadContent(actor, sender) ? 'sender-maintenance' : 'masked-content',
        outcome: 'disclosed',
        peer: origin.peer,
      });
      return found;
    }),
  ]);
  if (!body) return fail(consoleFault('CONSOLE_MESSAGE_UNKNOWN'));
  const bytes = await openBody(dependencies, body, messageSeal(message.senderKey, message.controlId));
  const [acknowledgement, person] = await Promise.all([
    givenAcknowledgement(dependencies, message, bytes),
    personWord(database, message),
  ]);
  const { annotated } = annotationAnswer(bytes, { sender, ruling, at: clock(), reason: null });
  return ok({
    ...acceptedSummary(keys, message, senders),
    isMasked: false,
    annotated,
    editable: null,
    acknowledgement,
    person,
    attempts: 0,
    resolvedAt: null,
    acts: [],
  });
};

/** Opening one message. A message that the actor may not see and one that is not there answer alike. */
export const messageFlow =
  (dependencies: IngestDependencies): ConsoleFlows['message'] =>
  async (actor, id, origin) => {
    const senders = await openableSenders(dependencies, actor);
    const quarantined = await openableQuarantined(dependencies, actor, id, senders);
    if (quarantined) {
      const opened = await openQuarantined(dependencies, quarantined, actor, origin, senders);
      return ok(
        asShownTo(
          actor,
          senders.find(({ key }) => key === quarantined.senderKey),
          opened,
        ),
      );
    }
    const accepted = await acceptedOf(dependencies, id, senders);
    if (!accepted) return fail(consoleFault('CONSOLE_MESSAGE_UNKNOWN'));
    const opened = await openAccepted(dependencies, accepted, actor, origin, senders);
    return opened.ok
      ? ok(
          asShownTo(
            actor,
            senders.find(({ key }) => key === accepted.senderKey),
            opened.value,
          ),
        )
      : opened;
  };
