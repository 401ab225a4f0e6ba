import { describe, expect, it } from 'vitest';
import { axialStack, header } from '../../../test/example-headers.ts';
import {
  compiled,
  exampleDocuments,
  listRow,
  lookAt,
  NOW,
  nodulesNeedThinSlices,
  orderOf,
  resultOf,
  UNTREATED,
  withRow,
} from '../../../test/example-region.ts';
import { type ImageFacts, imageFacts, studyFacts } from '../../imaging/index.ts';
import { evaluate } from '../evaluate.ts';
import { explainVerdict, shortReasons } from '../explain.ts';

const chest = (images: Parameters<typeof resultOf>[2]) => resultOf('CT-CHEST-P', '2026-11-15 08:00', images);

it.each([
  ['present', 'images-present', 'must-consider'],
  ['uploading', 'images-uploading', 'may-consider'],
  ['unknown', 'images-unknown', 'may-consider'],
  ['not-applicable', 'images-unknown', 'may-consider'],
  ['absent', 'images-absent', 'view-only'],
  ['incomplete', 'images-incomplete', 'view-only'],
  ['unfit', 'images-unfit', 'view-only'],
] as const)(
  'a chest CT whose images are %s, where the list asks for them: %s, %s',
  (images, finding, grade) => {
    expect(lookAt('images-fit', orderOf('CT-CHEST-P'), chest({ images }))).toMatchObject({ finding, grade });
  },
);

it.each([
  ['absent', 'images-not-asked', 'must-consider'],
  ['uploading', 'images-uploading', 'may-consider'],
  ['incomplete', 'images-incomplete', 'view-only'],
  ['unfit', 'images-unfit', 'view-only'],
] as const)(
  'a chest CT whose images are %s, where the list does not ask: %s, %s',
  (images, finding, grade) => {
    const snapshot = compiled(withRow(listRow('CT-CHEST-P', 30)));
    expect(lookAt('images-fit', orderOf('CT-CHEST-P'), chest({ images }), { snapshot })).toMatchObject({
      finding,
      grade,
    });
  },
);

const SNAPSHOT = compiled([...exampleDocuments(), nodulesNeedThinSlices()]);
const stack = (count: number, thicknessMm: number | null): ImageFacts =>
  imageFacts(
    studyFacts(
      axialStack(count, thicknessMm ?? 1, {
        anatomy: { bodyPartExamined: 'CHEST' },
        ...(thicknessMm === null ? { geometry: { sliceThicknessMm: null } } : {}),
      }),
    ),
    null,
  );

const TOWNSHIP = stack(60, 5);
const ROUTINE = orderOf('CT-CHEST-P');
const NODULE = orderOf('CT-CHEST-P', { diagnoses: ['R91.100'] });

