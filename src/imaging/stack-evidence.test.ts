import { describe, expect, it } from 'vitest';
import { axialStack, header, type HeaderChange } from '../../test/example-headers.ts';
import { type ExaminedPart, type ImageAsks, imageFacts, reportImageFacts } from './fitness.ts';
import type { InstanceHeader } from './instance.ts';
import type { ReportJudgement } from './judge-images.ts';
import { judgeImages } from './judge-shown-part.ts';
import { studyFacts } from './study-facts.ts';
import type { SeriesUid, SopInstanceUid } from './uids.ts';

/** Decision tables to be read by whoever takes images: what came, what is asked, and whether it suffices. */
type Outcome = 'no images' | 'incomplete' | 'unfit' | 'not stated' | 'fit';

const ANYWHERE: ExaminedPart = { bodyPartZh: null, side: null };
const CHEST: readonly ImageAsks[] = [{ modalities: ['CT'] }, { thicknessMaxMm: 1.25, coverageMinMm: 220 }];

const outcomeOf = ({ judgement, missing, isWithoutImages }: ReportJudgement): Outcome => {
  if (missing > 0) return 'incomplete';
  if (isWithoutImages) return 'no images';
  if (judgement.failures.length > 0) return 'unfit';
  return judgement.notStated.length > 0 ? 'not stated' : 'fit';
};

const judgedStudies = (
  studies: readonly (readonly InstanceHeader[])[],
  asks: readonly ImageAsks[],
  examined = ANYWHERE,
) =>
  judgeImages(
    reportImageFacts(studies.map((headers) => imageFacts(studyFacts(headers), null))),
    examined,
    asks,
  );
const judged = (headers: readonly InstanceHeader[], asks: readonly ImageAsks[], examined = ANYWHERE) =>
  judgedStudies([headers], asks, examined);

let series = 0;
/** Slices of one thickness at one distance; numbered as a device that lost none numbers them unless told otherwise. */
const slices = (
  count: number,
  thicknessMm: number,
  spacingMm: number,
  change: HeaderChange & { readonly numberStep?: number; readonly axis?: 0 | 1 | 2 } = {},
): readonly InstanceHeader[] => {
  series += 1;
  const { numberStep = 1, axis = 2, ...of } = change;
  const cosines = { 0: [0, 1, 0, 0, 0, -1], 1: [1, 0, 0, 0, 0, -1], 2: [1, 0, 0, 0, 1, 0] }[axis];
  return axialStack(count, thicknessMm, of, series).map((one, index) => ({
    ...one,
    instanceNumber: index * numberStep + 1,
    geometry: {
      ...one.geometry,
      imageOrientationPatient: cosines,
      imagePositionPatientMm: [0, 1, 2].map((at) =>
        at === axis ? index * spacingMm : 0,
      ) as unknown as readonly [number, number, number],
    },
  }));
};
const reversed = (stack: readonly InstanceHeader[]) =>
  stack.map((one, index) => ({
    ...one,
    instanceNumber: stack[stack.length - 1 - index]?.instanceNumber ?? null,
  }));
const everySecond = (stack: readonly InstanceHeader[]) => stack.filter((_, index) => index % 2 === 0);
const of = (...imageType: readonly string[]): HeaderChange => ({ acquisition: { imageType } });
const named = (words: string, ...imageType: readonly string[]): HeaderChange => ({
  descriptions: { series: words },
  acquisition: { imageType },
});

/** Blocks of slices of 4 mm through discs that lie 30 mm apart. */
const discs = (blocks: number, each: number): readonly InstanceHeader[] =>
  slices(blocks * each, 4, 4, { modality: 'MR' }).map((one, index) => ({
    ...one,
    geometry: {
      ...one.geometry,
      imagePositionPatientMm: [0, 0, Math.floor(index / each) * 30 + (index % each) * 4],
    },
  }));
/** 24 slices of 2.5 mm and 20 of 5 mm that touch, in one series. */
const mixedHead = (): readonly InstanceHeader[] =>
  slices(44, 2.5, 2.5).map((one, index) => ({
    ...one,
    geometry: {
      ...one.geometry,
      sliceThicknessMm: index < 24 ? 2.5 : 5,
      imagePositionPatientMm: [0, 0, index < 24 ? index * 2.5 : 23 * 2.5 + 3.75 + (index - 24) * 5],
    },
  }));

