import { connect } from 'node:net';
import { acknowledge } from '../../src/adapters/hl7v2/acknowledge.ts';
import { joined } from '../../src/adapters/keys/large-content.ts';
import { createFramer, DEFAULT_FRAMER_LIMITS, frameMessage } from '../../src/adapters/hl7v2/framing.ts';
import { peekHeader } from '../../src/adapters/hl7v2/header.ts';
import type { Random } from '../../src/apps/demonstration/random.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { Mutant } from './mutations.ts';

/** What a stretch of bytes on the wire is to a receiver, and what came back for it. */
export interface Exchange {
  readonly kind: 'frame' | 'rejected';
  /** Why the framing rejected it; empty for a frame. */
  readonly rejection: string;
  readonly bytes: Uint8Array;
  /** Null where nothing came back, which is right only where the message asks for that or broke off. */
  answer: Uint8Array | null;
}

/** What one connection saw. */
export interface WireReport {
  readonly exchanges: readonly Exchange[];
  /** A sentence for each thing that is wrong. */
  readonly wrong: readonly string[];
}

const SILENCE_MAX_MS = 60_000;

/** Codes of rejections that are answered; the others have a record and nobody to answer. */
const ANSWERED_REJECTIONS = new Set(['MLLP_NO_START_BLOCK', 'MLLP_FRAME_TOO_LARGE']);

/** Frames with what broken lines put between them. */
export const streamOf = (mutants: readonly Mutant[], random: Random): Uint8Array =>
  Buffer.concat(
    mutants.flatMap(({ bytes }) => {
      const between = random.chance(0.15)
        ? random.pick([
            '\n',
            '\r\n',
            '\0\0',
            ' \t',
            'ping?',
            'GET / HTTP/1.1\r\n\r\n',
            '\x1c',
            '\x1c\r',
            'MSH|^~\\&|',
          ])
        : '';
      return [frameMessage(bytes), Buffer.from(between)];
    }),
  );

const exchangesIn = (stream: Uint8Array): Exchange[] => {
  const found: Exchange[] = [];
  const framer = createFramer(DEFAULT_FRAMER_LIMITS, (event) => {
    if (event.kind === 'rejected')
      found.push({
        kind: 'rejected',
        rejection: event.rejection.code,
        bytes: event.rejection.bytes,
        answer: null,
      });
    else {
      const bytes = event.kind === 'frame' ? event.bytes : joined(event.pieces);
      found.push({ kind: 'frame', rejection: '', bytes, answer: null });
    }
  });
  framer.push(stream);
  framer.end();
  return found;
};

/** Writes the stream in packets of any size and gives the frames that came back until the receiver hung up. */
const exchange = (port: number, stream: Uint8Array, random: Random): Promise<Uint8Array[]> =>
  new Promise((resolve, reject) => {
    const answers: Uint8Array[] = [];
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    const framer = createFramer(DEFAULT_FRAMER_LIMITS, (event) => {
      if (event.kind === 'frame') answers.push(event.bytes);
    });
    socket.setTimeout(SILENCE_MAX_MS, () => {
      socket.destroy();
      reject(new Error(`nothing for ${SILENCE_MAX_MS} ms after ${answers.length} answers`));
    });
    socket.on('data', (chunk: Buffer) => framer.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(answers));
    const write = (from: number): void => {
      if (from >= stream.length) {
        socket.end();
        return;
      }
      const size = random.chance(0.1) ? random.whole(1, 8) : random.whole(1, 60_000);
      const goOn = () => setImmediate(write, from + size);
      if (socket.write(stream.subarray(from, from + size))) goOn();
      else socket.once('drain', goOn);
    };
    socket.once('connect', () => write(0));
  });

const CONTEXT = { at: instant(0), controlId: 'X' };
const SOME_ERROR = { code: 'X', class: 'AE', place: '', zh: '', en: '' } as const;

/** Whether nothing comes back for this in any case. */
const isNeverAnswered = ({ kind, rejection }: Exchange): boolean =>
  kind === 'rejected' && !ANSWERED_REJECTIONS.has(rejection);

/** Whether the sender of this asked not to be answered, if it is accepted or if it is not. */
const mayStaySilent = ({ bytes }: Exchange): boolean => {
  const header = peekHeader(bytes);
  return acknowledge(header, null, CONTEXT) === null || acknowledge(header, SOME_ERROR, CONTEXT) === null;
};

/**
 * The control id that was given to the message in these bytes, when it still stands in MSH-10 of a whole header. One
 * with bytes above ASCII says nothing: in GBK such a byte swallows the delimiter behind it.
 */
const stampIn = (bytes: Uint8Array): string | undefined => {
  const [head = ''] = Buffer.from(bytes.subarray(0, 400)).toString('latin1').split('\r');
  const isWhole =
    head.startsWith('MSH') && [...head].every((character) => character >= ' ' && character <= '~');
  const field = isWhole ? head.split(head[3] ?? '|')[9] : undefined;
  return field !== undefined && /^F\d{7}Z$/.test(field) ? field : undefined;
};

/** MSA-1 and MSA-2, in whatever delimiters the answer is. */
export const readMsa = (answer: Uint8Array): { readonly code: string; readonly controlId: string } => {
  const line = Buffer.from(answer)
    .toString('latin1')
    .split('\r')
    .find((each) => each.startsWith('MSA'));
  const [, code = '', controlId = ''] = line?.split(line[3] ?? '|') ?? [];
  return { code, controlId };
};

/** Sends a stream over one connection and gives every stretch of it its answer. */
export const sendStream = async (port: number, stream: Uint8Array, random: Random): Promise<WireReport> => {
  const exchanges = exchangesIn(stream);
  const answers = await exchange(port, stream, random);
  const wrong: string[] = [];
  let next = 0;
  for (const each of exchanges) {
    const stamp = stampIn(each.bytes);
    const answer = answers[next];
    const answeredId = answer && readMsa(answer).controlId;
    const ownId = stamp ?? peekHeader(each.bytes)?.controlId ?? '';
    if (isNeverAnswered(each) || (mayStaySilent(each) && answeredId !== ownId)) continue;
    if (!answer) {
      wrong.push(`no answer to ${stamp ?? each.rejection}`);
      continue;
    }
    if (stamp !== undefined && answeredId !== stamp) wrong.push(`${stamp} answered as ${answeredId}`);
    each.answer = answer;
    next++;
  }
  if (next !== answers.length) wrong.push(`${answers.length - next} answers too many`);
  return { exchanges, wrong };
};
