import { acknowledge } from '../../../adapters/hl7v2/acknowledge.ts';
import { type Hl7Header, peekHeader } from '../../../adapters/hl7v2/header.ts';
import type { Hl7Message } from '../../../adapters/hl7v2/read-message.ts';
import type { Pieces } from '../../../adapters/keys/large-content.ts';
import { countDuplicate } from '../../../adapters/postgres/message-traffic.ts';
import { keepQuarantined, quarantine } from '../../../adapters/postgres/quarantine.ts';
import type { Sender, SenderKey } from '../../../adapters/postgres/senders.ts';
import type { SenderDefaults } from '../../../adapters/hl7v2/reading.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { ingestAdmission } from './ingest-admissions.ts';
import { messageSeal, quarantineSeal } from './ingest-body.ts';
import { ingestOrders } from './ingest-orders.ts';
import {
  type IngestOutcome,
  type Refusal,
  RefusedMessage,
  refusalOf,
  type ReportOutcome,
  type TakenOrders,
} from './ingest-outcome.ts';
import { ingestReports } from './ingest-reports.ts';
import { senderDefaults, STRANGER_DEFAULTS } from './ingest-senders.ts';
import type { IngestDependencies, MessageWork, StoredOutcome } from './ingest-work.ts';
import { type MessageContent, openContent } from './message-content.ts';

/** A message as it arrived. */
export interface ArrivedMessage {
  /** What stood between VT and FS, or one message of a file. The memory of pieces is given away; the first has the header. */
  readonly bytes: Uint8Array | Pieces;
  /** Where it came from: an address, or a file's name. */
  readonly peer: string;
  /** Code of the sender, where the channel tells it; else MSH-3 and MSH-4 do. */
  readonly sender?: string;
  /** The quarantined message that is being tried again: it is not quarantined a second time. */
  readonly replayOf?: PublicId;
  /** True when the bytes are an edited copy: what is wrong with it is not what is wrong with the message that lies there. */
  readonly isEditedCopy?: boolean;
}

/** What is known about an arrived message so far. */
interface Arrival {
  readonly message: ArrivedMessage;
  readonly receivedAt: Instant;
  readonly header: Hl7Header | undefined;
  readonly sender: Sender | undefined;
  /** Opens the message, once, by the settings of whoever asks first. */
  readonly content: (defaults: SenderDefaults) => Promise<MessageContent>;
}

const CONTROL_ID_MAX_CHARACTERS = 199;
const BASE_36_DIGITS = 20;

/** MSH-10 of an acknowledgement or answer: at most 20 characters, as the older versions allow, out of a public id. */
export const acknowledgementId = (id: PublicId): string => {
  // The last 28 bits are random like the 34 before them; dropping them leaves what fits into twenty digits.
  const digits = BigInt(`0x${id.replaceAll('-', '').slice(0, 25)}`).toString(36);
  return digits.toUpperCase().padStart(BASE_36_DIGITS, '0').slice(-BASE_36_DIGITS);
};

const answer = (
  dependencies: IngestDependencies,
  arrival: Arrival,
  refusal: Refusal | null,
): Uint8Array | null =>
  acknowledge(arrival.header, refusal, {
    at: arrival.receivedAt,
    controlId: acknowledgementId(dependencies.newPublicId()),
  });

// Acknowledgements are kept as text, one character per byte, whatever their character set is.
const storedAnswer = (bytes: Uint8Array | null): string =>
  bytes === null ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
const givenAnswer = (stored: string): Uint8Array | null =>
  stored === '' ? null : Buffer.from(stored, 'latin1');

const outcomeOf = (
  outcome: IngestOutcome['outcome'],
  refusal: Refusal | null,
  acknowledgement: Uint8Array | null,
  quarantineId: PublicId | null = null,
  reports: readonly ReportOutcome[] = [],
  orders: TakenOrders | null = null,
): IngestOutcome => ({
  outcome,
  code: refusal?.code ?? null,
  place: refusal?.place ?? '',
  detail: refusal?.detail ?? '',
  acknowledgement,
  quarantine: quarantineId,
  reports,
  orders,
});

