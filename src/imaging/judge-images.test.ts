import { describe, expect, it } from 'vitest';
import { axialStack, header, type HeaderChange } from '../../test/example-headers.ts';
import { type ExaminedPart, type ImageAsks, imageFacts, reportImageFacts } from './fitness.ts';
import type { InstanceHeader } from './instance.ts';
import type { ReportJudgement } from './judge-images.ts';
import { judgeImages } from './judge-shown-part.ts';
import { studyFacts } from './study-facts.ts';
import type { SeriesUid, SopInstanceUid } from './uids.ts';

const ANYWHERE: ExaminedPart = { bodyPartZh: null, side: null };
const KNEE = { bodyPartZh: '膝关节', side: 'left' } as const;

const outcomeOf = ({ judgement: { failures, notStated }, missing }: ReportJudgement) =>
  missing > 0 ? 'incomplete' : failures.length > 0 ? 'unfit' : notStated.length > 0 ? 'not stated' : 'fit';

let series = 0;
/** A series of slices, as its technician called it. */
const slices = (
  description: string | null,
  thicknessMm: number,
  count = 300,
  change: HeaderChange = {},
): readonly InstanceHeader[] => {
  series += 1;
  return axialStack(count, thicknessMm, { descriptions: { series: description }, ...change }, series);
};
const SAGITTAL = [0, 1, 0, 0, 0, -1];
const CORONAL = [1, 0, 0, 0, 0, -1];
const mr = (
  description: string,
  thicknessMm: number,
  orientation: readonly number[] = [1, 0, 0, 0, 1, 0],
  change: HeaderChange = {},
) => {
  const along = orientation === SAGITTAL ? 0 : orientation === CORONAL ? 1 : 2;
  return slices(description, thicknessMm, 24, { modality: 'MR', ...change }).map((one, index) => ({
    ...one,
    geometry: {
      ...one.geometry,
      imageOrientationPatient: orientation,
      imagePositionPatientMm: [0, 1, 2].map((axis) =>
        axis === along ? index * thicknessMm : -100,
      ) as unknown as readonly [number, number, number],
    },
  }));
};

/** Projections of one study, each by view and side. */
const projections = (
  modality: string,
  ...images: readonly (readonly [view: string | null, side: string | null])[]
) =>
  images.map(([viewPosition, imageLaterality], index) =>
    header({
      modality,
      seriesUid: `2.25.9.${index}` as SeriesUid,
      sopInstanceUid: `2.25.9.${index}.1` as SopInstanceUid,
      anatomy: { viewPosition, imageLaterality },
    }),
  );

const judged = (
  studies: readonly (readonly InstanceHeader[])[],
  asks: readonly ImageAsks[],
  examined: ExaminedPart = ANYWHERE,
) =>
  judgeImages(
    reportImageFacts(studies.map((headers) => imageFacts(studyFacts(headers), null))),
    examined,
    asks,
  );

const CTA: readonly ImageAsks[] = [{ modalities: ['CT'] }, { phases: ['arterial'], thicknessMaxMm: 1.25 }];

