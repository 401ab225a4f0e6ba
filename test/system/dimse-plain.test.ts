import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataSet, type DicomValue, writePart10 } from '../../src/adapters/dicom/write-part10.ts';
import type { WrittenKeyword } from '../../src/adapters/dicom/written-attributes.ts';
import { type DimseListener, startDimseListener } from '../../src/adapters/dimse/listener.ts';
import type { RegisteredAe } from '../../src/adapters/dimse/ports.ts';
import { instanceSource } from '../../src/apps/flows/imaging/dimse-query.ts';
import { identifierCodec } from '../../src/apps/flows/imaging/identifier-codec.ts';
import { dataSetOfFile } from '../contract/dimse-files.ts';
import { exampleAe, memoryReceiver, memoryRegistry } from '../contract/dimse-memory.ts';
import { freePort, missingTool, runTool, startTool } from '../contract/dimse-tools.ts';
import { CT } from '../contract/dimse-wire.ts';
import { type ImagingBench, imagingBench } from './imaging-bench.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const LOSSLESS_JPEG = '1.2.840.10008.1.2.4.70';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const RLE = '1.2.840.10008.1.2.5';
const institution = 'JIANG-1' as RegisteredAe['institution'];

let bench: ImagingBench;
let folder: string;
let listener: DimseListener;
let targetPort: number;
const errors: unknown[] = [];

beforeAll(async () => {
  bench = await imagingBench();
  folder = mkdtempSync(join(tmpdir(), 'plain-'));
  targetPort = await freePort();
  listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: memoryRegistry(
      exampleAe('WS', { institution }),
      exampleAe('OLD', { institution, listensAt: { host: '127.0.0.1', port: targetPort, tls: false } }),
    ),
    receiver: memoryReceiver(),
    beyondStorage: { codec: identifierCodec, source: instanceSource(bench.imaging) },
    onEvent: (event) => {
      if (event.kind === 'failed') errors.push(event.cause);
    },
  });
});
afterAll(async () => {
  await listener.close();
  await bench.drop();
  rmSync(folder, { recursive: true });
});

/** Values that change slowly and have an end of each range in them. */
const wave = (count: number, most: number): number[] =>
  Array.from({ length: count }, (_, at) =>
    at % 97 === 0 ? most : Math.round((Math.sin(at / 9) + 1) * (most / 2)),
  );

const SIDE = 24;
const FRAMES = 3;
const GREY = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
  PixelData: new Uint8Array(Uint16Array.from(wave(SIDE * SIDE, 4095)).buffer),
};
/** What pictures are made of here, by name. */
const KINDS: Readonly<Record<string, Partial<Record<WrittenKeyword, DicomValue>>>> = {
  grey: GREY,
  signed: {
    ...GREY,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 1,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.7.3',
    NumberOfFrames: String(FRAMES),
    PixelData: new Uint8Array(
      Int16Array.from(wave(FRAMES * SIDE * SIDE, 4000), (value) => value - 2000).buffer,
    ),
  },
  colour: {
    ...GREY,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.7.4',
    SamplesPerPixel: 3,
    PhotometricInterpretation: 'RGB',
    PlanarConfiguration: 0,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    NumberOfFrames: String(FRAMES),
    PixelData: Uint8Array.from(wave(FRAMES * 3 * SIDE * SIDE, 255)),
  },
};

/** How a file is put into a syntax by other people's programs. */
const CODERS: readonly (readonly [name: string, syntax: string, tool: string, ...args: string[]])[] = [
  ['lossless JPEG', LOSSLESS_JPEG, 'dcmcjpeg', '+e1'],
  ['lossless JPEG of another predictor', '1.2.840.10008.1.2.4.57', 'dcmcjpeg', '+el', '+sv', '6'],
  ['JPEG-LS', JPEG_LS, 'dcmcjpls', '+el'],
  ['JPEG 2000', JPEG_2000, 'gdcmconv', '--j2k'],
  ['RLE', RLE, 'dcmcrle'],
  ['deflated', '1.2.840.10008.1.2.1.99', 'dcmconv', '+td'],
  ['big endian', '1.2.840.10008.1.2.2', 'dcmconv', '+tb'],
  ['implicit', IMPLICIT, 'dcmconv', '+ti'],
];
const TOOLS = [
  'dcmcjpeg',
  'dcmcjpls',
  'gdcmconv',
  'dcmcrle',
  'dcmconv',
  'dcmdump',
  'getscu',
  'movescu',
  'storescp',
];

interface Sent {
  readonly uid: string;
  readonly kind: string;
  readonly pixels: Buffer;
  readonly stored: Buffer;
  readonly syntax: string;
}

