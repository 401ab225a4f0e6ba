import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axialStack } from '../../test/example-headers.ts';
import { type ImageAsks, type ImageFacts, imageFacts, judgeImages } from './fitness.ts';
import { studyFacts } from './study-facts.ts';

const ANYWHERE = { bodyPartZh: null, side: null } as const;
const TOWNSHIP = imageFacts(studyFacts(axialStack(60, 5, { anatomy: { bodyPartExamined: 'CHEST' } })), null);

const judged = (facts: Partial<ImageFacts>, asks: ImageAsks) =>
  judgeImages({ ...TOWNSHIP, ...facts }, ANYWHERE, [asks]);

describe('images under requirements', () => {
  it.each<[string, Partial<ImageFacts>, ImageAsks, 'fit' | 'unfit' | 'unknown']>([
    ['5 mm where 5 are asked', {}, { thicknessMaxMm: 5 }, 'fit'],
    ['5 mm where 1.25 are asked', {}, { thicknessMaxMm: 1.25 }, 'unfit'],
    ['no thickness stated', { thicknessMm: null }, { thicknessMaxMm: 1.25 }, 'unknown'],
    ['half the chest', { coverageMm: 140 }, { coverageMinMm: 220 }, 'unfit'],
    ['one view of two', { views: ['frontal'] }, { views: ['frontal', 'lateral'] }, 'unfit'],
    ['both views', { views: ['frontal', 'lateral'] }, { views: ['frontal', 'lateral'] }, 'fit'],
    ['views not stated', { views: [] }, { views: ['frontal'] }, 'unknown'],
    ['an arterial phase where contrast is asked', { phases: ['arterial'] }, { phases: ['enhanced'] }, 'fit'],
    ['plain where contrast is asked', { phases: ['plain'] }, { phases: ['plain', 'enhanced'] }, 'unfit'],
    ['lossless', {}, { lossyRatioMax: 1 }, 'fit'],
    ['8:1 where lossless is asked', { isLossy: true, lossyRatio: 8 }, { lossyRatioMax: 1 }, 'unfit'],
    ['lossy by nobody knows how much', { isLossy: true, lossyRatio: null }, { lossyRatioMax: 10 }, 'unknown'],
    ['an ultrasound for a CT', { modalities: ['US'] }, { modalities: ['CT'] }, 'unfit'],
    ['a small matrix', { matrix: 256 }, { matrixMin: 512 }, 'unfit'],
    ['a still for a clip', { frames: 1 }, { framesMin: 10 }, 'unfit'],
    ['no coronal plane', { planes: ['axial'] }, { planes: ['coronal'] }, 'unfit'],
  ])('%s', (_name, facts, asks, expected) => {
    const { failures, notStated } = judged(facts, asks);
    expect(failures.length > 0 ? 'unfit' : notStated.length > 0 ? 'unknown' : 'fit').toBe(expected);
  });

  it('say what was found and what is asked', () => {
    expect(judged({}, { thicknessMaxMm: 1.25 }).failures).toEqual([
      { kind: 'thickness', found: 5, asked: 1.25 },
    ]);
  });

  it.each([
    ['the other side', 'right', 'left', 1, 0],
    ['the same side', 'left', 'left', 0, 0],
    ['both sides', 'both', 'left', 0, 0],
    ['sides that contradict each other', 'unclear', 'left', 0, 1],
    ['no side', null, 'left', 0, 0],
  ] as const)('of %s', (_name, side, reported, failures, notStated) => {
    const judgement = judgeImages({ ...TOWNSHIP, side }, { bodyPartZh: null, side: reported }, []);
    expect([judgement.failures.length, judgement.notStated.length]).toEqual([failures, notStated]);
  });

  it('of another part of the body fail, of one that nobody knows do not', () => {
    const of = (bodyPartZh: string) => judgeImages(TOWNSHIP, { bodyPartZh, side: null }, []).failures;
    expect(of('膝关节')).toEqual([{ kind: 'region', found: ['chest'], asked: '膝关节' }]);
    expect(of('胸部')).toEqual([]);
    expect(of('某处')).toEqual([]);
  });

  it('never become fit by a stricter requirement', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 10, noNaN: true }),
        fc.double({ min: 0.5, max: 10, noNaN: true }),
        (one, other) => {
          const [strict, lax] = one < other ? [one, other] : [other, one];
          const fails = (most: number) => judged({}, { thicknessMaxMm: most }).failures.length > 0;
          if (fails(lax)) expect(fails(strict)).toBe(true);
        },
      ),
    );
  });

  it('of two rows that ask the same are judged once', () => {
    const asks = { thicknessMaxMm: 1 };
    expect(judgeImages(TOWNSHIP, ANYWHERE, [asks, asks]).failures).toHaveLength(1);
  });
});
