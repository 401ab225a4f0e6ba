import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  type CodedWanted,
  codedWanted,
  type FramesWanted,
  framesWanted,
  PLAIN_SYNTAX,
  partsWanted,
  readAccept,
  takes,
  takesSyntax,
} from '../../../adapters/dicomweb/accept.ts';
import { entityTag, partsTag } from '../../../adapters/dicomweb/entity-tag.ts';
import { dicomWebFault } from '../../../adapters/dicomweb/faults.ts';
import { multipartAsMade, multipartBody, multipartPieces } from '../../../adapters/dicomweb/multipart.ts';
import { VIEW_COPY_SYNTAXES } from '../../../imaging/index.ts';
import type { Answer } from '../route.ts';
import type {
  ContentVersion,
  Picture,
  Pictures,
  StoredFrames,
  StoredMetadata,
  StoredPart,
  StoredReference,
} from './dicom-web-port.ts';

/** Headers that DICOMweb negotiates by. */
export interface NegotiationHeaders {
  readonly accept?: string | undefined;
  readonly 'accept-encoding'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
  readonly range?: string | undefined;
  readonly 'if-range'?: string | undefined;
}

/** How a call is negotiated: of a HEAD no range is taken (RFC 9110 §14.2). */
export const negotiationOf = <Headers extends NegotiationHeaders>({
  headers,
  isHead,
}: {
  readonly headers: Headers;
  readonly isHead: boolean;
}): Headers => (isHead ? { ...headers, range: undefined } : headers);

/** Parts as they are sent, or as they are named where only headers are: then none is read. */
export const readWhenSent = (
  parts: readonly StoredPart[],
  { isHead }: { readonly isHead: boolean },
): readonly StoredPart[] => (isHead ? parts.map(({ whole: _whole, ...part }) => part) : parts);

/** A working day in the browser that opened it, and nowhere else: only of an address that names the version of the content. */
const IMMUTABLE = 'private, max-age=28800, immutable';
/** Asked for again each time, and answered in a few bytes where it is the same. */
const REVALIDATED = 'private, no-cache';

/** Where the address says what the header would. */
const VARY_BY_ADDRESS = 'accept-encoding, cookie';

const cacheHeaders = (etag: string, isLasting: boolean): Record<string, string> => ({
  etag: `"${etag}"`,
  'cache-control': isLasting ? IMMUTABLE : REVALIDATED,
  vary: 'accept, accept-encoding, cookie',
});

/** Whether an address names the version that is answered: one that names an older one is answered like one that names none. */
const isVersion = (asked: string | undefined, version: ContentVersion): boolean =>
  asked !== undefined && asked === version;

/**
 * Bytes as somebody sent them are for programs, not for a tab of the browser: a preamble may hold a program, an encapsulated
 * document or a large value a page with a script. Saved, they run nothing under our address (with `nosniff` beside it).
 */
const ATTACHMENT = { 'content-disposition': 'attachment' } as const;

const isKnown = ({ 'if-none-match': known }: NegotiationHeaders, etag: string): boolean =>
  known !== undefined &&
  known
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
    .some((each) => each === `"${etag}"` || each === '*');

const notModified = (etag: string, isLasting: boolean): Answer => ({
  kind: 'bytes',
  status: 304,
  mediaType: 'application/octet-stream',
  bytes: new Uint8Array(),
  headers: cacheHeaders(etag, isLasting),
});

const JSON_TYPE = 'application/dicom+json';

/** Whether the caller takes DICOM JSON. @throws NOT_ACCEPTABLE */
export const requireJson = ({ accept }: NegotiationHeaders): void => {
  const takesJson = readAccept(accept).some(
    (range) => takes(range, JSON_TYPE) || takes(range, 'application/json'),
  );
  if (!takesJson) throw dicomWebFault('NOT_ACCEPTABLE', { detail: JSON_TYPE });
};

/**
 * Metadata, as gzip to whoever takes it: it lies there that way.
 *
 * @param asked version that the address names
 */