/** A picture put into a syntax, and stored. */
const stored = async (
  study: string,
  number: number,
  kind: string,
  [, syntax, tool, ...args]: (typeof CODERS)[number],
): Promise<Sent> => {
  const uid = `${study}.1.${number}`;
  const elements = dataSet({
    SpecificCharacterSet: 'GB18030',
    SOPClassUID: CT,
    SOPInstanceUID: uid,
    StudyDate: '20261120',
    StudyTime: '093000',
    AccessionNumber: 'A1001',
    Modality: 'CT',
    PatientName: 'Zeng^Rong=曾^镕乗',
    PatientID: 'P0001',
    StudyInstanceUID: study,
    SeriesInstanceUID: `${study}.1`,
    SeriesNumber: '1',
    InstanceNumber: String(number),
    Rows: SIDE,
    Columns: SIDE,
    ...KINDS[kind],
  });
  const plain = join(folder, `${uid}.plain`);
  const coded = join(folder, `${uid}.coded`);
  const sopClassUid = (KINDS[kind]?.SOPClassUID ?? CT) as string;
  const of = { sopClassUid, sopInstanceUid: uid, transferSyntaxUid: EXPLICIT };
  writeFileSync(plain, writePart10(of, elements, { transferSyntaxUid: EXPLICIT, charset: 'GB18030' }));
  expect(await runTool(tool, [...args, plain, coded]), `${tool} ${kind}`).toMatchObject({ code: 0 });
  const bytes = dataSetOfFile(coded);
  const outcome = await bench.send({ ...of, transferSyntaxUid: syntax, bytes });
  expect(outcome, `${tool} ${kind}`).toMatchObject({ kind: 'indexed' });
  const pixels = Buffer.from(KINDS[kind]?.PixelData as Uint8Array);
  return { uid, kind, pixels, stored: bytes, syntax };
};

const everything = async (study: string): Promise<Sent[]> => {
  const sent: Sent[] = [];
  for (const coder of CODERS)
    for (const kind of Object.keys(KINDS)) sent.push(await stored(study, sent.length + 1, kind, coder));
  return sent;
};

const keys = (study: string) => ['-S', '-k', '0008,0052=STUDY', '-k', `0020,000D=${study}`];
const from = () => ['-aet', 'WS', '-aec', 'HUREN', '127.0.0.1', String(listener.port)];

/** What arrived, by UID. */
const arrivedIn = async (target: string) => {
  const files = readdirSync(target).map((name) => join(target, name));
  const told = await Promise.all(
    files.map(async (path) => ({
      bytes: dataSetOfFile(path),
      text: (await runTool('dcmdump', ['+U8', '-q', path])).text,
    })),
  );
  return new Map(told.map((each) => [/0008,0018\) UI \[([\d.]+)/.exec(each.text)?.[1] ?? '', each] as const));
};

/** Has a study sent to a `storescp` that takes what it is started for. */
const moved = async (
  study: string,
  accepted: string,
): Promise<{ readonly target: string; readonly text: string }> => {
  const target = mkdtempSync(join(folder, 'moved-'));
  const peer = await startTool('storescp', [accepted, '+B', '-od', target, String(targetPort)], targetPort);
  try {
    const { text } = await runTool('movescu', ['-d', '-aem', 'OLD', ...keys(study), ...from()]);
    return { target, text };
  } finally {
    await peer.stop();
  }
};

/** Each came uncompressed in this syntax, with the samples that its sender had, and everything else said as it was. */
const expectPlain = async (target: string, sent: readonly Sent[], syntax: string) => {
  const arrived = await arrivedIn(target);
  expect([...arrived.keys()].sort()).toEqual(sent.map(({ uid }) => uid).sort());
  for (const { uid, kind, pixels } of sent) {
    const { bytes, text } = arrived.get(uid) as { bytes: Buffer; text: string };
    expect(text).toContain(syntax === IMPLICIT ? '=LittleEndianImplicit' : '=LittleEndianExplicit');
    expect(text).not.toMatch(/^[EW]:/m);
    expect(bytes.subarray(-pixels.length).equals(pixels), `${uid} ${kind}`).toBe(true);
    expect(bytes.readUInt32LE(bytes.length - pixels.length - 4)).toBe(pixels.length);
    expect(text).toContain(`[${KINDS[kind]?.PhotometricInterpretation as string}]`);
    expect(text).toContain('曾^镕乗');
    expect(text).not.toContain('0028,2110');
  }
};

