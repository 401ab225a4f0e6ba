import type { DicomJson } from './dicom-json.ts';
import type { ViewedImage } from './image.ts';
import { scaleWords } from './scale.ts';
import { type Finishing, finishingOf } from './stored-values.ts';

/** A picture with the header that it is of. */
export interface Described {
  readonly image: ViewedImage;
  readonly instance: DicomJson;
  /** What the loader leaves undone; null: nothing. */
  readonly finishing: Finishing | null;
}

const described = new Map<string, Described>();

/** Keeps what pictures are, for whatever asks by their ids. */
export const keepDescribed = (images: readonly ViewedImage[], instance: DicomJson): void => {
  for (const image of images)
    described.set(image.imageId, { image, instance, finishing: finishingOf(instance, image.frame) });
};

/** What a picture is; undefined for one that was cut. */
export const describedAs = (imageId: string): Described | undefined => described.get(imageId);

/** What is to be known of millimetres on a picture. */
export const scaleNote = ({
  scale,
  magnification,
}: Pick<ViewedImage, 'scale' | 'magnification'>): string | null =>
  scale && (scaleWords(scale)?.replace('{factor}', String(magnification)) ?? null);