const table = (
  lines: readonly (readonly [string, readonly InstanceHeader[], readonly ImageAsks[], Outcome])[],
): void => {
  it.each(lines)('%s', (_name, headers, asks, expected) => {
    expect(outcomeOf(judged(headers, asks))).toBe(expected);
  });
};

describe('what lies between slices', () => {
  table([
    ['1 mm every 1 mm', slices(300, 1, 1), CHEST, 'fit'],
    ['1.25 mm every 0.625 mm, overlapping', slices(480, 1.25, 0.625), CHEST, 'fit'],
    ['1 mm every 1.2 mm', slices(250, 1, 1.2), CHEST, 'fit'],
    ['1 mm every 10 mm, as high resolution was once taken', slices(31, 1, 10), CHEST, 'unfit'],
    ['the same where 5 mm suffice', slices(31, 1, 10), [{ thicknessMaxMm: 5 }], 'unfit'],
    ['the same beside a whole thin chest', [...slices(31, 1, 10), ...slices(300, 1, 1)], CHEST, 'fit'],
    ['the same beside a whole thick chest', [...slices(31, 1, 10), ...slices(60, 5, 5)], CHEST, 'unfit'],
    ['the same where only the kind is asked', slices(31, 1, 10), [{ modalities: ['CT'] }], 'fit'],
    ['1 mm, every second slice lost', everySecond(slices(300, 1, 1)), CHEST, 'incomplete'],
    ['the same, numbered from the feet', everySecond(reversed(slices(300, 1, 1))), CHEST, 'incomplete'],
    ['1 mm, nine of ten lost', slices(31, 1, 10, { numberStep: 10 }), CHEST, 'incomplete'],
    [
      'overlapping slices, three of four lost',
      slices(120, 1.25, 2.5, { numberStep: 4 }),
      CHEST,
      'incomplete',
    ],
    [
      'every second one lost and one more beside it',
      everySecond(slices(300, 1, 1)).toSpliced(20, 1),
      CHEST,
      'incomplete',
    ],
    ['numbers by two of slices that touch', slices(300, 1, 1, { numberStep: 2 }), CHEST, 'fit'],
    ['1 mm every 10 mm, numbered by two', slices(31, 1, 10, { numberStep: 2 }), CHEST, 'unfit'],
    [
      'numbers by two of slices whose header states the distance',
      slices(150, 1, 2, { numberStep: 2, geometry: { spacingBetweenSlicesMm: 2 } }),
      CHEST,
      'unfit',
    ],
    [
      'every second slice lost of a device that does not number',
      everySecond(slices(300, 1, 1)).map((one) => ({ ...one, instanceNumber: null })),
      CHEST,
      'unfit',
    ],
    [
      'two interleaved halves in one series',
      [0, 1].flatMap((half) =>
        slices(150, 1, 2).map((one, index) => ({
          ...one,
          seriesUid: '2.25.1.77' as SeriesUid,
          sopInstanceUid: `2.25.1.77.${half}.${index}` as SopInstanceUid,
          instanceNumber: half * 150 + index + 1,
          geometry: { ...one.geometry, imagePositionPatientMm: [0, 0, index * 2 + half] as const },
        })),
      ),
      CHEST,
      'fit',
    ],
    [
      'magnetic resonance with the usual gap',
      slices(20, 5, 6.5, { modality: 'MR' }),
      [{ thicknessMaxMm: 6 }],
      'fit',
    ],
    [
      'magnetic resonance, every second slice lost',
      everySecond(slices(20, 5, 5.5, { modality: 'MR' })),
      [{ thicknessMaxMm: 6 }],
      'incomplete',
    ],
    [
      'magnetic resonance taken with a gap of two slices',
      slices(10, 5, 15, { modality: 'MR' }),
      [{ thicknessMaxMm: 6 }],
      'unfit',
    ],
    [
      'a thickness of nothing every 5 mm',
      slices(60, 5, 5, { geometry: { sliceThicknessMm: 0 } }),
      CHEST,
      'not stated',
    ],
    ['less than nothing', slices(60, 5, 5, { geometry: { sliceThicknessMm: -1 } }), CHEST, 'not stated'],
    ['a thickness of 1 mm every 5 mm', slices(60, 1, 5), CHEST, 'unfit'],
    [
      'a thickness that most slices do not state',
      slices(300, 1, 1).map((one, index) =>
        index === 0 ? one : { ...one, geometry: { ...one.geometry, sliceThicknessMm: null } },
      ),
      CHEST,
      'not stated',
    ],
    [
      'magnetic resonance through five discs, four slices each, numbered one after the other',
      discs(5, 4),
      [{ modalities: ['MR'], thicknessMaxMm: 5 }],
      'fit',
    ],
    [
      'the same with numbers that lack',
      discs(5, 4).map((one, index) => ({ ...one, instanceNumber: index < 10 ? index : index + 3 })),
      [{ modalities: ['MR'], thicknessMaxMm: 5 }],
      'incomplete',
    ],
    ['a head of 2.5 mm below and 5 mm above', mixedHead(), [{ thicknessMaxMm: 5 }], 'fit'],
    ['the same with three slices lost', mixedHead().toSpliced(30, 3), [{ thicknessMaxMm: 5 }], 'incomplete'],
    [
      'a distance beside a thickness that nobody states',
      slices(31, 1, 10, { geometry: { sliceThicknessMm: null } }),
      CHEST,
      'not stated',
    ],
  ]);

  it('is counted and said', () => {
    expect(judged(everySecond(slices(300, 1, 1)), CHEST).missing).toBe(149);
    expect(judged(slices(31, 1, 10), CHEST).judgement.failures).toEqual([
      { kind: 'spacing', found: 10, asked: null },
    ]);
  });
});

