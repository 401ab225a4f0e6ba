import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFramer, frameMessage } from '../../src/adapters/hl7v2/framing.ts';
import { peekHeader } from '../../src/adapters/hl7v2/header.ts';
import { DEFAULT_MLLP_LIMITS } from '../../src/adapters/hl7v2/mllp-server.ts';
import { readHl7Message } from '../../src/adapters/hl7v2/read-message.ts';
import { laboratoryMessage, msh, obr, pid, SENDER, toBytes } from './hl7v2-messages.ts';
import {
  answerTo,
  closeReceivers,
  codeAndId,
  connectSender,
  rawSocket,
  startListener,
  startReceiver,
} from './hl7v2-receiver.ts';

// The items of the interoperability checklist that a socket shows; what only the content shows is in
// hl7v2-checklist-content.test.ts, what needs the database in hl7v2-ingest.test.ts.

afterEach(closeReceivers);

describe('interop 1: two and a hundred frames in one write', () => {
  it.each([2, 100])(
    '%i frames give as many acknowledgements in order, and no OBX crosses patients',
    async (count) => {
      const receiver = await startReceiver();
      const { socket, waitFor } = await rawSocket(receiver.server);
      const messages = Array.from({ length: count }, (_, index) => laboratoryMessage(`M${index}`, index, 3));
      socket.write(Buffer.concat(messages.map((message) => frameMessage(toBytes(message)))));
      const answers = await waitFor(count);
      expect(answers.map(codeAndId)).toEqual(messages.map((_, index) => `AA M${index}`));
      expect(receiver.stored).toHaveLength(count);
      for (const [index, { patient, reports }] of receiver.stored.entries()) {
        expect(patient.identifiers[0]?.number).toBe(`MR${index}`);
        expect(reports.flatMap(({ observations }) => observations.map(({ value }) => value.text))).toEqual(
          [0, 1, 2].map((ordinal) => `${index}.${ordinal}`),
        );
      }
    },
  );

  it('keeps the order even when handling takes time, with no more than the bound in hand', async () => {
    const receiver = await startReceiver({ maxFramesInHand: 2 }, 2);
    const { socket, waitFor } = await rawSocket(receiver.server);
    for (let index = 0; index < 40; index++)
      socket.write(frameMessage(toBytes(laboratoryMessage(`M${index}`, 1))));
    expect((await waitFor(40)).map(codeAndId)).toEqual(
      Array.from({ length: 40 }, (_, index) => `AA M${index}`),
    );
  });
});

