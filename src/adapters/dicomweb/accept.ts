/** One media range of an Accept header (RFC 9110 §12.5.1). */
export interface MediaRange {
  /** Lower case, e.g. `multipart/related`. */
  readonly type: string;
  /** Parameters without `q`, names in lower case, values without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** Splits at a character that stands outside of quotes. */
const splitOutside = (text: string, separator: string): string[] => {
  const parts: string[] = [];
  let quoted = false;
  let part = '';
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === separator && !quoted) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== '');
};

/** A media type with its parameters, as a Content-Type or one range of an Accept header writes it. */
export const readMediaType = (text: string): MediaRange => {
  const [type = '', ...rest] = splitOutside(text, ';');
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const each of rest) {
    const at = each.indexOf('=');
    const name = (at < 0 ? each : each.slice(0, at)).trim().toLowerCase();
    const value =
      at < 0
        ? ''
        : each
            .slice(at + 1)
            .trim()
            .replace(/^"(.*)"$/, '$1');
    if (name === 'q') quality = Number(value) >= 0 && Number(value) <= 1 ? Number(value) : 1;
    else parameters.set(name, value);
  }
  return { type: type.toLowerCase(), parameters, quality };
};

/** The ranges of an Accept header, the most wanted first. An absent header accepts everything. */
export const readAccept = (header: string | undefined): readonly MediaRange[] =>
  splitOutside(header ?? '*/*', ',')
    .map(readMediaType)
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality);

/** Whether a range takes a media type. */
export const takes = (range: MediaRange, type: string): boolean =>
  range.type === '*/*' || range.type === type || range.type === `${type.split('/')[0]}/*`;

/** How a caller wants stored parts: each in a part of a multipart body, or the only one alone. */
export interface PartsWanted {
  readonly form: 'multipart' | 'single';
  /** Transfer syntax that is asked for; `*` for whatever is stored; null where nothing is said. */
  readonly transferSyntax: string | null;
}

/**
 * How stored bytes of one media type are to be sent (PS3.18 §8.7.3); null when the caller takes them in no form.
 *
 * @param type of each part: `application/dicom`, `application/octet-stream`
 */
export const partsWanted = (accept: string | undefined, type: string, count: number): PartsWanted | null => {
  for (const range of readAccept(accept)) {
    if (range.type === 'multipart/related') {
      const part = range.parameters.get('type') ?? type;
      if (part === type || part === '*/*')
        return { form: 'multipart', transferSyntax: range.parameters.get('transfer-syntax') ?? null };
    } else if (range.type === '*/*' || range.type === 'multipart/*')
      return { form: 'multipart', transferSyntax: range.parameters.get('transfer-syntax') ?? null };
    else if (count === 1 && takes(range, type))
      return { form: 'single', transferSyntax: range.parameters.get('transfer-syntax') ?? null };
  }
  return null;
};

/** Whether a stored transfer syntax is one that was asked for. Nothing is transcoded, so the stored one is what can be had. */
export const takesSyntax = ({ transferSyntax }: PartsWanted, stored: string): boolean =>
  transferSyntax === null || transferSyntax === '*' || transferSyntax === stored;

/** How frames as HTJ2K are asked for. */
export interface CodedWanted {
  /** Media type of each part. */
  readonly type: 'image/jphc' | 'application/octet-stream';
  readonly transferSyntax: string;
}

/** What `image/jphc` alone means (PS3.18 §8.7.3.3). */
const JPHC_DEFAULT = '1.2.840.10008.1.2.4.201';

/**
 * Whether frames are asked for as HTJ2K, and not rather as they are stored: by the media type, or by the name of the syntax.
 *
 * @param syntaxes that can be given
 * @returns null where stored frames are wanted at least as much
 */
export const codedWanted = (
  accept: string | undefined,
  syntaxes: readonly string[],
  count: number,
): CodedWanted | null => {
  for (const { type, parameters } of readAccept(accept)) {
    const isMultipart = type === 'multipart/related';
    const part = isMultipart ? (parameters.get('type') ?? 'application/octet-stream') : type;
    const named = parameters.get('transfer-syntax');
    if (!isMultipart && count > 1) continue;
    if (part === 'image/jphc') {
      const transferSyntax = named === undefined || named === '*' ? JPHC_DEFAULT : named;
      if (syntaxes.includes(transferSyntax)) return { type: part, transferSyntax };
    } else if (part === 'application/octet-stream' && named !== undefined && syntaxes.includes(named))
      return { type: part, transferSyntax: named };
    else if (part === '*/*' || part === 'application/*' || part === 'application/octet-stream') return null;
  }
  return null;
};

/** Explicit VR little endian: what `application/octet-stream` means where no syntax is named (PS3.18 §8.7.3.5.2). */
export const PLAIN_SYNTAX = '1.2.840.10008.1.2.1';

const under = (...ends: readonly string[]): string[] => ends.map((end) => `1.2.840.10008.1.2.${end}`);

/** Media type of compressed frames by transfer syntax (PS3.18 table 8.7.3-3). */
const IMAGE_TYPES: ReadonlyMap<string, string> = new Map(
  (
    [
      ['image/jpeg', under('4.50', '4.51', '4.57', '4.70')],
      ['image/dicom-rle', under('5')],
      ['image/jls', under('4.80', '4.81')],
      ['image/jp2', under('4.90', '4.91')],
      ['image/jpx', under('4.92', '4.93')],
      ['image/jxl', under('4.110', '4.111', '4.112')],
      ['image/jphc', under('4.201', '4.202', '4.203')],
    ] as const
  ).flatMap(([type, syntaxes]) => syntaxes.map((syntax) => [syntax, type] as const)),
);

/** How frames are to be sent. */
export interface FramesWanted {
  readonly form: 'multipart' | 'single';
  /** Media type of each, without parameters. */
  readonly type: string;
  /** As they are stored, or as uncompressed little endian words. */
  readonly as: 'stored' | 'plain';
}

/**
 * How stored frames may be sent, the most wanted first (PS3.18 §8.7.3.3): by the media type of their compression, under any type to
 * whoever names their syntax or takes any, and as plain words under `application/octet-stream`, which without a named syntax means
 * these and nothing else.
 *
 * @param stored transfer syntax
 */
export const framesWanted = (
  accept: string | undefined,
  stored: string,
  count: number,
): readonly FramesWanted[] =>
  readAccept(accept).flatMap(({ type: range, parameters }): readonly FramesWanted[] => {
    const isAny = range === '*/*' || range === 'multipart/*';
    const isMultipart = isAny || range === 'multipart/related';
    if (!isMultipart && count > 1) return [];
    const form = isMultipart ? 'multipart' : 'single';
    const part = isAny
      ? '*/*'
      : range === 'multipart/related'
        ? (parameters.get('type') ?? 'application/octet-stream').toLowerCase()
        : range;
    const named = parameters.get('transfer-syntax');
    const isStored = named === '*' || named === stored;
    const octets = 'application/octet-stream';
    if (part === '*/*' && (named === undefined || isStored)) return [{ form, type: octets, as: 'stored' }];
    if (part === '*/*' || part === octets || part === 'application/*') {
      if (isStored) return [{ form, type: octets, as: 'stored' }];
      return named === undefined || named === PLAIN_SYNTAX ? [{ form, type: octets, as: 'plain' }] : [];
    }
    const image = IMAGE_TYPES.get(stored);
    return image !== undefined && (part === image || part === 'image/*') && (named === undefined || isStored)
      ? [{ form, type: image, as: 'stored' }]
      : [];
  });
