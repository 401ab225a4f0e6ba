import { describe, expect, it } from 'vitest';
import { axialStack, header, type HeaderChange } from '../../test/example-headers.ts';
import { type ImageAsks, imageFacts, reportImageFacts } from './fitness.ts';
import type { InstanceHeader } from './instance.ts';
import { judgeImages } from './judge-shown-part.ts';
import { showingOf, soughtPart, statedPart } from './shown-part.ts';
import { type StudyFacts, studyFacts } from './study-facts.ts';
import type { SeriesUid, SopInstanceUid } from './uids.ts';

/** Decision tables to be read by whoever takes images: what headers say of the part, and which examination they count for. */
describe('the part that a series states itself', () => {
  it.each([
    // code, series, protocol; examined; whether it shows that
    ['CHEST', null, null, '胸部', 'shows'],
    ['胸部', null, null, '胸部', 'shows'],
    [null, '肺窗 5mm', null, '胸部', 'not-stated'],
    [null, '胸部 肺窗', null, '胸部', 'shows'],
    [null, null, 'Thorax Routine', '胸部', 'shows'],
    ['HEAD', null, null, '胸部', 'other'],
    [null, '头颅平扫', null, '胸部', 'other'],
    ['CHEST', '头颅平扫 1.0', null, '胸部', 'doubtful'],
    ['CHEST', '头颅平扫 1.0', 'Head', '胸部', 'doubtful'],
    ['ABDOMEN', '胸部 5mm', null, '胸部', 'doubtful'],
    ['HEAD', '腹部 5mm', null, '胸部', 'other'],
    [null, '胸腹部平扫', null, '胸部', 'shows'],
    [null, '胸腹部平扫', null, '腹部', 'shows'],
    [null, '胸腹部平扫', null, '颅脑', 'other'],
    ['CHESTABDPELVIS', null, null, '腹盆腔', 'shows'],
    ['CHEST', null, '胸腹部', '胸部', 'shows'],
    ['ABDOMEN', null, '胸腹部', '胸部', 'other'],
    ['HEADNECK', null, null, '颈部', 'shows'],
    [null, '颈胸部增强', null, '颈部', 'shows'],
    ['NECKCHEST', null, null, '腹部', 'other'],
    ['WHOLEBODY', null, null, '胸部', 'not-stated'],
    ['全身', null, null, '胸部', 'not-stated'],
    // Parts that show only some of their region.
    ['TSPINE', null, null, '胸部', 'doubtful'],
    ['CHEST', '胸椎 骨窗 1.0', null, '胸部', 'doubtful'],
    ['CHEST', '胸椎 骨窗 1.0', null, '胸椎', 'shows'],
    ['TSPINE', null, null, '胸椎', 'shows'],
    ['CHEST', null, null, '胸椎', 'shows'],
    ['HEART', null, null, '胸部', 'doubtful'],
    ['HEAD', '眼眶 1.0', null, '颅脑', 'doubtful'],
    ['HEAD', '眼眶 1.0', null, '眼眶', 'shows'],
    ['HEAD', null, null, '眼眶', 'shows'],
    ['HEAD', '鼻窦 1.0', null, '眼眶', 'doubtful'],
    ['EYE', '鼻窦 1.0', null, '眼眶', 'doubtful'],
    ['ANKLE', null, null, '膝关节', 'doubtful'],
    ['KNEE', null, null, '膝关节', 'shows'],
    ['左膝', null, null, '膝关节', 'shows'],
    ['PATELLA', null, null, '膝关节', 'shows'],
    ['EXTREMITY', null, null, '膝关节', 'shows'],
    ['KIDNEY', null, null, '泌尿系', 'shows'],
    ['KIDNEY', null, null, '腹部', 'doubtful'],
    ['LSPINE', null, null, '腰椎/髋', 'shows'],
  ] as const)(
    'code %s, series %s, protocol %s, held against %s: %s',
    (code, series, protocol, examined, showing) => {
      const stated = statedPart([
        header({
          anatomy: { bodyPartExamined: code },
          descriptions: { series },
          acquisition: { protocolName: protocol },
        }),
      ]);
      expect(showingOf(stated, soughtPart(examined))).toBe(showing);
    },
  );
});

type Outcome = 'unfit' | 'not stated' | 'fit';
const NODULE: readonly ImageAsks[] = [
  { modalities: ['CT'], thicknessMaxMm: 5 },
  { thicknessMaxMm: 1.25, coverageMinMm: 220 },
];

