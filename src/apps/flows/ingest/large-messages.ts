import { Worker } from 'node:worker_threads';
import type { Hl7Message } from '../../../adapters/hl7v2/read-message.ts';
import type { SenderDefaults } from '../../../adapters/hl7v2/reading.ts';
import type { Hl7Refusal } from '../../../adapters/hl7v2/refusal.ts';
import type { Pieces } from '../../../adapters/keys/large-content.ts';
import { OBJECT_FAULTS } from '../../../adapters/objects/faults.ts';
import { raiser } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import { threadEnvironment } from '../../../kernel/thread-environment.ts';
import { INGEST_FAULTS } from './ingest-faults.ts';
import type { KeptLarge, LargeMessage, LargeMessages } from './take-large.ts';

/** Where the thread finds keys and objects. */
export interface LargeMessagePlaces {
  readonly keyFile: string;
  readonly objectsDirectory: string;
}

/** What the thread is given. */
export interface LargeMessageJob {
  readonly pieces: Pieces;
  readonly defaults: SenderDefaults;
}

/** How far the thread has come with a message. After `read` or `failed` it takes the next. */
export type LargeMessageStep =
  | { readonly kind: 'kept'; readonly kept: KeptLarge }
  | { readonly kind: 'read'; readonly read: Result<Hl7Message, Hl7Refusal> }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };

interface Waiting {
  readonly content: Uint8Array | Pieces;
  readonly defaults: SenderDefaults;
  readonly message: PromiseWithResolvers<LargeMessage>;
  readonly read: PromiseWithResolvers<Result<Hl7Message, Hl7Refusal>>;
}

/** A thread that has had nothing to do for so long ends, and its memory goes with it. */
const IDLE_MS = 120_000;

const raiseStorage = raiser(OBJECT_FAULTS);
const raise = raiser(INGEST_FAULTS);

/** Whether the object store says that it cannot store now. */
const isStorageFault = (code: string): code is keyof typeof OBJECT_FAULTS =>
  Object.hasOwn(OBJECT_FAULTS, code) && OBJECT_FAULTS[code as keyof typeof OBJECT_FAULTS].status === 503;

/** Why the thread did not come to the end of a message: a code where there is one, and no text of the message. */
interface Failure {
  readonly code: string;
  readonly detail: string;
  readonly cause?: unknown;
}

/** Before a message is kept every failure leaves it with its sender. */
const notKept = ({ code, detail, cause }: Failure): Error =>
  isStorageFault(code)
    ? raiseStorage(code, { detail })
    : raise('LARGE_MESSAGE_NOT_KEPT', { detail: `${detail} ${code}`.trim(), cause });

/** Once it is kept, what was not expected sets it aside. */
const notRead = ({ code, detail, cause }: Failure): Error =>
  isStorageFault(code)
    ? raiseStorage(code, { detail })
    : Object.assign(new Error('a large message could not be read', { cause }), {
        code: `${detail} ${code}`.trim(),
      });

const giveUp = ({ message, read }: Waiting, failure: Failure): void => {
  message.reject(notKept(failure));
  read.reject(notRead(failure));
};

/** A content as it can be given to a thread: whoever has it whole keeps it, and it may be a part of a file. */
const piecesOf = (content: Uint8Array | Pieces): Pieces =>
  content instanceof Uint8Array ? [new Uint8Array(content)] : content;

/**
 * Takes large messages one after the other in a thread of low priority: hashing, decoding, sealing and writing 20 MB would
 * take half a second from everybody else. A message of which the thread dies is set aside if it was kept by then, and else
 * left to its sender.
 */
export const largeMessages = (places: LargeMessagePlaces): LargeMessages & { close(): Promise<void> } => {
  const waiting: Waiting[] = [];
  let current: Waiting | undefined;
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;

  const start = (): Worker => {
    const started = new Worker(new URL('./large-message-thread.ts', import.meta.url), {
      env: threadEnvironment(process.env),
      workerData: places,
    });
    started.on('message', (step: LargeMessageStep) => {
      if (thread === started) take(step);
    });
    started.on('error', (error) => replace(started, error));
    started.on('exit', (code) => replace(started, new Error(`the thread ended with ${code}`)));
    return started;
  };
  const end = (): void => {
    const ending = thread;
    thread = undefined;
    void ending?.terminate();
  };
  const next = (): void => {
    current = waiting.shift();
    clearTimeout(idle);
    if (!current) {
      thread?.unref();
      idle = setTimeout(end, IDLE_MS).unref();
      return;
    }
    thread ??= start();
    thread.ref();
    const pieces = piecesOf(current.content);
    const memory = pieces.map(({ buffer }) => buffer as ArrayBuffer);
    thread.postMessage({ pieces, defaults: current.defaults } satisfies LargeMessageJob, memory);
  };
  const take = (step: LargeMessageStep): void => {
    if (!current) return;
    const { message, read } = current;
    if (step.kind === 'kept') {
      message.resolve({ kept: step.kept, read: () => read.promise });
      return;
    }
    if (step.kind === 'read') read.resolve(step.read);
    else giveUp(current, step);
    next();
  };
  const replace = (dead: Worker, error: Error): void => {
    if (thread !== dead) return;
    thread = undefined;
    if (current) giveUp(current, { code: '', detail: error.name, cause: error });
    next();
  };

  return {
    take(content, defaults) {
      const message = Promise.withResolvers<LargeMessage>();
      const read = Promise.withResolvers<Result<Hl7Message, Hl7Refusal>>();
      // A message that was not kept is not asked what it says.
      read.promise.catch(() => undefined);
      waiting.push({ content, defaults, message, read });
      if (!current) next();
      return message.promise;
    },
    async close() {
      clearTimeout(idle);
      const ending = thread;
      thread = undefined;
      const left = [...(current ? [current] : []), ...waiting.splice(0)];
      current = undefined;
      for (const each of left) giveUp(each, { code: '', detail: 'closing' });
      await ending?.terminate();
    },
  };
};
