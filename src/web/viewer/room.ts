import {
  cache,
  Enums,
  eventTarget,
  getShouldUseCPURendering,
  imageLoader,
  init as initCore,
  metaData,
  RenderingEngine,
  setUseCPURendering,
  type Types,
  utilities,
} from '@cornerstonejs/core';
import { init as initLoader, wadors } from '@cornerstonejs/dicom-image-loader';
import { describedAs, keepDescribed } from './described.ts';
import { curveAt, finishLoaded, isShownByTable } from './finish-image.ts';
import { addTools, chooseTool, joinTools, leaveTools, type ToolName } from './tools.ts';
import type { DicomJson } from './dicom-json.ts';
import { FRAME_ACCEPT } from './addresses.ts';
import type { ViewedImage } from './image.ts';
import { frameAddressAt } from './opening.ts';
import type { Curve } from './stored-values.ts';
import { windowOfRange, windowRange } from './window-range.ts';
export { pixelsOf } from './pixels.ts';

/** What one pane shows at present. */
export interface PaneState {
  /** Of the picture whose pixels are on the screen, which is not always the one that was asked for. */
  readonly index: number;
  /** Of the picture that was asked for. */
  readonly wanted: number;
  /** True where the picture that was asked for could not be fetched or decoded. */
  readonly broken: boolean;
  readonly count: number;
  readonly centre: number | null;
  readonly width: number | null;
  /** 1: the whole picture fits. */
  readonly zoom: number;
  /** Turned from light to dark against what the device means. */
  readonly inverted: boolean;
  /** How values are drawn; `unread` where the image asks for more than is done here. */
  readonly curve: Curve;
  /** True once pixels were drawn, not a preview. */
  readonly drawn: boolean;
}

/** One pane in which pictures are drawn. */
export interface PaneView {
  /** Shows pictures, the one at `index` first. Rejects where that one could not be fetched or decoded. */
  show(imageIds: readonly string[], index: number): Promise<void>;
  /** The same pictures with others among them: the one that is shown stays, with its window, zoom, place and turning. */
  extend(imageIds: readonly string[]): Promise<void>;
  scrollTo(index: number): void;
  setWindow(centre: number, width: number): void;
  invert(): void;
  flip(direction: 'sideways' | 'upside-down'): void;
  zoom(factor: number): void;
  /** Zoom, place, window, turning: as it opened. */
  reset(): void;
  resize(): void;
  state(): PaneState;
  /** A place of the patient on the pane, in CSS pixels. */
  toCanvas(point: readonly [number, number, number]): readonly [number, number];
  /** A place on the pane, in the patient. */
  toPatient(point: readonly [number, number]): readonly [number, number, number];
  /** Called whenever something of it changed. */
  onChange(listener: () => void): void;
  close(): void;
}

/** A window: centre and width in the values of the picture. */
export interface ShownWindow {
  readonly centre: number;
  readonly width: number;
}

/** Everything that draws: one for the page. */
export interface Room {
  /** @param element empty, with a size; @param opened window in which it opens, null: as the picture says */
  open(element: HTMLDivElement, opened: { readonly centre: number; readonly width: number } | null): PaneView;
  choose(tool: ToolName): void;
  /** Calls back when its drawing broke down: the graphics driver was reset, or its memory taken away. */
  onLost(listener: () => void): void;
  close(): void;
}

let rooms = 0;
let opened: Promise<void> | undefined;
let panes = 0;

/**
 * Whoever asks for a picture is told that it did not come; the cache of pictures tells it once more, to nobody, and the browser
 * takes that for an error that was overlooked.
 */
const quietCache = (): void => {
  const put = cache.putImageLoadObject.bind(cache);
  cache.putImageLoadObject = (...picture) => {
    const kept = put(...picture);
    kept.catch(() => undefined);
    return kept;
  };
};

/** Makes everything ready that is there once for the page. What was described before it is forgotten by the loader. */
export const start = (): Promise<void> => {
  opened ??= (async () => {
    await Promise.resolve(initCore());
    quietCache();
    // Two threads decode a slice while the one before is drawn; more would only take turns with the drawing.
    initLoader({
      useLegacyMetadataProvider: true,
      open: (xhr: XMLHttpRequest, address: string) => xhr.open('get', frameAddressAt(address), true),
      beforeSend: async () => ({ Accept: FRAME_ACCEPT }),
      maxWebWorkers: Math.max(1, Math.min(3, (navigator.hardwareConcurrency || 2) - 1)),
    });
    finishLoaded();
    addTools();
  })();
  return opened;
};

/** Tells the loader what a picture is, before it is asked for. */
export const describe = (images: readonly ViewedImage[], instance: DicomJson): void => {
  keepDescribed(images, instance);
  // A header is shared by all its frames: the loader takes each apart by its number.
  for (const { imageId } of images) wadors.metaDataManager.add(imageId, instance as never);
};

const OPTIONS = { useRGBA: false, requestType: Enums.RequestType.Prefetch, priority: 0 };

