import { readAccept, takes } from '../../../adapters/dicomweb/accept.ts';
import { dicomWebFault } from '../../../adapters/dicomweb/faults.ts';
import type { NegotiationHeaders } from './dicom-web-answers.ts';
import type { PictureRequest } from './dicom-web-port.ts';

/** Parameters by which a picture is asked for, as they stand in an address. */
export interface PictureQuery {
  readonly quality?: string | undefined;
  readonly viewport?: string | undefined;
  readonly window?: string | undefined;
  readonly accept?: string | undefined;
}

const TYPES = ['image/jpeg', 'image/png'] as const;

/**
 * How pictures are to be sent: one alone, or each in a part of a body of several parts.
 *
 * @param accept names both; `*` + `/*` takes one picture alone, because that is what an `<img>` says
 */
const formWanted = (
  accept: string | undefined,
): { readonly mediaType: PictureRequest['mediaType']; readonly isMultipart: boolean } | undefined => {
  for (const range of readAccept(accept)) {
    const isMultipart = range.type === 'multipart/related' || range.type === 'multipart/*';
    const part = isMultipart ? (range.parameters.get('type') ?? TYPES[0]).toLowerCase() : range.type;
    const mediaType = TYPES.find((type) => takes({ ...range, type: part }, type));
    if (mediaType) return { mediaType, isMultipart };
  }
  return undefined;
};

const invalid = (name: keyof PictureQuery) => dicomWebFault('SEARCH_INVALID', { place: `query.${name}` });

const qualityOf = (text: string | undefined): number => {
  if (text === undefined || text === '') return 90;
  const quality = Number(text);
  if (!/^\d{1,3}$/.test(text) || quality < 1 || quality > 100) throw invalid('quality');
  return quality;
};

/** A decimal number as DS writes it (PS3.5 §6.2); undefined: it is none. */
const decimalOf = (text: string): number | undefined =>
  /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(text) && Number.isFinite(Number(text))
    ? Number(text)
    : undefined;

const SIDE_MAX = 10_000;
/** What a picture may be enlarged to. */
const AREA_MAX = 25_000_000;

/** A side of what is shown; negative: turned over. null: to the edge. */
const sideOf = (text: string): number | null => {
  if (text === '') return null;
  const side = decimalOf(text);
  if (side === undefined || side === 0) throw invalid('viewport');
  return side;
};

const viewportOf = (
  text: string | undefined,
): Pick<PictureRequest, 'widthMax' | 'heightMax' | 'isEnlarged' | 'region'> => {
  if (text === undefined || text === '') return { widthMax: null, heightMax: null };
  const [width = '', height = '', left = '', top = '', ...sides] = text.split(',').map((each) => each.trim());
  if (sides.length > 2) throw invalid('viewport');
  const [widthMax, heightMax] = [width, height].map((side) =>
    /^\d{1,5}$/.test(side) ? Number(side) : 0,
  ) as [number, number];
  const isSize = [widthMax, heightMax].every((side) => side >= 1 && side <= SIDE_MAX);
  if (!isSize || widthMax * heightMax > AREA_MAX) throw invalid('viewport');
  const size = { widthMax, heightMax, isEnlarged: true };
  const [wide = '', high = ''] = sides;
  if ([left, top, wide, high].every((each) => each === '')) return size;
  const [from, down] = [left, top].map((each) => (each === '' ? 0 : decimalOf(each)));
  if (from === undefined || down === undefined) throw invalid('viewport');
  const [across, along] = [sideOf(wide), sideOf(high)];
  return {
    ...size,
    region: {
      left: Math.abs(from),
      top: Math.abs(down),
      width: across === null ? null : Math.abs(across),
      height: along === null ? null : Math.abs(along),
      isMirrored: across !== null && across < 0,
      isUpsideDown: along !== null && along < 0,
    },
  };
};

/** The functions by their names in an address, and the narrowest window that each may have. */
const FUNCTIONS = new Map([
  ['linear', { windowFunction: 'LINEAR', isWide: (width: number) => width >= 1 }],
  ['linear-exact', { windowFunction: 'LINEAR_EXACT', isWide: (width: number) => width > 0 }],
  ['sigmoid', { windowFunction: 'SIGMOID', isWide: (width: number) => width > 0 }],
] as const);

/** A window of PS3.18 §8.3.5.1.4; one without a function is a line. */
const windowOf = (text: string | undefined): PictureRequest['window'] => {
  if (text === undefined) return null;
  const [centerText = '', widthText = '', name = 'linear', ...more] = text
    .split(',')
    .map((each) => each.trim());
  const [center, width] = [decimalOf(centerText), decimalOf(widthText)];
  const form = FUNCTIONS.get(name as 'linear');
  if (center === undefined || width === undefined || !form?.isWide(width) || more.length > 0)
    throw invalid('window');
  return { center, width, windowFunction: form.windowFunction };
};

/**
 * Parameters of rendered pictures (PS3.18 §8.3.5.1).
 *
 * @param count how many are addressed; null where that is not said, and one can stand for all
 * @throws SEARCH_INVALID naming the parameter, NOT_ACCEPTABLE
 */
export const picturesRequest = (
  query: PictureQuery,
  headers: NegotiationHeaders,
  count: number | null = null,
): { readonly request: PictureRequest; readonly isMultipart: boolean } => {
  const accept = query.accept ?? headers.accept;
  // Several can only come in several parts.
  const isSeveral = count !== null && count > 1;
  const form = formWanted(isSeveral && (accept ?? '*/*').trim() === '*/*' ? 'multipart/related' : accept);
  if (!form || (isSeveral && !form.isMultipart))
    throw dicomWebFault('NOT_ACCEPTABLE', {
      detail: ['image/jpeg', 'image/png', ...TYPES.map((type) => `multipart/related; type="${type}"`)].join(
        ', ',
      ),
    });
  const { mediaType, isMultipart } = form;
  const window = windowOf(query.window);
  return {
    isMultipart,
    request: { mediaType, quality: qualityOf(query.quality), ...viewportOf(query.viewport), window },
  };
};

/** Parameters of one picture. @throws SEARCH_INVALID naming the parameter, NOT_ACCEPTABLE */
export const pictureRequest = (query: PictureQuery, headers: NegotiationHeaders): PictureRequest => {
  const { request, isMultipart } = picturesRequest(query, headers);
  if (isMultipart) throw dicomWebFault('NOT_ACCEPTABLE', { detail: TYPES.join(', ') });
  return request;
};

/** Whether a thumbnail is asked for in a form of its own, and not as it lies there. @throws SEARCH_INVALID: it shows all of a picture */
export const ownThumbnail = (query: PictureQuery, { mediaType, region }: PictureRequest): boolean => {
  if (region) throw invalid('viewport');
  return (
    mediaType !== 'image/jpeg' ||
    [query.viewport, query.window, query.quality].some((each) => each !== undefined)
  );
};
