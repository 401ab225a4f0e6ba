import { framesAnswer } from '../../src/apps/server/routes/dicom-web-answers.ts';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { partsWanted, readAccept, readMediaType, takesSyntax } from '../../src/adapters/dicomweb/accept.ts';
import { multipartBody, multipartParts } from '../../src/adapters/dicomweb/multipart.ts';
import { dateRange, likePattern, readSearch, timeRange } from '../../src/adapters/dicomweb/search-query.ts';

describe('content negotiation (PS3.18 §8.7)', () => {
  const FRAMES = 'application/octet-stream';

  test('a multipart range names the type of its parts, quoted or not', () => {
    const cornerstone = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';
    expect(partsWanted(cornerstone, FRAMES, 1)).toEqual({ form: 'multipart', transferSyntax: '*' });
    expect(partsWanted('multipart/related; type=application/octet-stream', FRAMES, 3)).toEqual({
      form: 'multipart',
      transferSyntax: null,
    });
    expect(partsWanted('multipart/related; type="image/jpeg"', FRAMES, 1)).toBeNull();
  });

  test('the only part may come alone, several may not', () => {
    expect(partsWanted('application/octet-stream', FRAMES, 1)).toMatchObject({ form: 'single' });
    expect(partsWanted('application/octet-stream', FRAMES, 2)).toBeNull();
    expect(partsWanted(undefined, FRAMES, 2)).toMatchObject({ form: 'multipart' });
  });

  test('the most wanted range counts first, and one with q=0 not at all', () => {
    expect(readAccept('image/png;q=0.5, image/jpeg, */*;q=0').map(({ type }) => type)).toEqual([
      'image/jpeg',
      'image/png',
    ]);
  });

  test('only the stored transfer syntax can be had', () => {
    const wanted = { form: 'multipart', transferSyntax: '1.2.840.10008.1.2.1' } as const;
    expect(takesSyntax(wanted, '1.2.840.10008.1.2.1')).toBe(true);
    expect(takesSyntax(wanted, '1.2.840.10008.1.2.4.80')).toBe(false);
    expect(takesSyntax({ ...wanted, transferSyntax: '*' }, '1.2.840.10008.1.2.4.80')).toBe(true);
  });

  test('parameters with separators inside quotes stay whole', () => {
    expect(readMediaType('multipart/related; type="a;b"; boundary="x,y"').parameters).toEqual(
      new Map([
        ['type', 'a;b'],
        ['boundary', 'x,y'],
      ]),
    );
  });
});

const gather = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
};

const sliced = async function* (bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
};

const partsOf = async (body: AsyncIterable<Uint8Array>, boundary: string) => {
  const parts: { mediaType: string; bytes: Buffer }[] = [];
  for await (const part of multipartParts(body, boundary))
    parts.push({ mediaType: part.mediaType, bytes: await gather(part.body) });
  return parts;
};