describe('what is asked of a phase, a plane or a sequence is asked of its own series', () => {
  it.each<[string, readonly InstanceHeader[], readonly ImageAsks[], string]>([
    ['CTA: thin plain, thick arterial', [...slices('平扫', 1), ...slices('动脉期', 5, 60)], CTA, 'unfit'],
    ['CTA: thick plain, thin arterial', [...slices('平扫', 5, 60), ...slices('动脉期', 1)], CTA, 'fit'],
    ['CTA: thick arterial alone', slices('动脉期', 5, 60), CTA, 'unfit'],
    ['CTA: thin venous alone', slices('静脉期', 1), CTA, 'unfit'],
    ['CTA: thin slices of no stated phase', slices(null, 1), CTA, 'not stated'],
    [
      'CTA: thin slices of no stated phase beside thick arterial ones',
      [...slices(null, 1), ...slices('动脉期', 5, 60)],
      CTA,
      'not stated',
    ],
    [
      'CTA: arterial slices of no stated thickness',
      slices('动脉期', 1, 300, { geometry: { sliceThicknessMm: null } }),
      CTA,
      'not stated',
    ],
    [
      'CTA: a thin series of which it is only said that there was contrast',
      slices('增强', 1),
      CTA,
      'not stated',
    ],
    ['a plain phase asked, contrast only', slices('增强', 5, 60), [{ phases: ['plain'] }], 'unfit'],
    [
      'the phase in one row, the thickness in another: thin plain, thick enhanced',
      [...slices('平扫', 1), ...slices('增强', 5, 60)],
      [{ thicknessMaxMm: 1.25 }, { phases: ['enhanced'] }],
      'unfit',
    ],
    [
      'two phases, one of them in thick slices',
      [...slices('平扫', 8, 40), ...slices('门脉期', 5, 60)],
      [{ thicknessMaxMm: 5 }, { phases: ['plain', 'enhanced'] }],
      'unfit',
    ],
    [
      'three phases, each thin',
      [...slices('平扫', 5, 60), ...slices('动脉期', 5, 60), ...slices('门脉期', 5, 60)],
      [{ thicknessMaxMm: 5 }, { phases: ['plain', 'arterial', 'venous'] }],
      'fit',
    ],
    [
      'three phases, of which one series names none',
      [...slices('平扫', 5, 60), ...slices('动脉期', 5, 60), ...slices(null, 5, 60)],
      [{ thicknessMaxMm: 5 }, { phases: ['plain', 'arterial', 'venous'] }],
      'not stated',
    ],
    [
      'an enhanced phase with loss beside a plain one without',
      [...slices('平扫', 5, 60), ...slices('增强', 5, 60, { transferSyntaxUid: '1.2.840.10008.1.2.4.50' })],
      [{ lossyRatioMax: 1 }, { phases: ['enhanced'] }],
      'unfit',
    ],
    [
      'a knee whose coronal slices are thick',
      [...mr('SAG', 3, SAGITTAL), ...mr('COR', 6, CORONAL)],
      [{ planes: ['sagittal', 'coronal'], thicknessMaxMm: 4 }],
      'unfit',
    ],
    [
      'a knee in both planes',
      [...mr('SAG', 3, SAGITTAL), ...mr('COR', 3.5, CORONAL)],
      [{ planes: ['sagittal', 'coronal'], thicknessMaxMm: 4 }],
      'fit',
    ],
    [
      'thin slices of a magnetic resonance beside a thick CT',
      [...slices(null, 5, 60), ...mr('T1', 1)],
      [{ modalities: ['CT'] }, { thicknessMaxMm: 1.25 }],
      'unfit',
    ],
    [
      'a brain with diffusion',
      [...mr('T2 FLAIR', 5), ...mr('DWI b=1000', 5)],
      [{ sequences: ['dwi'] }],
      'fit',
    ],
    ['a brain without', [...mr('T1', 5), ...mr('T2 FLAIR', 5)], [{ sequences: ['dwi'] }], 'unfit'],
    [
      'a brain of which one series names no sequence',
      [...mr('T1', 5), ...mr('AX', 5)],
      [{ sequences: ['dwi'] }],
      'not stated',
    ],
    [
      'diffusion by its b-value alone',
      mr('AX', 5, undefined, { acquisition: { diffusionBValue: 1000 } }),
      [{ sequences: ['dwi'] }],
      'fit',
    ],
  ])('%s', (_name, headers, asks, expected) => {
    expect(outcomeOf(judged([headers], asks))).toBe(expected);
  });

  it('and said of it', () => {
    const thick = judged([[...slices('平扫', 1), ...slices('动脉期', 5, 60)]], CTA);
    expect(thick.judgement.failures).toEqual([
      { kind: 'thickness', found: 5, asked: 1.25, within: 'arterial' },
    ]);
    const none = judged([[...slices('平扫', 1), ...slices('静脉期', 1)]], CTA);
    expect(none.judgement.failures).toEqual([
      { kind: 'phase', found: ['enhanced', 'plain', 'venous'], asked: 'arterial' },
    ]);
  });
});

describe('views', () => {
  const BOTH: readonly ImageAsks[] = [{ views: ['frontal', 'lateral'] }];
  const BREASTS: readonly ImageAsks[] = [
    { views: ['cranio-caudal', 'mediolateral-oblique'], eachSide: true },
  ];
  it.each<[string, readonly InstanceHeader[], readonly ImageAsks[], string]>([
    ['both', projections('DX', ['PA', null], ['LL', null]), BOTH, 'fit'],
    ['one of two', projections('DX', ['PA', null]), BOTH, 'unfit'],
    ['one, and an image that names none', projections('DX', ['PA', null], [null, null]), BOTH, 'not stated'],
    [
      'two of each breast',
      projections('MG', ['CC', 'L'], ['MLO', 'L'], ['CC', 'R'], ['MLO', 'R']),
      BREASTS,
      'fit',
    ],
    [
      'both views, but each of another breast',
      projections('MG', ['CC', 'L'], ['MLO', 'R']),
      BREASTS,
      'unfit',
    ],
    [
      'one breast whole, of the other nothing: the patient may have one',
      projections('MG', ['CC', 'L'], ['MLO', 'L']),
      BREASTS,
      'not stated',
    ],
    [
      'one that names no side',
      projections('MG', ['CC', 'L'], ['MLO', 'L'], ['CC', 'R'], ['MLO', null]),
      BREASTS,
      'not stated',
    ],
    ['of a photograph of a film', projections('OT', [null, null]), BREASTS, 'not stated'],
  ])('%s', (_name, headers, asks, expected) => {
    expect(outcomeOf(judged([headers], asks))).toBe(expected);
  });
});

