import { Worker } from 'node:worker_threads';
import type { Result } from '../../kernel/result.ts';
import { liftAttachments } from './lift-attachments.ts';
import { type Hl7Message, readHl7Message } from './read-message.ts';
import type { SenderDefaults } from './reading.ts';
import type { Hl7Refusal } from './refusal.ts';

/** Up to this a message is read at once; above, it carries an attachment, and reading it would hold up everybody else. */
export const READ_AT_ONCE_MAX_BYTES = 1024 * 1024;

/** What the reading thread is given. */
export interface ReadingTask {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly defaults: SenderDefaults;
}

const THREAD = new URL('./read-large-thread.ts', import.meta.url);

/** The reading before this one: large messages are read one after the other, so that their threads stay one. */
let before: Promise<unknown> = Promise.resolve();

const readAside = (bytes: Uint8Array, defaults: SenderDefaults): Promise<Result<Hl7Message, Hl7Refusal>> =>
  new Promise((resolve, reject) => {
    // A copy of its own to hand over: the bytes may be a part of a file that holds many messages.
    const task: ReadingTask = { bytes: new Uint8Array(bytes), defaults };
    // A thread per message: large ones are rare, and its memory goes with it.
    const thread = new Worker(THREAD, {
      workerData: task,
      transferList: [task.bytes.buffer],
      env: {},
    });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the reading thread ended with ${code}`)));
  });

/** Refusals that count bytes or characters, which marks in the place of attachments would make wrong. */
const COUNTING: readonly Hl7Refusal['code'][] = ['HL7_BYTES_UNDECODABLE', 'HL7_CONTROL_CHARACTER'];

/**
 * As `readHl7Message`, without holding up others: a large message is read once its attachments stand aside; where
 * nothing can be lifted out of it, or it is refused at a place that must be counted, in a thread of its own. Rejects
 * only when that thread dies.
 */
export const readHl7MessageAside = async (
  bytes: Uint8Array,
  defaults: SenderDefaults,
): Promise<Result<Hl7Message, Hl7Refusal>> => {
  if (bytes.length <= READ_AT_ONCE_MAX_BYTES) return readHl7Message(bytes, defaults);
  const lifted = await liftAttachments(bytes);
  if (lifted && lifted.rest.length <= READ_AT_ONCE_MAX_BYTES) {
    const read = readHl7Message(lifted.rest, defaults, lifted.attachments);
    if (read.ok || !COUNTING.includes(read.reason.code)) return read;
  }
  const read = before.then(() => readAside(bytes, defaults));
  before = read.catch(() => undefined);
  return read;
};
