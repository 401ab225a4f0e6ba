import { charsetOf, decodeText, encodeText, type Hl7Charset } from '../../src/adapters/hl7v2/charset.ts';
import { demonstrationMessages } from '../../src/apps/demonstration/messages.ts';
import { randomStream, type Random } from '../../src/apps/demonstration/random.ts';
import { demonstrationSenders } from '../../src/apps/demonstration/senders.ts';
import type { Instant } from '../../src/kernel/instant.ts';

/** A true message of the demonstration region as text, with the set it is written in. */
interface Original {
  readonly text: string;
  readonly charset: Hl7Charset;
}

/** A message on its way, with what a mutation may want to know about the others. */
interface Draft {
  readonly text: string;
  readonly charset: Hl7Charset;
  readonly other: Original;
  readonly random: Random;
}

/** A changed message. */
export interface Mutant {
  /** Unique text that was in MSH-10 before the change. */
  readonly controlId: string;
  readonly mutation: string;
  readonly bytes: Uint8Array;
}

const SEGMENT_END = '\r';
/** How much of the region the mutants are made from. */
const PEOPLE = 60;

const originals = (now: Instant): readonly Original[] => {
  const charsets = new Map(demonstrationSenders().map(({ code, charset }) => [code, charsetOf(charset)]));
  return [...demonstrationMessages({ seed: 'fuzz', people: PEOPLE, now })].flatMap(
    ({ sender, bytes, meant }) => {
      const charset = charsets.get(sender);
      const text = charset && meant === 'readable' ? decodeText(bytes, charset) : undefined;
      return charset && text !== undefined ? [{ text, charset }] : [];
    },
  );
};

const linesOf = (text: string): string[] => text.split(SEGMENT_END).filter((line) => line !== '');
const textOf = (lines: readonly string[]): string => lines.map((line) => line + SEGMENT_END).join('');

/**
 * Gives a message a control id, report numbers and values that occur in no other, so that whatever is stored can be
 * traced back to it. MSH-1 counts as a field, so MSH-10 stands at the ninth place of the split line.
 */
const stamped = ({ text }: Original, serial: string, controlId: string): string => {
  const separator = text[3] ?? '|';
  const stampedLine = (line: string, ordinal: number): string => {
    const fields = line.split(separator);
    const set = (index: number, value: (was: string) => string) => {
      if (fields[index]) fields[index] = value(fields[index]);
    };
    if (line.startsWith('MSH')) set(9, () => controlId);
    if (line.startsWith('OBR') || line.startsWith('ORC')) set(3, (was) => `F${serial}-${was}`);
    if (line.startsWith('OBX') && fields[2] === 'NM') set(5, () => `${ordinal}.${serial}`);
    return fields.join(separator);
  };
  return textOf(linesOf(text).map(stampedLine));
};

const replaceLine = (text: string, name: string, change: (line: string) => string): string =>
  textOf(linesOf(text).map((line) => (line.startsWith(name) ? change(line) : line)));

const replaceField = (draft: Draft, name: string, field: number, change: (was: string) => string): string => {
  const separator = draft.text[3] ?? '|';
  return replaceLine(draft.text, name, (line) => {
    const fields = line.split(separator);
    fields[field] = change(fields[field] ?? '');
    return fields.map((value) => value ?? '').join(separator);
  });
};