/** A fault met on the way, as the reason for which the message is not taken. */
const refusalOfFault = (error: unknown): Refusal => {
  if (error instanceof Fault)
    return {
      code: error.code,
      class: 'AE',
      place: error.place ?? '',
      detail: '',
      zh: error.zh,
      en: error.en,
    };
  return refusalOf('INGEST_FAILED', '', errorCode(error));
};

/** Name and SQLSTATE of an unexpected error; its text may quote the message and stays out. */
const errorCode = (error: unknown): string => {
  const { name, code } = error as { name?: string; code?: unknown };
  return [name ?? 'Error', typeof code === 'string' ? code : ''].filter((part) => part !== '').join(' ');
};

const isUnavailable = (error: unknown): boolean => error instanceof Fault && error.status === 503;

/** Sets a message aside, whole; a message that is being replayed stays where it lies, with the newest reason. */
const setAside = async (
  dependencies: IngestDependencies,
  arrival: Arrival,
  refusal: Refusal,
): Promise<IngestOutcome> => {
  const { message, header, sender, receivedAt } = arrival;
  const senderKey: SenderKey | null = sender?.key ?? null;
  const acknowledgement = answer(dependencies, arrival, refusal);
  if (message.replayOf) {
    if (!message.isEditedCopy)
      await keepQuarantined(dependencies.database, message.replayOf, { ...refusal, senderKey });
    return outcomeOf('quarantined', refusal, acknowledgement, message.replayOf);
  }
  const { bodyHash, keep } = await arrival.content(STRANGER_DEFAULTS);
  const publicId = await quarantine(dependencies.database, {
    publicId: dependencies.newPublicId(),
    senderKey,
    senderAddress: header ? `${header.application}|${header.facility}` : '',
    peer: message.peer,
    controlId: header?.controlId ?? null,
    messageType: header ? `${header.type}^${header.event}` : null,
    receivedAt,
    reasonCode: refusal.code,
    place: refusal.place,
    detail: refusal.detail,
    body: await keep(quarantineSeal(bodyHash)),
    bodyHash,
  });
  return outcomeOf('quarantined', refusal, acknowledgement, publicId);
};

/** A repeat is counted where it can be; that it cannot never keeps the sender from its answer. */
const tallyDuplicate = async (
  { database, onError }: IngestDependencies,
  { message, receivedAt }: Arrival,
  sender: Sender,
): Promise<void> => {
  if (message.replayOf) return;
  try {
    await countDuplicate(database, sender.key, receivedAt);
  } catch (error) {
    onError?.(error);
  }
};

/** Hands a message that could be read to the flow of its kind. */
const store = (work: MessageWork, { message }: Hl7Message): Promise<StoredOutcome> => {
  switch (message.kind) {
    case 'reports':
      return ingestReports(work, message);
    case 'orders':
      return ingestOrders(work, message);
    case 'admission':
      return ingestAdmission(work, message);
    case 'unsupported':
      return Promise.resolve({
        kind: 'refused',
        refusal: refusalOf('MESSAGE_TYPE_UNSUPPORTED', 'MSH[1]-9', work.messageType),
      });
  }
};

const workOf = async (
  dependencies: IngestDependencies,
  arrival: Arrival,
  sender: Sender,
  header: Hl7Header,
  { bodyHash, keep }: MessageContent,
): Promise<MessageWork> => {
  const { receivedAt } = arrival;
  const { controlId } = header;
  return {
    dependencies,
    sender,
    receivedAt,
    claim: {
      senderKey: sender.key,
      controlId,
      contentKey: sender.reusesControlIds ? bodyHash : '',
      bodyHash,
      acknowledgement: storedAnswer(answer(dependencies, { ...arrival, header }, null)),
      receivedAt,
    },
    messageType: `${header.type}^${header.event}`,
    body: await keep(messageSeal(sender.key, controlId)),
    personContext: {
      issuer: sender.institution,
      at: receivedAt,
      ...(header.sentAt ? { statedAt: header.sentAt.at } : {}),
      basis: 'report',
      newPublicId: dependencies.newPublicId,
      sourceRef: `${sender.code} ${controlId}`,
    },
  };
};

