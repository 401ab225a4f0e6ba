import { describe, expect, it } from 'vitest';
import shipped from '../../data/lists/image-requirements.json' with { type: 'json' };
import {
  type ImageAsks,
  type ImageRequirement,
  type InstanceHeader,
  imageFacts,
  judgeImages,
  reportImageFacts,
  type SeriesUid,
  type SopInstanceUid,
  studyFacts,
} from '../../src/imaging/index.ts';
import { header, type HeaderChange } from '../example-headers.ts';

/**
 * Decision tables of the shipped draft of image requirements, to be read by whoever takes images: of an item, what came, and whether
 * it suffices. Rows of the list that hold only for certain diagnoses apply where the table names one.
 */
const ROWS = shipped.content.rows as unknown as readonly ImageRequirement[];

const asksOf = (item: string, diagnosis: string | null): readonly ImageAsks[] =>
  ROWS.filter(({ items }) => (items as readonly string[]).includes(item))
    .filter(
      ({ when }) =>
        when === undefined ||
        (when.diagnosisPrefixes ?? []).some((prefix) => diagnosis?.startsWith(prefix) ?? false),
    )
    .map(({ asks }) => asks);

let uid = 0;
const image = (change: HeaderChange, seriesUid: string): InstanceHeader => {
  uid += 1;
  return header({
    ...change,
    seriesUid: seriesUid as SeriesUid,
    sopInstanceUid: `2.25.7.${uid}` as SopInstanceUid,
  });
};
const nextSeries = (): string => {
  uid += 1;
  return `2.25.8.${uid}`;
};

const ORIENTATIONS = {
  axial: { cosines: [1, 0, 0, 0, 1, 0], axis: 2 },
  sagittal: { cosines: [0, 1, 0, 0, 0, -1], axis: 0 },
  coronal: { cosines: [1, 0, 0, 0, 0, -1], axis: 1 },
} as const;

/** A series of slices: its words, its thickness (null: not stated) and plane; so many millimetres of the patient. */
const slices =
  (modality: string) =>
  (
    words: string | null,
    thicknessMm: number | null,
    plane: keyof typeof ORIENTATIONS = 'axial',
    reachMm = 60,
  ) => {
    const series = nextSeries();
    const stepMm = thicknessMm ?? 5;
    const { cosines, axis } = ORIENTATIONS[plane];
    return Array.from({ length: Math.ceil(reachMm / stepMm) }, (_, index) =>
      image(
        {
          modality,
          instanceNumber: index + 1,
          descriptions: { series: words },
          geometry: {
            sliceThicknessMm: thicknessMm,
            imageOrientationPatient: cosines,
            imagePositionPatientMm: [0, 1, 2].map((at) =>
              at === axis ? index * stepMm : 0,
            ) as unknown as readonly [number, number, number],
          },
        },
        series,
      ),
    );
  };
const ct = slices('CT');
const mr = slices('MR');
/** Projections by view and side; null: not stated. */
const views = (modality: string, ...projections: readonly (readonly [string | null, string?])[]) =>
  projections.map(([viewPosition, imageLaterality = null]) =>
    image({ modality, anatomy: { viewPosition, imageLaterality } }, nextSeries()),
  );
const clip = (modality: string, frames: number) => [
  image({ modality, pixels: { numberOfFrames: frames } }, nextSeries()),
];
const ecg = (leads: number | null) => [image({ modality: 'ECG', leads }, nextSeries())];

type Line = readonly [
  what: string,
  item: string,
  diagnosis: string | null,
  came: readonly InstanceHeader[],
  outcome: 'suffices' | 'does not' | 'cannot be told',
];

const outcomeOf = (item: string, diagnosis: string | null, came: readonly InstanceHeader[]): Line[4] => {
  const facts = reportImageFacts([imageFacts(studyFacts(came), null)]);
  const { judgement } = judgeImages(facts, { bodyPartZh: null, side: null }, asksOf(item, diagnosis));
  if (judgement.failures.length > 0) return 'does not';
  return judgement.notStated.length > 0 ? 'cannot be told' : 'suffices';
};

const table = (lines: readonly Line[]): void => {
  it.each(lines)('%s (%s, %s)', (_what, item, diagnosis, came, outcome) => {
    expect(outcomeOf(item, diagnosis, came)).toBe(outcome);
  });
};