describe('interop 2: every split position of one frame', () => {
  it('cut in two at any byte it is one message', async () => {
    const frame = frameMessage(toBytes(laboratoryMessage('M1', 1)));
    for (let cut = 1; cut < frame.length; cut++) {
      const found: number[] = [];
      const framer = createFramer({ maxFrameBytes: 10_000, maxHeadBytes: 100 }, (event) => {
        if (event.kind === 'frame') found.push(event.bytes.length);
      });
      framer.push(frame.subarray(0, cut));
      framer.push(frame.subarray(cut));
      expect(found).toEqual([frame.length - 3]);
    }
  });

  it('sent byte by byte over a socket it is one message and one acknowledgement', async () => {
    const receiver = await startReceiver();
    const { socket, waitFor } = await rawSocket(receiver.server);
    for (const byte of frameMessage(toBytes(laboratoryMessage('M1', 1)))) {
      socket.write(Uint8Array.of(byte));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect((await waitFor(1)).map(codeAndId)).toEqual(['AA M1']);
    expect(receiver.stored).toHaveLength(1);
  });

  it('with FS and CR in different packets, and without CR at all', async () => {
    const receiver = await startReceiver({ settleMs: 20 });
    const { socket, waitFor } = await rawSocket(receiver.server);
    const frame = frameMessage(toBytes(laboratoryMessage('M1', 1)));
    socket.write(frame.subarray(0, -1));
    expect((await waitFor(1)).map(codeAndId)).toEqual(['AA M1']);
    socket.write(Buffer.from('\r'));
    socket.write(frameMessage(toBytes(laboratoryMessage('M2', 2))));
    expect((await waitFor(2)).map(codeAndId)).toEqual(['AA M1', 'AA M2']);
    expect(receiver.rejections).toEqual([]);
  });
});

describe('interop 3: LF, NUL and garbage between frames', () => {
  it('are skipped, and garbage is recorded', async () => {
    const receiver = await startReceiver();
    const { socket, waitFor } = await rawSocket(receiver.server);
    const frame = (id: string) => frameMessage(toBytes(laboratoryMessage(id, 1)));
    socket.write(
      Buffer.concat([frame('M1'), Buffer.from('\n\0\r\n'), frame('M2'), Buffer.from('ping?'), frame('M3')]),
    );
    const answers = await waitFor(4);
    expect(answers.map(codeAndId)).toEqual(['AA M1', 'AA M2', 'AR ', 'AA M3']);
    expect(receiver.rejections.map(({ code, bytes }) => [code, Buffer.from(bytes).toString()])).toEqual([
      ['MLLP_NO_START_BLOCK', 'ping?'],
    ]);
  });

  it('a message without VT leaves a visible rejection and is answered AR with its own control id', async () => {
    const receiver = await startReceiver();
    const { socket, waitFor } = await rawSocket(receiver.server);
    socket.write(frameMessage(toBytes(laboratoryMessage('M1', 1))).subarray(1));
    expect((await waitFor(1)).map(codeAndId)).toEqual(['AR M1']);
    expect(receiver.rejections[0]?.code).toBe('MLLP_NO_START_BLOCK');
    expect(receiver.stored).toEqual([]);
  });

  it('half a frame at disconnect is recorded whole and never accepted', async () => {
    const receiver = await startReceiver();
    const { socket, answers } = await rawSocket(receiver.server);
    const half = frameMessage(toBytes(laboratoryMessage('M1', 1))).subarray(0, 80);
    socket.end(half);
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    expect(receiver.rejections.map(({ code, sizeBytes }) => [code, sizeBytes])).toEqual([
      ['MLLP_FRAME_UNFINISHED', 79],
    ]);
    // A sender that still reads is told; nothing was accepted.
    expect(answers.map(codeAndId)).toEqual(['AE M1']);
  });
});

describe('interop 4 (as far as the socket reaches): acknowledged only after handling', () => {
  it('nothing is sent before the handler resolves, and nothing at all when it fails', async () => {
    const events: string[] = [];
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const server = await startListener({
      handle: async (bytes) => {
        const id = peekHeader(bytes)?.controlId ?? '';
        if (id === 'BAD') throw new Error('the database is gone');
        await gate;
        events.push(`stored ${id}`);
        return answerTo(bytes, null);
      },
      onReject: async ({ code }) => {
        events.push(code);
        return null;
      },
    });
    const first = await rawSocket(server);
    first.socket.on('data', () => events.push('acknowledged'));
    first.socket.write(
      Buffer.concat(['M1', 'BAD', 'M3'].map((id) => frameMessage(toBytes(laboratoryMessage(id, 1))))),
    );
    const second = await connectSender(server);
    const lost = second.send(toBytes(laboratoryMessage('BAD', 1)));
    await expect(lost).rejects.toMatchObject({ code: 'MLLP_CONNECTION_LOST' });
    expect(events).toEqual(['MLLP_HANDLER_FAILED']);
    release();
    await first.ended;
    // M3 stood behind the failure: acknowledging it would have lost BAD.
    expect(events).toEqual(['MLLP_HANDLER_FAILED', 'stored M1', 'MLLP_HANDLER_FAILED', 'acknowledged']);
    expect(first.answers.map(codeAndId)).toEqual(['AA M1']);
  });
});

describe('interop 9: a 20 MB OBX-5', () => {
  it('is taken whole over a socket; memory held by the listener returns to nothing', async () => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(20 * 1024 * 1024, 0x20)]);
    let taken: Uint8Array | null | undefined;
    const server = await startListener({
      handle: async (bytes) => {
        const result = readHl7Message(bytes, SENDER);
        if (result.ok && result.value.message.kind === 'reports') {
          taken = result.value.message.reports[0]?.observations[0]?.value.attachment?.bytes;
        }
        return answerTo(bytes, result.ok ? null : result.reason);
      },
      onReject: async () => null,
    });
    const sender = await connectSender(server);
    const message = [
      msh('ORU^R01', 'M1'),
      pid(1),
      obr('R1'),
      `OBX|1|ED|PDF^报告||^AP^PDF^Base64^${pdf.toString('base64')}||||||F`,
    ];
    const answer = Buffer.from(await sender.send(toBytes(message))).toString('utf8');
    expect(codeAndId(answer)).toBe('AA M1');
    expect(taken && Buffer.compare(taken, pdf)).toBe(0);
  });

  it('beyond the limit it is answered AR with its control id, and the connection goes on', async () => {
    const receiver = await startReceiver({ maxFrameBytes: 100_000 });
    const { socket, waitFor } = await rawSocket(receiver.server);
    socket.write(
      frameMessage(toBytes([...laboratoryMessage('BIG', 1), `OBX|9|ST|X^Y||${'x'.repeat(200_000)}`])),
    );
    socket.write(frameMessage(toBytes(laboratoryMessage('M2', 1))));
    const answers = await waitFor(2);
    expect(answers.map(codeAndId)).toEqual(['AR BIG', 'AA M2']);
    expect(answers[0]).toContain('MLLP_FRAME_TOO_LARGE');
  });

  it('on many connections at once never holds more than the bound of all together', async () => {
    const receiver = await startReceiver({ maxFrameBytes: 200_000, maxHeldBytes: 500_000 });
    const sockets = await Promise.all(Array.from({ length: 8 }, () => rawSocket(receiver.server)));
    for (const { socket } of sockets)
      socket.write(`\x0b${laboratoryMessage('BIG', 1).join('\r')}\r${'NTE|1||x\r'.repeat(15_000)}`);
    while (receiver.rejections.length < 5) await new Promise<void>((resolve) => setTimeout(resolve, 5));
    expect(new Set(receiver.rejections.map(({ code }) => code))).toEqual(new Set(['MLLP_MEMORY_FULL']));
    const { socket, waitFor } = await rawSocket(receiver.server);
    socket.write(frameMessage(toBytes(laboratoryMessage('M1', 1))));
    expect((await waitFor(1)).map(codeAndId)).toEqual(['AA M1']);
  });
});