describe('what the headers of the images state', () => {
  it.each<[string, typeof ROUTINE, Partial<ImageFacts>, string, string, object]>([
    ['5 mm for a cough', ROUTINE, {}, 'images-present', 'must-consider', { received: 60 }],
    [
      '5 mm for a nodule',
      NODULE,
      {},
      'images-unfit',
      'view-only',
      { failures: [{ kind: 'thickness', found: 5, asked: 1.25 }] },
    ],
    ['1 mm for a nodule', NODULE, stack(300, 1), 'images-present', 'must-consider', {}],
    ['no thickness stated', NODULE, stack(300, null), 'images-not-stated', 'may-consider', {}],
    ['two slices missing', ROUTINE, { missing: 2 }, 'images-incomplete', 'view-only', { missing: 2 }],
    [
      'ten announced and not sent',
      ROUTINE,
      { announced: 70 },
      'images-incomplete',
      'view-only',
      { missing: 10 },
    ],
    ['a knee', ROUTINE, { regions: ['lower-limb'] }, 'images-unfit', 'view-only', {}],
  ])('%s', (_name, order, change, finding, grade, data) => {
    const imaging = { ...TOWNSHIP, ...change };
    expect(
      lookAt('images-fit', order, chest({ images: 'present', imaging }), { snapshot: SNAPSHOT }),
    ).toMatchObject({ finding, grade, data });
  });

  it('the other knee in the images than in the report', () => {
    const knee = (side: ImageFacts['side']) =>
      lookAt(
        'images-fit',
        orderOf('MR-KNEE-P', { side: 'left' }),
        resultOf('MR-KNEE-P', '2026-11-15 08:00', {
          side: 'left',
          images: 'present',
          imaging: {
            ...TOWNSHIP,
            regions: ['lower-limb'],
            shows: { regions: ['lower-limb'] },
            named: ['lower-limb'],
            side,
          },
        }),
      );
    expect(knee('left')).toMatchObject({ finding: 'images-present', grade: 'must-consider' });
    expect(knee('right')).toMatchObject({ finding: 'images-unfit', grade: 'view-only' });
    expect(knee(null)).toMatchObject({ finding: 'images-not-stated', grade: 'may-consider' });
    expect(knee('unclear')).toMatchObject({ finding: 'images-not-stated', grade: 'may-consider' });
  });

  it.each([
    ['asks for images', SNAPSHOT, 'images-none-but-documents', 'view-only'],
    ['does not ask', compiled(withRow(listRow('CT-CHEST-P', 30))), 'images-not-asked', 'must-consider'],
  ] as const)('documents alone, where the list %s: %s', (_name, snapshot, finding, grade) => {
    const imaging = imageFacts(studyFacts([header({ modality: 'SR' })]), null);
    const documents = chest({ images: 'present', imaging });
    expect(lookAt('images-fit', ROUTINE, documents, { snapshot })).toMatchObject({ finding, grade });
  });

  it('slices with gaps between them are said so', () => {
    const sparse = imageFacts(studyFacts(axialStack(300, 1).filter((_, index) => index % 10 === 0)), null);
    const thinned = { ...sparse, missing: 0 };
    const verdict = evaluate(
      NODULE,
      chest({ images: 'present', imaging: thinned }),
      SNAPSHOT,
      UNTREATED,
      NOW,
    );
    expect(shortReasons(verdict, SNAPSHOT.rulesAt(NOW))[0]?.zh).toBe(
      '影像不满足本项目要求：层间距 10 mm，有间隔',
    );
  });

  it('are cited with the row of the requirement, in words of both languages', () => {
    const result = chest({ images: 'present', imaging: TOWNSHIP });
    const verdict = evaluate(NODULE, result, SNAPSHOT, UNTREATED, NOW);
    const rules = SNAPSHOT.rulesAt(NOW);
    expect(shortReasons(verdict, rules)).toEqual([
      {
        zh: '影像不满足本项目要求：层厚 5 mm；本项目要求 ≤ 1.25 mm',
        en: 'the images do not meet what this item asks: 5 mm slices; this item asks ≤ 1.25 mm',
      },
    ]);
    const check = explainVerdict(verdict, rules).checks.find(({ check: code }) => code === 'images-fit');
    expect(check?.citation?.zh).toContain('影像质量要求');
    expect(check?.citation?.zh).toContain('CT-NODULE');
    expect(check?.data).toEqual([
      expect.objectContaining({
        name: 'failures',
        words: { zh: '层厚 5 mm；本项目要求 ≤ 1.25 mm', en: expect.any(String) },
      }),
    ]);
  });

  const NOT_ASKED = compiled([...withRow(listRow('CT-CHEST-P', 30)), nodulesNeedThinSlices()]);
  it.each<[string, typeof ROUTINE, Partial<ImageFacts>, string, string]>([
    ['5 mm for a nodule', NODULE, {}, 'images-unfit', 'view-only'],
    ['5 mm for a nodule, half of them', NODULE, { announced: 400 }, 'images-unfit', 'view-only'],
    ['5 mm for a nodule, some lacking so far', NODULE, { missing: 3 }, 'images-unfit', 'view-only'],
    [
      'a knee',
      ROUTINE,
      { regions: ['lower-limb'], shows: { regions: ['lower-limb'] } },
      'images-unfit',
      'view-only',
    ],
    ['1 mm for a nodule', NODULE, stack(300, 1), 'images-uploading', 'may-consider'],
    ['no thickness stated', NODULE, stack(300, null), 'images-uploading', 'may-consider'],
    ['5 mm for a cough', ROUTINE, {}, 'images-uploading', 'may-consider'],
    ['some lacking so far', ROUTINE, { missing: 2 }, 'images-uploading', 'may-consider'],
    ['nothing read yet', NODULE, imageFacts(studyFacts([]), 300), 'images-uploading', 'may-consider'],
  ])('while more is coming: %s', (_name, order, change, finding, grade) => {
    const imaging = { ...TOWNSHIP, ...change };
    for (const snapshot of [SNAPSHOT, NOT_ASKED])
      expect(
        lookAt('images-fit', order, chest({ images: 'uploading', imaging }), { snapshot }),
      ).toMatchObject({
        finding,
        grade,
      });
  });

  it('still coming are told as so many of so many, never as missing', () => {
    const imaging = { ...TOWNSHIP, received: 120, announced: 300 };
    const verdict = evaluate(ROUTINE, chest({ images: 'uploading', imaging }), SNAPSHOT, UNTREATED, NOW);
    expect(verdict.grade).toBe('may-consider');
    expect(shortReasons(verdict, SNAPSHOT.rulesAt(NOW))[0]?.zh).toBe('影像上传中 120/300');
  });
});

it.each([
  ['2026-11-15 08:00', 'JIANG-1', 'images-absent', 'view-only'],
  ['2026-11-08 08:00', 'JIANG-1', 'images-unknown', 'may-consider'],
  ['2026-11-15 08:00', 'JIANG-2', 'images-unknown', 'may-consider'],
] as const)(
  'no images of an examination of %s at %s: %s, as its images are expected here from the 10th on or not at all',
  (collected, performer, finding, grade) => {
    const result = resultOf('CT-CHEST-P', collected, { performer, images: 'unknown' });
    expect(lookAt('images-fit', ROUTINE, result, { snapshot: SNAPSHOT })).toMatchObject({ finding });
    if (performer === 'JIANG-1')
      expect(lookAt('images-fit', ROUTINE, result, { snapshot: SNAPSHOT }).grade).toBe(grade);
  },
);