describe('bodies of several parts (RFC 2387, RFC 2046 §5.1)', () => {
  const contents = [randomBytes(10_000), Buffer.from('\r\n--huren-x'), Buffer.alloc(0), randomBytes(3)];
  const outgoing = contents.map((bytes, index) => ({
    mediaType: 'application/dicom',
    location: `/${index}`,
    length: bytes.length,
    pieces: () => sliced(bytes, 999),
  }));

  test.each([1, 7, 64, 5_000, 1_000_000])(
    'come back as they were sent, in pieces of %i bytes',
    async (size) => {
      const body = multipartBody(outgoing, 'application/dicom', 'huren-boundary');
      const bytes = await gather(body.pieces);
      expect(bytes).toHaveLength(body.length);
      const parts = await partsOf(sliced(bytes, size), 'huren-boundary');
      expect(parts.map((part) => part.bytes)).toEqual(contents);
      expect(parts[0]?.mediaType).toBe('application/dicom');
    },
  );

  test('a preamble, and parts without headers, are read', async () => {
    const body = Buffer.from(
      'ignored\r\n--b\r\n\r\none\r\n--b \r\nContent-Type: text/plain\r\n\r\ntwo\r\n--b--\r\n',
    );
    const parts = await partsOf(sliced(body, 3), 'b');
    expect(parts.map(({ bytes }) => bytes.toString())).toEqual(['one', 'two']);
  });

  test('a part that nobody reads is passed over', async () => {
    const body = multipartBody(outgoing, 'application/dicom', 'huren-boundary');
    let count = 0;
    for await (const _part of multipartParts(body.pieces, 'huren-boundary')) count += 1;
    expect(count).toBe(4);
  });

  test.each([
    ['the wrong boundary', '--a\r\n\r\none\r\n--a--\r\n', 'b'],
    ['no last boundary', '--b\r\n\r\none\r\n--b\r\n', 'b'],
    ['an end in the middle', '--b\r\n\r\none', 'b'],
    ['no boundary named', '--b\r\n\r\none\r\n--b--\r\n', ''],
    ['nothing at all', '', 'b'],
    ['something behind a boundary', '--b\r\n\r\none\r\n--bx\r\n', 'b'],
  ])('%s is refused', async (_name, body, boundary) => {
    await expect(partsOf(sliced(Buffer.from(body), 5), boundary)).rejects.toMatchObject({
      code: 'MULTIPART_INVALID',
    });
  });
});

describe('search parameters (PS3.18 §10.6)', () => {
  test('attributes by keyword and by tag', () => {
    const { matching } = readSearch({ StudyDate: '20261101-', '00080050': 'A1', ModalitiesInStudy: 'CT' });
    expect([...matching]).toEqual([
      ['00080020', ['20261101-']],
      ['00080050', ['A1']],
      ['00080061', ['CT']],
    ]);
  });

  test('lists of UIDs with comma and backslash', () => {
    expect(readSearch({ StudyInstanceUID: '1.2,1.3\\1.4' }).matching.get('0020000D')).toEqual([
      '1.2',
      '1.3',
      '1.4',
    ]);
  });

  test('an empty value matches anything', () => {
    expect(readSearch({ AccessionNumber: '' }).matching.size).toBe(0);
    // A star alone is universal matching (PS3.4 §C.2.2.2.4), whatever the value representation.
    expect(readSearch({ AccessionNumber: '*', StudyDate: '*', StudyInstanceUID: '*' }).matching.size).toBe(0);
  });

  test.each([
    ['limit', '-1'],
    ['limit', 'ten'],
    ['offset', '1000000000'],
    ['StudyDate', '20261301x'],
    ['StudyDate', '20261102-20261101'],
    ['StudyTime', '2500'],
    ['PatientName', 'a\0b'],
    ['AccessionNumber', 'a\u0007'],
    ['limit', '1e3'],
    ['StudyInstanceUID', '../etc'],
    ['NoSuchThing', '1'],
    ['includefield', 'drop table'],
    ['fuzzymatching', 'maybe'],
  ])('%s=%s is refused', (name, value) => {
    expect(() => readSearch({ [name]: value })).toThrow(expect.objectContaining({ code: 'SEARCH_INVALID' }));
  });

  test('limits are bounded, not believed', () => {
    for (const limit of ['99999', '200000', '99999999999999999999'])
      expect(readSearch({ limit })).toMatchObject({ limit: 500, offset: 0 });
  });

  test('wildcards become patterns, and what is a wildcard in SQL stays a character', () => {
    expect(likePattern('王*')).toBe('王%');
    expect(likePattern('100%_?')).toBe('100\\%\\__');
  });

  test('date ranges are open at either end', () => {
    expect(dateRange('20261101-')).toEqual({ from: '20261101', to: null });
    expect(dateRange('-20261101')).toEqual({ from: null, to: '20261101' });
    expect(dateRange('20261101')).toEqual({ from: '20261101', to: '20261101' });
    expect(dateRange('2026.11.01')).toEqual({ from: '20261101', to: '20261101' });
  });
});

