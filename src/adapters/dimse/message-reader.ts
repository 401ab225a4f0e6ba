import { type ReadCommandSet, readCommandSet } from './command-set.ts';
import type { PduEvent } from './pdu-reader.ts';
import { ABORT_REASON, type Violation, violation } from './violation.ts';

/** What the fragments amount to. */
export type MessageEvent =
  | { readonly kind: 'command'; readonly contextId: number; readonly command: ReadCommandSet }
  /** Bytes of the data set of the command before; valid until the next call. */
  | { readonly kind: 'data-set'; readonly bytes: Uint8Array; readonly isLast: boolean }
  | { readonly kind: 'violation'; readonly violation: Violation };

type DataEvent = Extract<PduEvent, { kind: 'data' }>;

/** No command set needs more; the longest hold two UIDs, two titles and a comment. */
const MAX_COMMAND_BYTES = 64 * 1024;

/**
 * Puts the fragments of one association together to messages (PS3.8 annex E): a command set, then its data set if it
 * says that one follows, all on one presentation context and not mixed with another message.
 */
export class MessageReader {
  readonly #isContext: (id: number) => boolean;
  #command: Uint8Array[] = [];
  #commandBytes = 0;
  /** The context of the message under way; null between messages. */
  #contextId: number | null = null;
  #expects: 'command' | 'data-set' = 'command';

  /** @param isContext whether a presentation context of this id was accepted */
  constructor(isContext: (id: number) => boolean) {
    this.#isContext = isContext;
  }

  /** Whether a message has begun and not ended. */
  get isInsideMessage(): boolean {
    return this.#contextId !== null;
  }

  /** Takes a fragment, or a piece of one. undefined: nothing is complete yet. */
  take({ contextId, isCommand, isLast, bytes }: DataEvent): MessageEvent | undefined {
    if (!this.#isContext(contextId)) return this.#broken('context-unknown');
    this.#contextId ??= contextId;
    if (contextId !== this.#contextId) return this.#broken('context-mixed');
    if (this.#expects === 'data-set') {
      if (isCommand) return this.#broken('data-missing', ABORT_REASON.unexpectedPdu);
      if (isLast) this.#next('command');
      return { kind: 'data-set', bytes, isLast };
    }
    if (!isCommand) return this.#broken('data-before-command', ABORT_REASON.unexpectedPdu);
    this.#commandBytes += bytes.length;
    if (this.#commandBytes > MAX_COMMAND_BYTES) return this.#broken('command-length');
    if (!isLast) {
      this.#command.push(Uint8Array.from(bytes));
      return undefined;
    }
    const whole = this.#command.length === 0 ? bytes : Buffer.concat([...this.#command, bytes]);
    this.#command = [];
    this.#commandBytes = 0;
    const read = readCommandSet(whole);
    if (!read.ok) return { kind: 'violation', violation: read.reason };
    this.#next(read.value.hasDataSet ? 'data-set' : 'command');
    return { kind: 'command', contextId, command: read.value };
  }

  #next(expected: 'command' | 'data-set'): void {
    this.#expects = expected;
    if (expected === 'command') this.#contextId = null;
  }

  #broken(rule: Violation['rule'], reason?: Violation['reason']): MessageEvent {
    return { kind: 'violation', violation: violation(rule, reason) };
  }
}