const judged = (
  studies: readonly StudyFacts[],
  asks: readonly ImageAsks[],
  bodyPartZh: string | null,
  side: 'left' | null = null,
) =>
  judgeImages(reportImageFacts(studies.map((one) => imageFacts(one, null))), { bodyPartZh, side }, asks)
    .judgement;

const outcomeOf = (...of: Parameters<typeof judged>): Outcome => {
  const { failures, notStated } = judged(...of);
  return failures.length > 0 ? 'unfit' : notStated.length > 0 ? 'not stated' : 'fit';
};

let uid = 0;
/** Axial slices of 300 mm of the patient. */
const ct = (
  thicknessMm: number,
  code: string | null,
  words: string | null = null,
  study: string | null = null,
) => {
  uid += 1;
  return axialStack(
    Math.ceil(300 / thicknessMm),
    thicknessMm,
    { anatomy: { bodyPartExamined: code }, descriptions: { series: words, study } },
    uid,
  );
};
const one = (change: HeaderChange): InstanceHeader => {
  uid += 1;
  return header({
    seriesUid: `2.25.3.${uid}` as SeriesUid,
    sopInstanceUid: `2.25.3.${uid}.1` as SopInstanceUid,
    ...change,
  });
};

describe('slices of 5 mm of the chest, where a nodule asks for 1.25 mm, beside thin ones', () => {
  const thick = () => ct(5, 'CHEST', '胸部 5mm', '胸部CT平扫');
  it.each<[string, readonly InstanceHeader[], Outcome]>([
    ['of the same chest', [...thick(), ...ct(1, 'CHEST', '胸部 1mm')], 'fit'],
    [
      'that state no part, in a study that names no other',
      [...thick(), ...ct(1, null, '1mm 肺窗', '胸部CT平扫')],
      'fit',
    ],
    ['of the head, by code', [...thick(), ...ct(0.625, 'HEAD')], 'unfit'],
    ['of the head, by Chinese code', [...thick(), ...ct(0.625, '头颅')], 'unfit'],
    [
      'of the head, by words, under the name of a chest',
      [...thick(), ...ct(0.625, null, '头颅 0.625', '胸部CT平扫')],
      'unfit',
    ],
    ['of the abdomen', [...thick(), ...ct(1, 'ABDOMEN', '腹部 1mm', '胸腹部CT')], 'unfit'],
    ['of the thoracic spine', [...thick(), ...ct(1, 'TSPINE', '胸椎 1mm')], 'not stated'],
    [
      'of the head, whose code was left at CHEST',
      [...thick(), ...ct(0.625, 'CHEST', '头颅 0.625')],
      'not stated',
    ],
    [
      'that state no part, in a study of chest and abdomen',
      [...thick(), ...ct(1, null, '1mm', '胸部+上腹部CT')],
      'not stated',
    ],
    ['of the whole body', [...thick(), ...ct(1, 'WHOLEBODY', '1mm')], 'fit'],
    ['of chest and abdomen in one', [...thick(), ...ct(1, 'CHESTABDOMEN', '胸腹 1mm')], 'fit'],
  ])('%s', (_name, headers, outcome) => {
    expect(outcomeOf([studyFacts(headers)], NODULE, '胸部')).toBe(outcome);
  });

  it('is said by what the chest lacks', () => {
    expect(judged([studyFacts([...thick(), ...ct(0.625, 'HEAD')])], NODULE, '胸部').failures).toEqual([
      { kind: 'thickness', found: 5, asked: 1.25 },
    ]);
    expect(judged([studyFacts([...thick(), ...ct(1, 'CHEST', '头颅')])], NODULE, '胸部').notStated).toEqual([
      { kind: 'region', found: null, asked: '胸部' },
    ]);
  });
});