describe('slices that were computed of others', () => {
  const SECONDARY = ['DERIVED', 'SECONDARY'] as const;
  const KNEE: readonly ImageAsks[] = [{ planes: ['coronal'], thicknessMaxMm: 4 }];
  const mr = (thicknessMm: number, axis: 0 | 1 | 2, change: HeaderChange = {}) =>
    slices(40, thicknessMm, thicknessMm, { modality: 'MR', axis, ...change });
  table([
    [
      'half a chest of 5 mm, and sagittal reformats of 1 mm',
      [...slices(24, 5, 5), ...slices(300, 1, 1, { axis: 0, ...of(...SECONDARY, 'MPR') })],
      CHEST,
      'unfit',
    ],
    [
      'the same from a device that calls them original',
      [...slices(24, 5, 5), ...slices(300, 1, 1, { axis: 0 })],
      CHEST,
      'unfit',
    ],
    [
      'a whole chest of 5 mm, and axial reformats of 1 mm',
      [...slices(60, 5, 5), ...slices(300, 1, 1, of(...SECONDARY, 'REFORMATTED', 'AVERAGE'))],
      CHEST,
      'unfit',
    ],
    [
      'a whole chest of 5 mm, and projections that their sender calls original',
      [...slices(60, 5, 5), ...slices(300, 1, 1, named('最大密度投影 1mm', 'ORIGINAL', 'PRIMARY', 'AXIAL'))],
      CHEST,
      'unfit',
    ],
    [
      'a whole chest of 5 mm, and reformats that their sender calls original',
      [...slices(60, 5, 5), ...slices(300, 1, 1, named('MPR 1.0', 'ORIGINAL', 'PRIMARY', 'AXIAL'))],
      CHEST,
      'unfit',
    ],
    [
      'reformats by an Image Type that calls them original too',
      slices(300, 1, 1, of('ORIGINAL', 'PRIMARY', 'MPR')),
      CHEST,
      'not stated',
    ],
    [
      'thin slices of a puncture are slices, not a localiser',
      slices(300, 1, 1, named('穿刺定位 1mm', 'ORIGINAL', 'PRIMARY', 'AXIAL')),
      CHEST,
      'fit',
    ],
    ['reformats alone', slices(300, 1, 1, of(...SECONDARY, 'MPR')), CHEST, 'not stated'],
    [
      'axial reformats of Siemens alone',
      slices(300, 1, 1, of(...SECONDARY, 'AXIAL', 'CT_SOM5 MPR')),
      CHEST,
      'not stated',
    ],
    ['derived secondary slices of no word', slices(300, 1, 1, of(...SECONDARY)), CHEST, 'not stated'],
    [
      'derived axial slices, as after noise was taken out',
      slices(300, 1, 1, of('DERIVED', 'PRIMARY', 'AXIAL')),
      CHEST,
      'fit',
    ],
    [
      'a thin chest beside its reformats',
      [...slices(300, 1, 1), ...slices(60, 5, 5, { axis: 1, ...of(...SECONDARY, 'MPR') })],
      CHEST,
      'fit',
    ],
    ['slabs of 1 mm every 10 mm', slices(31, 1, 10, of(...SECONDARY, 'MIP')), CHEST, 'not stated'],
    [
      'slabs that touch, beside thick slices',
      [...slices(60, 5, 5), ...slices(300, 1, 1, of(...SECONDARY, 'MIP'))],
      CHEST,
      'unfit',
    ],
    [
      'slabs by their words',
      slices(300, 1, 1, named('Lung MIP 10/1', 'DERIVED', 'PRIMARY', 'AXIAL')),
      CHEST,
      'not stated',
    ],
    ['slabs of GE', slices(300, 1, 1, of(...SECONDARY, 'REFORMATTED', 'MIP')), CHEST, 'not stated'],
    [
      'projections of an angiogram',
      slices(12, 1, 1, { modality: 'MR', ...of(...SECONDARY, 'PROJECTION IMAGE') }),
      [{ thicknessMaxMm: 1.5 }],
      'not stated',
    ],
    [
      'arterial reformats beside plain slices, where the arterial phase is asked',
      [
        ...slices(300, 1, 1, named('平扫', 'ORIGINAL', 'PRIMARY', 'AXIAL')),
        ...slices(300, 1, 1, { axis: 1, ...named('动脉期 MPR', ...SECONDARY, 'MPR') }),
      ],
      [{ phases: ['arterial'], thicknessMaxMm: 1.25 }],
      'not stated',
    ],
    [
      'a coronal plane of 0.6 mm slices taken sagittally',
      [...mr(0.6, 0), ...mr(3, 1, of(...SECONDARY, 'MPR'))],
      KNEE,
      'fit',
    ],
    [
      'a coronal plane of 5 mm slices taken sagittally',
      [...mr(5, 0), ...mr(1, 1, of(...SECONDARY, 'MPR'))],
      KNEE,
      'unfit',
    ],
    ['a coronal plane of nobody knows what', mr(3, 1, of(...SECONDARY, 'MPR')), KNEE, 'not stated'],
    ['a coronal plane as it was taken', mr(3, 1), KNEE, 'fit'],
    [
      'a maximum projection for a coronal plane',
      [...mr(3, 0), ...mr(3, 1, of(...SECONDARY, 'MIP'))],
      KNEE,
      'unfit',
    ],
    [
      'sagittal slices that reach far to the sides',
      slices(300, 1, 1, { axis: 0, modality: 'MR' }),
      [{ coverageMinMm: 220 }],
      'not stated',
    ],
    [
      'the same where their plane is asked',
      slices(300, 1, 1, { axis: 0, modality: 'MR' }),
      [{ planes: ['sagittal'], coverageMinMm: 220 }],
      'fit',
    ],
    [
      'a map of diffusion, which is derived and no reformat',
      mr(5, 2, named('DWI ADC', 'DERIVED', 'PRIMARY', 'DIFFUSION', 'ADC')),
      [{ sequences: ['dwi'], thicknessMaxMm: 6 }],
      'fit',
    ],
  ]);
});

