import { parentPort, workerData } from 'node:worker_threads';
import type { ReadingTask } from './read-large.ts';
import { type Hl7Message, readHl7Message } from './read-message.ts';

/** The memory of large attachments, which is handed over instead of copied; each once, as a transfer wants it. */
const attachmentMemory = ({ message }: Hl7Message): ArrayBuffer[] => {
  if (message.kind !== 'reports') return [];
  const found = new Set<ArrayBuffer>();
  for (const { observations } of message.reports)
    for (const { value } of observations) {
      const bytes = value.attachment?.bytes;
      // What shares its memory with others (Node's pool of small buffers) is copied.
      if (bytes?.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.byteLength)
        found.add(bytes.buffer);
    }
  return [...found];
};

const { bytes, defaults } = workerData as ReadingTask;
const read = readHl7Message(bytes, defaults);
parentPort?.postMessage(read, read.ok ? attachmentMemory(read.value) : []);