describe('a study whose series are of one part', () => {
  const KIND: readonly ImageAsks[] = [{ modalities: ['CT'] }];
  it.each<[string, readonly InstanceHeader[], string, readonly ImageAsks[], Outcome]>([
    [
      'a head under the code of a chest',
      ct(1, 'CHEST', '头颅平扫 1.0', '头颅CT平扫'),
      '胸部',
      NODULE,
      'not stated',
    ],
    [
      'the same where only the kind is asked',
      ct(1, 'CHEST', '头颅平扫', '头颅CT平扫'),
      '胸部',
      KIND,
      'not stated',
    ],
    [
      'an abdomen under the name of chest and abdomen',
      ct(1, 'ABDOMEN', null, '胸部+上腹部CT平扫'),
      '胸部',
      NODULE,
      'unfit',
    ],
    [
      'the same where only the kind is asked',
      ct(1, 'ABDOMEN', null, '胸部+上腹部CT平扫'),
      '胸部',
      KIND,
      'unfit',
    ],
    ['the same for the abdomen', ct(1, 'ABDOMEN', '上腹部', '胸部+上腹部CT平扫'), '腹部', NODULE, 'fit'],
    [
      'a code that all series of chest and abdomen carry',
      [...ct(5, 'CHEST', null, '胸部+上腹部CT平扫'), ...ct(1, 'CHEST', '1mm', '胸部+上腹部CT平扫')],
      '胸部',
      NODULE,
      'not stated',
    ],
    [
      'codes that tell chest and abdomen apart',
      [...ct(1, 'CHEST', null, '胸部+上腹部CT平扫'), ...ct(5, 'ABDOMEN', null, '胸部+上腹部CT平扫')],
      '胸部',
      NODULE,
      'fit',
    ],
    ['one code of chest and abdomen', ct(1, 'CHESTABDOMEN'), '胸部', NODULE, 'fit'],
    ['the same in words of the code', ct(1, 'Abdomen^Chest'), '胸部', NODULE, 'fit'],
    ['nothing at all', ct(1, null), '胸部', NODULE, 'fit'],
    ['nothing but the name of the study', ct(1, null, null, '胸部CT平扫'), '胸部', NODULE, 'fit'],
    ['a part that the catalogue does not place', ct(1, 'HEAD'), '全身', NODULE, 'fit'],
  ])('%s', (_name, headers, part, asks, outcome) => {
    expect(outcomeOf([studyFacts(headers)], asks, part)).toBe(outcome);
  });
});

describe('what a header says of loss, where only lossless images suffice', () => {
  const LOSSLESS: readonly ImageAsks[] = [{ lossyRatioMax: 1 }];
  const JPEG_2000 = '1.2.840.10008.1.2.4.91';
  const EXPLICIT = '1.2.840.10008.1.2.1';
  it.each<[string | null, readonly number[], string, Outcome]>([
    [null, [], EXPLICIT, 'fit'],
    ['00', [], EXPLICIT, 'fit'],
    ['01', [], EXPLICIT, 'unfit'],
    ['01', [15], EXPLICIT, 'unfit'],
    ['1', [], EXPLICIT, 'unfit'],
    ['YES', [], EXPLICIT, 'unfit'],
    ['?', [], EXPLICIT, 'not stated'],
    [null, [15], EXPLICIT, 'not stated'],
    ['00', [15], EXPLICIT, 'not stated'],
    ['00', [1], EXPLICIT, 'fit'],
    ['00', [20], JPEG_2000, 'not stated'],
    ['00', [], JPEG_2000, 'fit'],
    [null, [], JPEG_2000, 'not stated'],
    [null, [], '1.2.840.10008.1.2.4.57', 'fit'],
    [null, [], '1.2.840.10008.1.2.4.55', 'unfit'],
    [null, [], '1.2.840.10008.1.2.4.111', 'not stated'],
  ])('Lossy Image Compression %s, ratios %j, in %s: %s', (flag, lossyRatios, transferSyntaxUid, outcome) => {
    const image = one({
      modality: 'DX',
      transferSyntaxUid,
      pixels: { lossyImageCompression: flag, lossyRatios },
    });
    expect(outcomeOf([studyFacts([image])], LOSSLESS, null)).toBe(outcome);
  });
});