describe('A receiver of implicit or explicit little endian alone (PS3.5 §10.1)', () => {
  test('pulls all that is stored in other syntaxes, sample by sample', async ({ skip }) => {
    const missing = missingTool(...TOOLS);
    if (missing) skip(missing);
    const sent = await everything('2.25.141');
    const target = mkdtempSync(join(folder, 'got-'));
    const run = await runTool('getscu', ['+xe', '+B', '-od', target, ...keys('2.25.141'), ...from()]);
    expect(run).toMatchObject({ code: 0 });
    await expectPlain(target, sent, EXPLICIT);
    expect(errors).toEqual([]);
  });

  test('is sent it, where it listens for implicit alone', async ({ skip }) => {
    const missing = missingTool(...TOOLS);
    if (missing) skip(missing);
    const sent = await everything('2.25.142');
    const { target } = await moved('2.25.142', '+xi');
    await expectPlain(target, sent, IMPLICIT);
    expect(errors).toEqual([]);
  });

  test('is told by its UID which one cannot be decoded, and gets the others', async ({ skip }) => {
    const missing = missingTool(...TOOLS);
    if (missing) skip(missing);
    const study = '2.25.143';
    const good = await stored(study, 1, 'colour', CODERS[2] as (typeof CODERS)[number]);
    // Nothing here reads JPEG XL; and what has lost something without saying so would look like an original.
    const undecodable = ['1.2.840.10008.1.2.4.110', '1.2.840.10008.1.2.4.81'];
    for (const [at, transferSyntaxUid] of undecodable.entries()) {
      const sopInstanceUid = `${study}.1.${at + 2}`;
      const bytes = Buffer.from(good.stored);
      bytes.write(sopInstanceUid, bytes.indexOf(good.uid), 'latin1');
      const sopClassUid = KINDS['colour']?.SOPClassUID as string;
      const outcome = await bench.send({ sopClassUid, sopInstanceUid, transferSyntaxUid, bytes });
      expect(outcome).toMatchObject({ kind: 'indexed' });
    }
    const { target, text } = await moved(study, '+xi');
    expect([...(await arrivedIn(target)).keys()]).toEqual([good.uid]);
    expect(text).toMatch(/Failed Suboperations\s*: 2/);
    expect(text).toContain(`${study}.1.2\\${study}.1.3`);
    expect(errors).toEqual([]);
  });
});

/** Farthest that two series of samples are apart. */
const apart = (one: Uint8Array, other: Uint8Array): number =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - (other[at] as number))), 0);

describe('What lost something when it was stored (PS3.3 §C.7.6.1.1.5)', () => {
  test.for([
    ['JPEG', '1.2.840.10008.1.2.4.50', 'dcmcjpeg', '+eb', 'dcmdjpeg', '2.25.145', 3],
    ['JPEG-LS', '1.2.840.10008.1.2.4.81', 'dcmcjpls', '+en', 'dcmdjpls', '2.25.146', 0],
  ] as const)(
    '%s goes out as it decodes, and still says so',
    async ([name, syntax, coder, how, decoder, study, most], { skip }) => {
      const missing = missingTool(...TOOLS, 'dcmdjpeg', 'dcmdjpls');
      if (missing) skip(missing);
      const sent = await stored(study, 1, 'colour', [name, syntax, coder, how, '+un']);
      const decoded = join(folder, `${sent.uid}.decoded`);
      expect(await runTool(decoder, [join(folder, `${sent.uid}.coded`), decoded])).toMatchObject({
        code: 0,
      });
      const { target } = await moved(study, '+xi');
      const { bytes, text } = (await arrivedIn(target)).get(sent.uid) as { bytes: Buffer; text: string };
      expect(text).toContain('=LittleEndianImplicit');
      expect(text).toMatch(/0028,2110\) CS \[01\]/);
      expect(text).toMatch(/0028,2112\) DS \[\d/);
      expect(text).toMatch(/0028,0004\) CS \[RGB\]/);
      const samples = bytes.subarray(-sent.pixels.length);
      expect(apart(samples, dataSetOfFile(decoded).subarray(-sent.pixels.length))).toBeLessThanOrEqual(most);
      expect(samples.equals(sent.pixels)).toBe(false);
    },
  );
});

describe('In one association', () => {
  test('what the receiver takes as stored comes byte for byte, and the rest decoded', async ({ skip }) => {
    const missing = missingTool(...TOOLS);
    if (missing) skip(missing);
    const study = '2.25.144';
    const sent = await Promise.all(
      [JPEG_LS, JPEG_2000, EXPLICIT].map((syntax, at) => {
        const coder =
          CODERS.find((each) => each[1] === syntax) ?? (['as it is', EXPLICIT, 'dcmconv', '+te'] as const);
        return stored(study, at + 1, 'grey', coder);
      }),
    );
    const { target } = await moved(study, '+xt');
    const arrived = await arrivedIn(target);
    expect(arrived.get(sent[0]?.uid ?? '')?.bytes.equals(sent[0]?.stored as Buffer)).toBe(true);
    expect(arrived.get(sent[2]?.uid ?? '')?.bytes.equals(sent[2]?.stored as Buffer)).toBe(true);
    const decoded = arrived.get(sent[1]?.uid ?? '');
    expect(decoded?.text).toContain('=LittleEndianExplicit');
    const pixels = KINDS['grey']?.PixelData as Uint8Array;
    expect(decoded?.bytes.subarray(-pixels.length).equals(pixels)).toBe(true);
    expect(errors).toEqual([]);
  });
});
