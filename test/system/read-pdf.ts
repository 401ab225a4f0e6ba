import { inflateSync } from 'node:zlib';

/** As much of a PDF as tests ask: enough to know that its text is text and what its title says. */
export interface ReadPdf {
  /** Width and height of every page in points. */
  readonly pages: readonly string[];
  readonly fontsEmbedded: number;
  /** Every character that the document's fonts say they show. */
  readonly characters: ReadonlySet<string>;
  readonly title: string;
}

const streamsOf = (bytes: Buffer): string[] => {
  const streams: string[] = [];
  for (let from = 0; ; ) {
    const begin = bytes.indexOf('stream\n', from);
    const end = bytes.indexOf('endstream', begin);
    if (begin < 0 || end < 0) return streams;
    try {
      streams.push(inflateSync(bytes.subarray(begin + 7, end)).toString('latin1'));
    } catch {
      // Not compressed; nothing we ask about lies there.
    }
    from = end + 9;
  }
};

const utf16 = (hexadecimal: string): string =>
  new TextDecoder('utf-16be').decode(Buffer.from(hexadecimal, 'hex'));

/** Reads a PDF as pdfkit writes it. */
export const readPdf = (pdf: Uint8Array): ReadPdf => {
  const bytes = Buffer.from(pdf);
  const text = bytes.toString('latin1');
  const maps = streamsOf(bytes).filter((stream) => stream.includes('beginbfrange'));
  const place = /\/Title (\d+) 0 R/.exec(text)?.[1] ?? 'none';
  const title =
    new RegExp(`\\n${place} 0 obj\\n\\(\xfe\xff((?:[^)\\\\]|\\\\[\\s\\S])*)\\)`).exec(text)?.[1] ?? '';
  return {
    pages: [...text.matchAll(/\/MediaBox \[0 0 ([\d.]+ [\d.]+)\]/g)].map((found) => found[1] as string),
    fontsEmbedded: [...text.matchAll(/\/FontFile[23]? /g)].length,
    characters: new Set(
      maps.flatMap((map) => (map.match(/<[0-9a-f]{4,8}>/g) ?? []).map((hex) => utf16(hex.slice(1, -1)))),
    ),
    title: utf16(Buffer.from(title.replaceAll(/\\([\s\S])/g, '$1'), 'latin1').toString('hex')),
  };
};
