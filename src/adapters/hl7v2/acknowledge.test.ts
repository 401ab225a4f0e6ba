import { describe, expect, it } from 'vitest';
import { laboratoryMessage, msh, read, SENDER, toBytes } from '../../../test/contract/hl7v2-messages.ts';
import { instant } from '../../kernel/instant.ts';
import { acknowledge, type AcknowledgedError } from './acknowledge.ts';
import { decodeText, type Hl7Charset } from './charset.ts';
import { peekHeader } from './header.ts';
import { placeParts } from './place.ts';
import { refusal } from './refusal.ts';

const CONTEXT = { at: instant(Date.UTC(2026, 10, 1, 1, 0, 5)), controlId: 'A7' };

const answer = (
  message: readonly string[] | Uint8Array,
  error: AcknowledgedError | null = null,
  charset: Hl7Charset = 'utf-8',
): string[] => {
  const bytes = message instanceof Uint8Array ? message : toBytes(message, charset);
  const written = acknowledge(peekHeader(bytes, SENDER.charset), error, CONTEXT);
  if (!written) return [];
  return (decodeText(written, charset) ?? 'undecodable').split('\r').filter((line) => line !== '');
};

describe('An acknowledgement', () => {
  it('of a stored message is AA with its control id, addressed back to the sender', () => {
    expect(answer(laboratoryMessage('M-17', 1))).toEqual([
      'MSH|^~\\&|HUREN|HR|LIS|XYRMYY|20261101010005+0000||ACK^R01^ACK|A7|P|2.5.1||||||UNICODE UTF-8',
      'MSA|AA|M-17',
    ]);
  });

  it('of a refused message names the place, the HL7 condition, our code, and a sentence in Chinese', () => {
    const [, msa, err] = answer(laboratoryMessage('M-17', 1), refusal('HL7_TIME_IMPOSSIBLE', 'OBX[3]-14'));
    expect(msa).toMatch(/^MSA\|AE\|M-17\|HL7_TIME_IMPOSSIBLE 日期时间/);
    expect(err).toMatch(
      /^ERR\|\|OBX\^3\^14\|102\^Data type error\^HL70357\|E\|HL7_TIME_IMPOSSIBLE\^\^HUREN\|\|HL7_TIME_IMPOSSIBLE OBX\[3\]-14\|日期时间/,
    );
  });

  it.each(['^', '^~', '^~\\', '^&'])(
    'completes the delimiters of a sender that declares only %s, and holds no NUL',
    (declared) => {
      const message = laboratoryMessage('M-17', 1).map((line) => line.replace('^~\\&', declared));
      const [head = '', ...rest] = answer(message, {
        ...refusal('HL7_TIME_IMPOSSIBLE', 'OBX[3]-14'),
        detail: 'a|b^c',
      });
      expect(head.startsWith(`MSH|${declared}`)).toBe(true);
      expect(new Set(head.slice(3, 8)).size).toBe(5);
      expect([head, ...rest].join('')).not.toContain('\u0000');
      expect(rest[1]).not.toContain('a|b');
    },
  );

  it('is AR where sending again cannot help', () => {
    expect(answer(laboratoryMessage('M1', 1), refusal('MLLP_FRAME_TOO_LARGE'))[1]).toMatch(/^MSA\|AR\|M1\|/);
  });

  it('carries faults of what follows the parser, too', () => {
    const error = {
      code: 'CONTROL_ID_REUSED',
      class: 'AE',
      place: 'MSH[1]-10',
      zh: '编号重复',
      en: 'reused',
    } as const;
    const [, msa, err] = answer(laboratoryMessage('M1', 1), error);
    expect([msa, err]).toEqual([
      'MSA|AE|M1|CONTROL_ID_REUSED 编号重复',
      'ERR||MSH^1^10|207^Application internal error^HL70357|E|CONTROL_ID_REUSED^^HUREN||CONTROL_ID_REUSED MSH[1]-10|编号重复',
    ]);
  });

  it('speaks the version of the sender: short message type before 2.3.1, ERR-1 before 2.5', () => {
    const old = answer([msh('ORU^R01', 'M1', '2.3')], refusal('HL7_TIME_IMPOSSIBLE', 'PID[1]-7'));
    expect(old[0]).toContain('|ACK|A7|P|2.3|');
    expect(old[2]).toMatch(/^ERR\|PID\^1\^7\^102&Data type error&HL70357\|PID\^1\^7\|/);
  });

  it.each<[string, Hl7Charset]>([
    ['GB 18030-2000', 'gb18030'],
    ['GBK', 'gbk'],
    ['UNICODE UTF-8', 'utf-8'],
  ])('is written in %s when the sender is', (name, charset) => {
    const lines = answer(
      [msh('ORU^R01', '编号1', '2.4', name)],
      refusal('HL7_PATIENT_MISSING', 'PID'),
      charset,
    );
    expect(lines[1]).toMatch(/^MSA\|AE\|编号1\|HL7_PATIENT_MISSING 消息没有 PID 段/);
  });

  it('is in English where the character set has no Chinese', () => {
    const lines = answer(
      [msh('ORU^R01', 'M1', '2.4', '8859/1')],
      refusal('HL7_PATIENT_MISSING', 'PID'),
      'iso-8859-1',
    );
    expect(lines[1]).toContain('There is no PID segment');
  });

  it('uses the delimiters of the sender and escapes by them', () => {
    const message = Buffer.from('MSH$%*!@$LIS$X!F!Y$HUREN$HR$20261101$$ORU%R01$M|1$P$2.5\r');
    expect(answer(message)).toEqual([
      'MSH$%*!@$HUREN$HR$LIS$X!F!Y$20261101010005+0000$$ACK%R01%ACK$A7$P$2.5$$$$$$UNICODE UTF-8',
      'MSA$AA$M|1',
    ]);
  });
});