describe('studies that hold no image', () => {
  const MAMMOGRAPHY: readonly ImageAsks[] = [{ modalities: ['MG'] }, { lossyRatioMax: 1 }];
  const ECG: readonly ImageAsks[] = [{ modalities: ['ECG', 'DOC'] }, { leadsMin: 12 }];
  let uid = 0;
  const one = (modality: string, classOf: string, change: HeaderChange = {}) => {
    uid += 1;
    return header({
      modality,
      sopClassUid: `1.2.840.10008.5.1.4.1.1.${classOf}`,
      seriesUid: `2.25.5.${uid}` as SeriesUid,
      sopInstanceUid: `2.25.5.${uid}.1` as SopInstanceUid,
      ...change,
    });
  };
  const scout = () => slices(1, 5, 5, of('ORIGINAL', 'PRIMARY', 'LOCALIZER'));
  const page = () => one('CT', '7', { descriptions: { series: 'Dose Report' } });
  table([
    ['a structured report', [one('SR', '88.11')], MAMMOGRAPHY, 'no images'],
    ['the same under the modality of the images', [one('MG', '88.33')], MAMMOGRAPHY, 'no images'],
    ['a presentation state', [one('PR', '11.1')], MAMMOGRAPHY, 'no images'],
    ['key images that did not come', [one('KO', '88.59')], MAMMOGRAPHY, 'no images'],
    ['a report on paper', [one('DOC', '104.1')], MAMMOGRAPHY, 'no images'],
    ['the same under the modality of the images', [one('MG', '104.1')], MAMMOGRAPHY, 'no images'],
    ['a localiser', scout(), [{ modalities: ['CT'] }], 'no images'],
    [
      'a localiser and the dose',
      [...scout(), one('SR', '88.67'), page()],
      [{ modalities: ['CT'] }],
      'no images',
    ],
    ['nothing asked at all', [one('SR', '88.11')], [], 'no images'],
    ['an image beside its report', [one('MG', '1.2'), one('SR', '88.11')], MAMMOGRAPHY, 'fit'],
    [
      'an image of no stated kind',
      [header({ ...one('MG', '1.2'), modality: null })],
      MAMMOGRAPHY,
      'not stated',
    ],
    ['an electrocardiogram on paper', [one('ECG', '104.1')], ECG, 'not stated'],
  ]);

  it('suffice beside one that does, and take nothing from it', () => {
    const report = [one('SR', '88.11')];
    const images = [one('MG', '1.2')];
    for (const studies of [
      [report, images],
      [images, report],
    ])
      expect(judgedStudies(studies, MAMMOGRAPHY)).toMatchObject({ isWithoutImages: false, received: 1 });
    expect(outcomeOf(judgedStudies([report, [one('PR', '11.1')]], MAMMOGRAPHY))).toBe('no images');
  });

  it('beside the images of another part leave those to be judged', () => {
    const knee = [one('DX', '1.1', { anatomy: { bodyPartExamined: 'KNEE' } })];
    const judgement = judgedStudies([[one('SR', '88.11')], knee], [], { bodyPartZh: '胸部', side: null });
    expect(outcomeOf(judgement)).toBe('unfit');
  });
});