describe('interop 14: AA, AE and AR with MSA-2 = MSH-10', () => {
  it('also for bodies that cannot be parsed, with ERR, each answer for its own message', async () => {
    const receiver = await startReceiver();
    const sender = await connectSender(receiver.server);
    const good = laboratoryMessage('GOOD', 1);
    const bodies: [string, Uint8Array][] = [
      ['AA GOOD', toBytes(good)],
      ['AE BYTES', Buffer.concat([toBytes(laboratoryMessage('BYTES', 1)), Buffer.from([0xff])])],
      ['AE LINE', toBytes([...laboratoryMessage('LINE', 1), 'no segment'])],
      ['AR TWO', toBytes([...laboratoryMessage('TWO', 1), ...laboratoryMessage('OTHER', 2)])],
      ['AE PEOPLE', toBytes([...laboratoryMessage('PEOPLE', 1), pid(2)])],
      ['AR DELIM', Buffer.from('MSH|^~\\&#?|LIS|H|||20261101||ORU^R01|DELIM|P|2.5\r')],
      ['AR ', Buffer.from('not HL7 at all')],
      ['AA LAST', toBytes(laboratoryMessage('LAST', 1))],
    ];
    const answers = await Promise.all(
      bodies.map(async ([, bytes]) => Buffer.from(await sender.send(bytes)).toString('utf8')),
    );
    expect(answers.map(codeAndId)).toEqual(bodies.map(([expected]) => expected));
    for (const answer of answers) expect(answer.includes('\rERR|')).toBe(!codeAndId(answer).startsWith('AA'));
  });
});