const fetchNow = async (imageId: string): Promise<void> => {
  const request = { requestType: Enums.RequestType.Interaction, priority: -5 };
  await imageLoader.loadAndCacheImage(imageId, { ...OPTIONS, ...request, additionalDetails: { imageId } });
};

/** Fetches and decodes a picture ahead of its showing. Rejects where that fails. */
export const fetchAhead = async (imageId: string): Promise<void> => {
  await imageLoader.loadAndCacheImage(imageId, { ...OPTIONS, additionalDetails: { imageId } });
};

/** What a cut picture needs to be shown and measured like any other. */
export interface MadePicture {
  readonly pixels: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly spacingMm: readonly [row: number, column: number];
  readonly origin: readonly [number, number, number];
  readonly rowDirection: readonly [number, number, number];
  readonly columnDirection: readonly [number, number, number];
}

/** The window of a fetched picture; where a table shows it, its window is of other values, and all values are shown. */
const windowLike = (like: string, pixels: Float32Array) => {
  const image = cache.getImage(like);
  if (image && !isShownByTable(like)) return image;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return utilities.windowLevel.toWindowLevel(low, high);
};

/**
 * Lets pictures with a scheme of ours be asked for by number: `scheme:NUMBER`. Each is made when it is first shown.
 *
 * @param like a fetched picture whose modality and frame of reference they share
 */
export const offerMade = (scheme: string, like: string, make: (number: number) => MadePicture): void => {
  const plane = metaData.get('imagePlaneModule', like) as { frameOfReferenceUID?: string } | undefined;
  const shared = new Set([
    'generalSeriesModule',
    'modalityLutModule',
    'sopCommonModule',
    'generalStudyModule',
  ]);
  metaData.addProvider((type: string, imageId: unknown) =>
    typeof imageId === 'string' && imageId.startsWith(`${scheme}:`) && shared.has(type)
      ? type === 'modalityLutModule'
        ? { rescaleSlope: 1, rescaleIntercept: 0, rescaleType: 'HU' }
        : metaData.get(type, like)
      : undefined,
  );
  imageLoader.registerImageLoader(scheme, (imageId: string) => ({
    promise: (async () => {
      const picture = make(Number(imageId.slice(scheme.length + 1)));
      const made = imageLoader.createAndCacheLocalImage(imageId, {
        scalarData: picture.pixels,
        dimensions: [picture.columns, picture.rows],
        spacing: [picture.spacingMm[1], picture.spacingMm[0]],
        origin: [...picture.origin] as Types.Point3,
        direction: [...picture.rowDirection, ...picture.columnDirection] as unknown as Types.Mat3,
        ...(plane?.frameOfReferenceUID ? { frameOfReferenceUID: plane.frameOfReferenceUID } : {}),
      });
      // Without a width of its own a picture opens turned from light to dark.
      const { windowCenter, windowWidth } = windowLike(like, picture.pixels);
      return Object.assign(made, { windowCenter, windowWidth, dataType: 'Float32Array' });
    })() as Promise<Types.IImage>,
  }));
};

