import { z } from 'zod';

const uidShape = z.string().regex(/^[0-9.]{1,64}$/);

/** A picture of a study that its reader marked: where it is, and the number by which people speak of it. */
export const keyImageShape = z.strictObject({
  seriesUid: uidShape,
  sopInstanceUid: uidShape,
  frame: z.int().min(1),
  /** Instance number, or the frame's where the instance has several; null where the header gives none. */
  number: z.int().nullable(),
});

/**
 * Body and answer of `POST /api/studies/{id}/key-images`: all pictures of the study that this reader has marked, in the order in
 * which they were marked. They take the place of those that were kept.
 */
export const keyImagesShape = z.strictObject({ images: z.array(keyImageShape).max(200) });

/** A marked picture. */
export type KeyImage = z.output<typeof keyImageShape>;
/** All that a reader marked of a study. */
export type KeyImages = z.output<typeof keyImagesShape>;
