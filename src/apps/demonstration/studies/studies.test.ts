import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { beforeEach, describe, expect, it } from 'vitest';
import { missingTool, runTool } from '../../../../test/contract/dimse-tools.ts';
import { TRANSFER_SYNTAXES } from '../../../adapters/dicom/write-part10.ts';
import { type ChestCtPlan, chestCt } from './chest-ct.ts';
import { chestDr } from './chest-dr.ts';
import { kneeMr } from './knee-mr.ts';
import { restingEcg } from './resting-ecg.ts';
import {
  part10Of,
  type StudyContext,
  type SyntheticInstance,
  type SyntheticStudy,
  writeStudy,
} from './synthetic-study.ts';
import { ultrasoundClip } from './ultrasound-clip.ts';

const CONTEXT: StudyContext = {
  seed: 'test',
  patient: {
    alphabetic: 'Song^Qingyuan',
    ideographic: '宋^清源',
    patientId: 'YX0001',
    birthDate: '19620308',
    sex: 'M',
  },
  accessionNumber: 'CT1',
  date: '20261101',
  time: '081500',
  institutionName: '晏溪县人民医院',
  stationName: 'YXCT01',
  charset: 'GB18030',
  transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
};

const NODULE = { at: [-78, -14, 48], diameterMm: 7, core: -80, halo: -560 } as const;

const chest = (thicknessMm: number, change: Partial<ChestCtPlan> = {}): SyntheticStudy =>
  chestCt({
    context: CONTEXT,
    variant: { seed: 'test', nodules: [NODULE], build: 1 },
    modelName: '演练64排CT',
    protocolName: '胸部平扫',
    studyDescription: '胸部CT平扫',
    bodyPartExamined: 'CHEST',
    ctdiVolMGy: 6.2,
    matrix: 128,
    series: [{ description: '肺窗', thicknessMm, spacingMm: thicknessMm, kernel: 'B60f', noise: 0 }],
    ...change,
  });

/** The slices of a study by their position, each read as HU at a place of the patient. */
const huOf = (study: SyntheticStudy, z: number): ((x: number, y: number) => number) => {
  for (const instance of study.instances()) {
    const header = dicomParser.parseDicom(part10Of(instance));
    const position = header.string('x00200032')?.split('\\').map(Number) ?? [];
    const [left = 0, top = 0, level = 0] = position;
    const thick = header.floatString('x00180050') ?? 0;
    if (Math.abs(level - z) > thick / 2) continue;
    const spacing = header.floatString('x00280030') ?? 1;
    const columns = header.uint16('x00280011') ?? 0;
    const pixels = header.elements['x7fe00010'];
    if (!pixels) throw new TypeError('no pixels');
    const view = new DataView(header.byteArray.buffer, header.byteArray.byteOffset + pixels.dataOffset);
    return (x, y) => {
      const at = Math.round((y - top) / spacing) * columns + Math.round((x - left) / spacing);
      return view.getUint16(at * 2, true) + (header.floatString('x00281052') ?? 0);
    };
  }
  throw new RangeError(`no slice at ${z}`);
};

const first = (study: SyntheticStudy): SyntheticInstance => {
  const [instance] = study.instances();
  if (!instance) throw new RangeError('a study without instances');
  return instance;
};

describe('the chest CT', () => {
  it('has the Hounsfield units of what lies where', () => {
    const arch = huOf(chest(1.25), 48);
    expect(arch(0, 2), 'windpipe').toBeLessThan(-950);
    expect(arch(-70, -50), 'right lung').toBeLessThan(-700);
    expect(arch(0, 53), 'spongy bone of a vertebra').toBeGreaterThan(120);
    expect(arch(NODULE.at[0], NODULE.at[1]), 'nodule').toBeGreaterThan(-300);
    expect(arch(-188, -188), 'outside the field').toBe(-1024);
    const liver = huOf(chest(1.25), -180)(-70, 0);
    expect(liver).toBeGreaterThan(40);
    expect(liver).toBeLessThan(75);
    const heart = huOf(chest(1.25), -76)(22, -26);
    expect(heart).toBeGreaterThan(25);
    expect(heart).toBeLessThan(60);
  });

  it('shows the nodule fainter in slices of 5 mm: the mean of all they are as thick as', () => {
    const of = (thickness: number): number => huOf(chest(thickness), 48)(NODULE.at[0], NODULE.at[1]);
    expect(of(5)).toBeLessThan(of(1.25) - 100);
  });

  it('has as many instances as it says, evenly spaced, numbered in order', () => {
    const study = chest(5, { matrix: 32 });
    const seen = [...study.instances()].map((instance) => dicomParser.parseDicom(part10Of(instance)));
    expect(seen).toHaveLength(study.instanceCount);
    const levels = seen.map((header) => Number(header.string('x00200032')?.split('\\')[2]));
    for (const [index, level] of levels.slice(1).entries())
      expect(level - (levels[index] as number)).toBeCloseTo(5);
    expect(seen.map((header) => header.intString('x00200013'))).toEqual(seen.map((_, index) => index + 1));
    expect(new Set(seen.map((header) => header.string('x00080018'))).size).toBe(seen.length);
  });

  it('is the same, byte for byte, whenever it is made', () => {
    expect(first(chest(5)).bytes.equals(first(chest(5)).bytes)).toBe(true);
    const other = chest(5, { context: { ...CONTEXT, seed: 'other' } });
    expect(first(other).sopInstanceUid).not.toBe(first(chest(5)).sopInstanceUid);
  });
});

