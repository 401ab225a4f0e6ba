import { maskedOutcome } from './masked-message.ts';
import { chooseCharset, encodeText } from '../../../adapters/hl7v2/charset.ts';
import { declaredCharsets } from '../../../adapters/hl7v2/header.ts';
import { holdsByteMark } from '../../../adapters/hl7v2/lenient-text.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import {
  beginQuarantineAct,
  endQuarantineAct,
  type QuarantineAct,
} from '../../../adapters/postgres/message-traffic.ts';
import { closeQuarantined, type QuarantinedMessage } from '../../../adapters/postgres/quarantine.ts';
import type { Sender } from '../../../adapters/postgres/senders.ts';
import { sha256InTurns } from '../../../adapters/keys/large-content.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { ReplayResult } from '../../../web/wire/console.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { ConsoleFlows } from '../../server/routes/console-port.ts';
import { acknowledgementAnswer } from './console-annotation.ts';
import { asShownTo, openableQuarantined, quarantinedAnswer, recordMessageAct } from './console-messages.ts';
import { consoleFault, mayReadContent, openableSenders } from './console-scope.ts';
import { reasonText } from './console-words.ts';
import { keepBody, quarantineSeal } from '../ingest/ingest-body.ts';
import type { IngestOutcome } from '../ingest/ingest-outcome.ts';
import { type EditedCopy, replayOne } from '../ingest/ingest-replay.ts';
import { senderDefaults, STRANGER_DEFAULTS } from '../ingest/ingest-senders.ts';
import type { IngestDependencies } from '../ingest/ingest-work.ts';

/**
 * The bytes of a message that somebody wrote: segments ended by CR, in the character set that its own MSH-18 names,
 * else the sender's.
 */
export const writtenBytes = (text: string, sender: Sender | undefined): Result<Uint8Array, Fault> => {
  if (holdsByteMark(text)) return fail(consoleFault('EDITED_COPY_UNREADABLE', { place: 'text' }));
  const { charset: usual, dialect } = sender ? senderDefaults(sender) : STRANGER_DEFAULTS;
  const lines = text.replace(/\r\n?|\n/g, '\r');
  const declared = dialect.ignoreDeclaredCharset ? [] : declaredCharsets(Buffer.from(lines, 'utf8'));
  const chosen = chooseCharset(declared, usual);
  const bytes = encodeText(lines, chosen === 'unsupported' ? usual : chosen);
  return bytes ? ok(bytes) : fail(consoleFault('EDITED_COPY_UNENCODABLE', { place: 'text' }));
};

/** What became of a message on the wire. */
export const outcomeAnswer = ({
  outcome,
  code,
  place,
  detail,
  acknowledgement,
}: IngestOutcome): ReplayResult => ({
  outcome,
  reason: code === null ? null : { code, place, detail, text: reasonText(code) },
  acknowledgement: acknowledgementAnswer(acknowledgement, true),
});

interface Found {
  readonly message: QuarantinedMessage;
  readonly senders: readonly Sender[];
  readonly sender: Sender | undefined;
}

const openMessage = async (
  dependencies: IngestDependencies,
  actor: Actor,
  id: string,
): Promise<Result<Found, Fault>> => {
  const senders = await openableSenders(dependencies, actor);
  const message = await openableQuarantined(dependencies, actor, id, senders);
  if (!message) return fail(consoleFault('CONSOLE_MESSAGE_UNKNOWN'));
  if (message.state !== 'open') return fail(consoleFault('QUARANTINE_NOT_OPEN'));
  return ok({ message, senders, sender: senders.find(({ key }) => key === message.senderKey) });
};

