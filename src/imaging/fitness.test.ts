import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axialStack, type HeaderChange } from '../../test/example-headers.ts';
import { type ImageAsks, type ImageFacts, type ImageJudgement, imageFacts } from './fitness.ts';
import type { InstanceHeader } from './instance.ts';
import { judgeImages } from './judge-shown-part.ts';
import { judgeImages2 } from './judge-images-2.ts';
import { studyFacts } from './study-facts.ts';

const ANYWHERE = { bodyPartZh: null, side: null } as const;
const TOWNSHIP = imageFacts(studyFacts(axialStack(60, 5, { anatomy: { bodyPartExamined: 'CHEST' } })), null);

const outcomeOf = ({ failures, notStated }: ImageJudgement) =>
  failures.length > 0 ? 'unfit' : notStated.length > 0 ? 'unknown' : 'fit';

/** As a decision of before stacks were told apart has them. */
const { stacks: _, ...BEFORE } = TOWNSHIP;

const judged = (facts: Partial<ImageFacts>, asks: ImageAsks) =>
  judgeImages2({ ...BEFORE, ...facts }, ANYWHERE, [asks]);

/** As images are judged now. */
const judgedNow = (
  facts: ImageFacts,
  examined: Parameters<typeof judgeImages>[1],
  asks: readonly ImageAsks[],
): ImageJudgement => judgeImages(facts, examined, asks).judgement;

/** A series of an example study: so many slices of such a thickness. */
const series = (number: number, count: number, thicknessMm: number, change: HeaderChange = {}) =>
  axialStack(count, thicknessMm, change, number);
const JPEG_2000 = '1.2.840.10008.1.2.4.91';

describe('images of a decision made before stacks were told apart', () => {
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
    expect(outcomeOf(judged(facts, asks))).toBe(expected);
  });
});