const paneView = (
  engine: RenderingEngine,
  id: string,
  element: HTMLDivElement,
  opens: ShownWindow | null,
): PaneView => {
  engine.enableElement({ viewportId: id, type: Enums.ViewportType.STACK, element });
  joinTools(id, engine.id);
  const viewport = (): Types.IStackViewport => engine.getViewport(id) as Types.IStackViewport;
  const listeners: (() => void)[] = [];
  const brokenIds = new Set<string>();
  let drawn = false;
  let index = 0;
  const shownId = (): string => viewport().getImageIds()[index] ?? '';
  const curve = (): Curve => curveAt(shownId());
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const { IMAGE_RENDERED, IMAGE_LOAD_ERROR, STACK_NEW_IMAGE, VOI_MODIFIED, CAMERA_MODIFIED } = Enums.Events;
  const rendered = (): void => {
    if (!drawn) drawn = viewport().getImageIds().length > 0;
    changed();
  };
  /** What draws keeps the function of the picture that came first. */
  const followCurve = (): void => {
    if (getShouldUseCPURendering()) return;
    const { LINEAR, SAMPLED_SIGMOID } = Enums.VOILUTFunctionType;
    const wanted = curve() === 'sigmoid' ? SAMPLED_SIGMOID : LINEAR;
    const isSigmoid = viewport().getProperties().VOILUTFunction === SAMPLED_SIGMOID;
    if (isSigmoid !== (wanted === SAMPLED_SIGMOID)) viewport().setProperties({ VOILUTFunction: wanted });
  };
  const arrived = (event: Event): void => {
    const { imageId, imageIdIndex } = (event as CustomEvent<{ imageId: string; imageIdIndex: number }>)
      .detail;
    index = imageIdIndex;
    brokenIds.delete(imageId);
    followCurve();
    changed();
  };
  const failed = (event: Event): void => {
    const { imageId } = (event as CustomEvent<{ imageId?: string }>).detail;
    if (imageId === undefined || !viewport().getImageIds().includes(imageId)) return;
    brokenIds.add(imageId);
    changed();
  };
  // The element outlives the pane: another is opened in it.
  const closing = new AbortController();
  const { signal } = closing;
  element.addEventListener(IMAGE_RENDERED, rendered, { signal });
  element.addEventListener(STACK_NEW_IMAGE, arrived, { signal });
  for (const event of [VOI_MODIFIED, CAMERA_MODIFIED]) element.addEventListener(event, changed, { signal });
  eventTarget.addEventListener(IMAGE_LOAD_ERROR, failed);
  const setWindow = (centre: number, width: number): void => {
    const [lower, upper] = windowRange(centre, width, curve() === 'exact');
    viewport().setProperties({ voiRange: { lower, upper } });
    viewport().render();
  };
  /** A window is of CT values; a picture that a table shows has none. */
  const openWindow = (): void => {
    if (opens && !isShownByTable(shownId())) setWindow(opens.centre, opens.width);
  };
  return {
    async show(imageIds, first) {
      drawn = false;
      // A stack keeps quiet about a first picture that does not come.
      await fetchNow(imageIds[first] as string);
      await viewport().setStack([...imageIds], first);
      index = first;
      openWindow();
      viewport().render();
    },
    async extend(imageIds) {
      const shown = viewport();
      const [now, wanted] = [index, shown.getTargetImageIdIndex()].map((at) => shown.getImageIds()[at] ?? '');
      const { voiRange, invert } = shown.getProperties();
      const { displayArea: _fitted, ...presentation } = shown.getViewPresentation();
      await shown.setStack([...imageIds], Math.max(0, imageIds.indexOf(now as string)));
      index = Math.max(0, imageIds.indexOf(now as string));
      shown.setProperties({ ...(voiRange ? { voiRange } : {}), invert: invert ?? false });
      shown.setViewPresentation(presentation);
      shown.render();
      if (wanted !== now) void shown.setImageIdIndex(Math.max(0, imageIds.indexOf(wanted as string)));
    },
    scrollTo: (to) => void viewport().setImageIdIndex(to),
    setWindow,
    invert() {
      viewport().setProperties({ invert: !viewport().getProperties().invert });
      viewport().render();
    },
    flip(direction) {
      const { flipHorizontal = false, flipVertical = false } = viewport().getCamera();
      viewport().setCamera(
        direction === 'sideways' ? { flipHorizontal: !flipHorizontal } : { flipVertical: !flipVertical },
      );
      viewport().render();
    },
    zoom(factor) {
      viewport().setZoom(viewport().getZoom() * factor);
      viewport().render();
    },
    reset() {
      viewport().setCamera({ flipHorizontal: false, flipVertical: false });
      viewport().resetProperties();
      viewport().resetCamera();
      openWindow();
      viewport().render();
    },
    resize: () => engine.resize(true, true),
    state() {
      const { voiRange, invert = false } = viewport().getProperties();
      const count = viewport().getImageIds().length;
      const wanted = count === 0 ? 0 : viewport().getTargetImageIdIndex();
      return {
        index,
        wanted,
        broken: brokenIds.has(viewport().getImageIds()[wanted] ?? ''),
        count,
        ...windowOfRange(voiRange ?? null, curve() === 'exact'),
        zoom: count === 0 ? 1 : viewport().getZoom(),
        inverted: invert !== (describedAs(shownId())?.image.isInverse ?? false),
        curve: getShouldUseCPURendering() && curve() === 'sigmoid' ? 'unread' : curve(),
        drawn,
      };
    },
    toCanvas: (point) => viewport().worldToCanvas([...point] as Types.Point3) as [number, number],
    toPatient: (point) => viewport().canvasToWorld([...point] as Types.Point2) as [number, number, number],
    onChange: (listener) => void listeners.push(listener),
    close() {
      listeners.length = 0;
      closing.abort();
      eventTarget.removeEventListener(IMAGE_LOAD_ERROR, failed);
      leaveTools(id, engine.id);
      if (!engine.hasBeenDestroyed) engine.disableElement(id);
    },
  };
};

/**
 * Starts what draws; the page has one at a time. Rejects where the browser can draw neither with WebGL nor without.
 *
 * @param byProcessor without WebGL, where it broke down
 */
export const openRoom = async (byProcessor: boolean): Promise<Room> => {
  await start();
  if (byProcessor) setUseCPURendering(true, false);
  const engine = new RenderingEngine(`viewer-${++rooms}`);
  const { WEBGL_CONTEXT_LOST } = Enums.Events;
  let listeners: (() => void)[] = [];
  const lost = (event: Event): void => {
    // Contexts of the room before may be lost after it.
    const { renderingEngineId } = (event as CustomEvent<{ renderingEngineId: string }>).detail;
    if (renderingEngineId === engine.id) for (const listener of listeners.splice(0)) listener();
  };
  eventTarget.addEventListener(WEBGL_CONTEXT_LOST, lost);
  return {
    open: (element, opens) => paneView(engine, `pane-${++panes}`, element, opens),
    choose: chooseTool,
    onLost: (listener) => void listeners.push(listener),
    // What was fetched stays: the next room draws it too.
    close() {
      listeners = [];
      eventTarget.removeEventListener(WEBGL_CONTEXT_LOST, lost);
      engine.destroy();
    },
  };
};