const takenOrders = (
  { message }: Hl7Message,
  sender: Sender,
  check: PublicId | null,
  repeated: boolean,
): TakenOrders | null =>
  message.kind === 'orders' && senderDefaults(sender).dialect.orderAnswer === 'application'
    ? { message, sender, check: check && { id: check, repeated } }
    : null;

const takeReadable = async (
  dependencies: IngestDependencies,
  arrival: Arrival,
  sender: Sender,
  content: MessageContent,
  read: Hl7Message,
): Promise<IngestOutcome> => {
  const known: Arrival = { ...arrival, header: read.header };
  if (read.header.controlId.length > CONTROL_ID_MAX_CHARACTERS)
    return setAside(dependencies, known, refusalOf('FIELD_TOO_LONG', 'MSH[1]-10'));
  const work = await workOf(dependencies, known, sender, read.header, content);
  const stored = await store(work, read).catch((error: unknown): StoredOutcome => {
    if (error instanceof RefusedMessage) return { kind: 'refused', refusal: error.refusal };
    throw error;
  });
  switch (stored.kind) {
    case 'stored':
      return outcomeOf(
        'accepted',
        null,
        givenAnswer(work.claim.acknowledgement),
        null,
        stored.reports,
        takenOrders(read, sender, stored.check ?? null, false),
      );
    case 'claimed':
      if (stored.by.bodyHash !== content.bodyHash)
        return setAside(dependencies, known, refusalOf('CONTROL_ID_REUSED', 'MSH[1]-10'));
      await tallyDuplicate(dependencies, arrival, sender);
      return outcomeOf(
        'duplicate',
        null,
        givenAnswer(stored.by.acknowledgement),
        null,
        [],
        takenOrders(read, sender, stored.check ?? null, true),
      );
    case 'refused':
      return setAside(dependencies, known, stored.refusal);
  }
};

const take = async (dependencies: IngestDependencies, arrival: Arrival): Promise<IngestOutcome> => {
  const { header, sender } = arrival;
  const content = await arrival.content(sender ? senderDefaults(sender) : STRANGER_DEFAULTS);
  const read = await content.read();
  if (!header) {
    const refusal = read.ok ? refusalOf('SENDER_UNKNOWN') : read.reason;
    return setAside(dependencies, arrival, refusal);
  }
  if (!sender) return setAside(dependencies, arrival, refusalOf('SENDER_UNKNOWN', 'MSH[1]-3'));
  if (!read.ok) return setAside(dependencies, arrival, read.reason);
  return takeReadable(dependencies, arrival, sender, content, read.value);
};

/**
 * Takes one HL7 v2 message: one message, one transaction. What it resolves to is decided when everything is durable, so
 * its acknowledgement may be sent at once. The same content again has no second effect and the same acknowledgement;
 * what cannot be processed lies whole in quarantine. Never throws: where nothing could be kept (database or disk not
 * there) the outcome is `refused` and the answer asks the sender to send again.
 */
export const ingestMessage = async (
  dependencies: IngestDependencies,
  message: ArrivedMessage,
): Promise<IngestOutcome> => {
  const { clock, senders } = dependencies;
  const head = message.bytes instanceof Uint8Array ? message.bytes : (message.bytes[0] ?? new Uint8Array());
  let opened: Promise<MessageContent> | undefined;
  let arrival: Arrival = {
    message,
    receivedAt: clock(),
    header: peekHeader(head),
    sender: undefined,
    content: (defaults) => (opened ??= openContent(dependencies, message.bytes, defaults)),
  };
  try {
    const { header } = arrival;
    const sender =
      message.sender !== undefined
        ? await senders.findByCode(message.sender)
        : header && (await senders.find(header.application, header.facility));
    if (sender) {
      const { charset } = senderDefaults(sender);
      arrival = {
        ...arrival,
        sender,
        header: charset === 'utf-8' ? header : peekHeader(head, charset),
      };
    }
    return await take(dependencies, arrival);
  } catch (error) {
    dependencies.onError?.(error);
    const refusal = refusalOfFault(error);
    // Where the database or the disk is not there, setting aside would fail as well; the sender keeps the message.
    const kept = isUnavailable(error)
      ? undefined
      : await setAside(dependencies, arrival, refusal).catch(() => undefined);
    return kept ?? outcomeOf('refused', refusal, answer(dependencies, arrival, refusal));
  }
};