export const metadataAnswer = (
  { gzip, etag, version }: StoredMetadata,
  headers: NegotiationHeaders,
  asked?: string,
): Answer => {
  const isLasting = isVersion(asked, version);
  if (isKnown(headers, etag)) return notModified(etag, isLasting);
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(headers['accept-encoding'] ?? '');
  return {
    kind: 'bytes',
    status: 200,
    mediaType: JSON_TYPE,
    bytes: takesGzip ? gzip : gunzipSync(gzip),
    headers: { ...cacheHeaders(etag, isLasting), ...(takesGzip ? { 'content-encoding': 'gzip' } : {}) },
  };
};

/** A picture for the screen. @param asked version that the address names */
export const pictureAnswer = (
  { mediaType, bytes, etag, version }: Picture,
  headers: NegotiationHeaders,
  asked?: string,
): Answer => {
  const isLasting = isVersion(asked, version);
  return isKnown(headers, etag)
    ? notModified(etag, isLasting)
    : { kind: 'bytes', status: 200, mediaType, bytes, headers: cacheHeaders(etag, isLasting) };
};

/** The one range that was asked for, within `length` bytes; null for all of it, undefined for one that does not exist. */
const rangeOf = (
  text: string | undefined,
  length: number,
): { readonly from: number; readonly length: number } | null | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const suffix = Math.min(Number(last), length);
    return suffix === 0 ? undefined : { from: length - suffix, length: suffix };
  }
  const from = Number(first);
  const to = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  // An end before the beginning is no range at all.
  if (last !== '' && Number(last) < from) return null;
  return from >= length ? undefined : { from, length: to - from + 1 };
};

/** Above this an answer is sent piece by piece, as fast as it is taken. */
const AT_ONCE_BYTES_MAX = 16 * 1024 * 1024;

/** The parts' bytes, where they are small enough to be in memory all at once; null where they are to be sent by pieces. */
const wholesOf = (parts: readonly StoredPart[]): Promise<readonly (readonly Uint8Array[])[]> | null => {
  const readers = parts.map(({ whole }) => whole);
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  const isSmall = readers.length > 0 && bytes <= AT_ONCE_BYTES_MAX;
  return isSmall && readers.every((whole) => whole !== undefined)
    ? Promise.all(readers.map((whole) => whole()))
    : null;
};

