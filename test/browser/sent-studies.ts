import dicomParser from 'dicom-parser';
import {
  type DemonstrationStudy,
  demonstrationStudies,
} from '../../src/apps/demonstration/studies/cast-studies.ts';
import { castExaminations } from '../../src/apps/demonstration/cast-messages.ts';
import { part10Of, type SyntheticInstance } from '../../src/apps/demonstration/studies/synthetic-study.ts';
import { receiving } from '../../src/apps/flows/imaging/receive.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { RealSystem } from '../system/real-system.ts';

/** Offset of what follows preamble and meta group of a Part 10 file, and what is wanted of the meta group. */
const metaOf = (file: Uint8Array) => {
  const meta = dicomParser.parseDicom(file, { untilTag: 'x00020010' });
  const length = meta.elements['x00020000'];
  if (!length) throw new RangeError('no meta group');
  return {
    transferSyntaxUid: meta.string('x00020010') ?? '',
    sopClassUid: meta.string('x00020002') ?? '',
    sopInstanceUid: meta.string('x00020003') ?? '',
    end: length.dataOffset + 4 + (meta.uint32('x00020000') ?? 0),
  };
};

/** Sends instances as an institution's archive does. */
export const sendInstances = async (
  { imaging }: Pick<RealSystem, 'imaging'>,
  institution: string,
  instances: Iterable<SyntheticInstance>,
): Promise<void> => {
  const doors = receiving(imaging);
  const send = async ({ bytes, ...of }: SyntheticInstance) => {
    const instance = await doors.begin({
      ...of,
      institution: institution as InstitutionCode,
      sender: 'test',
      assumedCharset: null,
    });
    await instance.write(bytes);
    return instance.finish();
  };
  for (const instance of instances) {
    let outcome = await send(instance);
    // A header that a busy machine reads too slowly lies aside; archives send it again.
    for (let again = 0; again < 3 && outcome.kind === 'quarantined' && outcome.reason === 'too-slow'; again++)
      outcome = await send(instance);
    if (outcome.kind !== 'indexed') throw new Error(`not stored: ${outcome.reason}`);
  }
};

/** A Part 10 file as the instance that it holds. */
export const instanceOfFile = (file: Uint8Array): SyntheticInstance => {
  const { end, ...of } = metaOf(file);
  return { ...of, bytes: Buffer.from(file.subarray(end)) };
};

/** The studies of a member of the cast, the latest first. @param isBlank headers with hardly any pixels */
export const studiesOf = (
  { bench }: RealSystem,
  key: string,
  isBlank = true,
): readonly DemonstrationStudy[] => {
  const orders = castExaminations(bench.now)
    .filter(({ member }) => member.key === key)
    .map(({ report }) => report.orderNumber);
  return demonstrationStudies(bench.now, isBlank)
    .flatMap((each) => {
      const [first] = each.study.instances();
      const header = dicomParser.parseDicom(part10Of(first as SyntheticInstance), { untilTag: 'x00080060' });
      return orders.includes(header.string('x00080050') ?? '')
        ? [{ each, date: header.string('x00080020') ?? '' }]
        : [];
    })
    .toSorted((one, other) => other.date.localeCompare(one.date))
    .map(({ each }) => each);
};

/** The same instance with the number of instances that its sender announces (0020,1208). */
export const announcing = (instance: SyntheticInstance, count: number): SyntheticInstance => {
  const file = part10Of(instance);
  const rows = dicomParser.parseDicom(file, { untilTag: 'x7fe00010' }).elements['x00280002'];
  if (!rows) throw new RangeError('no image');
  // Samples per Pixel comes first of its group: tag, representation and length take eight bytes.
  const at = rows.dataOffset - 8 - metaOf(file).end;
  const value = String(count).padEnd(4, ' ');
  const element = Buffer.from([
    0x20,
    0x00,
    0x08,
    0x12,
    0x49,
    0x53,
    value.length,
    0x00,
    ...Buffer.from(value),
  ]);
  const bytes = Buffer.from(instance.bytes);
  return { ...instance, bytes: Buffer.concat([bytes.subarray(0, at), element, bytes.subarray(at)]) };
};

const item = (bytes: Uint8Array): Buffer => {
  const head = Buffer.from('feff00e000000000', 'hex');
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
};

/** The same instance with pixels in a compressed syntax (PS3.5 A.4): an empty offset table and these fragments. */
export const encapsulated = (
  instance: SyntheticInstance,
  transferSyntaxUid: string,
  ...fragments: readonly Uint8Array[]
): SyntheticInstance => {
  const file = part10Of(instance);
  const pixels = dicomParser.parseDicom(file).elements['x7fe00010'];
  if (!pixels) throw new RangeError('no pixels');
  const start = pixels.dataOffset - 12 - metaOf(file).end;
  return {
    ...instance,
    transferSyntaxUid,
    bytes: Buffer.concat([
      Buffer.from(instance.bytes).subarray(0, start),
      Buffer.from('e07f10004f420000ffffffff', 'hex'),
      item(Buffer.alloc(0)),
      ...fragments.map((bytes) => item(Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]))),
      Buffer.from('feffdde000000000', 'hex'),
    ]),
  };
};

/** The same instance under another accession number, as short as the one that it has, or shorter. */
export const numbered = (instance: SyntheticInstance, accession: string): SyntheticInstance => {
  const file = part10Of(instance);
  const stated = dicomParser.parseDicom(file, { untilTag: 'x00080060' }).elements['x00080050'];
  if (!stated || stated.length < accession.length) throw new RangeError('no room for the number');
  const bytes = Buffer.from(instance.bytes);
  bytes.write(accession.padEnd(stated.length, ' '), stated.dataOffset - metaOf(file).end, 'latin1');
  return { ...instance, bytes };
};