/** Changes of the text, all of them seen in the field or worse. */
const TEXT_MUTATIONS: Readonly<Record<string, (draft: Draft) => string>> = {
  none: ({ text }) => text,
  truncated: ({ text, random }) => text.slice(0, random.whole(0, text.length)),
  'segments swapped': ({ text, random }) => {
    const lines = linesOf(text);
    const [left, right] = [random.whole(0, lines.length - 1), random.whole(0, lines.length - 1)];
    const held = lines[left] as string;
    lines[left] = lines[right] as string;
    lines[right] = held;
    return textOf(lines);
  },
  'segment repeated': ({ text, random }) => {
    const lines = linesOf(text);
    const at = random.whole(0, lines.length - 1);
    return textOf([...lines.slice(0, at), lines[at] as string, ...lines.slice(at)]);
  },
  'wrong delimiters': ({ text, random }) =>
    `${text.slice(0, 3)}${random.pick(['|^~\\&', '#^~\\&', '||||', '|^^^^', '^|~\\&', '|\\~^&', 'MSH|', '|^~'])}${text.slice(8)}`,
  'impossible date': (draft) =>
    replaceField(
      draft,
      draft.random.pick(['OBR', 'OBR', 'MSH', 'PID']),
      draft.random.pick([6, 7, 14, 22]),
      () =>
        draft.random.pick([
          '20260230',
          '99999999',
          '202613010000',
          '20261101256199',
          '0',
          '-1',
          '2026-11-01',
        ]),
    ),
  'ID number failing its check': ({ text, random }) =>
    text.replaceAll(
      /\d{17}[\dX]/g,
      (number) => `${number.slice(0, 16)}${random.whole(0, 9)}${number[17] ?? ''}`,
    ),
  'unknown item': (draft) => replaceField(draft, 'OBX', 3, (was) => `ZZ${draft.random.digits(3)}${was}`),
  'unknown unit': (draft) =>
    replaceField(draft, 'OBX', 6, () => draft.random.pick(['桶', 'furlong', 'mol//L', '\\X'])),
  'broken value': (draft) =>
    replaceField(draft, 'OBX', 5, () =>
      draft.random.pick(['1e999', 'NaN', '--5', '\\X0', '^^^', '"'.repeat(9)]),
    ),
  'unknown value type': (draft) =>
    replaceField(draft, 'OBX', 2, () => draft.random.pick(['', 'ZZ', 'ED', 'SN', 'RP'])),
  'unknown status': (draft) =>
    replaceField(draft, 'OBX', 11, () => draft.random.pick(['', 'Q', 'D', 'W', 'X', 'FF'])),
  'nobody named': ({ text }) => textOf(linesOf(text).filter((line) => !line.startsWith('PID'))),
  'two people named': ({ text, other }) => {
    const patient = linesOf(other.text).find((line) => line.startsWith('PID')) ?? 'PID|1';
    return textOf(linesOf(text).flatMap((line) => (line.startsWith('PID') ? [line, patient] : [line])));
  },
  'another person named': ({ text, other }) => {
    const patient = linesOf(other.text).find((line) => line.startsWith('PID')) ?? 'PID|1';
    return replaceLine(text, 'PID', () => patient);
  },
  'record number missing': (draft) => replaceField(draft, 'PID', 3, () => ''),
  'end of another message': ({ text, other, random }) =>
    text.slice(0, random.whole(0, text.length)) + other.text.slice(random.whole(0, other.text.length)),
  'huge field': (draft) =>
    replaceField(draft, 'OBX', 5, () => '9'.repeat(draft.random.whole(20_000, 300_000))),
  'many segments': ({ text, random }) => text + 'NTE|1||x\r'.repeat(random.whole(500, 5_000)),
  'other type': (draft) =>
    replaceField(draft, 'MSH', 8, () =>
      draft.random.pick(['ORU^R01', 'ADT^A40', 'ORM^O01', 'ACK', 'QRY^Q01', '', '^^']),
    ),
  'other set stated': (draft) =>
    replaceField(draft, 'MSH', 17, () =>
      draft.random.pick(['UNICODE UTF-8', 'GB 18030-2000', 'ASCII', '8859/1', 'KLINGON', 'UNICODE']),
    ),
  'acknowledgement asked for': (draft) =>
    replaceField(draft, 'MSH', 14, () => draft.random.pick(['AL', 'NE', 'ER', 'SU', 'ZZ'])),
  'unknown sender': (draft) => replaceField(draft, 'MSH', 2, () => draft.random.pick(['', 'NOBODY', '^^^'])),
};

/** Changes of the bytes. Those in `FRAMING` break the frame itself. */
const BYTE_MUTATIONS: Readonly<Record<string, (bytes: Buffer, random: Random) => Buffer>> = {
  'bytes flipped': (bytes, random) => {
    for (let times = random.whole(1, 6); times > 0; times--) {
      const at = random.whole(0, bytes.length - 1);
      const flipped = (bytes[at] as number) ^ (1 << random.whole(0, 7));
      if (flipped !== 0x0b && flipped !== 0x1c) bytes[at] = flipped;
    }
    return bytes;
  },
  'high bytes': (bytes, random) => {
    const at = random.whole(0, bytes.length);
    const inserted = Array.from({ length: random.whole(1, 9) }, () => random.whole(0x80, 0xff));
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at)]);
  },
  'frame bytes inside': (bytes, random) => {
    const at = random.whole(1, bytes.length);
    const inserted = random.pick([
      [0x0b],
      [0x1c],
      [0x1c, 0x0d],
      [0x0d, 0x0a],
      [0x0b, 0x0b],
      [0x1c, 0x1c, 0x0d],
    ]);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at)]);
  },
};

const TEXT_NAMES = Object.keys(TEXT_MUTATIONS);
const BYTE_NAMES = Object.keys(BYTE_MUTATIONS);

/** So many changed messages; the same seed and moment give the same bytes. */
export const mutants = function* (count: number, seed: number, now: Instant): Iterable<Mutant> {
  const random = randomStream(`fuzz/${seed}`);
  const all = originals(now);
  for (let index = 0; index < count; index++) {
    const original = random.pick(all);
    const serial = String(index).padStart(7, '0');
    const controlId = `F${serial}Z`;
    const text = stamped(original, serial, controlId);
    const names: string[] = [];
    let changed = text;
    if (random.chance(0.7)) {
      const name = random.pick(TEXT_NAMES);
      names.push(name);
      const other = random.pick(all);
      changed = TEXT_MUTATIONS[name]?.({ text, charset: original.charset, other, random }) ?? text;
    }
    let bytes: Buffer = Buffer.from(encodeText(changed, original.charset) ?? Buffer.from(changed, 'utf8'));
    if (names.length === 0 || random.chance(0.1)) {
      const name = random.pick(BYTE_NAMES);
      names.push(name);
      if (bytes.length > 0) bytes = BYTE_MUTATIONS[name]?.(bytes, random) ?? bytes;
    }
    yield { controlId, mutation: names.join(', '), bytes };
  }
};
