import { dicomWebFault } from './faults.ts';

/** A part to be sent. */
export interface OutgoingPart {
  readonly mediaType: string;
  readonly location: string;
  readonly length: number;
  pieces(): AsyncIterable<Uint8Array>;
}

type PartHead = Pick<OutgoingPart, 'mediaType' | 'location' | 'length'>;

/** What stands before each part, what stands at the end, and what the whole is called. */
const frameOf = (parts: readonly PartHead[], type: string, boundary: string) => ({
  heads: parts.map(({ mediaType, location, length }, index) =>
    Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${mediaType}\r\nContent-Length: ${length}\r\nContent-Location: ${location}\r\n\r\n`,
      'latin1',
    ),
  ),
  end: Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
  mediaType: `multipart/related; type="${type}"; boundary=${boundary}`,
});

/** A body of several parts (RFC 2387) whose bytes are in memory. */
export const multipartPieces = (
  parts: readonly PartHead[],
  wholes: readonly (readonly Uint8Array[])[],
  type: string,
  boundary: string,
): { readonly mediaType: string; readonly pieces: readonly Uint8Array[] } => {
  const { heads, end, mediaType } = frameOf(parts, type, boundary);
  return { mediaType, pieces: [...heads.flatMap((head, at) => [head, ...(wholes[at] ?? [])]), end] };
};

/** A body of several parts (RFC 2387), with its length known before. */
export const multipartBody = (
  parts: readonly OutgoingPart[],
  type: string,
  boundary: string,
): { readonly mediaType: string; readonly length: number; readonly pieces: AsyncIterable<Uint8Array> } => {
  const { heads, end, mediaType } = frameOf(parts, type, boundary);
  const length = parts.reduce(
    (sum, part, index) => sum + (heads[index] as Buffer).length + part.length,
    end.length,
  );
  const pieces = async function* () {
    for (const [index, part] of parts.entries()) {
      yield heads[index] as Buffer;
      yield* part.pieces();
    }
    yield end;
  };
  return { mediaType, length, pieces: pieces() };
};

/** A body of several parts (RFC 2387) that are made one after the other, so that its length is not known before. */
export const multipartAsMade = (
  parts: AsyncIterable<Pick<OutgoingPart, 'mediaType' | 'location'> & { readonly bytes: Uint8Array }>,
  type: string,
  boundary: string,
): { readonly mediaType: string; readonly pieces: AsyncIterable<Uint8Array> } => {
  const { end, mediaType } = frameOf([], type, boundary);
  const pieces = async function* () {
    let isFirst = true;
    for await (const part of parts) {
      const [head] = frameOf([{ ...part, length: part.bytes.length }], type, boundary).heads as [Buffer];
      yield isFirst ? head : Buffer.concat([Buffer.from('\r\n', 'latin1'), head]);
      yield part.bytes;
      isFirst = false;
    }
    yield end;
  };
  return { mediaType, pieces: pieces() };
};

/** A part that comes in. Its body must be read, or is skipped, before the next one. */
export interface IncomingPart {
  readonly mediaType: string;
  readonly body: AsyncIterable<Uint8Array>;
}

const HEAD_BYTES_MAX = 16 * 1024;
const NOTHING: Buffer = Buffer.alloc(0);

/** Reads the parts of a body one after the other while it comes in; holds no more of it than a boundary is long. */
export const multipartParts = async function* (
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<IncomingPart, void, void> {
  if (boundary === '' || boundary.length > 70) throw dicomWebFault('MULTIPART_INVALID');
  const source = body[Symbol.asyncIterator]();
  let held: Buffer = NOTHING;
  const more = async (): Promise<boolean> => {
    const next = await source.next();
    if (next.done) return false;
    held = held.length === 0 ? Buffer.from(next.value) : Buffer.concat([held, next.value]);
    return true;
  };
  const need = async (bytes: number): Promise<void> => {
    while (held.length < bytes) if (!(await more())) throw dicomWebFault('MULTIPART_INVALID');
  };
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');

  /** Everything up to the delimiter, which is taken away with it. */
  const upToDelimiter = async function* (): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const at = held.indexOf(delimiter);
      if (at >= 0) {
        const rest = held.subarray(0, at);
        held = held.subarray(at + delimiter.length);
        if (rest.length > 0) yield rest;
        return;
      }
      // What may be the beginning of a delimiter stays until more of it is there.
      const safe = held.length - delimiter.length;
      if (safe > 0) {
        const rest = held.subarray(0, safe);
        held = held.subarray(safe);
        yield rest;
      }
      if (!(await more())) throw dicomWebFault('MULTIPART_INVALID');
    }
  };
  const skip = async (pieces: AsyncGenerator<Uint8Array, void, void>): Promise<void> => {
    for await (const _piece of pieces);
  };
  const head = async (): Promise<string> => {
    let end = held.indexOf('\r\n\r\n');
    while (end < 0) {
      if (held.length > HEAD_BYTES_MAX || !(await more())) throw dicomWebFault('MULTIPART_INVALID');
      end = held.indexOf('\r\n\r\n');
    }
    const text = held.toString('latin1', 0, end);
    held = held.subarray(end + 4);
    return text;
  };

  // The first delimiter may stand at the very beginning.
  held = Buffer.from('\r\n', 'latin1');
  await skip(upToDelimiter());
  for (;;) {
    await need(2);
    if (held.toString('latin1', 0, 2) === '--') return;
    // The line of the delimiter may end in spaces.
    const line = /^[ \t]*\r\n/.exec(held.toString('latin1', 0, 64));
    if (!line) throw dicomWebFault('MULTIPART_INVALID');
    // Its line end stays: a part without headers begins with an empty line.
    held = held.subarray(line[0].length - 2);
    const text = await head();
    const mediaType = /^content-type:\s*(.*)$/im.exec(text)?.[1]?.trim() ?? '';
    const pieces = upToDelimiter();
    yield { mediaType, body: pieces };
    await skip(pieces);
  }
};
