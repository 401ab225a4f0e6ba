import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeText, encodeTextOrFault, type Hl7Charset } from '../../src/adapters/hl7v2/charset.ts';
import { readHl7Message } from '../../src/adapters/hl7v2/read-message.ts';
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

  it('MSH-18 is found although a byte before it passes for a delimiter in another set', () => {
    const header = (declared: string, facility: string) =>
      `MSH|^~\\&|LIS|${facility}|HUREN|HR|20261101||ORU^R01|M1|P|2.5||||||${declared}`;
    const rest = ['PID|1||1||José', 'OBR|1||R1|A'];
    expect(readReports(toBytes([header('8859/1', 'Qué'), ...rest], 'iso-8859-1')).patient.name).toBe('José');
    const chinese = [header('GBK', '穦联通'), 'PID|1||1||张三', 'OBR|1||R1|A'];
    expect(readReports(toBytes(chinese, 'gbk')).patient.name).toBe('张三');
    expect(
      readReports(toBytes([header('', '穦'), 'PID|1||1||张三', 'OBR|1||R1|A'], 'gbk'), { charset: 'gbk' })
        .patient.name,
    ).toBe('张三');
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
