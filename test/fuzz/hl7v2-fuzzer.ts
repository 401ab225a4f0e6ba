import type { Hl7Charset } from '../../src/adapters/hl7v2/charset.ts';
import { createFramer, frameMessage } from '../../src/adapters/hl7v2/framing.ts';
import { acknowledge } from '../../src/adapters/hl7v2/acknowledge.ts';
import { peekHeader } from '../../src/adapters/hl7v2/header.ts';
import { readHl7Message } from '../../src/adapters/hl7v2/read-message.ts';
import { splitMessages } from '../../src/adapters/hl7v2/split-messages.ts';
import { instant } from '../../src/kernel/instant.ts';
import { laboratoryMessage, msh, obr, obx, pid, SENDER, toBytes } from '../contract/hl7v2-messages.ts';

/** A small deterministic generator (mulberry32): the same seed gives the same run anywhere. */
const randomOf = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
};

/** True messages of every type that is read, in several character sets. */
const seeds = (): readonly Uint8Array[] => {
  const imaging = [
    msh('ORU^R01', 'I1', '2.4', 'GBK'),
    pid(3),
    'OBR|1|O1|R1|CT1^左膝CT平扫|||202611010800|||||||||||||||202611010900||RAD|F|||^R0||||1001&李&医^20261101',
    'OBX|1|FT|SJ^检查所见||双肺纹理清晰。\\.br\\纵隔居中\\T\\对称||||||F',
    'OBX|2|ED|PDF^报告||^AP^PDF^Base64^JVBERi0xLjQK||||||F',
    'ZDS|1.2.156.1.1^^Application^DICOM',
  ];
  const bySpecimen = [
    msh('OUL^R22', 'U1', '2.5.1', 'UNICODE UTF-8'),
    pid(4),
    'SPM|1|B1&LIS^B2&LIS||SER^血清|||||||P||||||202611010755|202611010810||||||HEM^溶血',
    obr('R1'),
    'ORC|RE|O1|R1',
    obx(1, '<0.01'),
    'NTE|1||备注~续行',
    'OBX|2|SN|HBSAG^乙肝表面抗原||>^100|IU/mL|||||F',
    'OBX|3|CWE|ABO^血型||A^A型^L||||||F',
  ];
  const order = [
    msh('OML^O21', 'Q1'),
    pid(5),
    'ORC|NW|O1|||||||202611010800',
    'TQ1|1||||||202611020900',
    'OBR|1|O1||GLU^葡萄糖',
    'DG1|1||E11^糖尿病',
  ];
  const merge = [msh('ADT^A40', 'T1', '2.3'), pid(6), 'MRG|MR7^^^XYRMYY^MR'];
  const written: readonly (readonly [readonly string[], Hl7Charset])[] = [
    [laboratoryMessage('M1', 1, 6), 'utf-8'],
    [[msh('ORU^R01', 'M2', '2.5', 'GB18030'), ...laboratoryMessage('M2', 2, 6).slice(1)], 'gb18030'],
    [imaging, 'gbk'],
    [bySpecimen, 'utf-8'],
    [order, 'utf-8'],
    [merge, 'utf-8'],
  ];
  return written.map(([lines, charset]) => toBytes(lines, charset));
};

const TOKENS = [
  '|',
  '^',
  '~',
  '\\',
  '&',
  '\r',
  '\n',
  '\x0b',
  '\x1c',
  '""',
  '\\X',
  '\\.br\\',
  'OBX|',
  'PID|1||9||',
  'MSH|^~\\&|',
  '20260230',
  '\ufeff',
  '𠮷',
].map((text) => Buffer.from(text));

/** Mostly printable, so that more than the decoder is tried. */
const randomByte = (random: (below: number) => number): number =>
  random(40) > 0 ? 32 + random(95) : random(256);

/** Changes a message: bytes, delimiters, cuts, copies and swaps, as broken senders and lines do. */
const mutate = (original: Uint8Array, other: Uint8Array, random: (below: number) => number): Uint8Array => {
  let bytes = Buffer.from(original);
  for (let change = random(4); change >= 0; change--) {
    const at = random(bytes.length + 1);
    const end = Math.min(bytes.length, at + random(40));
    switch (random(7)) {
      case 0:
        if (at < bytes.length) bytes[at] = randomByte(random);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
        break;
      case 3:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          TOKENS[random(TOKENS.length)] as Buffer,
          bytes.subarray(at),
        ]);
        break;
      case 4:
        bytes = bytes.subarray(0, at);
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(random(other.length))]);
        break;
      default:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(Array.from({ length: random(30) }, () => randomByte(random))),
          bytes.subarray(at),
        ]);
    }
  }
  return bytes;
};

/** What a run found. */
export interface FuzzOutcome {
  readonly messages: number;
  readonly accepted: number;
  /** How often each code refused a message. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Throws with the bytes in hexadecimal, so that a finding can be repeated. */
const demand = (holds: boolean, what: string, bytes: Uint8Array): void => {
  if (!holds) throw new Error(`${what}: ${Buffer.from(bytes).toString('hex')}`);
};

/**
 * Sends so many mutated messages through the framer, the reader, the acknowledgement and the file splitter, in random
 * packets. Nothing may throw, no byte may stay behind, and every message gets an answer that is itself HL7.
 */
export const fuzzHl7 = (count: number, seed: number): FuzzOutcome => {
  const random = randomOf(seed);
  const originals = seeds();
  const refused: Record<string, number> = {};
  let accepted = 0;
  for (let index = 0; index < count; index++) {
    const original = originals[random(originals.length)] as Uint8Array;
    const bytes = mutate(original, originals[random(originals.length)] as Uint8Array, random);
    const framed = frameMessage(bytes);
    const framer = createFramer({ maxFrameBytes: 4096, maxHeadBytes: 64 }, () => undefined);
    for (let from = 0; from < framed.length; ) {
      const to = from + 1 + random(framed.length);
      framer.push(framed.subarray(from, to));
      from = to;
    }
    framer.end();
    demand(framer.heldBytes === 0, 'bytes left in the framer', bytes);
    const result = readHl7Message(bytes, SENDER);
    if (result.ok) accepted++;
    else refused[result.reason.code] = (refused[result.reason.code] ?? 0) + 1;
    const answer = acknowledge(peekHeader(bytes), result.ok ? null : result.reason, {
      at: instant(0),
      controlId: 'A',
    });
    demand(
      answer === null || Buffer.from(answer.subarray(0, 3)).toString() === 'MSH',
      'an answer that is no HL7',
      bytes,
    );
    demand(
      splitMessages(bytes).ok || bytes[0] === 0xff || bytes[0] === 0xfe,
      'a file that cannot be split',
      bytes,
    );
  }
  return { messages: count, accepted, refused };
};
