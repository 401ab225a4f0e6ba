import type { Result } from '../../kernel/result.ts';
import type { LiftedMessage } from './lift-attachments.ts';
import { type Hl7Message, readHl7Message } from './read-message.ts';
import type { SenderDefaults } from './reading.ts';
import type { Hl7Refusal } from './refusal.ts';

/** Up to this a message is read at once; above, it carries an attachment, and reading it would hold up everybody else. */
export const READ_AT_ONCE_MAX_BYTES = 1024 * 1024;

/** Refusals that count bytes or characters, which marks in the place of attachments would make wrong. */
const COUNTING: readonly Hl7Refusal['code'][] = ['HL7_BYTES_UNDECODABLE', 'HL7_CONTROL_CHARACTER'];

/**
 * As `readHl7Message`, of a message whose attachments may stand aside: what is left of it is read, and the whole only where
 * nothing was lifted, or where it is refused at a place that must be counted.
 */
export const readLargeMessage = (
  bytes: Uint8Array,
  lifted: LiftedMessage | undefined,
  defaults: SenderDefaults,
): Result<Hl7Message, Hl7Refusal> => {
  if (lifted) {
    const read = readHl7Message(lifted.rest, defaults, lifted.attachments);
    if (read.ok || !COUNTING.includes(read.reason.code)) return read;
  }
  return readHl7Message(bytes, defaults);
};