const knee = (side: 'left' | 'right', context = CONTEXT): SyntheticStudy =>
  kneeMr({
    context,
    side,
    tear: true,
    effusion: true,
    modelName: '演练1.5T',
    bodyPartExamined: 'KNEE',
    statesLaterality: true,
  });

describe('the knee MR', () => {
  it.each([
    ['left', 'L', 1],
    ['right', 'R', -1],
  ] as const)('of the %s lies on that side of the body and says so', (side, letter, sign) => {
    const header = dicomParser.parseDicom(part10Of(first(knee(side))));
    expect(header.string('x00200060')).toBe(letter);
    expect(Math.sign(Number(header.string('x00200032')?.split('\\')[0]))).toBe(sign);
  });
});

type Charset = StudyContext['charset'];
const inCharset = (charset: Charset): StudyContext => ({ ...CONTEXT, charset });

const STUDIES: readonly (readonly [string, (charset: Charset) => SyntheticStudy])[] = [
  ['chest CT', (charset) => chest(5, { matrix: 64, context: inCharset(charset) })],
  [
    'chest DR',
    (charset) =>
      chestDr({
        context: inCharset(charset),
        variant: { seed: 'test', nodules: [], build: 1 },
        modelName: '演练DR',
        studyDescription: '胸部正位',
        bodyPartExamined: 'CHEST',
      }),
  ],
  ['knee MR', (charset) => knee('left', inCharset(charset))],
  [
    'ultrasound clip',
    (charset) =>
      ultrasoundClip({
        context: inCharset(charset),
        modelName: '演练彩超',
        studyDescription: '肝胆胰脾',
        bodyPartExamined: 'ABDOMEN',
        frames: 2,
        stones: true,
      }),
  ],
  [
    'resting ECG',
    (charset) =>
      restingEcg({
        context: inCharset(charset),
        modelName: '演练心电图机',
        studyDescription: '常规心电图',
        beatsPerMinute: 72,
        stElevation: 0,
      }),
  ],
];

describe.each(STUDIES)('every %s', (_name, make) => {
  it.each([
    ['GB18030', 'gb18030'],
    ['ISO_IR 192', 'utf-8'],
  ] as const)('names the patient in %s and says that it is made up', (charset, label) => {
    const header = dicomParser.parseDicom(part10Of(first(make(charset))));
    const text = (tag: string): string => {
      const element = header.elements[tag];
      if (!element) return '';
      const bytes = header.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
      return new TextDecoder(label).decode(bytes).trimEnd();
    };
    expect(header.string('x00080005')).toBe(charset);
    expect(text('x00100010')).toBe('Song^Qingyuan=宋^清源');
    expect(text('x00104000')).toContain('SYNTHETIC 演练');
    // Waveforms have no pixels that the mark could be burned into.
    if (header.string('x00080060') !== 'ECG') expect(header.string('x00280301')).toBe('YES');
  });
});

const dcmdumpMissing = missingTool('dcmdump');

describe.each(STUDIES)('every %s as dcmdump of dcmtk reads it', (_name, make) => {
  beforeEach((context) => {
    if (dcmdumpMissing) context.skip(dcmdumpMissing);
  });

  it('is a file without a fault', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'study-'));
    try {
      const [path] = writeStudy(make('GB18030'), folder);
      const run = await runTool('dcmdump', ['-v', '+U8', path ?? '']);
      expect(run.code).toBe(0);
      expect(run.text).not.toMatch(/^[WE]:/m);
      expect(run.text).toContain('[Song^Qingyuan=宋^清源]');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
