import type { ViewedStudy } from '../wire/viewed-study.ts';
import { namedFrameAddress, seriesAddress } from './addresses.ts';
import type { DicomJson } from './dicom-json.ts';
import { TAG, textAt } from './dicom-json.ts';
import { fetchMetadata } from './dicomweb.ts';
import { firstWindowOf, hang, kindOf, type SeriesTraits } from './display.ts';
import {
  askFrame,
  drawFirst,
  firstOrAfter,
  type FirstPicture,
  settleFirst,
  takeFirstPicture,
} from './first-picture.ts';
import { frameTimeMsOf, imagesOf, type ViewedImage } from './image.ts';
import { type Stack, stackOf } from './stack.ts';
import { keepVersions, versionedAddress } from './versions.ts';

// The first script of the viewer's page, and a small one: it asks for first picture and headers, and shows that, while the rest
// is on its way. What it asked for is there for the rest when that has come. Where the page names the picture, the browser is
// fetching it already, and no header but its own is read before it is shown.

/** What a series says of itself, by the header of its first instance. */
export const traitsOf = (instance: DicomJson): SeriesTraits => ({
  modality: textAt(instance, TAG.modality),
  kernel: textAt(instance, TAG.convolutionKernel),
  bodyPart: textAt(instance, TAG.bodyPart),
  description: textAt(instance, TAG.seriesDescription),
});

/** Where a series opens: in the middle of a volume, at the beginning of everything else. */
export const openingIndex = ({ axis, images }: Stack, isMoving: boolean): number =>
  axis !== null && !isMoving ? Math.floor(images.length / 2) : 0;

/** The picture that a series opens with, found by all its headers; null where there is none. */
const found = (
  address: string,
  instances: readonly DicomJson[],
): { readonly instance: DicomJson; readonly image: ViewedImage } | null => {
  const stack = stackOf(instances.flatMap((instance) => imagesOf(instance, address)));
  const isMoving = instances.some((instance) => frameTimeMsOf(instance) !== null);
  const image = stack.images[openingIndex(stack, isMoving)];
  const instance = instances.find((each) => textAt(each, TAG.sopInstanceUid) === image?.sopInstanceUid);
  return image && instance ? { instance, image } : null;
};

/** A series that is being opened. */
export interface Opening {
  readonly metadata: Promise<readonly DicomJson[]>;
  /** Never rejects; null where it waits for the code that draws, where what fails fails again, and is told. */
  readonly first: Promise<FirstPicture | null>;
  /** The picture, once it is there. */
  readonly picture: () => FirstPicture | null;
  /** Id of the picture that the page named; null: headers decide with which one it opens. */
  readonly opensAt: string | null;
}

const openingBy = (
  metadata: Opening['metadata'],
  making: Promise<FirstPicture | null>,
  opensAt: string | null,
): Opening => {
  let picture: FirstPicture | null = null;
  const first = making
    .catch(() => null)
    .then((made) => {
      picture = made;
      return made;
    });
  return { metadata, first, picture: () => picture, opensAt };
};

const begin = (address: string, signal: AbortSignal): Opening => {
  const metadata = fetchMetadata(address, signal);
  const making = metadata.then(async (instances) => {
    const opening = found(address, instances);
    if (!opening) return null;
    const opens = firstWindowOf(traitsOf(instances[0] as DicomJson));
    return takeFirstPicture(await askFrame(opening.image, signal), opening.instance, opening.image, opens);
  });
  return openingBy(metadata, making, null);
};

/** Opens with the picture that the page names; the other headers are asked for when it has come, and take nothing from it. */
const beginNamed = (
  study: ViewedStudy,
  { seriesUid, header }: NonNullable<ViewedStudy['opening']>,
  signal: AbortSignal,
): Opening => {
  const address = seriesAddress(study, seriesUid);
  const instance = header as DicomJson;
  const [image] = imagesOf(instance, address);
  if (!image) return begin(address, signal);
  // As the page names it, so that this is the same request.
  const frame = namedFrameAddress(study, { ...image, seriesUid });
  keptFrames.set(image.imageId.slice('wadors:'.length), frame);
  const answer = fetch(frame, { signal });
  const read = (): Promise<readonly DicomJson[]> => fetchMetadata(address, signal);
  const making = answer.then((frames) =>
    takeFirstPicture(frames, instance, image, firstWindowOf(traitsOf(instance))),
  );
  return openingBy(making.then(read, read), making, image.imageId);
};

const keptFrames = new Map<string, string>();

/** Where the browser has a frame already, under the address by which the page named it; else its own, in the version of the page. */
export const frameAddressAt = (address: string): string =>
  keptFrames.get(address) ?? versionedAddress(address);

const begun = new Map<string, Opening>();

/** Opens a series: goes on with what was begun for it before anything else, once. */
export const openingOf = (address: string, signal: AbortSignal): Opening => {
  const known = begun.get(address);
  begun.delete(address);
  return known ?? begin(address, signal);
};

/** Names of files that the page says are wanted when the first picture has come. */
const ask = (names: string): void => {
  for (const name of names.split(' ').filter(Boolean)) {
    const link = document.createElement('link');
    link.rel = 'modulepreload';
    link.href = `/assets/app/${name}`;
    document.head.append(link);
  }
};

/** Shows it in the place of the preview, where nothing else has come yet to do so. @returns whether it is shown here */
const show = (picture: FirstPicture): boolean => {
  const place = document.querySelector<HTMLElement>('.before-script .preview');
  if (!place) return false;
  const { first = '', tools = '' } = place.dataset;
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', first);
  const words = document.createElement('p');
  const strong = document.createElement('b');
  strong.textContent = first;
  words.append(strong, `\u3000${tools}`);
  place.replaceChildren(canvas, words);
  drawFirst(canvas, picture);
  return true;
};

/** How long the code that draws is kept from the line: a picture that has not come by then is not waited for. */
const FIRST_MAX_MS = 2_000;
/** How long it is kept from what shows a picture that has come. */
const SHOWN_MAX_MS = 500;

const openPage = async (study: ViewedStudy, later: string): Promise<void> => {
  keepVersions(study);
  const [uid] = hang(study.series, true).series;
  const series = study.series.find(({ seriesUid }) => seriesUid === uid);
  if (!series || kindOf(series) !== 'pictures') {
    // A curve is drawn by other code; pictures may hang beside it.
    if (study.series.some((each) => kindOf(each) === 'pictures')) ask(later);
    return settleFirst();
  }
  const address = seriesAddress(study, series.seriesUid);
  const { signal } = new AbortController();
  const named = study.opening?.seriesUid === uid ? study.opening : null;
  const opening = named ? beginNamed(study, named, signal) : begin(address, signal);
  begun.set(address, opening);
  const late = setTimeout(ask, FIRST_MAX_MS, later);
  const first = await opening.first;
  clearTimeout(late);
  if (!first) settleFirst();
  else if (show(first)) await firstOrAfter(SHOWN_MAX_MS);
  ask(later);
};

const page = typeof document === 'undefined' ? null : document.getElementById('viewed-study');
if (page) void openPage(JSON.parse(page.textContent ?? '') as ViewedStudy, page.dataset['later'] ?? '');
