import fc from 'fast-check';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { acknowledge } from '../../src/adapters/hl7v2/acknowledge.ts';
import { encodeText, encodeTextOrFault, type Hl7Charset } from '../../src/adapters/hl7v2/charset.ts';
import { createFramer, frameMessage } from '../../src/adapters/hl7v2/framing.ts';
import { peekHeader } from '../../src/adapters/hl7v2/header.ts';
import { connectMllp, type MllpClient } from '../../src/adapters/hl7v2/mllp-client.ts';
import {
  type MllpLimits,
  type MllpRejection,
  type MllpServer,
  startMllpServer,
} from '../../src/adapters/hl7v2/mllp-server.ts';
import { readHl7Message } from '../../src/adapters/hl7v2/read-message.ts';
import { refusal } from '../../src/adapters/hl7v2/refusal.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { IncomingReportMessage } from '../../src/result/index.ts';
import {
  laboratoryMessage,
  line,
  msh,
  obr,
  obx,
  pid,
  readObx,
  readOneReport,
  readPid,
  readReports,
  refusalOf,
  SENDER,
  toBytes,
} from './hl7v2-messages.ts';

/** A receiver that stores in memory: everything a socket can prove without a database. */
interface Receiver {
  readonly server: MllpServer;
  readonly stored: IncomingReportMessage[];
  readonly rejections: MllpRejection[];
}

const open: { server: MllpServer; clients: MllpClient[]; sockets: Socket[] }[] = [];

afterEach(async () => {
  for (const { server, clients, sockets } of open.splice(0)) {
    for (const client of clients) client.socket.destroy();
    for (const socket of sockets) socket.destroy();
    await server.close();
  }
});

const answerTo = (bytes: Uint8Array, error: Parameters<typeof acknowledge>[1]): Uint8Array | null =>
  acknowledge(peekHeader(bytes, SENDER.charset), error, { at: instant(0), controlId: 'A' });

const startReceiver = async (limits: Partial<MllpLimits> = {}, pauseMs = 0): Promise<Receiver> => {
  const stored: IncomingReportMessage[] = [];
  const rejections: MllpRejection[] = [];
  const server = await startMllpServer({
    host: '127.0.0.1',
    port: 0,
    limits,
    handle: async (bytes) => {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const result = readHl7Message(bytes, SENDER);
      if (!result.ok) return answerTo(bytes, result.reason);
      if (result.value.message.kind === 'reports') stored.push(result.value.message);
      return answerTo(bytes, null);
    },
    onReject: async (rejection) => {
      rejections.push(rejection);
      return rejection.sizeBytes === 0 ? null : answerTo(rejection.bytes, refusal(rejection.code));
    },
  });
  open.push({ server, clients: [], sockets: [] });
  return { server, stored, rejections };
};

const client = async ({ server }: Receiver): Promise<MllpClient> => {
  const made = await connectMllp({ host: '127.0.0.1', port: server.port });
  open.at(-1)?.clients.push(made);
  return made;
};

/** A bare socket that gathers acknowledgements as text. */
const rawSocket = async ({ server }: Receiver) => {
  const socket = connect({ host: '127.0.0.1', port: server.port, allowHalfOpen: true });
  open.at(-1)?.sockets.push(socket);
  const answers: string[] = [];
  let wake = () => undefined as void;
  const framer = createFramer({ maxFrameBytes: 1_000_000, maxHeadBytes: 1000 }, (event) => {
    if (event.kind === 'frame') answers.push(Buffer.from(event.bytes).toString('utf8'));
    wake();
  });
  socket.on('data', (chunk: Buffer) => framer.push(chunk));
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      resolve();
      wake();
    };
    socket.once('end', end);
    socket.once('close', end);
    socket.once('error', end);
  });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const waitFor = async (count: number): Promise<string[]> => {
    while (answers.length < count && !socket.destroyed)
      await new Promise<void>((resolve) => (wake = resolve));
    return answers;
  };
  return { socket, waitFor, answers, ended };
};

const msaOf = (answer: string): string => answer.split('\r').find((text) => text.startsWith('MSA')) ?? '';
const codeAndId = (answer: string): string => msaOf(answer).split('|').slice(1, 3).join(' ');

