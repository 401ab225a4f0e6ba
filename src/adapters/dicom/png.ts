import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

const chunk = (type: string, data: Uint8Array): Buffer => {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
};

/** Grey (1 component) or RGB (3) of 8 bits as PNG (ISO/IEC 15948), each row filtered against the pixel to its left. */
export const encodePng = (
  samples: Uint8Array,
  {
    width,
    height,
    componentCount,
  }: { readonly width: number; readonly height: number; readonly componentCount: 1 | 3 },
): Uint8Array => {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  head[9] = componentCount === 3 ? 2 : 0;
  const rowBytes = width * componentCount;
  const filtered = Buffer.alloc(height * (rowBytes + 1));
  for (let y = 0; y < height; y++) {
    const from = y * rowBytes;
    const to = y * (rowBytes + 1);
    filtered[to] = 1;
    for (let x = 0; x < rowBytes; x++)
      filtered[to + 1 + x] =
        (samples[from + x] as number) -
        (x < componentCount ? 0 : (samples[from + x - componentCount] as number));
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(filtered)),
    chunk('IEND', new Uint8Array()),
  ]);
};