const singleAnswer = async (
  part: StoredPart,
  { range, 'if-range': ifRange }: NegotiationHeaders,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> => {
  // The rest of something else is worth nothing: then all of it (RFC 9110 §13.1.5). There are no dates here that could be meant.
  const isSame = ifRange === undefined || ifRange.trim() === headers['etag'];
  const wanted = rangeOf(isSame ? range : undefined, part.length);
  const common = { ...headers, 'accept-ranges': 'bytes', 'content-location': part.location };
  if (wanted === undefined)
    return {
      kind: 'bytes',
      status: 416,
      mediaType: 'application/octet-stream',
      bytes: new Uint8Array(),
      headers: { ...common, 'content-range': `bytes */${part.length}` },
    };
  const whole = wanted ? null : wholesOf([part]);
  if (whole)
    return {
      kind: 'parts',
      status: 200,
      mediaType: part.mediaType,
      parts: (await whole).flat(),
      headers: common,
    };
  const { from, length } = wanted ?? { from: 0, length: part.length };
  return {
    kind: 'stream',
    status: wanted ? 206 : 200,
    mediaType: part.mediaType,
    pieces: part.pieces(from, length),
    length,
    headers: wanted
      ? { ...common, 'content-range': `bytes ${from}-${from + length - 1}/${part.length}` }
      : common,
  };
};

/**
 * Whether an instance is wanted as the video that it holds, rather than as a picture for the screen (PS3.18 §8.7.4): only to
 * whoever names it.
 *
 * @param acceptInAddress stands for the header of that name: a `<video>` element has no headers to set
 */
export const wantsVideo = (acceptInAddress: string | undefined, { accept }: NegotiationHeaders): boolean =>
  /^video\/(mp4|\*)$/.test(readAccept(acceptInAddress ?? accept)[0]?.type ?? '');

/** A video as it is stored, whole or the range that is asked for. */
export const videoAnswer = async (
  video: StoredPart,
  headers: NegotiationHeaders,
  acceptInAddress?: string,
): Promise<Answer> => {
  const etag = partsTag([video], 'video');
  if (isKnown(headers, etag)) return notModified(etag, false);
  const cache = cacheHeaders(etag, false);
  return singleAnswer(
    video,
    headers,
    acceptInAddress === undefined ? cache : { ...cache, vary: VARY_BY_ADDRESS },
  );
};

/** By what a browser knows parts again. */
export interface PartsIdentity {
  readonly etag: string;
  /** Whether the address always means the same bytes. */
  readonly isLasting: boolean;
  /** Said of the parts beside it. */
  readonly headers?: Readonly<Record<string, string>>;
}

const notAcceptable = (parts: readonly StoredPart[]) => {
  const syntaxes = parts.map(({ mediaType }) => /transfer-syntax=(\S+)$/.exec(mediaType)?.[1] ?? '');
  return dicomWebFault('NOT_ACCEPTABLE', { detail: [...new Set(syntaxes)].join(', ') });
};

/** Parts in the form that was agreed on. @param type of each part */
const formedAnswer = async (
  parts: readonly StoredPart[],
  { form, type }: Pick<FramesWanted, 'form' | 'type'>,
  headers: NegotiationHeaders,
  identity: PartsIdentity,
): Promise<Answer> => {
  if (isKnown(headers, identity.etag)) return notModified(identity.etag, identity.isLasting);
  const cache = {
    ...cacheHeaders(identity.etag, identity.isLasting),
    ...ATTACHMENT,
    ...identity.headers,
  };
  if (form === 'single') return singleAnswer(parts[0] as StoredPart, headers, cache);
  const boundary = `huren-${randomUUID()}`;
  const wholes = wholesOf(parts);
  if (wholes) {
    const { mediaType, pieces } = multipartPieces(parts, await wholes, type, boundary);
    return { kind: 'parts', status: 200, mediaType, parts: pieces, headers: cache };
  }
  const body = multipartBody(parts, type, boundary);
  return {
    kind: 'stream',
    status: 200,
    mediaType: body.mediaType,
    pieces: body.pieces,
    length: body.length,
    headers: cache,
  };
};

/**
 * Stored parts as the caller takes them: each in a part of a multipart body, or the only one alone (PS3.18 §8.7).
 *
 * @param type of each part
 * @throws NOT_ACCEPTABLE
 */
export const partsAnswer = async (
  parts: readonly StoredPart[],
  type: 'application/dicom' | 'application/octet-stream' | 'image/jphc',
  headers: NegotiationHeaders,
  identity: PartsIdentity,
): Promise<Answer> => {
  const wanted = partsWanted(headers.accept, type, parts.length);
  const syntaxes = parts.map(({ mediaType }) => /transfer-syntax=(\S+)$/.exec(mediaType)?.[1] ?? '');
  if (!wanted || !syntaxes.every((syntax) => takesSyntax(wanted, syntax))) throw notAcceptable(parts);
  return formedAnswer(parts, { form: wanted.form, type }, headers, identity);
};

/**
 * Frames as the caller takes them: of the view copy where it was asked for and is there, which the answer says; else as they
 * are stored.
 *
 * @param key names the frames, whatever they are sent as
 * @param read finds them, given how a copy is asked for
 * @param named what the address says: `accept` stands for the header of that name (PS3.18 §8.3.3.1), because what a page names to the
 *   browser has no headers; `version` is that of the content
 * @throws NOT_ACCEPTABLE
 */
export const framesAnswer = async (
  key: string,
  count: number,
  asked: NegotiationHeaders,
  read: (copy: CodedWanted | null) => Promise<StoredFrames>,
  named: { readonly accept?: string | undefined; readonly version?: string | undefined } = {},
): Promise<Answer> => {
  const headers = { ...asked, accept: named.accept ?? asked.accept };
  const copy = codedWanted(headers.accept, VIEW_COPY_SYNTAXES, count);
  const { frames, transferSyntaxUid, copyOf, version, plain } = await read(copy);
  const identity = (...form: readonly string[]) => ({
    etag: entityTag(key, transferSyntaxUid, ...form, ...frames.map(({ content }) => content)),
    isLasting: isVersion(named.version, version),
  });
  const vary: Readonly<Record<string, string>> = named.accept === undefined ? {} : { vary: VARY_BY_ADDRESS };
  if (copy !== null && copyOf !== null)
    return partsAnswer(frames, copy.type, headers, {
      ...identity(),
      headers: { 'huren-view-copy': `of=${copyOf}`, ...vary },
    });
  for (const wanted of framesWanted(headers.accept, transferSyntaxUid, count)) {
    const parts =
      wanted.as === 'plain'
        ? await plain()
        : frames.map((frame) => ({
            ...frame,
            mediaType: frame.mediaType.replace(/^application\/octet-stream/, wanted.type),
          }));
    if (parts) {
      // Another representation has another tag (RFC 9110 §8.8.3).
      const isUsual =
        wanted.type === 'application/octet-stream' &&
        (wanted.as === 'stored' || transferSyntaxUid === PLAIN_SYNTAX);
      const form = isUsual ? [] : [wanted.as, wanted.type];
      return formedAnswer(parts, wanted, headers, { ...identity(...form), headers: vary });
    }
  }
  throw notAcceptable(frames);
};

/** Pictures one behind the other, each in a part of its own, drawn while they are sent (PS3.18 §8.7.4). */
export const picturesAnswer = (
  { parts, mediaType, etag, version, leftOut }: Pictures,
  headers: NegotiationHeaders,
  asked?: string,
): Answer => {
  const isLasting = isVersion(asked, version);
  if (isKnown(headers, etag)) return notModified(etag, isLasting);
  const body = multipartAsMade(parts, mediaType, `huren-${randomUUID()}`);
  const warning =
    leftOut === 0 ? {} : { warning: `299 huren "${leftOut} frames cannot be drawn here and are left out"` };
  return {
    kind: 'stream',
    status: 200,
    mediaType: body.mediaType,
    pieces: body.pieces,
    length: null,
    headers: { ...cacheHeaders(etag, isLasting), ...warning },
  };
};

const referenceJson = (one: StoredReference): object => ({
  '00081150': { vr: 'UI', ...(one.sopClassUid === '' ? {} : { Value: [one.sopClassUid] }) },
  '00081155': { vr: 'UI', ...(one.sopInstanceUid === '' ? {} : { Value: [one.sopInstanceUid] }) },
  ...(one.failure === null
    ? {
        '00081190': {
          vr: 'UR',
          Value: [
            `/dicom-web/studies/${one.studyUid}/series/${one.seriesUid}/instances/${one.sopInstanceUid}`,
          ],
        },
      }
    : { '00081197': { vr: 'US', Value: [one.failure] } }),
});

/** What a store request is told (PS3.18 §10.5.3): 200 all, 202 some, 409 none. */
export const storeAnswer = (stored: readonly StoredReference[]): Answer => {
  const kept = stored.filter(({ failure }) => failure === null);
  const failed = stored.filter(({ failure }) => failure !== null);
  const body = {
    ...(kept.length > 0 ? { '00081199': { vr: 'SQ', Value: kept.map(referenceJson) } } : {}),
    ...(failed.length > 0 ? { '00081198': { vr: 'SQ', Value: failed.map(referenceJson) } } : {}),
  };
  return {
    kind: 'text',
    status: failed.length === 0 ? 200 : kept.length > 0 ? 202 : 409,
    mediaType: JSON_TYPE,
    text: JSON.stringify(body),
  };
};