describe('computed tomography', () => {
  table([
    ['head CTA, arterial slices of 0.6 mm', 'CT-CTA-HEAD', null, ct('动脉期', 0.6), 'suffices'],
    ['head CTA, arterial slices of 5 mm', 'CT-CTA-HEAD', null, ct('动脉期', 5), 'does not'],
    [
      'head CTA, thin plain and thick arterial slices',
      'CT-CTA-HEAD',
      null,
      [...ct('平扫', 0.6), ...ct('动脉期', 5)],
      'does not',
    ],
    ['head CTA, thin plain slices alone', 'CT-CTA-HEAD', null, ct('平扫', 0.6), 'does not'],
    [
      'head CTA, thin slices of which only contrast is stated',
      'CT-CTA-HEAD',
      null,
      ct('增强', 0.6),
      'cannot be told',
    ],
    ['head CTA, thin slices without a word', 'CT-CTA-HEAD', null, ct(null, 0.6), 'cannot be told'],
    ['pulmonary CTA, pulmonary arterial phase of 1 mm', 'CT-CTPA', null, ct('肺动脉期 1.0', 1), 'suffices'],
    ['coronary CTA of 0.6 mm', 'CT-CCTA', null, ct('动脉期 75%', 0.6), 'suffices'],
    ['coronary CTA of 1.25 mm', 'CT-CCTA', null, ct('动脉期 75%', 1.25), 'does not'],
    ['cough, plain chest of 5 mm', 'CT-CHEST-P', 'R05', ct(null, 5, 'axial', 300), 'suffices'],
    ['nodule, plain chest of 5 mm', 'CT-CHEST-P', 'R91', ct(null, 5, 'axial', 300), 'does not'],
    ['nodule, plain chest of 1 mm', 'CT-CHEST-P', 'R91', ct(null, 1, 'axial', 300), 'suffices'],
    ['nodule, thickness not stated', 'CT-CHEST-P', 'R91', ct(null, null, 'axial', 300), 'cannot be told'],
    [
      'liver in three phases of 5 mm',
      'CT-LIV-PC',
      null,
      [...ct('平扫', 5), ...ct('动脉期', 5), ...ct('门脉期', 5)],
      'suffices',
    ],
    [
      'liver without an arterial phase',
      'CT-LIV-PC',
      null,
      [...ct('平扫', 5), ...ct('门脉期', 5)],
      'does not',
    ],
    [
      'liver whose portal phase is of 10 mm',
      'CT-LIV-PC',
      null,
      [...ct('平扫', 5), ...ct('动脉期', 5), ...ct('门脉期', 10)],
      'does not',
    ],
    [
      'liver of which one enhanced series names no phase',
      'CT-LIV-PC',
      null,
      [...ct('平扫', 5), ...ct('动脉期', 5), ...ct('增强', 5)],
      'cannot be told',
    ],
    [
      'urography without an excretory phase',
      'CT-CTU',
      null,
      [...ct('平扫', 5), ...ct('静脉期', 5)],
      'does not',
    ],
    ['cervical spine of 2 mm', 'CT-CS-P', null, ct(null, 2), 'suffices'],
    ['cervical spine of 5 mm', 'CT-CS-P', null, ct(null, 5), 'does not'],
    ['calcium score of 5 mm', 'CT-CACS', null, ct(null, 5), 'does not'],
  ]);
});

