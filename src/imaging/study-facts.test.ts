import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axialStack, header } from '../../test/example-headers.ts';
import { imageFacts } from './fitness.ts';
import type { InstanceHeader, SeriesUid, SopInstanceUid } from './index.ts';
import { studyFacts } from './study-facts.ts';

const CHEST = axialStack(200, 1.25, { anatomy: { bodyPartExamined: 'CHEST' } });

describe('the facts of a study', () => {
  it('are slice thickness, distance, coverage, plane and matrix of each series', () => {
    expect(studyFacts(CHEST).series).toEqual([
      expect.objectContaining({
        instances: 200,
        plane: 'axial',
        thicknessMm: 1.25,
        spacingMm: 1.25,
        coverageMm: 250,
        matrix: 512,
        missing: 0,
        regions: ['chest'],
        isLossy: false,
      }),
    ]);
  });

  it('do not depend on the order in which instances came, nor on one that came twice', () => {
    const study = [...CHEST.slice(0, 30), ...axialStack(12, 5, {}, 2)];
    const facts = studyFacts(study);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(study, { minLength: study.length }),
        fc.nat(study.length - 1),
        (shuffled, twice) => {
          expect(studyFacts([...shuffled, study[twice] as InstanceHeader])).toEqual(facts);
        },
      ),
    );
  });

  it('count as missing what was taken out between the first slice and the last', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 58 }), { minLength: 1, maxLength: 25 }), (out) => {
        const rest = axialStack(60, 1.25).filter((_, index) => !out.includes(index));
        expect(studyFacts(rest).missing).toBe(out.length);
      }),
    );
  });

  it('see a gap by the places alone where a device does not number, and by the numbers where it does not place', () => {
    const without = axialStack(40, 2).filter((_, index) => index < 10 || index > 14);
    expect(studyFacts(without.map((one) => ({ ...one, instanceNumber: null }))).missing).toBe(5);
    const unplaced = without.map((one) => header({ ...one, geometry: { imagePositionPatientMm: null } }));
    expect(studyFacts(unplaced).missing).toBe(5);
  });

  it('believe places before numbers: an unbroken row with a hole of 20 in its numbers lacks nothing', () => {
    const renumbered = (stack: readonly InstanceHeader[]) =>
      stack.map((one, index) => ({ ...one, instanceNumber: index < 50 ? index + 1 : index + 21 }));
    expect(studyFacts(renumbered(CHEST)).missing).toBe(0);
    const [first, ...others] = CHEST;
    const unplaced = header({ ...first, geometry: { imagePositionPatientMm: null } });
    expect(studyFacts(renumbered([unplaced, ...others])).missing).toBe(20);
  });

  it('believe numbers where every place has two images: one of a phase is missing', () => {
    const second = axialStack(30, 5).map((one, index) => ({
      ...one,
      sopInstanceUid: `2.25.9.${index}` as SopInstanceUid,
      instanceNumber: 31 + index,
    }));
    expect(studyFacts([...axialStack(30, 5), ...second.filter((_, index) => index !== 9)]).missing).toBe(1);
  });

  it('of half a study that ends early say so only by what the sender announced', () => {
    const half = studyFacts(CHEST.slice(0, 100));
    expect(half.missing).toBe(0);
    expect(imageFacts(half, 200)).toMatchObject({ received: 100, announced: 200, coverageMm: 125 });
  });

  it('take no second phase at the same places for a fault, nor numbers that step by two', () => {
    const phases = [
      ...axialStack(30, 5),
      ...axialStack(30, 5).map((one, index) => ({
        ...one,
        sopInstanceUid: `2.25.9.${index}` as SopInstanceUid,
        instanceNumber: 31 + index,
      })),
    ];
    expect(studyFacts(phases).missing).toBe(0);
    const even = axialStack(30, 5).map((one, index) => ({ ...one, instanceNumber: 2 * index + 2 }));
    expect(studyFacts(even).missing).toBe(0);
  });

  it('of one image with many frames are those of its frames', () => {
    const framesAt = (places: readonly number[]) =>
      studyFacts([
        header({
          pixels: { numberOfFrames: places.length },
          geometry: {
            sliceThicknessMm: 1.25,
            imageOrientationPatient: [1, 0, 0, 0, 1, 0],
            framePositionsMm: places.map((z) => [-190, -190, z] as const),
          },
        }),
      ]).series[0];
    const places = Array.from({ length: 200 }, (_, index) => index * 1.25);
    expect(framesAt(places)).toMatchObject({
      plane: 'axial',
      frames: 200,
      thicknessMm: 1.25,
      spacingMm: 1.25,
      coverageMm: 250,
      missing: 0,
    });
    expect(framesAt(places.filter((_, index) => index !== 50))?.missing).toBe(1);
  });

  it.each<[string, readonly (readonly [boolean | null, string | null])[], string | null, object]>([
    ['an arterial phase', [[true, 'ARTERIAL']], null, { phase: 'arterial' }],
    ['a medium that was given, no phase', [[true, null]], null, { phase: 'enhanced' }],
    ['none given', [[false, null]], null, { phase: 'plain' }],
    ['a medium given before the medium', [[true, 'PRE_CONTRAST']], null, { phase: null }],
    ['a phase beside words that say less', [[true, 'PORTAL_VENOUS']], '增强', { phase: 'venous' }],
    ['less than the words', [[true, null]], '动脉期', { phase: 'arterial' }],
    ['another phase than the words', [[true, 'VENOUS']], '动脉期', { phase: null }],
    ['none given, against the words', [[false, null]], '动脉期', { phase: null }],
    [
      'two phases of its frames',
      [
        [false, null],
        [true, 'ARTERIAL'],
      ],
      '增强',
      { phase: null, phases: ['arterial', 'plain'] },
    ],
  ])('read %s from the frames of an image', (_name, usages, series, expected) => {
    const contrastUsages = usages.map(([isAdministered, phase]) => ({ isAdministered, phase }));
    const facts = studyFacts([header({ descriptions: { series }, acquisition: { contrastUsages } })]);
    expect(facts.series[0]).toMatchObject(expected);
  });

  it('take slices that fan out through the discs of a spine for one plane, a localiser of three planes for none', () => {
    const tilted = (degrees: readonly number[]) =>
      studyFacts(
        degrees.map((angle, index) => {
          const [cosine, sine] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
          return header({
            modality: 'MR',
            sopInstanceUid: `2.25.1.1.${index}` as SopInstanceUid,
            instanceNumber: index + 1,
            geometry: {
              sliceThicknessMm: 4,
              imagePositionPatientMm: [0, 0, index * 12],
              imageOrientationPatient: [1, 0, 0, 0, cosine, sine],
            },
          });
        }),
      ).series[0];
    expect(tilted([0, 0, 12, 12, 30, 30])).toMatchObject({ plane: 'axial', coverageMm: null, missing: 0 });
    expect(tilted([0, 90, 45])).toMatchObject({ plane: null, isUnplaced: true });
  });

  it('of a mammography are of both sides, of a knee unclear', () => {
    const sides = (modality: string) =>
      studyFacts(
        ['L', 'R'].map((imageLaterality, index) =>
          header({
            modality,
            sopInstanceUid: `2.25.1.1.${index}` as SopInstanceUid,
            anatomy: { imageLaterality },
          }),
        ),
      ).side;
    expect(sides('MG')).toBe('both');
    expect(sides('DX')).toBe('unclear');
  });

  it.each([
    ['399368009', 'SCT', 'medio-lateral oblique', 'mediolateral-oblique'],
    ['R-10242', 'SRT', 'cranio-caudal', 'cranio-caudal'],
    ['X1', 'L', 'Postero-anterior', 'frontal'],
  ])('read the view from its code %s', (value, scheme, meaning, view) => {
    const facts = studyFacts([header({ modality: 'MG', anatomy: { viewCode: { value, scheme, meaning } } })]);
    expect(facts.series[0]?.views).toEqual([view]);
  });

  it('have the greatest dose that a report of it states', () => {
    const reports = [120, 412.5].map((doseLengthMGyCm, index) =>
      header({
        modality: 'SR',
        sopInstanceUid: `2.25.1.9.${index}` as SopInstanceUid,
        acquisition: { doseLengthMGyCm },
      }),
    );
    expect(studyFacts([...axialStack(3, 5), ...reports]).doseLengthMGyCm).toBe(412.5);
  });

  it('name the thickest slice of a series', () => {
    const [first, ...rest] = axialStack(10, 1);
    const thick = header({ ...first, geometry: { ...first?.geometry, sliceThicknessMm: 5 } });
    expect(studyFacts([thick, ...rest]).series[0]?.thicknessMm).toBe(5);
  });

  it('leave localisers and documents aside', () => {
    const scout = header({
      seriesUid: '2.25.1.9' as SeriesUid,
      sopInstanceUid: '2.25.1.9.1' as SopInstanceUid,
      acquisition: { imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
      geometry: { sliceThicknessMm: 0.6 },
    });
    const report = header({
      modality: 'SR',
      seriesUid: '2.25.1.8' as SeriesUid,
      sopInstanceUid: '2.25.1.8.1' as SopInstanceUid,
    });
    const facts = studyFacts([...axialStack(20, 5), scout, report]);
    expect(facts.modalities).toEqual(['CT']);
    expect(imageFacts(facts, null).thicknessMm).toBe(5);
  });

  it('sum up the thinnest stack, dose, lossy compression', () => {
    const facts = studyFacts([
      ...axialStack(60, 5, { acquisition: { ctdiVolMGy: 6.2, convolutionKernel: 'B31f' } }),
      ...axialStack(240, 1.25, { pixels: { lossyImageCompression: '01', lossyRatios: [8] } }, 2),
    ]);
    expect(facts.ctdiVolMGy).toBe(6.2);
    expect(imageFacts(facts, 300)).toMatchObject({
      thicknessMm: 1.25,
      coverageMm: 300,
      isLossy: true,
      lossyRatio: 8,
      received: 300,
      announced: 300,
    });
  });

  it.each([
    ['NON CONTRAST', null, null, 'plain'],
    ['NON CONTRAST', 'IOHEXOL', null, 'plain'],
    ['Abd 1.25', 'IOHEXOL', null, 'enhanced'],
    ['Abd AP 1.25', 'IOHEXOL', 'IV', 'arterial'],
    ['Abd AP 1.25', null, null, null],
    ['Abd PRE 1.25', 'IOHEXOL', 'IV', null],
    ['CHEST W/O', 'IOHEXOL', 'IV', null],
    ['CHEST W/WO CONTRAST', 'IOHEXOL', 'IV', null],
    ['Abd 1.25', 'NO', null, null],
    ['Abd 1.25', 'NONE', null, null],
    ['Abd 1.25', '无', null, null],
    ['Abd 1.25', 'WATER', 'ORAL', null],
    ['Abd 1.25', 'IOHEXOL', 'ORAL', null],
    ['Abd 1.25', 'IOHEXOL', 'ORAL/IV', 'enhanced'],
    ['Head VP SHUNT', 'IOHEXOL', 'IV', 'enhanced'],
  ] as const)('of %s with agent %s given by %s: phase %s', (series, contrastAgent, contrastRoute, phase) => {
    const [facts] = studyFacts(
      axialStack(3, 5, {
        descriptions: { series },
        acquisition: { contrastAgent, contrastRoute },
      }),
    ).series;
    expect(facts?.phase).toBe(phase);
  });

  it.each([
    ['a code', [{ laterality: 'L' }], 'left'],
    ['the words of the part', [{ bodyPartExamined: '左膝' }], 'left'],
    ['code and words alike', [{ laterality: 'R', bodyPartExamined: 'KNEE RT' }], 'right'],
    ['code against words', [{ laterality: 'L', bodyPartExamined: '右膝关节' }], 'unclear'],
    ['one image against the other', [{ imageLaterality: 'L' }, { imageLaterality: 'R' }], 'unclear'],
    ['two tubes, no two knees', [{ bodyPartExamined: '双源CT 右膝' }], 'right'],
    ['no letter of the spine', [{ bodyPartExamined: 'L-SPINE' }], null],
    ['a code for no side', [{ imageLaterality: 'U' }], null],
    ['nothing', [{}], null],
  ] as const)('know the side by %s', (_name, anatomies, side) => {
    const headers = anatomies.map((anatomy, index) =>
      header({ sopInstanceUid: `2.25.3.${index}` as SopInstanceUid, modality: 'DX', anatomy }),
    );
    expect(studyFacts(headers).side).toBe(side);
  });
});
