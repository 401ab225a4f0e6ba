import { CallFailed, fetchDocument } from '../kit/calls.ts';
import type { DicomJson } from './dicom-json.ts';
import { versionedAddress } from './versions.ts';

/**
 * Headers of every instance of a series.
 *
 * @param cache `reload` where more images have come than the kept answer tells of
 * @throws CallFailed with the server's problem, or NO_CONNECTION
 */
export const fetchMetadata = async (
  series: string,
  signal: AbortSignal,
  cache: RequestCache = 'default',
): Promise<readonly DicomJson[]> => {
  const accept = { accept: 'application/dicom+json' };
  const blob = await fetchDocument(versionedAddress(`${series}/metadata`), accept, signal, cache);
  return JSON.parse(await blob.text()) as readonly DicomJson[];
};

const CRLF_CRLF = [13, 10, 13, 10];

const indexOf = (bytes: Uint8Array, wanted: readonly number[] | Uint8Array, from = 0): number => {
  outer: for (let at = from; at <= bytes.length - wanted.length; at++) {
    for (let place = 0; place < wanted.length; place++)
      if (bytes[at + place] !== wanted[place]) continue outer;
    return at;
  }
  return -1;
};

/** The first part of a multipart answer (RFC 2046); the whole where it is none. Null where the part has no end. */
export const firstPart = (bytes: Uint8Array, contentType: string): Uint8Array | null => {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (!/^multipart\//i.test(contentType) || boundary === undefined) return bytes;
  const start = indexOf(bytes, CRLF_CRLF);
  const end = start < 0 ? -1 : indexOf(bytes, new TextEncoder().encode(`\r\n--${boundary}`), start + 4);
  return end < 0 ? null : bytes.subarray(start + 4, end);
};

/**
 * One instance as a DICOM file.
 *
 * @throws CallFailed with the server's problem, or NO_CONNECTION
 */
export const fetchInstance = async (
  series: string,
  sopInstanceUid: string,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const blob = await fetchDocument(
    `${series}/instances/${sopInstanceUid}`,
    { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
    signal,
  );
  const part = firstPart(new Uint8Array(await blob.arrayBuffer()), blob.type);
  if (part) return part;
  throw new CallFailed({
    status: 0,
    code: 'BROKEN_ANSWER',
    zh: '收到的文件不完整，请重试。',
    en: 'The file arrived incomplete; try again.',
  });
};