describe('magnetic resonance', () => {
  const knee = [...mr('PD SAG', 3, 'sagittal'), ...mr('PD COR', 3.5, 'coronal')];
  table([
    ['knee, sagittal and coronal', 'MR-KNEE-P', null, knee, 'suffices'],
    ['knee, sagittal alone', 'MR-KNEE-P', null, mr('PD SAG', 3, 'sagittal'), 'does not'],
    [
      'knee, coronal of 6 mm',
      'MR-KNEE-P',
      null,
      [...mr('PD SAG', 3, 'sagittal'), ...mr('PD COR', 6, 'coronal')],
      'does not',
    ],
    [
      'lumbar spine, both planes',
      'MR-LS-P',
      null,
      [...mr('T2 SAG', 4, 'sagittal'), ...mr('T2 TRA', 4)],
      'suffices',
    ],
    [
      'lumbar spine, sagittal of 8 mm',
      'MR-LS-P',
      null,
      [...mr('T2 SAG', 8, 'sagittal'), ...mr('T2 TRA', 4)],
      'does not',
    ],
    [
      'headache, brain without diffusion',
      'MR-BRAIN-P',
      'R51',
      [...mr('T1', 5), ...mr('T2 FLAIR', 5)],
      'suffices',
    ],
    [
      'stroke, brain without diffusion',
      'MR-BRAIN-P',
      'I63.9',
      [...mr('T1', 5), ...mr('T2 FLAIR', 5)],
      'does not',
    ],
    [
      'stroke, brain with diffusion',
      'MR-BRAIN-P',
      'I63.9',
      [...mr('T1', 5), ...mr('DWI b1000', 5)],
      'suffices',
    ],
    [
      'stroke, one series without a name',
      'MR-BRAIN-P',
      'I63.9',
      [...mr('T1', 5), ...mr(null, 5)],
      'cannot be told',
    ],
    [
      'pituitary of 5 mm',
      'MR-PIT-P',
      null,
      [...mr('SAG', 5, 'sagittal'), ...mr('COR', 5, 'coronal')],
      'does not',
    ],
    [
      'pituitary of 2 mm',
      'MR-PIT-P',
      null,
      [...mr('SAG', 2, 'sagittal'), ...mr('COR', 2, 'coronal')],
      'suffices',
    ],
    ['head MRA as time of flight of 0.8 mm', 'MR-MRA-H', null, mr('3D TOF', 0.8), 'suffices'],
    [
      'liver in two phases',
      'MR-LIV-PC',
      null,
      [...mr('LAVA 动脉期', 5), ...mr('LAVA 门脉期', 5)],
      'suffices',
    ],
    ['liver, dynamic series without phases', 'MR-LIV-PC', null, mr('LAVA+C 增强', 5), 'cannot be told'],
    ['shoulder, axial of 3.5 mm', 'MR-SHLD-P', null, mr('PD TRA', 3.5), 'suffices'],
    ['wrist, whatever its plane', 'MR-WRST', null, mr('T1', 3, 'sagittal'), 'suffices'],
  ]);
});

describe('projections', () => {
  table([
    ['chest, both views', 'XR-CHEST-2V', null, views('DX', ['PA'], ['LL']), 'suffices'],
    ['chest, frontal alone', 'XR-CHEST-2V', null, views('DX', ['PA']), 'does not'],
    ['chest, the second view not stated', 'XR-CHEST-2V', null, views('DX', ['PA'], [null]), 'cannot be told'],
    ['forearm, frontal and lateral', 'XR-FARM', null, views('DX', ['AP'], ['LAT']), 'suffices'],
    ['forearm, frontal alone', 'XR-FARM', null, views('DX', ['AP']), 'does not'],
    ['hand, frontal and oblique', 'XR-HAND', null, views('DX', ['PA'], ['OBL']), 'suffices'],
    ['flexion without extension', 'XR-CSFE', null, views('DX', ['LAT']), 'does not'],
    [
      'mammography, four images',
      'XR-MG',
      null,
      views('MG', ['CC', 'L'], ['MLO', 'L'], ['CC', 'R'], ['MLO', 'R']),
      'suffices',
    ],
    [
      'mammography, one image lacks',
      'XR-MG',
      null,
      views('MG', ['CC', 'L'], ['MLO', 'L'], ['CC', 'R']),
      'does not',
    ],
    ['mammography of one breast', 'XR-MG', null, views('MG', ['CC', 'L'], ['MLO', 'L']), 'cannot be told'],
    [
      'diagnostic mammography of one breast',
      'XR-MGD',
      null,
      views('MG', ['CC', 'L'], ['MLO', 'L']),
      'suffices',
    ],
    ['coronary angiography as one still', 'XR-CAG', null, clip('XA', 1), 'does not'],
    ['coronary angiography as loops', 'XR-CAG', null, clip('XA', 80), 'suffices'],
  ]);
});

describe('ultrasound and electrocardiogram', () => {
  table([
    ['abdomen, one still', 'US-ABD', null, clip('US', 1), 'suffices'],
    ['contrast ultrasound, one still', 'US-CEUS', null, clip('US', 1), 'does not'],
    ['contrast ultrasound, a clip', 'US-CEUS', null, clip('US', 120), 'suffices'],
    ['twelve leads', 'EC-12', null, ecg(12), 'suffices'],
    ['a strip of one lead', 'EC-12', null, ecg(1), 'does not'],
    ['leads not stated', 'EC-12', null, ecg(null), 'cannot be told'],
  ]);
});

it('every row says where it comes from, and that no instrument was read', () => {
  expect(ROWS.filter(({ sourceZh }) => !sourceZh.includes('条文未逐字核对'))).toEqual([]);
});
