import { peekHeader } from '../../../adapters/hl7v2/header.ts';
import type { ObjectKey, ObjectStore } from '../../../adapters/objects/file-objects.ts';
import { acceptedAt } from '../../../adapters/postgres/message-traffic.ts';
import { rehearse } from '../../../adapters/postgres/rehearsal.ts';
import type { Sender } from '../../../adapters/postgres/senders.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { MessageTestAnswer, MessageTestRequest } from '../../../web/wire/console.ts';
import type { Actor } from '../../server/flows-port.ts';
import type { ConsoleFlows } from '../../server/routes/console-port.ts';
import { annotationAnswer } from './console-annotation.ts';
import { outcomeAnswer, writtenBytes } from './console-mending.ts';
import { personWord, recordMessageAct } from './console-messages.ts';
import { askedInstitution, type ConsoleScope, scopeOf } from './console-scope.ts';
import { reasonText } from './console-words.ts';
import { ingestMessage } from '../ingest/ingest.ts';
import type { IngestOutcome } from '../ingest/ingest-outcome.ts';
import type { IngestDependencies } from '../ingest/ingest-work.ts';
import { largeMessagesHere } from '../ingest/take-large.ts';

/** Takes objects and keeps none. */
const nowhere: ObjectStore = {
  keyOf: () => '0'.repeat(64) as ObjectKey,
  put: () => Promise.resolve('0'.repeat(64) as ObjectKey),
  get: () => Promise.reject(new RangeError('a rehearsal keeps no objects')),
};

/** In the place of an installation's own, so that a large message leaves nothing either. */
const nothingKept = { objects: nowhere, largeMessages: largeMessagesHere(nowhere) };

/** The sender as which a test is read: the one named, else the one MSH-3 and MSH-4 name, if it is of the institution. */
const testedSender = (
  { senders }: ConsoleScope,
  requested: string | undefined,
  bytes: Uint8Array,
): Sender | undefined => {
  if (requested !== undefined) return senders.find(({ code }) => code === requested);
  const header = peekHeader(bytes);
  return senders.find(
    ({ application, facility }) => application === header?.application && facility === header.facility,
  );
};

interface Rehearsed {
  readonly outcome: IngestOutcome;
  readonly person: MessageTestAnswer['person'];
}

/** What would become of the message, found out by letting it become so and taking it back. */
const rehearsed = (
  dependencies: IngestDependencies,
  bytes: Uint8Array,
  sender: Sender,
  at: Instant,
): Promise<Rehearsed> =>
  rehearse(dependencies.database, async (database) => {
    const outcome = await ingestMessage(
      { ...dependencies, ...nothingKept, database, clock: () => at },
      { bytes, peer: 'test', sender: sender.code },
    );
    if (outcome.outcome !== 'accepted') return { outcome, person: null };
    const [stored] = await acceptedAt(database, [sender.key], at);
    return { outcome, person: stored ? await personWord(database, stored) : null };
  });

/** A message of a sender that is not the institution's: read, but not tried on anybody's data. */
const strange = (dependencies: IngestDependencies, bytes: Uint8Array, at: Instant): Promise<Rehearsed> =>
  rehearse(dependencies.database, async (database) => ({
    outcome: await ingestMessage(
      {
        ...dependencies,
        database,
        ...nothingKept,
        clock: () => at,
        senders: {
          find: () => Promise.resolve(undefined),
          findByCode: () => Promise.resolve(undefined),
          findByKey: () => Promise.resolve(undefined),
        },
      },
      { bytes, peer: 'test' },
    ),
    person: null,
  }));

const bytesOf = ({ text, base64 }: MessageTestRequest, scope: ConsoleScope): Uint8Array => {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  const whole = text ?? '';
  const written = writtenBytes(whole, testedSender(scope, undefined, Buffer.from(whole, 'utf8')));
  if (!written.ok) throw written.reason;
  return written.value;
};

/** Reads a message, says what it would come to and how it would be answered, and keeps nothing of it. */
export const testFlow =
  (dependencies: IngestDependencies): ConsoleFlows['test'] =>
  async (actor: Actor, request, origin) => {
    const scope = await scopeOf(dependencies, askedInstitution(actor, request.institution));
    const at = dependencies.clock();
    const bytes = bytesOf(request, scope);
    const sender = testedSender(scope, request.sender, bytes);
    const { outcome, person } = sender
      ? await rehearsed(dependencies, bytes, sender, at)
      : await strange(dependencies, bytes, at);
    await recordMessageAct(dependencies.database, dependencies, actor, origin, {
      action: 'message.test',
      resource: `institution/${scope.institution}`,
      outcome: `${outcome.outcome} ${outcome.code ?? ''}`.trim(),
    });
    const { code, place, detail } = outcome;
    const reason = code === null ? null : { code, place, detail };
    const { annotated } = annotationAnswer(bytes, { sender, ruling: scope.ruling, at, reason });
    return {
      ...outcomeAnswer(outcome),
      reason: reason && { ...reason, text: reasonText(reason.code) },
      sender: sender?.code ?? null,
      person,
      annotated,
    };
  };
