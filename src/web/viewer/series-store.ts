import type { DicomJson } from './dicom-json.ts';
import { fetchMetadata } from './dicomweb.ts';
import type { SeriesTraits } from './display.ts';
import { type FirstPicture, settleFirst } from './first-picture.ts';
import { frameTimeMsOf, imagesOf, type ViewedImage } from './image.ts';
import { openingIndex, openingOf, traitsOf } from './opening.ts';
import { type Stack, stackOf } from './stack.ts';
import { type ViewedVideo, videosOf } from './video.ts';

/** What is known of a series at present. */
export interface SeriesState {
  readonly phase: 'reading' | 'ready' | 'failed';
  /** Why its headers could not be read; null while they can. */
  readonly error: unknown;
  readonly stack: Stack;
  /** What is played and not scrolled through. */
  readonly videos: readonly ViewedVideo[];
  readonly traits: SeriesTraits;
  /** Set for a moving picture. */
  readonly frameTimeMs: number | null;
  readonly instances: readonly DicomJson[];
  /** The picture it opens with, where it was there before the code that draws. */
  readonly first: FirstPicture | null;
  readonly fetched: number;
  /** Pictures that could not be fetched or decoded. */
  readonly failed: readonly string[];
}

/** How pictures are fetched; `room.ts` when its code has come. */
export interface Fetching {
  describe(images: readonly ViewedImage[], instance: DicomJson): void;
  fetchAhead(imageId: string): Promise<void>;
}

/** One series, its headers and how far its pictures have come. */
export interface SeriesStore {
  get(): SeriesState;
  subscribe(listener: () => void): () => void;
  /** Fetches pictures ahead, from the one at `at` outwards. Called again, it goes on from there. */
  fetchFrom(at: number): void;
  /** Fetches all of it, however many, for what needs the whole. */
  fetchAll(): void;
  /** Tells how many instances there are by now: where more than are known, their headers are read, and they join the rest. */
  expect(instances: number): void;
  /** Keeps which picture was looked at, so that the series opens there again. */
  remember(imageId: string): void;
  /** Where the series opens: where it was left, else in the middle of a volume and at the beginning of everything else. */
  firstIndex(): number;
  retry(): void;
  close(): void;
}

const EMPTY: Stack = { images: [], axis: null, placesMm: null, spacingMm: null, gapsAfter: [] };
const NO_TRAITS: SeriesTraits = { modality: null, kernel: null, bodyPart: null, description: null };
const AT_ONCE = 6;

/**
 * Keeps one series.
 *
 * @param address DICOMweb address of the series
 * @param reach how many pictures to either side are fetched ahead; on a phone not the whole, which may be 150 MB
 */
export const seriesStore = (address: string, fetching: Promise<Fetching>, reach: number): SeriesStore => {
  let state: SeriesState = {
    phase: 'reading',
    error: null,
    stack: EMPTY,
    videos: [],
    traits: NO_TRAITS,
    frameTimeMs: null,
    instances: [],
    first: null,
    fetched: 0,
    failed: [],
  };
  const listeners = new Set<() => void>();
  const abort = new AbortController();
  const asked = new Set<string>();
  let reading = false;
  let expected = 0;
  let left: string | null = null;
  let around = 0;
  let within = reach;
  let running = 0;
  const set = (change: Partial<SeriesState>): void => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  const readFirst = (): Promise<readonly DicomJson[]> => {
    const { metadata, first, picture, opensAt } = openingOf(address, abort.signal);
    left ??= opensAt;
    if (picture()) set({ first: picture() });
    else void first.then((made) => (made ? set({ first: made }) : settleFirst()));
    return metadata;
  };
  const read = async (cache: RequestCache): Promise<void> => {
    reading = true;
    if (state.phase !== 'ready') set({ phase: 'reading', error: null });
    try {
      const metadata = state.phase === 'ready' ? fetchMetadata(address, abort.signal, cache) : readFirst();
      const [instances, { describe }] = await Promise.all([metadata, fetching]);
      const images: ViewedImage[] = [];
      for (const instance of instances) {
        const own = imagesOf(instance, address);
        describe(own, instance);
        images.push(...own);
      }
      const [first] = instances;
      const moving = instances.find((each) => frameTimeMsOf(each) !== null);
      set({
        phase: 'ready',
        instances,
        stack: stackOf(images),
        videos: videosOf(instances),
        traits: first ? traitsOf(first) : NO_TRAITS,
        frameTimeMs: moving ? frameTimeMsOf(moving) : null,
      });
    } catch (error) {
      // What is on the screen stays there: that more could not be read yet is no failure of it.
      if (!abort.signal.aborted && state.phase !== 'ready') set({ phase: 'failed', error });
    } finally {
      reading = false;
    }
    if (cache === 'default') catchUp();
  };
  /** A closed series is kept by the browser for hours; a late image opens it again. */
  const catchUp = (): void => {
    if (!reading && state.phase === 'ready' && expected > state.instances.length) void read('reload');
  };
  /** The nearest picture that nobody asked for yet. */
  const next = (): string | null => {
    const { images } = state.stack;
    for (let step = 0; step <= Math.min(within, images.length); step++)
      for (const place of [around + step, around - step]) {
        const imageId = images[place]?.imageId;
        if (imageId !== undefined && !asked.has(imageId)) return imageId;
      }
    return null;
  };
  const pump = async (): Promise<void> => {
    const { fetchAhead } = await fetching;
    for (let imageId = next(); imageId !== null && !abort.signal.aborted; imageId = next()) {
      asked.add(imageId);
      try {
        await fetchAhead(imageId);
        if (!abort.signal.aborted) set({ fetched: state.fetched + 1 });
      } catch {
        if (!abort.signal.aborted) set({ failed: [...state.failed, imageId] });
      }
    }
  };
  const fill = (): void => {
    while (running < AT_ONCE && next() !== null) {
      running++;
      void pump().finally(() => running--);
      // A worker takes its picture only after the code for it has come: start no more than there is work for.
      if (running >= state.stack.images.length - asked.size) break;
    }
  };
  void read('default');
  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    fetchFrom(at) {
      around = at;
      fill();
    },
    fetchAll() {
      within = Number.POSITIVE_INFINITY;
      fill();
    },
    expect(instances) {
      expected = Math.max(expected, instances);
      catchUp();
    },
    remember(imageId) {
      left = imageId;
      // Another pane opens where the reader was, not where the series opened.
      if (state.first) set({ first: null });
    },
    firstIndex() {
      const { stack, frameTimeMs } = state;
      const place = stack.images.findIndex(({ imageId }) => imageId === left);
      if (place !== -1) return place;
      return openingIndex(stack, frameTimeMs !== null);
    },
    retry() {
      if (state.phase === 'failed') void read('default');
      for (const imageId of state.failed) asked.delete(imageId);
      set({ failed: [] });
      fill();
    },
    close: () => abort.abort(),
  };
};