/** Writes the act and its audit row before anything is done, so that no effect is without its cause. */
const begin = (
  dependencies: IngestDependencies,
  { message }: Found,
  act: QuarantineAct,
  actor: Actor,
  origin: CallOrigin,
  also: (session: Parameters<Parameters<Database['transaction']>[0]>[0]) => Promise<void> = () =>
    Promise.resolve(),
): Promise<boolean> =>
  dependencies.database.transaction(async (session) => {
    if (!(await beginQuarantineAct(session, message.publicId, act))) return false;
    await recordMessageAct(session, dependencies, actor, origin, {
      action: `quarantine.${act.kind}`,
      resource: `quarantine/${message.publicId}`,
      outcome: 'begun',
    });
    await also(session);
    return true;
  });

const copyOf = async (
  dependencies: IngestDependencies,
  bytes: Uint8Array,
): Promise<NonNullable<QuarantineAct['copy']>> => {
  const bodyHash = dependencies.keys.hash('message', await sha256InTurns(bytes));
  return { bodyHash, body: await keepBody(dependencies, bytes, quarantineSeal(bodyHash)) };
};

/** Tries a quarantined message again, as sent or with a copy that somebody mended. */
export const replayFlow =
  (dependencies: IngestDependencies): ConsoleFlows['replay'] =>
  async (actor, id, { reason, text }, origin) => {
    const found = await openMessage(dependencies, actor, id);
    if (!found.ok) return found;
    const { message, sender } = found.value;
    let edited: EditedCopy | undefined;
    if (text !== undefined) {
      // Whoever does not see what the message says cannot know what a changed copy of it would do to a patient.
      if (!mayReadContent(actor, sender))
        return fail(consoleFault('CONSOLE_CONTENT_FOREIGN', { place: 'text' }));
      const bytes = writtenBytes(text, sender);
      if (!bytes.ok) return bytes;
      edited = { bytes: bytes.value, ...(sender ? { sender: sender.code } : {}) };
    }
    const { database, clock, newPublicId } = dependencies;
    const act: QuarantineAct = {
      publicId: newPublicId(),
      kind: edited ? 'edited-replay' : 'replay',
      actor: actor.name,
      reason,
      at: clock(),
      copy: edited ? await copyOf(dependencies, edited.bytes) : null,
    };
    if (!(await begin(dependencies, found.value, act, actor, origin)))
      return fail(consoleFault('QUARANTINE_NOT_OPEN'));
    const outcome = await replayOne(dependencies, message, edited);
    await endQuarantineAct(database, act.publicId, {
      outcome: outcome.outcome,
      reasonCode: outcome.code,
      place: outcome.code === null ? null : outcome.place,
    });
    const answer = outcomeAnswer(outcome);
    return ok(mayReadContent(actor, sender) ? answer : maskedOutcome(answer));
  };

/** Gives a quarantined message up. It stays where it lies, with who gave it up and why. */
export const discardFlow =
  (dependencies: IngestDependencies): ConsoleFlows['discard'] =>
  async (actor, id, reason, origin) => {
    const found = await openMessage(dependencies, actor, id);
    if (!found.ok) return found;
    const { database, clock, newPublicId } = dependencies;
    const { message, senders } = found.value;
    const act: QuarantineAct = {
      publicId: newPublicId(),
      kind: 'discard',
      actor: actor.name,
      reason,
      at: clock(),
      copy: null,
    };
    const begun = await begin(dependencies, found.value, act, actor, origin, async (session) => {
      await closeQuarantined(session, message.publicId, 'discarded', actor.name, act.at);
      await endQuarantineAct(session, act.publicId, { outcome: 'discarded', reasonCode: null, place: null });
      await recordMessageAct(session, dependencies, actor, origin, {
        action: 'quarantine.show',
        resource: `quarantine/${message.publicId}`,
        outcome: 'disclosed',
      });
    });
    if (!begun) return fail(consoleFault('QUARANTINE_NOT_OPEN'));
    const after = await openableQuarantined(dependencies, actor, id, senders);
    return after
      ? ok(
          asShownTo(
            actor,
            found.value.sender,
            await quarantinedAnswer({ ...dependencies, database }, after, senders),
          ),
        )
      : fail(consoleFault('CONSOLE_MESSAGE_UNKNOWN'));
  };
