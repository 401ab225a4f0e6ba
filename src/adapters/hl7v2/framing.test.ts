import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, sizeOf } from '../keys/large-content.ts';
import {
  createFramer,
  DEFAULT_FRAMER_LIMITS,
  type FramerEvent,
  type FramerLimits,
  frameMessage,
  WHOLE_MAX_BYTES,
} from './framing.ts';

const SMALL: FramerLimits = { maxFrameBytes: 1000, maxHeadBytes: 16 };

const run = (chunks: readonly Uint8Array[], limits = SMALL): FramerEvent[] => {
  const events: FramerEvent[] = [];
  const framer = createFramer(limits, (event) => events.push(event));
  for (const chunk of chunks) framer.push(chunk);
  framer.end();
  return events;
};

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const contentOf = (event: Exclude<FramerEvent, { kind: 'rejected' }>): Uint8Array =>
  event.kind === 'frame' ? event.bytes : joined(event.pieces);
const shown = (events: readonly FramerEvent[]): string[] =>
  events.map((event) =>
    event.kind !== 'rejected'
      ? Buffer.from(contentOf(event)).toString('latin1')
      : `${event.rejection.code}/${event.rejection.sizeBytes}/${Buffer.from(event.rejection.bytes).toString('latin1')}`,
  );

/** Content without VT and FS, which may stand in no frame. */
const content = fc
  .array(
    fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0x0b && byte !== 0x1c),
    { minLength: 1, maxLength: 60 },
  )
  .map((list) => Uint8Array.from(list));

const splitAt = (whole: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort(
    (left, right) => left - right,
  );
  return [0, ...places].map((from, index) => whole.subarray(from, places[index] ?? whole.length));
};