test('a time that leaves out its seconds is the whole minute (PS3.4 §C.2.2.2.5)', () => {
  expect(timeRange('1000')).toEqual({ from: '1000', to: '100059.999999' });
  expect(timeRange('000000-000001')).toEqual({ from: '000000', to: '000001.999999' });
  expect(timeRange('10-')).toEqual({ from: '10', to: null });
});

test('a frame whose instance was corrected has another tag, though its place and length are the same', async () => {
  const tagOf = async (content: string): Promise<unknown> => {
    const part = {
      mediaType: 'application/octet-stream',
      location: '/dicom-web/studies/1/series/2/instances/3/frames/1',
      length: 4,
      content,
      pieces: () => sliced(Buffer.alloc(4), 4),
    };
    const answer = await framesAnswer('3|1', 1, {}, async () => ({
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      frames: [part],
      copyOf: null,
      version: null,
      plain: async () => null,
    }));
    return 'headers' in answer ? answer.headers?.['etag'] : undefined;
  };
  expect(await tagOf('first')).toBeDefined();
  expect(await tagOf('first')).toBe(await tagOf('first'));
  expect(await tagOf('first')).not.toBe(await tagOf('second'));
});

test('what a frame is accepted as may stand in its address (PS3.18 §8.3.3.1), and then no header makes it another answer', async () => {
  const part = {
    mediaType: 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
    location: '/dicom-web/studies/1/series/2/instances/3/frames/1',
    length: 4,
    content: 'content',
    pieces: () => sliced(Buffer.alloc(4), 4),
  };
  const stored = {
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    frames: [part],
    copyOf: null,
    version: 'v2',
    plain: async () => null,
  };
  const asked = { accept: '*/*' };
  const single = 'application/octet-stream; transfer-syntax=*';
  const named = await framesAnswer('3|1', 1, asked, async () => stored, { accept: single });
  expect(named).toMatchObject({ mediaType: part.mediaType, headers: { vary: 'accept-encoding, cookie' } });
  const plain = await framesAnswer('3|1', 1, asked, async () => stored);
  expect(plain).toMatchObject({ headers: { vary: 'accept, accept-encoding, cookie' } });
  expect(plain).toMatchObject({ mediaType: expect.stringContaining('multipart/related') as string });
});