describe('interop 1: two and a hundred frames in one write', () => {
  it.each([2, 100])(
    '%i frames give as many acknowledgements in order, and no OBX crosses patients',
    async (count) => {
      const receiver = await startReceiver();
      const { socket, waitFor } = await rawSocket(receiver);
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
    const { socket, waitFor } = await rawSocket(receiver);
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
    const { socket, waitFor } = await rawSocket(receiver);
    for (const byte of frameMessage(toBytes(laboratoryMessage('M1', 1)))) {
      socket.write(Uint8Array.of(byte));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect((await waitFor(1)).map(codeAndId)).toEqual(['AA M1']);
    expect(receiver.stored).toHaveLength(1);
  });

  it('with FS and CR in different packets, and without CR at all', async () => {
    const receiver = await startReceiver({ settleMs: 20 });
    const { socket, waitFor } = await rawSocket(receiver);
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
    const { socket, waitFor } = await rawSocket(receiver);
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
    const { socket, waitFor } = await rawSocket(receiver);
    socket.write(frameMessage(toBytes(laboratoryMessage('M1', 1))).subarray(1));
    expect((await waitFor(1)).map(codeAndId)).toEqual(['AR M1']);
    expect(receiver.rejections[0]?.code).toBe('MLLP_NO_START_BLOCK');
    expect(receiver.stored).toEqual([]);
  });

  it('half a frame at disconnect is recorded whole and never accepted', async () => {
    const receiver = await startReceiver();
    const { socket, answers } = await rawSocket(receiver);
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
    const server = await startMllpServer({
      host: '127.0.0.1',
      port: 0,
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
    open.push({ server, clients: [], sockets: [] });
    const receiver = { server, stored: [], rejections: [] };
    const first = await rawSocket(receiver);
    first.socket.on('data', () => events.push('acknowledged'));
    first.socket.write(
      Buffer.concat(['M1', 'BAD', 'M3'].map((id) => frameMessage(toBytes(laboratoryMessage(id, 1))))),
    );
    const second = await client(receiver);
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

describe('interop 7: character sets', () => {
  const NAME = '𠮷田䶮';
  const message = (declared: string) => [
    msh('ORU^R01', 'M1', '2.5', declared),
    `PID|1||1||${NAME}`,
    'OBR|1|O1|R1|GGSX^肝功能十二项',
    'OBX|1|ST|XX^项目||阴性',
  ];

  it.each<[string, Hl7Charset]>([
    ['GB 18030-2000', 'gb18030'],
    ['GB18030', 'gb18030'],
    ['UNICODE UTF-8', 'utf-8'],
    ['UTF-8', 'utf-8'],
  ])('MSH-18 %s: every character exact, four-byte ones included', (declared, charset) => {
    const { patient, reports } = readReports(toBytes(message(declared), charset));
    expect([patient.name, reports[0]?.service.text, reports[0]?.observations[0]?.value.text]).toEqual([
      NAME,
      '肝功能十二项',
      '阴性',
    ]);
  });

  it.each<Hl7Charset>(['gb18030', 'utf-8'])(
    'an empty MSH-18 means the default of the sender: %s',
    (charset) => {
      expect(readReports(toBytes(message(''), charset), { charset }).patient.name).toBe(NAME);
    },
  );

  it('GBK and GB2312 by MSH-18', () => {
    for (const [declared, charset] of [
      ['GBK', 'gbk'],
      ['GB2312', 'gb2312'],
    ] as const) {
      const lines = [msh('ADT^A08', 'M1', '2.5', declared), 'PID|1||1||张三丰'];
      expect(refusalOf(toBytes(lines, charset))).toBe('accepted');
    }
  });

  it('8859/1 is read as itself', () => {
    const lines = [
      msh('ORU^R01', 'M1', '2.5', '8859/1'),
      'PID|1||1||Müller^José',
      obr('R1').replace(/[^ -~]+/g, 'x'),
    ];
    expect(readReports(toBytes(lines, 'iso-8859-1')).patient.name).toBe('Müller José');
  });

  it('trail bytes that look like delimiters split nothing', () => {
    // 畖 is AE 5C, 穦 is B7 7C, 瀅 is 9E 5E in GBK: backslash, bar and caret as second byte.
    const name = ['慭', '穦', '瀪', '畖', '誼'].join('');
    const trails = Buffer.from(encodeTextOrFault(name, 'gbk')).filter((_, index) => index % 2 === 1);
    expect([...trails].some((byte) => [0x5c, 0x5e, 0x7c, 0x7e].includes(byte))).toBe(true);
    const lines = [
      msh('ORU^R01', 'M1', '2.5', 'GBK'),
      `PID|1||1||${name}||19800101|F`,
      obr('R1').replace('GGSX', name),
    ];
    const { patient, reports } = readReports(toBytes(lines, 'gbk'));
    expect([patient.name, patient.sex, reports[0]?.service.code]).toEqual([name, 'female', name]);
  });

  it('every character of GBK as a name survives in GBK', () => {
    const whole = new TextDecoder('gbk').decode(
      Uint8Array.from({ length: 126 * 190 * 2 }, (_, index) => {
        const pair = index >> 1;
        const trail = 0x40 + (pair % 190);
        return index % 2 === 0 ? 0x81 + Math.floor(pair / 190) : trail >= 0x7f ? trail + 1 : trail;
      }),
    );
    const names = [...whole].filter(
      (character) => /\p{Script=Han}/u.test(character) && encodeText(character, 'gbk') !== undefined,
    );
    expect(names.length).toBeGreaterThan(20_000);
    for (let index = 0; index < names.length; index += 50) {
      const name = names.slice(index, index + 50).join('');
      const bytes = encodeTextOrFault(
        [msh('ADT^A08', 'M1', '2.5', 'GBK'), `PID|1||1||${name}||19800101|F`, ''].join('\r'),
        'gbk',
      );
      const result = readHl7Message(bytes, SENDER);
      expect(
        result.ok && result.value.message.kind === 'admission' && result.value.message.patient.name,
      ).toBe(name);
    }
  });

  it('invalid bytes are refused AE with their place, never replaced', () => {
    const bytes = Buffer.from(toBytes(message('UNICODE UTF-8'), 'utf-8'));
    bytes[bytes.indexOf(Buffer.from('阴'))] = 0xff;
    expect(refusalOf(bytes)).toBe('AE HL7_BYTES_UNDECODABLE OBX');
    expect(refusalOf(toBytes(message('UNICODE UTF-8'), 'gb18030'))).toBe('AE HL7_BYTES_UNDECODABLE PID');
    expect(refusalOf(toBytes(message('ASCII'), 'gb18030'))).toBe('AE HL7_BYTES_UNDECODABLE PID');
  });

  it('a sender that declares an untruth can be registered as doing so', () => {
    const bytes = toBytes(message('ASCII'), 'gb18030');
    expect(
      readReports(bytes, { charset: 'gb18030', dialect: { ignoreDeclaredCharset: true } }).patient.name,
    ).toBe(NAME);
  });

  it('an unsupported character set is refused AR', () => {
    expect(refusalOf(toBytes([msh('ORU^R01', 'M1', '2.5', 'UNICODE UTF-16')]))).toBe(
      'AR HL7_CHARSET_UNSUPPORTED MSH[1]-18',
    );
  });
});

describe('interop 8: delimiters, escapes, repetitions, notes', () => {
  it('custom delimiters and the fifth one of v2.7', () => {
    const lines = [
      'MSH$%*!@#$LIS$H$HUREN$HR$20261101$$ORU%R01$M1$P$2.7',
      'PID$1$$1%%%LIS%MR*110105%%%%SS$$张三',
      'OBR$1$O1$R1$A%甲!P!乙',
      'OBX$1$ST$X%Y@Z$$10!F!5!S!2!T!3!R!4!E!5|6',
    ];
    const { patient, reports } = readReports(toBytes(lines));
    expect(patient.identifiers).toHaveLength(2);
    expect(reports[0]?.service.text).toBe('甲#乙');
    expect(reports[0]?.observations[0]?.value.text).toBe('10$5%2@3*4!5|6');
  });

  it('the escapes of the standard', () => {
    const text = String.raw`A\F\B\S\C\T\D\R\E\E\F\.br\G\X48\\X49\ \H\J\N\ `;
    expect(readObx(`OBX|1|FT|X^Y||${text}||||||F`).value.text).toBe('A|B^C&D~E\\F\nGHI J ');
  });

  it('hexadecimal escapes mean the character set of the message', () => {
    const lines = [
      msh('ORU^R01', 'M1', '2.5', 'GBK'),
      pid(1),
      obr('R1'),
      String.raw`OBX|1|ST|X^Y||\XD2F5D0D4\ `.trimEnd(),
    ];
    expect(readOneReport(toBytes(lines, 'gbk')).observations[0]?.value.text).toBe('阴性');
  });

  it('notes stay with their OBR or OBX', () => {
    const report = readOneReport([
      msh('ORU^R01', 'M1'),
      pid(1),
      obr('R1'),
      'NTE|1||甲',
      obx(1, '1'),
      'NTE|1||乙',
      obx(2, '2'),
    ]);
    expect([report.notes, report.observations.map(({ notes }) => notes)]).toEqual([['甲'], [['乙'], []]]);
  });
});

describe('interop 9: a 20 MB OBX-5', () => {
  it('is taken whole over a socket; memory held by the listener returns to nothing', async () => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(20 * 1024 * 1024, 0x20)]);
    let taken: Uint8Array | undefined;
    const server = await startMllpServer({
      host: '127.0.0.1',
      port: 0,
      handle: async (bytes) => {
        const result = readHl7Message(bytes, SENDER);
        if (result.ok && result.value.message.kind === 'reports') {
          taken = result.value.message.reports[0]?.observations[0]?.value.attachment?.bytes;
        }
        return answerTo(bytes, result.ok ? null : result.reason);
      },
      onReject: async () => null,
    });
    open.push({ server, clients: [], sockets: [] });
    const sender = await client({ server, stored: [], rejections: [] });
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
    const { socket, waitFor } = await rawSocket(receiver);
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
    const sockets = await Promise.all(Array.from({ length: 8 }, () => rawSocket(receiver)));
    for (const { socket } of sockets)
      socket.write(`\x0b${laboratoryMessage('BIG', 1).join('\r')}\r${'NTE|1||x\r'.repeat(15_000)}`);
    while (receiver.rejections.length < 5) await new Promise<void>((resolve) => setTimeout(resolve, 5));
    expect(new Set(receiver.rejections.map(({ code }) => code))).toEqual(new Set(['MLLP_MEMORY_FULL']));
    const { socket, waitFor } = await rawSocket(receiver);
    socket.write(frameMessage(toBytes(laboratoryMessage('M1', 1))));
    expect((await waitFor(1)).map(codeAndId)).toEqual(['AA M1']);
  });
});

describe('interop 10 (as far as the parser reaches): statuses of both tables', () => {
  it('OBX-11 and OBR-25 are read by their own tables: X is cancelled in one and not obtained in the other', () => {
    const report = readOneReport([
      msh('ORU^R01', 'M1'),
      pid(1),
      obr('R1', 'X'),
      obx(1, '', 'X'),
      obx(2, '1', 'D'),
      obx(3, '1', 'W'),
    ]);
    expect([report.status, ...report.observations.map(({ status }) => status)]).toEqual([
      'cancelled',
      'not-obtained',
      'deleted',
      'wrong',
    ]);
  });

  it('ORC-1 CA is handed on', () => {
    const report = readOneReport([msh('ORU^R01', 'M1'), pid(1), 'ORC|CA|O1|R1', obr('R1', 'F'), obx(1, '1')]);
    expect(report.orderControl).toBe('CA');
  });
});

describe('interop 11: times', () => {
  const collected = (text: string, zone = 'Asia/Shanghai') =>
    readOneReport(
      [msh('ORU^R01', 'M1'), pid(1), line('OBR', { 3: 'R1', 4: 'A^B', 7: text, 24: 'LAB' }), obx(1, '1')],
      { zone },
    ).collectedAt;

  it.each([
    ['20261101', 'Asia/Shanghai', '2026-10-31T16:00:00.000Z', 'day'],
    ['202611010830', 'Asia/Shanghai', '2026-11-01T00:30:00.000Z', 'minute'],
    ['202611010830+0000', 'Asia/Shanghai', '2026-11-01T08:30:00.000Z', 'minute'],
    ['202611010830', 'America/Chicago', '2026-11-01T14:30:00.000Z', 'minute'],
    ['20261101083000.5-0500', 'Asia/Shanghai', '2026-11-01T13:30:00.500Z', 'millisecond'],
  ])(
    '%s of a sender in %s is the right instant, with its precision and its characters',
    (text, zone, iso, precision) => {
      const time = collected(text, zone);
      expect([time && new Date(time.at).toISOString(), time?.precision, time?.text]).toEqual([
        iso,
        precision,
        text,
      ]);
    },
  );

  it('impossible dates are refused with their place', () => {
    const message = [msh('ORU^R01', 'M1'), pid(1), line('OBR', { 3: 'R1', 7: '20260230' }), obx(1, '1')];
    expect(refusalOf(message)).toBe('AE HL7_TIME_IMPOSSIBLE OBR[1]-7');
    expect(readPid('PID|1||1||张三||19800101').birthDate?.precision).toBe('day');
  });
});

describe('interop 12: NM that is no number', () => {
  it.each([
    ['<0.01', 'compared', 0.01],
    ['>1000', 'compared', 1000],
    ['1+', 'text', undefined],
    ['阴性', 'text', undefined],
    ['', 'empty', undefined],
    ['4.10', 'numeric', 4.1],
  ])('"%s" is %s', (text, kind, number) => {
    const { value, status } = readObx(obx(1, text, text === '' ? 'X' : 'F'));
    expect([value.kind, value.number, value.text, status]).toEqual([
      kind,
      number,
      text,
      text === '' ? 'not-obtained' : 'final',
    ]);
  });
});

describe('interop 14: AA, AE and AR with MSA-2 = MSH-10', () => {
  it('also for bodies that cannot be parsed, with ERR, each answer for its own message', async () => {
    const receiver = await startReceiver();
    const sender = await client(receiver);
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

describe('interop 15 (as far as the parser reaches): messages of any country and vendor', () => {
  it('mutated valid messages are read or refused with a code, never thrown', () => {
    const base = toBytes([...laboratoryMessage('M1', 1, 4), 'NTE|1||备注', 'ZXX|1|2']);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        (changes) => {
          const bytes = Uint8Array.from(base);
          for (const [position, byte] of changes) bytes[position] = byte;
          expect(refusalOf(bytes)).toMatch(/^(accepted|A[ER] HL7_[A-Z_]+.*)$/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('interop 16: idle connections, half-open peers, five hundred connections', () => {
  it('five hundred connections are each served', async () => {
    const receiver = await startReceiver();
    const clients = await Promise.all(Array.from({ length: 500 }, () => client(receiver)));
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
    const [first] = [await client(receiver), await client(receiver)];
    const third = await rawSocket(receiver);
    await third.ended;
    expect(third.answers).toEqual([]);
    expect(receiver.rejections.map(({ code }) => code)).toEqual(['MLLP_TOO_MANY_CONNECTIONS']);
    expect(
      codeAndId(Buffer.from(await first!.send(toBytes(laboratoryMessage('M1', 1)))).toString('utf8')),
    ).toBe('AA M1');
  });

  it('a connection that was silent longer than any frame may stall still works', async () => {
    const receiver = await startReceiver({ frameTimeoutMs: 30, settleMs: 10 });
    const sender = await client(receiver);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(
      codeAndId(Buffer.from(await sender.send(toBytes(laboratoryMessage('M1', 1)))).toString('utf8')),
    ).toBe('AA M1');
  });

  it('a peer that ended its half is still answered', async () => {
    const receiver = await startReceiver({}, 20);
    const { socket, waitFor } = await rawSocket(receiver);
    socket.end(Buffer.concat(['M1', 'M2'].map((id) => frameMessage(toBytes(laboratoryMessage(id, 1))))));
    expect((await waitFor(2)).map(codeAndId)).toEqual(['AA M1', 'AA M2']);
  });

  it('a frame that stops arriving is given up, recorded, and its connection closed', async () => {
    const receiver = await startReceiver({ frameTimeoutMs: 30, closeGraceMs: 50 });
    const { socket, ended } = await rawSocket(receiver);
    socket.write('\x0bMSH|^~\\&|');
    await ended;
    expect(receiver.rejections.map(({ code }) => code)).toEqual(['MLLP_FRAME_UNFINISHED']);
    // The peer keeps its half open for ever; it is cut off all the same.
    while (receiver.server.connectionCount() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('an idle connection is closed after the limit that was set', async () => {
    const receiver = await startReceiver({ idleTimeoutMs: 30, closeGraceMs: 50 });
    const { ended } = await rawSocket(receiver);
    await ended;
    expect(receiver.rejections).toEqual([]);
    while (receiver.server.connectionCount() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('a peer that never reads its answers is stopped by backpressure, and harms nobody', async () => {
    const receiver = await startReceiver({ idleTimeoutMs: 2000, closeGraceMs: 100 });
    const { socket } = await rawSocket(receiver);
    socket.pause();
    const frame = frameMessage(toBytes([...laboratoryMessage('M1', 1), pid(2)]));
    const many = Buffer.concat(Array.from({ length: 2000 }, () => frame));
    for (let index = 0; index < 20; index++) socket.write(many);
    const other = await client(receiver);
    expect(
      codeAndId(Buffer.from(await other.send(toBytes(laboratoryMessage('M2', 1)))).toString('utf8')),
    ).toBe('AA M2');
    await other.close();
    while (receiver.server.connectionCount() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(receiver.stored).toHaveLength(1);
  });
});