describe('The MLLP byte state machine', () => {
  it('finds the same messages however the bytes are cut into packets', () => {
    fc.assert(
      fc.property(
        fc.array(content, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (messages, cuts) => {
          const whole = Buffer.concat(messages.map(frameMessage));
          const events = run(splitAt(whole, cuts));
          expect(
            events.map((event) => (event.kind === 'rejected' ? event.rejection.code : [...contentOf(event)])),
          ).toEqual(messages.map((message) => [...message]));
        },
      ),
    );
  });

  it('accounts for any bytes whatever: the same events however they are cut, and never a throw', () => {
    fc.assert(
      fc.property(
        fc
          .uint8Array({ maxLength: 300 })
          .map((list) => list.map((byte) => (byte < 64 ? [0x0b, 0x1c, 0x0d, 0x41][byte % 4]! : byte))),
        fc.array(fc.nat(), { maxLength: 20 }),
        (noise, cuts) => {
          expect(shown(run(splitAt(noise, cuts)))).toEqual(shown(run([noise])));
        },
      ),
    );
  });

  it('skips line feeds, NUL and blanks between frames silently', () => {
    expect(shown(run([bytes('\n\0 \x0bA\x1c\r\n\r\0\x0bB\x1c\r\n')]))).toEqual(['A', 'B']);
  });

  it('skips other bytes between frames and reports each stretch once', () => {
    expect(shown(run([bytes('\x0bA\x1c\rGET / HTTP\r\n\x0bB\x1c\r')]))).toEqual([
      'A',
      'MLLP_NO_START_BLOCK/12/GET / HTTP\r\n',
      'B',
    ]);
  });

  it('reports a message without VT when its end block comes, without waiting for the next one', () => {
    const events: FramerEvent[] = [];
    createFramer(SMALL, (event) => events.push(event)).push(bytes('MSH|x\r\x1c\r'));
    expect(shown(events)).toEqual(['MLLP_NO_START_BLOCK/6/MSH|x\r']);
  });

  it('takes FS without CR as the end before VT, before LF, before a second FS and at the end of the connection', () => {
    expect(shown(run([bytes('\x0bA\x1c\x0bB\x1c\n\x0bC\x1c\x1c\r\x0bD\x1c')]))).toEqual(['A', 'B', 'C', 'D']);
  });

  it('completes a frame without CR when told that the peer is silent', () => {
    const events: FramerEvent[] = [];
    const framer = createFramer(SMALL, (event) => events.push(event));
    framer.push(bytes('\x0bA\x1c'));
    expect([events.length, framer.awaitsCarriageReturn]).toEqual([0, true]);
    framer.settle();
    framer.push(bytes('\r\x0bB\x1c\r'));
    expect(shown(events)).toEqual(['A', 'B']);
  });

  it('keeps FS in front of any other byte as content, for the parser to refuse', () => {
    expect(shown(run([bytes('\x0bA\x1cB\x1c\r')]))).toEqual(['A\x1cB']);
  });

  it('takes VT twice as once', () => {
    expect(shown(run([bytes('\x0b\x0bA\x1c\r')]))).toEqual(['A']);
  });

  it('never joins a half frame to the next one: the half is reported, the next delivered', () => {
    expect(shown(run([bytes('\x0bhalf\x0bB\x1c\r')]))).toEqual(['MLLP_FRAME_UNFINISHED/4/half', 'B']);
  });

  it('reports the half frame of a connection that breaks off', () => {
    expect(shown(run([bytes('\x0bhal'), bytes('f')]))).toEqual(['MLLP_FRAME_UNFINISHED/4/half']);
  });

  it('reports an over-size frame with its head, drops the rest, and takes the next frame', () => {
    const events = run([bytes(`\x0b${'x'.repeat(600)}`), bytes(`${'y'.repeat(600)}\x1c\r\x0bB\x1c\r`)]);
    expect(shown(events)).toEqual([`MLLP_FRAME_TOO_LARGE/1200/${'x'.repeat(16)}`, 'B']);
  });

  it('takes a frame of exactly the largest size', () => {
    expect(run([frameMessage(new Uint8Array(1000).fill(0x41))]).map((event) => event.kind)).toEqual([
      'frame',
    ]);
  });

  it('holds no more than the limit, whatever arrives', () => {
    const framer = createFramer(SMALL, () => undefined);
    let most = 0;
    framer.push(bytes('\x0b'));
    for (let index = 0; index < 5000; index++) {
      framer.push(bytes('x'));
      most = Math.max(most, framer.heldBytes);
    }
    expect(most).toBe(1000);
    expect(framer.heldBytes).toBe(0);
  });

  it('gives up the arriving frame when told to, and goes on with the next', () => {
    const events: FramerEvent[] = [];
    const framer = createFramer(SMALL, (event) => events.push(event));
    framer.push(bytes('\x0babcdef'));
    framer.abandonFrame();
    framer.push(bytes('ghi\x1c\r\x0bB\x1c\r'));
    expect(shown(events)).toEqual(['MLLP_MEMORY_FULL/6/abcdef', 'B']);
  });

  it('does work proportional to the bytes: byte by byte costs no more copies than twice the content', () => {
    // 4 MB in single bytes would take minutes if every byte copied what came before it.
    const events: FramerEvent[] = [];
    const framer = createFramer({ maxFrameBytes: 8_000_000, maxHeadBytes: 16 }, (event) =>
      events.push(event),
    );
    const one = Uint8Array.of(0x41);
    framer.push(Uint8Array.of(0x0b));
    for (let index = 0; index < 4_000_000; index++) framer.push(one);
    framer.push(Uint8Array.of(0x1c, 0x0d));
    expect(events[0]?.kind === 'large-frame' && sizeOf(events[0].pieces)).toBe(4_000_000);
  });

  it('gives a large frame in pieces of their own memory, packets of a usual size as they came', () => {
    const whole = Buffer.alloc(
      WHOLE_MAX_BYTES + 300_000,
      Buffer.from(Array.from({ length: 251 }, (_, at) => at % 9)),
    );
    const packets: Uint8Array[] = [];
    // Memory of its own for every packet, as a socket gives it; small ones between them, as TLS does.
    for (let at = 0, size = 65_536; at < whole.length; at += size, size = size === 65_536 ? 3_000 : 65_536)
      packets.push(new Uint8Array(whole.subarray(at, at + size)));
    const events = run([bytes('\x0b'), ...packets, bytes('\x1c\r')], DEFAULT_FRAMER_LIMITS);
    const [event] = events;
    expect(events).toHaveLength(1);
    const pieces = event?.kind === 'large-frame' ? event.pieces : [];
    expect(pieces[0]?.length).toBe(WHOLE_MAX_BYTES);
    expect(whole.equals(joined(pieces))).toBe(true);
    const memory = new Set(pieces.map(({ buffer }) => buffer));
    expect(memory.size).toBe(pieces.length);
    expect(packets.filter(({ buffer }) => memory.has(buffer)).length).toBeGreaterThan(2);
  });
});