describe('images under requirements', () => {
  const WHOLE = series(1, 300, 1);
  const TARGET = series(2, 66, 0.6);
  const THICK = series(3, 60, 5);
  const enhanced = (stack: readonly InstanceHeader[]) =>
    stack.map((one) => ({ ...one, descriptions: { ...one.descriptions, series: '增强 静脉期' } }));
  const plain = (stack: readonly InstanceHeader[]) =>
    stack.map((one) => ({ ...one, descriptions: { ...one.descriptions, series: '平扫' } }));
  const withPixels = (pixels: Partial<InstanceHeader['pixels']>, transferSyntaxUid = JPEG_2000) =>
    series(1, 60, 5, { transferSyntaxUid, pixels });

  it.each<[string, readonly InstanceHeader[], readonly ImageAsks[], 'fit' | 'unfit' | 'unknown']>([
    [
      'a thin chest beside a thinner target of 40 mm',
      [...WHOLE, ...TARGET],
      [{ coverageMinMm: 220 }, { thicknessMaxMm: 1.25 }],
      'fit',
    ],
    [
      'a thick chest beside a thin target: neither is a thin chest',
      [...THICK, ...TARGET],
      [{ coverageMinMm: 220 }, { thicknessMaxMm: 1.25 }],
      'unfit',
    ],
    [
      'the same where one row asks both',
      [...THICK, ...TARGET],
      [{ coverageMinMm: 220, thicknessMaxMm: 1.25 }],
      'unfit',
    ],
    [
      'thick slices where thick ones do',
      [...THICK, ...TARGET],
      [{ coverageMinMm: 220, thicknessMaxMm: 5 }],
      'fit',
    ],
    [
      'contrast in thick slices only, where thin ones are asked',
      [...plain(WHOLE), ...enhanced(THICK)],
      [{ phases: ['enhanced'], thicknessMaxMm: 1.25 }],
      'unfit',
    ],
    [
      'contrast in thin slices',
      [...plain(THICK), ...enhanced(WHOLE)],
      [{ phases: ['enhanced'], thicknessMaxMm: 1.25 }],
      'fit',
    ],
    [
      'thin slices of nobody knows which phase',
      [...plain(THICK), ...WHOLE],
      [{ phases: ['enhanced'], thicknessMaxMm: 1.25 }],
      'unknown',
    ],
    [
      'both phases, one of them in thick slices only',
      [...plain(THICK), ...enhanced(WHOLE)],
      [{ phases: ['plain', 'enhanced'], thicknessMaxMm: 1.25 }],
      'unfit',
    ],
    [
      'a thickness that no header states',
      series(1, 60, 5, { geometry: { sliceThicknessMm: null } }),
      [{ thicknessMaxMm: 5 }],
      'unknown',
    ],
    [
      'JPEG 2000 of which its sender says that nothing was lost',
      withPixels({ lossyImageCompression: '00' }),
      [{ lossyRatioMax: 1 }],
      'fit',
    ],
    ['JPEG 2000 of which nothing is said', withPixels({}), [{ lossyRatioMax: 1 }], 'unknown'],
    [
      'a loss of nobody knows how much, where none may be',
      withPixels({ lossyImageCompression: '01' }),
      [{ lossyRatioMax: 1 }],
      'unfit',
    ],
    [
      'a loss of nobody knows how much, where some may be',
      withPixels({ lossyImageCompression: '01' }),
      [{ lossyRatioMax: 10 }],
      'unknown',
    ],
    [
      'a loss of 8:1 where 10:1 may be',
      withPixels({ lossyImageCompression: '01', lossyRatios: [8] }),
      [{ lossyRatioMax: 10 }],
      'fit',
    ],
    [
      'a loss before the pixels were unpacked again',
      withPixels({ lossyImageCompression: '01' }, '1.2.840.10008.1.2.1'),
      [{ lossyRatioMax: 1 }],
      'unfit',
    ],
    [
      'baseline JPEG, which always loses, whatever is said',
      withPixels({ lossyImageCompression: '00' }, '1.2.840.10008.1.2.4.50'),
      [{ lossyRatioMax: 1 }],
      'unfit',
    ],
    [
      'a lossless stack beside a lossy copy of it',
      [
        ...series(1, 60, 5),
        ...series(2, 60, 5, { transferSyntaxUid: JPEG_2000, pixels: { lossyImageCompression: '01' } }),
      ],
      [{ lossyRatioMax: 1 }],
      'fit',
    ],
  ])('%s', (_name, headers, asks, expected) => {
    expect(outcomeOf(judgedNow(imageFacts(studyFacts(headers), null), ANYWHERE, asks))).toBe(expected);
  });

  it('say of the stack that comes nearest what it lacks, and which row it fails', () => {
    const { failures, failedRow } = judgedNow(imageFacts(studyFacts([...THICK, ...TARGET]), null), ANYWHERE, [
      { modalities: ['CT'] },
      { thicknessMaxMm: 5, coverageMinMm: 220 },
      { thicknessMaxMm: 1.25 },
    ]);
    expect(failures).toEqual([{ kind: 'coverage', found: 39.6, asked: 220 }]);
    expect(failedRow).toBe(1);
  });

  it('whose facts were read before loss was told from its possibility are not said to have lost', () => {
    const { reading: _reading, ...study } = studyFacts(withPixels({}));
    const first = { ...study, series: study.series.map((one) => ({ ...one, isLossy: true })) };
    const judgement = judgedNow(imageFacts(first, null), ANYWHERE, [{ lossyRatioMax: 1 }]);
    expect(outcomeOf(judgement)).toBe('unknown');
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
    ['no side where the report states one', null, 'left', 0, 1],
    ['no side where nobody states one', null, null, 0, 0],
  ] as const)('of %s', (_name, side, reported, failures, notStated) => {
    const judgement = judgedNow({ ...TOWNSHIP, side }, { bodyPartZh: null, side: reported }, []);
    expect([judgement.failures.length, judgement.notStated.length]).toEqual([failures, notStated]);
  });

  it('of another part of the body fail, of one that nobody knows do not', () => {
    const of = (bodyPartZh: string) => judgedNow(TOWNSHIP, { bodyPartZh, side: null }, []).failures;
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
    expect(judgedNow(TOWNSHIP, ANYWHERE, [asks, asks]).failures).toHaveLength(1);
  });
});
