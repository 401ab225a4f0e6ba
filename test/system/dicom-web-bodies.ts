import iconv from 'iconv-lite';
import type { JsonDataSet } from '../../src/adapters/dicom/dicom-json.ts';
import { type FileStart, readFileStart } from '../../src/adapters/dicom/read-file-start.ts';
import { readInstance } from '../../src/adapters/dicom/read-instance.ts';
import { readMediaType } from '../../src/adapters/dicomweb/accept.ts';
import { multipartBody, multipartParts } from '../../src/adapters/dicomweb/multipart.ts';
import type { TestInstance } from './imaging-bench.ts';

/** A file's data set in the DICOM JSON model. */
export const jsonOfFile = (bytes: Buffer, bulkOf: (index: number) => string): JsonDataSet => {
  const { transferSyntaxUid, sopClassUid, sopInstanceUid, dataSetOffset } = readFileStart(bytes) as FileStart;
  const read = readInstance(
    {
      head: bytes.subarray(dataSetOffset),
      isWhole: true,
      transferSyntaxUid,
      sopClassUid,
      assumedCharset: null,
    },
    { bulk: bulkOf(Number(sopInstanceUid.split('.').at(-1))) },
  );
  if (!read.ok) throw new Error(read.reason);
  return JSON.parse(read.value.metadata ?? '{}') as JsonDataSet;
};
/** A text of GB18030 with its length in front, as an element has it. */
export const text4 = (text: string): Buffer => {
  const encoded = iconv.encode(text, 'gb18030');
  const bytes = encoded.length % 2 === 0 ? encoded : Buffer.concat([encoded, Buffer.from(' ')]);
  return Buffer.concat([Uint8Array.of(bytes.length, 0), bytes]);
};

/** Bytes in one piece. */
export const once = async function* (bytes: Uint8Array) {
  yield bytes;
};

/** The bodies of the parts of an answer. */
export const partsOf = async (response: Response): Promise<readonly Buffer[]> => {
  const boundary = readMediaType(response.headers.get('content-type') ?? '').parameters.get('boundary') ?? '';
  const parts: Buffer[] = [];
  for await (const part of multipartParts(once(new Uint8Array(await response.arrayBuffer())), boundary)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of part.body) pieces.push(Buffer.from(piece));
    parts.push(Buffer.concat(pieces));
  }
  return parts;
};

const item = (bytes: Uint8Array): Buffer => {
  const head = Buffer.from('feff00e000000000', 'hex');
  head.writeUInt32LE(bytes.length + (bytes.length % 2), 4);
  return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)]);
};

/** The same instance of one frame with its pixels as this code stream (PS3.5 A.4). They stand last, explicit, as in every test instance. */
export const compressedAs = (
  transferSyntaxUid: string,
  native: TestInstance,
  frame: Uint8Array,
): TestInstance => ({
  ...native,
  transferSyntaxUid,
  bytes: Buffer.concat([
    native.bytes.subarray(0, Buffer.from(native.bytes).lastIndexOf(Buffer.from('e07f1000', 'hex'))),
    Buffer.from('e07f10004f420000ffffffff', 'hex'),
    item(new Uint8Array()),
    item(frame),
    Buffer.from('feffdde000000000', 'hex'),
  ]),
});

/** Without when it was corrected, which is when it was asked for. */
export const withoutMoments = (attribute: unknown): string =>
  JSON.stringify(attribute).replaceAll(/"\d{14}\+0000"/g, '"WHEN"');

/** Stores files by STOW-RS. */
export const storeFiles = async (
  { url, key }: { readonly url: string; readonly key: string },
  files: readonly Uint8Array[],
): Promise<void> => {
  const body = multipartBody(
    files.map((bytes) => ({
      mediaType: 'application/dicom',
      location: '/x',
      length: bytes.length,
      pieces: () => once(bytes),
    })),
    'application/dicom',
    'b',
  );
  const stored = await fetch(`${url}/dicom-web/studies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': body.mediaType },
    body: body.pieces,
    duplex: 'half',
  } as RequestInit & { duplex: 'half' });
  if (stored.status !== 200) throw new Error(`stored with ${stored.status}`);
};