describe('MSA-2 of what cannot be parsed', () => {
  it.each([
    [
      'undecodable bytes',
      Buffer.concat([
        toBytes(['MSH|^~\\&|LIS|H|||20261101||ORU^R01|M-9|P|2.5||||||UTF-8']),
        Buffer.from([0xff, 0xfe]),
      ]),
    ],
    ['an impossible delimiter', Buffer.from('MSH|^~\\&#@!|LIS|H|||20261101||ORU^R01|M-9|P|2.5\r')],
    ['junk before MSH', Buffer.from('junk junk MSH|^~\\&|LIS|H|||20261101||ORU^R01|M-9|P|2.5\r')],
    ['a message cut in the header', Buffer.from('MSH|^~\\&|LIS|H|||20261101||ORU^R01|M-9')],
    ['an unknown character set', Buffer.from('MSH|^~\\&|LIS|H|||20261101||ORU^R01|M-9|P|2.5||||||EBCDIC\r')],
  ])('is still MSH-10: %s', (_, bytes) => {
    const result = read(bytes);
    const error = result.ok ? refusal('HL7_REPORT_MISSING') : result.reason;
    const [, msa] = answer(bytes, error);
    expect(msa?.split(/[|]/)[2]).toBe('M-9');
  });

  it('is empty when there is no header at all', () => {
    expect(answer(Buffer.from('garbage'), refusal('HL7_MSH_MISSING'))[1]).toMatch(
      /^MSA\|AR\|\|HL7_MSH_MISSING/,
    );
  });
});

describe('Enhanced mode (MSH-15, MSH-16)', () => {
  const asked = (accept: string, application: string, error: AcknowledgedError | null = null) =>
    answer([`MSH|^~\\&|LIS|H|||20261101||ORU^R01|M1|P|2.5|||${accept}|${application}`], error)[1]?.slice(
      0,
      6,
    ) ?? 'nothing';
  const wrong = refusal('HL7_REPORT_MISSING');
  const never = refusal('HL7_MSH_MISSING');

  it.each([
    ['', '', 'MSA|AA', 'MSA|AE', 'MSA|AR'],
    ['AL', 'NE', 'MSA|CA', 'MSA|CE', 'MSA|CR'],
    ['AL', '', 'MSA|CA', 'MSA|CE', 'MSA|CR'],
    ['NE', 'AL', 'MSA|AA', 'MSA|AE', 'MSA|AR'],
    ['AL', 'AL', 'MSA|AA', 'MSA|AE', 'MSA|AR'],
    ['NE', 'NE', 'nothing', 'nothing', 'nothing'],
    ['ER', 'NE', 'nothing', 'MSA|CE', 'MSA|CR'],
    ['SU', 'NE', 'MSA|CA', 'nothing', 'nothing'],
    ['AL', 'ER', 'MSA|CA', 'MSA|AE', 'MSA|AR'],
  ])('MSH-15 "%s", MSH-16 "%s"', (accept, application, good, error, reject) => {
    expect([
      asked(accept, application),
      asked(accept, application, wrong),
      asked(accept, application, never),
    ]).toEqual([good, error, reject]);
  });
});

describe('A place', () => {
  it('is taken apart for ERR-2', () => {
    expect(placeParts('OBX[3]-5(2).1')).toEqual({
      segment: 'OBX',
      sequence: 3,
      field: 5,
      repetition: 2,
      component: 1,
    });
    expect(placeParts('OBR[1]')).toEqual({
      segment: 'OBR',
      sequence: 1,
      field: null,
      repetition: null,
      component: null,
    });
    expect(placeParts('byte 12')).toBeUndefined();
  });
});