describe('interop 16: idle connections, half-open peers, five hundred connections', () => {
  it('five hundred connections are each served', async () => {
    const receiver = await startReceiver();
    const clients = await Promise.all(Array.from({ length: 500 }, () => connectSender(receiver.server)));
    while (receiver.server.connectionCount() < 500) await new Promise((resolve) => setImmediate(resolve));
    const answers = await Promise.all(
      clients.map(({ send }, index) => send(toBytes(laboratoryMessage(`M${index}`, index)))),
    );
    expect(answers.map((answer) => codeAndId(Buffer.from(answer).toString('utf8')))).toEqual(
      clients.map((_, index) => `AA M${index}`),
    );
  });

  it('a connection beyond the limit is refused and recorded; the others go on', async () => {
    const receiver = await startReceiver({ maxConnections: 2 });
    const [first] = [await connectSender(receiver.server), await connectSender(receiver.server)];
    const third = await rawSocket(receiver.server);
    await third.ended;
    expect(third.answers).toEqual([]);
    expect(receiver.rejections.map(({ code }) => code)).toEqual(['MLLP_TOO_MANY_CONNECTIONS']);
    expect(
      codeAndId(Buffer.from(await first!.send(toBytes(laboratoryMessage('M1', 1)))).toString('utf8')),
    ).toBe('AA M1');
  });

  it('a connection that was silent longer than any frame may stall still works', async () => {
    const receiver = await startReceiver({ frameTimeoutMs: 30, settleMs: 10 });
    const sender = await connectSender(receiver.server);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(
      codeAndId(Buffer.from(await sender.send(toBytes(laboratoryMessage('M1', 1)))).toString('utf8')),
    ).toBe('AA M1');
  });

  it('a peer that ended its half is still answered', async () => {
    const receiver = await startReceiver({}, 20);
    const { socket, waitFor } = await rawSocket(receiver.server);
    socket.end(Buffer.concat(['M1', 'M2'].map((id) => frameMessage(toBytes(laboratoryMessage(id, 1))))));
    expect((await waitFor(2)).map(codeAndId)).toEqual(['AA M1', 'AA M2']);
  });

  it('a frame that stops arriving is given up, recorded, and its connection closed', async () => {
    const receiver = await startReceiver({ frameTimeoutMs: 30, closeGraceMs: 50 });
    const { socket, ended } = await rawSocket(receiver.server);
    socket.write('\x0bMSH|^~\\&|');
    await ended;
    expect(receiver.rejections.map(({ code }) => code)).toEqual(['MLLP_FRAME_UNFINISHED']);
    // The peer keeps its half open for ever; it is cut off all the same.
    while (receiver.server.connectionCount() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('five hundred connections that are idle for ten minutes are each still served; a half-open one is let go', async () => {
    // Only the clocks of the listener: sockets go on by themselves.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const receiver = await startReceiver();
      const clients = await Promise.all(Array.from({ length: 500 }, () => connectSender(receiver.server)));
      const sendAll = async (round: string): Promise<string[]> => {
        const answers = await Promise.all(
          clients.map(({ send }, index) => send(toBytes(laboratoryMessage(`${round}${index}`, index)))),
        );
        return answers.map((answer) => codeAndId(Buffer.from(answer).toString('utf8')));
      };
      const acknowledged = (round: string) => clients.map((_, index) => `AA ${round}${index}`);
      expect(await sendAll('A')).toEqual(acknowledged('A'));
      const halfOpen = await rawSocket(receiver.server);
      halfOpen.socket.write('\x0bMSH|^~\\&|');
      while (vi.getTimerCount() < 502) await new Promise((resolve) => setImmediate(resolve));

      for (let minute = 0; minute < 10; minute++) vi.advanceTimersByTime(60_000);
      await halfOpen.ended;
      expect(receiver.rejections.map(({ code }) => code)).toEqual(['MLLP_FRAME_UNFINISHED']);
      expect(receiver.server.connectionCount()).toBe(501);
      vi.advanceTimersByTime(DEFAULT_MLLP_LIMITS.closeGraceMs);
      while (receiver.server.connectionCount() > 500) await new Promise((resolve) => setImmediate(resolve));
      expect(await sendAll('B')).toEqual(acknowledged('B'));

      // What was said last counts: an hour after the first message, but not yet after the second.
      vi.advanceTimersByTime(DEFAULT_MLLP_LIMITS.idleTimeoutMs - 60_000);
      expect(await sendAll('C')).toEqual(acknowledged('C'));
      vi.advanceTimersByTime(DEFAULT_MLLP_LIMITS.idleTimeoutMs);
      while (receiver.server.connectionCount() > 0) await new Promise((resolve) => setImmediate(resolve));
      expect(receiver.rejections).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('an idle connection is closed after the limit that was set', async () => {
    const receiver = await startReceiver({ idleTimeoutMs: 30, closeGraceMs: 50 });
    const { ended } = await rawSocket(receiver.server);
    await ended;
    expect(receiver.rejections).toEqual([]);
    while (receiver.server.connectionCount() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('a peer that never reads its answers is stopped by backpressure, and harms nobody', async () => {
    const receiver = await startReceiver({ idleTimeoutMs: 2000, closeGraceMs: 100 });
    const { socket } = await rawSocket(receiver.server);
    socket.pause();
    const frame = frameMessage(toBytes([...laboratoryMessage('M1', 1), pid(2)]));
    const many = Buffer.concat(Array.from({ length: 2000 }, () => frame));
    for (let index = 0; index < 20; index++) socket.write(many);
    const other = await connectSender(receiver.server);
    expect(
      codeAndId(Buffer.from(await other.send(toBytes(laboratoryMessage('M2', 1)))).toString('utf8')),
    ).toBe('AA M2');
    await other.close();
    while (receiver.server.connectionCount() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(receiver.stored).toHaveLength(1);
  });
});
