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

/** A picture that the reader marked: where it is, and the numbers by which people speak of it. */
export interface MarkedImage {
  /** Public id of the study. */
  readonly study: string;
  readonly seriesUid: string;
  readonly sopInstanceUid: string;
  readonly frame: number;
  /** Instance number, or the frame's where the instance has several; null where the header gives none. */
  readonly number: number | null;
}

/** With the mark of a picture, or without it where it has one. */
export const toggled = (marks: readonly MarkedImage[], image: MarkedImage): readonly MarkedImage[] =>
  marks.some((each) => keyOf(each) === keyOf(image))
    ? marks.filter((each) => keyOf(each) !== keyOf(image))
    : [...marks, image];

const PREFIX = 'huren.key-images.';
/** Studies whose marks a browser keeps; those marked longest ago go first. */
const STUDIES_MAX = 200;

const isMark = (value: unknown): value is MarkedImage => {
  const { study, seriesUid, sopInstanceUid, frame } = (value ?? {}) as Partial<Record<string, unknown>>;
  return (
    typeof study === 'string' &&
    typeof seriesUid === 'string' &&
    typeof sopInstanceUid === 'string' &&
    typeof frame === 'number'
  );
};

/** Where marks are kept: the browser's store, or a stand-in of it. */
export type MarkStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** Marks that this browser keeps of a study; none where it keeps none, or nothing that can be read. */
export const readMarks = (study: string, store: MarkStore = localStorage): readonly MarkedImage[] => {
  try {
    const { marks } = JSON.parse(store.getItem(PREFIX + study) ?? '{}') as { marks?: unknown };
    return Array.isArray(marks) ? marks.filter(isMark) : [];
  } catch {
    return [];
  }
};

const keptSince = (store: MarkStore, key: string): number => {
  try {
    return Number((JSON.parse(store.getItem(key) ?? '{}') as { at?: unknown }).at) || 0;
  } catch {
    return 0;
  }
};

/**
 * Keeps the marks of a study in this browser. They hold UIDs and numbers and nobody's name.
 *
 * @param at when, milliseconds since 1970
 */
export const writeMarks = (
  study: string,
  marks: readonly MarkedImage[],
  store: MarkStore = localStorage,
  at: number = Date.now(),
): void => {
  try {
    if (marks.length === 0) store.removeItem(PREFIX + study);
    else store.setItem(PREFIX + study, JSON.stringify({ at, marks }));
    const kept = Array.from({ length: store.length }, (_, place) => store.key(place) ?? '')
      .filter((key) => key.startsWith(PREFIX))
      .sort((left, right) => keptSince(store, right) - keptSince(store, left));
    for (const key of kept.slice(STUDIES_MAX)) store.removeItem(key);
  } catch {
    // A browser that keeps nothing (private window, full store): the marks hold as long as the page.
  }
};
