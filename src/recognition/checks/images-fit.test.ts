import { expect, it } from 'vitest';
import { compiled, listRow, lookAt, orderOf, resultOf, withRow } from '../../../test/example-region.ts';

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
  ['uploading', 'images-not-asked', 'must-consider'],
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
