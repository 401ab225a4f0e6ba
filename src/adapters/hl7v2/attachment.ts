import { sha256Hex } from '../../kernel/content-hash.ts';
import type { StatedValue } from '../../result/index.ts';
import type { Segment } from './parse.ts';
import type { Reading } from './reading.ts';

type Encoding = 'base64' | 'hex' | 'a';

/** HL7 table 0299; `ASCII` is how imaging archives write its `A`. */
const ENCODINGS: Readonly<Record<string, Encoding>> = { base64: 'base64', hex: 'hex', a: 'a', ascii: 'a' };
/** HL7 table 0191, as it is written and as it is abbreviated. */
const MAIN_TYPES: Readonly<Record<string, string>> = {
  ap: 'application',
  application: 'application',
  im: 'image',
  image: 'image',
  au: 'audio',
  audio: 'audio',
  text: 'text',
  tx: 'text',
  ft: 'text',
};
const SUBTYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  tiff: 'image/tiff',
  html: 'text/html',
  rtf: 'application/rtf',
  xml: 'text/xml',
  plain: 'text/plain',
};

const SIGNATURES: readonly (readonly [string, string])[] = [
  ['25504446', 'application/pdf'],
  ['ffd8ff', 'image/jpeg'],
  ['89504e47', 'image/png'],
  ['47494638', 'image/gif'],
];

const decodeData = (data: string, encoding: Encoding): Uint8Array | undefined => {
  if (encoding === 'a') return Buffer.from(data, 'utf8');
  if (encoding === 'base64') {
    // A report of 20 MB is checked by writing it again, which is ten times quicker than looking at every character.
    const bytes = Buffer.from(data, 'base64');
    if (bytes.toString('base64') === data) return bytes;
  }
  const dense = data.replace(/\s+/g, '');
  // Buffer passes over what it cannot decode, so the characters are checked first.
  const isWhole =
    encoding === 'hex'
      ? dense.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(dense)
      : dense.length % 4 !== 1 && /^[A-Za-z0-9+/]*={0,2}$/.test(dense);
  return isWhole ? Buffer.from(dense, encoding) : undefined;
};

const mediaTypeOf = (words: readonly string[], bytes: Uint8Array): string => {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  const signed = SIGNATURES.find(([signature]) => head.startsWith(signature));
  if (signed) return signed[1];
  const whole = words.find((word) => /^(?:application|image|audio|text)\/[a-z0-9.+-]+$/.test(word));
  if (whole !== undefined) return whole;
  const subtype = words.find((word) => SUBTYPES[word] !== undefined);
  if (subtype !== undefined) return SUBTYPES[subtype] as string;
  const main = words.findIndex((word) => MAIN_TYPES[word] !== undefined);
  const rest = words[main + 1];
  if (main >= 0 && rest !== undefined && /^[a-z0-9.+-]+$/.test(rest))
    return `${MAIN_TYPES[words[main] as string]}/${rest}`;
  return main >= 0 && MAIN_TYPES[words[main] as string] === 'text'
    ? 'text/plain'
    : 'application/octet-stream';
};

/**
 * ED in OBX-5: source ^ type ^ subtype ^ encoding ^ data. The data are what follows the one component that names an
 * encoding, wherever it stands; a lone component that is a PDF in Base64 is taken as such. Everything else is
 * refused, because half an attachment looks like a whole one.
 */
export const readAttachment = (segment: Segment, reading: Reading): StatedValue => {
  const components = segment.components(segment.raw(5));
  const short = components.map((part) => (part.length <= 64 ? part.trim().toLowerCase() : ''));
  const named = short.flatMap((word, index) => (ENCODINGS[word] ? [index] : []));
  // `A` is a word that may stand anywhere; as an encoding it counts in its own place only.
  const candidates = named.length > 1 ? named.filter((index) => short[index] !== 'a') : named;
  const [at] = candidates;
  let data: string | undefined;
  let encoding: Encoding | undefined;
  if (candidates.length === 1 && at !== undefined && at === components.length - 2) {
    encoding = ENCODINGS[short[at] as string] as Encoding;
    data = components[at + 1];
  } else if (named.length === 0 && components.filter((part) => part !== '').length === 1) {
    const only = components.find((part) => part !== '') as string;
    if (only.startsWith('JVBERi0')) [encoding, data] = ['base64', only];
  }
  const lifted = data === undefined ? undefined : reading.lifted.get(data);
  const bytes =
    lifted?.bytes ??
    (encoding && data !== undefined ? decodeData(segment.textOf(data), encoding) : undefined);
  if (!bytes || bytes.length === 0) {
    reading.refuse('HL7_ATTACHMENT_UNREADABLE', segment.placeOf(5));
    return { kind: 'empty', text: '' };
  }
  const mediaType = mediaTypeOf(short, bytes);
  return {
    kind: 'attachment',
    text: `${mediaType}, ${bytes.length} bytes`,
    attachment: { mediaType, size: bytes.length, sha256: lifted?.sha256 ?? sha256Hex(bytes), bytes },
  };
};