describe('a report with several studies', () => {
  const chest = (thicknessMm: number, count: number) =>
    slices(null, thicknessMm, count, { anatomy: { bodyPartExamined: 'CHEST' } });
  const abdomen = (thicknessMm: number, count: number) =>
    slices(null, thicknessMm, count, { anatomy: { bodyPartExamined: 'ABDOMEN' } });
  const CHEST: ExaminedPart = { bodyPartZh: '胸部', side: null };
  const THIN: readonly ImageAsks[] = [{ modalities: ['CT'] }, { thicknessMaxMm: 1.25, coverageMinMm: 220 }];
  const knee = (viewPosition: string, imageLaterality: string) =>
    projections('DX', [viewPosition, imageLaterality]).map((one) => ({
      ...one,
      anatomy: { ...one.anatomy, bodyPartExamined: 'KNEE' },
    }));
  const TWO_VIEWS: readonly ImageAsks[] = [{ views: ['frontal', 'lateral'] }];

  it.each<[string, readonly (readonly InstanceHeader[])[], readonly ImageAsks[], ExaminedPart, string]>([
    [
      'the largest is thin, but of the abdomen; the chest is thick',
      [abdomen(1, 400), chest(5, 60)],
      THIN,
      CHEST,
      'unfit',
    ],
    [
      'the largest is of the abdomen; the chest is thin',
      [abdomen(1, 400), chest(1, 300)],
      THIN,
      CHEST,
      'fit',
    ],
    [
      'the largest is thick, a smaller one suffices',
      [chest(0.5, 600).slice(0, 310), chest(1, 300)],
      THIN,
      CHEST,
      'fit',
    ],
    ['thin over a part, thick over the whole', [chest(1, 60), chest(5, 60)], THIN, CHEST, 'unfit'],
    ['all of other parts', [abdomen(1, 400), abdomen(1, 300)], THIN, CHEST, 'unfit'],
    ['each view as a study of its own', [knee('AP', 'L'), knee('LL', 'L')], TWO_VIEWS, KNEE, 'fit'],
    ['the second view of the other knee', [knee('AP', 'L'), knee('LL', 'R')], TWO_VIEWS, KNEE, 'unfit'],
    [
      'the other knee beside the whole one',
      [knee('AP', 'L'), knee('LL', 'L'), knee('AP', 'R')],
      TWO_VIEWS,
      KNEE,
      'fit',
    ],
    ['only the other knee', [knee('AP', 'R'), knee('LL', 'R')], TWO_VIEWS, KNEE, 'unfit'],
    [
      'one whole, one with a hole',
      [chest(1, 300), chest(1, 300).toSpliced(100, 5)],
      THIN,
      CHEST,
      'incomplete',
    ],
    [
      'the chest whole, a hole in the abdomen',
      [chest(1, 300), abdomen(1, 300).toSpliced(100, 5)],
      THIN,
      CHEST,
      'fit',
    ],
    [
      'an ultrasound beside a thick CT',
      [chest(5, 60), projections('US', [null, null])],
      THIN,
      CHEST,
      'unfit',
    ],
  ])('%s', (_name, studies, asks, examined, expected) => {
    expect(outcomeOf(judged(studies, asks, examined))).toBe(expected);
    expect(outcomeOf(judged(studies.toReversed(), asks, examined))).toBe(expected);
  });

  it('says which of them it rests on', () => {
    const { studies, received } = judged([abdomen(1, 400), chest(1, 300)], THIN, CHEST);
    expect(studies?.map((study) => study.regions)).toEqual([['chest']]);
    expect(received).toBe(300);
    expect(judged([chest(1, 300)], THIN, CHEST).studies).toBeNull();
  });
});
