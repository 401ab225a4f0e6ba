import { liftAttachments } from '../../../adapters/hl7v2/lift-attachments.ts';
import { readLargeMessage } from '../../../adapters/hl7v2/read-large.ts';
import type { Hl7Message } from '../../../adapters/hl7v2/read-message.ts';
import type { SenderDefaults } from '../../../adapters/hl7v2/reading.ts';
import type { Hl7Refusal } from '../../../adapters/hl7v2/refusal.ts';
import { joined, type Pieces, sha256InTurns } from '../../../adapters/keys/large-content.ts';
import type { ObjectStore } from '../../../adapters/objects/file-objects.ts';
import { ok, type Result } from '../../../kernel/result.ts';
import type { IncomingReportMessage } from '../../../result/index.ts';
import { type PackedBody, packBody } from './ingest-body.ts';

/** What is left of a large message once its content is kept. */
export interface KeptLarge {
  /** Of the message as received, lower-case hex. */
  readonly sha256: string;
  readonly body: PackedBody;
}

/** A large message whose content is durable. */
export interface LargeMessage {
  readonly kept: KeptLarge;
  /** What the message says; its attachments are kept, and their bytes no longer with it. */
  readonly read: () => Promise<Result<Hl7Message, Hl7Refusal>>;
}

/** Takes messages that are too large for the event loop. */
export interface LargeMessages {
  /**
   * Keeps a message and reads it.
   *
   * @param content the memory of pieces is given away: they may be empty afterwards
   * @throws Fault with status 503 where it could not be kept: the sender keeps it
   */
  take(content: Uint8Array | Pieces, defaults: SenderDefaults): Promise<LargeMessage>;
}

/** Makes the attachments of a message durable before anything refers to them. */
export const keepAttachments = async (
  objects: ObjectStore,
  message: IncomingReportMessage,
): Promise<void> => {
  for (const { observations } of message.reports)
    for (const { value } of observations)
      if (value.attachment?.bytes) await objects.put(value.attachment.bytes, value.attachment.sha256);
};

/** The message without the bytes of its attachments. */
const withoutBytes = (read: Hl7Message): Hl7Message => {
  const { message } = read;
  if (message.kind !== 'reports') return read;
  const reports = message.reports.map((report) => ({
    ...report,
    observations: report.observations.map((line) =>
      line.value.attachment
        ? { ...line, value: { ...line.value, attachment: { ...line.value.attachment, bytes: null } } }
        : line,
    ),
  }));
  return { ...read, message: { ...message, reports } };
};

/** Keeps a large message and reads it, in turns of the event loop as far as its attachments can be lifted out. */
export const takeLarge = async (
  objects: ObjectStore,
  bytes: Uint8Array,
  defaults: SenderDefaults,
): Promise<LargeMessage> => {
  const sha256 = await sha256InTurns(bytes);
  const lifted = await liftAttachments(bytes);
  const body = await packBody(objects, bytes, lifted && { message: lifted, sha256 });
  return {
    kept: { sha256, body },
    read: async () => {
      const read = readLargeMessage(bytes, lifted, defaults);
      if (!read.ok) return read;
      if (read.value.message.kind === 'reports') await keepAttachments(objects, read.value.message);
      return ok(withoutBytes(read.value));
    },
  };
};

/** Takes large messages in the thread that asks. */
export const largeMessagesHere = (objects: ObjectStore): LargeMessages => ({
  take: (content, defaults) => takeLarge(objects, joined(content), defaults),
});
