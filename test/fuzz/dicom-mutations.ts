import dicomParser from 'dicom-parser';
import { indexFrames, indexStream } from '../../src/adapters/dicom/frame-index.ts';
import { readFileStart } from '../../src/adapters/dicom/read-file-start.ts';
import { readInstance } from '../../src/adapters/dicom/read-instance.ts';
import { fileOf, type Seed, seeds } from './dicom-seeds.ts';

/** A small generator with a seed, so that what was found once is found again. */
const randomOf = (seed: number) => {
  let state = seed >>> 0 || 1;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
};

/** Lengths and tags that break parsers more often than noise does. */
const NASTY = [
  [0xff, 0xff, 0xff, 0xff],
  [0xfe, 0xff, 0x00, 0xe0],
  [0xfe, 0xff, 0x0d, 0xe0],
  [0xfe, 0xff, 0xdd, 0xe0],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0x7f],
  [0x53, 0x51, 0, 0],
  [0x55, 0x4e, 0, 0],
  [0xe0, 0x7f, 0x10, 0x00],
];

const mutated = (bytes: Buffer, from: number, random: (below: number) => number): Buffer => {
  const changed = Buffer.from(bytes);
  for (let times = 1 + random(4); times > 0; times--) {
    const at = from + random(Math.max(1, changed.length - from - 4));
    if (random(2) === 0) changed[at] = random(256);
    else changed.set(NASTY[random(NASTY.length)] as number[], at);
  }
  return random(8) === 0 ? changed.subarray(0, random(changed.length)) : changed;
};

const PREAMBLE_BYTES = 132;

/** Mostly the data set alone, before it is deflated; each eighth time the file as it lies there, meta group and all. */
const mutatedFile = (seed: Seed, random: (below: number) => number): Buffer =>
  random(8) === 0
    ? mutated(fileOf(seed, seed.dataSet), PREAMBLE_BYTES, random)
    : fileOf(seed, mutated(seed.dataSet, 0, random));

/** Every step that the parser takes through the bytes. */
const STEPS = ['readUint16', 'readUint32', 'readFixedString', 'seek'] as const;

/** Counts the steps while work is done: what it costs, on whatever machine. */
const countSteps = <Value>(work: () => Value): { readonly value: Value; readonly steps: number } => {
  const stream = dicomParser.ByteStream.prototype as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const own = STEPS.map((name) => [name, stream[name] as (...args: unknown[]) => unknown] as const);
  let steps = 0;
  for (const [name, step] of own)
    stream[name] = function (...args) {
      steps += 1;
      return step.apply(this, args);
    };
  try {
    return { value: work(), steps };
  } finally {
    for (const [name, step] of own) stream[name] = step;
  }
};

/** What a run of mutated instances came to. */
export interface MutationRun {
  readonly read: number;
  readonly refused: number;
  /** Most steps of the parser through one instance, for each byte of it (of a deflated one: of what it inflates to). */
  readonly mostStepsPerByte: number;
  /** Most bytes that were read of one instance to find its frames, for each byte of it. */
  readonly mostFrameReadsPerByte: number;
  /** How often each transfer syntax was read. */
  readonly syntaxes: Readonly<Record<string, number>>;
}

/** What one instance came to. */
interface Walked {
  readonly isRead: boolean;
  readonly steps: number;
  readonly frameReads: number;
}

const read = (
  head: Uint8Array,
  isWhole: boolean,
  start: { transferSyntaxUid: string; sopClassUid: string },
) =>
  readInstance(
    { head, isWhole, ...start, assumedCharset: null },
    { bulk: '/i', path: '00082218.1.00080100' },
  );

/** Reads one as the receiver does. Throws what no reader may throw. */
const walk = async (file: Buffer, cut: number): Promise<Walked> => {
  const start = readFileStart(file);
  if (!start) return { isRead: false, steps: 0, frameReads: 0 };
  const head = file.subarray(start.dataSetOffset);
  const { value: found, steps } = countSteps(() => read(head, true, start));
  // What is read of the beginning alone is what all of it says.
  const begun = read(head.subarray(0, cut % (head.length + 1)), false, start);
  if (begun.ok && !(found.ok && JSON.stringify(begun.value) === JSON.stringify(found.value)))
    throw new Error(`a beginning says something else than the whole: ${file.toString('base64')}`);
  if (!found.ok) return { isRead: false, steps, frameReads: 0 };
  JSON.parse(found.value.metadata as string);
  const { pixels, header } = found.value;
  if (pixels?.length !== -1) return { isRead: true, steps, frameReads: 0 };
  let frameReads = 0;
  const source = {
    size: head.length,
    read: async (offset: number, length: number) => {
      const part = new Uint8Array(head.subarray(offset, offset + length));
      frameReads += part.length;
      return part;
    },
  };
  await indexFrames(source, pixels.offset, header.pixels.numberOfFrames ?? 1);
  await indexStream(source, pixels.offset);
  return { isRead: true, steps, frameReads };
};

/** Reads `count` mutated instances as the receiver does. Throws what no reader may throw. */
export const readMutations = async (count: number, seed: number): Promise<MutationRun> => {
  const random = randomOf(seed);
  const all = seeds();
  const syntaxes: Record<string, number> = {};
  let readable = 0;
  let mostStepsPerByte = 0;
  let mostFrameReadsPerByte = 0;
  for (let index = 0; index < count; index++) {
    const from = all[random(all.length)] as Seed;
    const file = mutatedFile(from, random);
    const { isRead, steps, frameReads } = await walk(file, random(4_096));
    const bytes = Math.max(file.length, from.dataSet.length);
    mostStepsPerByte = Math.max(mostStepsPerByte, steps / bytes);
    mostFrameReadsPerByte = Math.max(mostFrameReadsPerByte, frameReads / bytes);
    if (!isRead) continue;
    readable += 1;
    syntaxes[from.transferSyntaxUid] = (syntaxes[from.transferSyntaxUid] ?? 0) + 1;
  }
  return { read: readable, refused: count - readable, mostStepsPerByte, mostFrameReadsPerByte, syntaxes };
};