// PS3.18 §8.7.3.3.2: compressed frames have media types of their own; `application/octet-stream` is plain words.
describe('frames that are stored compressed', () => {
  const JLS = '1.2.840.10008.1.2.4.80';
  const part = (syntax: string, byte: number) => ({
    mediaType: `application/octet-stream; transfer-syntax=${syntax}`,
    location: '/dicom-web/studies/1/series/2/instances/3/frames/1',
    length: 4,
    content: 'content',
    pieces: () => sliced(Buffer.alloc(4, byte), 4),
  });
  const answer = async (accept: string | undefined, syntax = JLS, isDecoded = true) =>
    (await framesAnswer('3|1', 1, { accept }, async () => ({
      transferSyntaxUid: syntax,
      frames: [part(syntax, 1)],
      copyOf: null,
      version: null,
      plain: async () => (isDecoded ? [part('1.2.840.10008.1.2.1', 2)] : null),
    }))) as { mediaType: string; pieces: AsyncIterable<Uint8Array>; headers: Record<string, string> };
  const compressed = async (accept: string, syntax = JLS): Promise<string> => {
    const { mediaType, pieces } = await answer(accept, syntax);
    expect((await gather(pieces)).includes(Buffer.alloc(4, 1))).toBe(true);
    return mediaType;
  };

  test.each([
    ['image/jls', JLS],
    ['image/*', JLS],
    [`image/jls; transfer-syntax=${JLS}`, JLS],
    ['image/png, image/jls;q=0.5', JLS],
    ['image/jpeg', '1.2.840.10008.1.2.4.70'],
    ['image/jpeg', '1.2.840.10008.1.2.4.50'],
    ['image/dicom-rle', '1.2.840.10008.1.2.5'],
    ['image/jp2', '1.2.840.10008.1.2.4.90'],
    ['image/jphc', '1.2.840.10008.1.2.4.202'],
  ])('%s gives %s alone, and says so', async (accept, syntax) => {
    expect(await compressed(accept, syntax)).toMatch(
      new RegExp(`^image/[a-z0-9-]+; transfer-syntax=${syntax.replaceAll('.', '\\.')}$`),
    );
  });

  test('in a part of a multipart body, too', async () => {
    expect(await compressed('multipart/related; type="image/jls"')).toContain('type="image/jls"');
  });

  test.each(['application/octet-stream', 'multipart/related; type="application/octet-stream"'])(
    '%s means plain words, decoded or not at all',
    async (accept) => {
      for (const wanted of [accept, `${accept}; transfer-syntax=1.2.840.10008.1.2.1`]) {
        const body = await gather((await answer(wanted)).pieces);
        expect([body.includes(Buffer.alloc(4, 2)), body.includes(Buffer.alloc(4, 1))]).toEqual([true, false]);
        await expect(answer(wanted, JLS, false)).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
      }
    },
  );

  test.each(['image/jpeg', 'image/jls; transfer-syntax=1.2.840.10008.1.2.4.81', 'text/html', 'image/png'])(
    '%s cannot be had',
    async (accept) => {
      await expect(answer(accept)).rejects.toMatchObject({ code: 'NOT_ACCEPTABLE' });
    },
  );

  test('whoever names the syntax or takes any has them as they are stored, with its name', async () => {
    for (const accept of ['*/*', 'application/octet-stream; transfer-syntax=*', undefined]) {
      const { mediaType, pieces } = await answer(accept);
      const body = await gather(pieces);
      expect(body.includes(Buffer.alloc(4, 1))).toBe(true);
      expect(`${mediaType}${body.toString('latin1')}`).toContain(`transfer-syntax=${JLS}`);
    }
  });

  test('each form has a tag of its own', async () => {
    const accepts = ['*/*', 'image/jls', 'application/octet-stream'];
    const tags = await Promise.all(accepts.map(async (accept) => (await answer(accept)).headers['etag']));
    expect(new Set(tags).size).toBe(3);
  });
});

test('an address lasts while it names the version that is answered; any other is asked for again by its tag (RFC 9111 §4.3)', async () => {
  const part = {
    mediaType: 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1',
    location: '/dicom-web/studies/1/series/2/instances/3/frames/1',
    length: 4,
    content: 'content',
    pieces: () => sliced(Buffer.alloc(4), 4),
  };
  const answer = async (version: string | null, named: string | undefined, known?: string) => {
    const stored = {
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      frames: [part],
      copyOf: null,
      version,
      plain: async () => null,
    };
    const asked = { accept: '*/*', 'if-none-match': known };
    const { status, headers } = (await framesAnswer('3|1', 1, asked, async () => stored, {
      version: named,
    })) as { status: number; headers: Record<string, string> };
    return { status, cache: headers['cache-control'], tag: headers['etag'] ?? '' };
  };
  const lasting = 'private, max-age=28800, immutable';
  expect((await answer('v2', 'v2')).cache).toBe(lasting);
  for (const [version, named] of [
    ['v2', undefined],
    ['v2', 'v1'],
    [null, 'v1'],
    [null, undefined],
  ] as const) {
    const first = await answer(version, named);
    expect(first.cache).toBe('private, no-cache');
    expect(await answer(version, named, first.tag)).toMatchObject({
      status: 304,
      cache: 'private, no-cache',
    });
  }
});