describe('of a part that has sides', () => {
  const knee = (anatomy: Partial<InstanceHeader['anatomy']>) => [header({ modality: 'DX', anatomy })];
  it.each<[string, readonly InstanceHeader[], ExaminedPart, Outcome]>([
    [
      'side and part stated',
      knee({ bodyPartExamined: 'KNEE', imageLaterality: 'L' }),
      { bodyPartZh: '膝关节', side: 'left' },
      'fit',
    ],
    ['the side in words', knee({ bodyPartExamined: '左膝' }), { bodyPartZh: '膝关节', side: 'left' }, 'fit'],
    ['no side', knee({ bodyPartExamined: 'KNEE' }), { bodyPartZh: '膝关节', side: 'left' }, 'not stated'],
    ['no part', knee({ imageLaterality: 'L' }), { bodyPartZh: '膝关节', side: 'left' }, 'not stated'],
    [
      'the other side',
      knee({ bodyPartExamined: 'KNEE', imageLaterality: 'R' }),
      { bodyPartZh: '膝关节', side: 'left' },
      'unfit',
    ],
    ['nothing, of a part without sides', knee({}), { bodyPartZh: '胸部', side: null }, 'fit'],
  ])('%s', (_name, headers, examined, expected) => {
    expect(outcomeOf(judged(headers, [], examined))).toBe(expected);
  });
});
