import type { KeyImage } from '../wire/key-image.ts';
import type { ViewedStudy } from '../wire/viewed-study.ts';
import { type DicomJson, itemsAt, numbersAt, TAG, textAt } from './dicom-json.ts';

/** Key of one picture in a set of key images. */
export const keyOf = ({
  sopInstanceUid,
  frame,
}: {
  readonly sopInstanceUid: string;
  readonly frame: number;
}): string => `${sopInstanceUid}/${frame}`;

/**
 * The pictures that Key Object Selection documents (PS3.3 A.35.4) of a study point at. A reference without frames means the
 * whole instance, so its first frame stands for it.
 */
export const keyImagesOf = (instances: readonly DicomJson[]): ReadonlySet<string> => {
  const found = new Set<string>();
  const add = (reference: DicomJson): void => {
    const sopInstanceUid = textAt(reference, TAG.referencedSop);
    if (sopInstanceUid === null) return;
    const frames = numbersAt(reference, TAG.referencedFrames);
    for (const frame of frames.length > 0 ? frames : [1]) found.add(keyOf({ sopInstanceUid, frame }));
  };
  for (const instance of instances)
    for (const content of itemsAt(instance, TAG.content))
      for (const reference of itemsAt(content, TAG.referencedSopSequence)) add(reference);
  return found;
};

/** A picture that the reader marked, and the public id of its study. */
export interface MarkedImage extends KeyImage {
  readonly study: string;
}

/** What a reader had marked of a study when it was opened. */
export const marksOf = ({ id, keyImages }: Pick<ViewedStudy, 'id' | 'keyImages'>): readonly MarkedImage[] =>
  (keyImages ?? []).map((image) => ({ study: id, ...image }));

/** With the mark of a picture, or without it where it has one. */
export const toggled = (marks: readonly MarkedImage[], image: MarkedImage): readonly MarkedImage[] =>
  marks.some((each) => keyOf(each) === keyOf(image))
    ? marks.filter((each) => keyOf(each) !== keyOf(image))
    : [...marks, image];