describe('views, planes and frames of another part', () => {
  const TWO: readonly ImageAsks[] = [{ modalities: ['DX'], views: ['frontal', 'lateral'] }];
  const dx = (bodyPartExamined: string, viewPosition: string, imageLaterality: string | null = null) =>
    one({ modality: 'DX', anatomy: { bodyPartExamined, viewPosition, imageLaterality } });
  const inOneSeries = (...images: readonly InstanceHeader[]): readonly InstanceHeader[] =>
    images.map((image) => ({ ...image, seriesUid: '2.25.4' as SeriesUid }));
  it.each<[string, readonly InstanceHeader[], string, Outcome]>([
    ['a chest in two views', [dx('CHEST', 'PA'), dx('CHEST', 'LL')], '胸部', 'fit'],
    ['a frontal chest and a lateral knee', [dx('CHEST', 'PA'), dx('KNEE', 'LL')], '胸部', 'unfit'],
    ['the same in one series', inOneSeries(dx('CHEST', 'PA'), dx('KNEE', 'LL')), '胸部', 'unfit'],
    [
      'a chest in two views and a knee',
      [dx('CHEST', 'PA'), dx('KNEE', 'AP'), dx('CHEST', 'LL')],
      '胸部',
      'fit',
    ],
    ['a frontal knee and a lateral chest', [dx('KNEE', 'AP', 'L'), dx('CHEST', 'LL')], '膝关节', 'unfit'],
    [
      'a frontal knee and a lateral ankle',
      [dx('KNEE', 'AP', 'L'), dx('ANKLE', 'LAT', 'L')],
      '膝关节',
      'not stated',
    ],
  ])('%s', (_name, headers, part, outcome) => {
    expect(outcomeOf([studyFacts(headers)], TWO, part, part === '膝关节' ? 'left' : null)).toBe(outcome);
  });

  it('sagittal slices of the left knee and coronal ones of an ankle are no knee in two planes', () => {
    const slices = (bodyPartExamined: string, cosines: readonly number[], imageLaterality: string | null) => {
      uid += 1;
      const isSagittal = cosines[0] === 0;
      return axialStack(24, 3, { modality: 'MR', anatomy: { bodyPartExamined, imageLaterality } }, uid).map(
        (image, index) => ({
          ...image,
          geometry: {
            ...image.geometry,
            imageOrientationPatient: cosines,
            imagePositionPatientMm: (isSagittal ? [index * 3, 0, 0] : [0, index * 3, 0]) as [
              number,
              number,
              number,
            ],
          },
        }),
      );
    };
    const sagittal = slices('KNEE', [0, 1, 0, 0, 0, -1], 'L');
    const coronal = [1, 0, 0, 0, 0, -1];
    const asks: readonly ImageAsks[] = [{ planes: ['sagittal', 'coronal'] }];
    const of = (part: string) =>
      outcomeOf(
        [studyFacts([...sagittal, ...slices(part, coronal, part === 'KNEE' ? 'L' : null)])],
        asks,
        '膝关节',
        'left',
      );
    expect(of('KNEE')).toBe('fit');
    expect(of('ANKLE')).toBe('not stated');
    expect(of('SHOULDER')).toBe('unfit');
  });
});

describe('several studies of a report', () => {
  it.each<[string, readonly (readonly InstanceHeader[])[], Outcome]>([
    [
      'a thick chest, and a thin chest among a head',
      [ct(5, 'CHEST'), [...ct(5, 'HEAD'), ...ct(1, 'CHEST')]],
      'fit',
    ],
    ['a thick chest, and a thin head', [ct(5, 'CHEST'), ct(1, 'HEAD')], 'unfit'],
    [
      'a thick chest, and a thin head among a thick chest',
      [ct(5, 'CHEST'), [...ct(5, 'CHEST'), ...ct(1, 'HEAD')]],
      'unfit',
    ],
    [
      'a thick chest, and one that code and words contradict',
      [ct(5, 'CHEST'), ct(1, 'CHEST', '头颅')],
      'not stated',
    ],
  ])('%s', (_name, studies, outcome) => {
    expect(outcomeOf(studies.map(studyFacts), NODULE, '胸部')).toBe(outcome);
  });
});

describe('facts of an older reading, which did not keep what each series states', () => {
  const older = (headers: readonly InstanceHeader[]): StudyFacts => {
    const { named: _, ...facts } = studyFacts(headers);
    return { ...facts, reading: 6, series: facts.series.map(({ shows: _shows, ...series }) => series) };
  };
  it.each<[string, readonly InstanceHeader[], Outcome]>([
    ['a chest', ct(1, 'CHEST', '胸部', '胸部CT平扫'), 'fit'],
    [
      'a head under the name of a chest, beside thick slices',
      [...ct(5, 'CHEST'), ...ct(1, 'HEAD', null, '胸部CT平扫')],
      'not stated',
    ],
    ['a head, beside thick slices', [...ct(5, 'CHEST'), ...ct(1, 'HEAD')], 'unfit'],
    ['nothing at all', ct(1, null), 'fit'],
  ])('%s', (_name, headers, outcome) => {
    expect(outcomeOf([older(headers)], NODULE, '胸部')).toBe(outcome);
  });
});
