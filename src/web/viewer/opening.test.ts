import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DicomJson } from './dicom-json.ts';

const ADDRESS = '/viewing/pass/studies/1/series/2';

const slice = (number: number): DicomJson => ({
  '00080018': { vr: 'UI', Value: [`2.${number}`] },
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00200013': { vr: 'IS', Value: [number] },
  '00200032': { vr: 'DS', Value: [0, 0, number * 5] },
  '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] },
  '00280002': { vr: 'US', Value: [1] },
  '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
  '00280010': { vr: 'US', Value: [1] },
  '00280011': { vr: 'US', Value: [2] },
  '00280100': { vr: 'US', Value: [16] },
  '00280101': { vr: 'US', Value: [12] },
  '00280103': { vr: 'US', Value: [0] },
});

let asked: string[];
let named: string[];
let answerFrame: (answer: Response) => void;
let frame: Promise<Response>;

beforeEach(() => {
  vi.resetModules();
  asked = [];
  named = [];
  frame = new Promise((resolve) => {
    answerFrame = resolve;
  });
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path.slice(ADDRESS.length));
    return /\/metadata(\?|$)/.test(path) ? new Response(JSON.stringify([1, 2, 3, 4, 5].map(slice))) : frame;
  });
});
afterEach(() => vi.unstubAllGlobals());

const FRAME = new Response(Uint8Array.of(1, 0, 2, 0), {
  headers: { 'content-type': 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1' },
});

/** The page as the server makes it, with one series of CT and one document. */
const onPage = (header: DicomJson | null = null, version: string | null = null): void => {
  const series = (seriesUid: string, modality: string, instances: number) => ({
    seriesUid,
    modality,
    instances,
    number: 1,
    description: null,
    bodyPart: null,
    laterality: null,
    version,
  });
  const study = {
    root: '/viewing/pass',
    studyUid: '1',
    series: [series('3', 'SR', 1), series('2', 'CT', 5)],
    opening: header && { seriesUid: '2', header },
  };
  vi.stubGlobal('document', {
    getElementById: () => ({ textContent: JSON.stringify(study), dataset: { later: 'room.js tools.js' } }),
    querySelector: () => null,
    createElement: () => ({}),
    head: { append: ({ href }: { readonly href: string }) => void named.push(href) },
  });
};

test('headers and the middle slice are asked for before the rest of the viewer, and not once more by it', async () => {
  onPage();
  const { openingOf } = await import('./opening.ts');
  await vi.waitFor(() => expect(asked).toEqual(['/metadata', '/instances/2.3/frames/1']));
  const opening = openingOf(ADDRESS, new AbortController().signal);
  expect(opening.picture()).toBeNull();
  answerFrame(FRAME.clone());
  expect(await opening.first).toMatchObject({ width: 2, height: 1 });
  expect(opening.picture()).toBe(await opening.first);
  expect(await opening.metadata).toHaveLength(5);
  expect(asked).toHaveLength(2);
});

test('what draws is named to the browser when the first picture has come, not beside it', async () => {
  onPage();
  await import('./opening.ts');
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(named).toEqual([]);
  answerFrame(FRAME.clone());
  await vi.waitFor(() => expect(named).toEqual(['/assets/app/room.js', '/assets/app/tools.js']));
});

test('a picture that fails keeps what draws from nothing, and a series opened again is asked for anew', async () => {
  onPage();
  const { openingOf } = await import('./opening.ts');
  answerFrame(new Response('', { status: 500 }));
  await vi.waitFor(() => expect(named).toHaveLength(2));
  const signal = new AbortController().signal;
  expect(await openingOf(ADDRESS, signal).first).toBeNull();
  expect(await openingOf(ADDRESS, signal).metadata).toHaveLength(5);
  expect(asked.filter((path) => path === '/metadata')).toHaveLength(2);
});

test('a picture that the page names is asked for as it is named there, before any header, and the series opens with it', async () => {
  onPage(slice(4));
  const { frameAddressAt, openingOf } = await import('./opening.ts');
  const { namedFrameAddress } = await import('./addresses.ts');
  const name = namedFrameAddress(
    { root: '/viewing/pass', studyUid: '1' },
    { seriesUid: '2', sopInstanceUid: '2.4', frame: 1 },
  );
  expect(asked).toEqual([name.slice(ADDRESS.length)]);
  const { first, metadata, opensAt } = openingOf(ADDRESS, new AbortController().signal);
  // Its frame is on the way: other headers would take the server, and the line, from it.
  let rest: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (rest = controller) });
  answerFrame(new Response(body, { headers: FRAME.headers }));
  await new Promise((resolve) => setTimeout(resolve));
  expect(asked).toHaveLength(1);
  rest?.enqueue(Uint8Array.of(1, 0, 2, 0));
  rest?.close();
  expect(await first).toMatchObject({ width: 2, height: 1 });
  expect(await metadata).toHaveLength(5);
  expect(asked.slice(1)).toEqual(['/metadata']);
  expect(opensAt).toBe(`wadors:${ADDRESS}/instances/2.4/frames/1`);
  // The code that draws finds the browser's copy under the same name.
  expect(frameAddressAt(`${ADDRESS}/instances/2.4/frames/1`)).toBe(name);
  expect(frameAddressAt(`${ADDRESS}/instances/2.5/frames/1`)).toBe(`${ADDRESS}/instances/2.5/frames/1`);
});

test('headers are asked for although the named picture does not come', async () => {
  onPage(slice(4));
  const { openingOf } = await import('./opening.ts');
  answerFrame(new Response('', { status: 500 }));
  const { first, metadata } = openingOf(ADDRESS, new AbortController().signal);
  expect(await first).toBeNull();
  expect(await metadata).toHaveLength(5);
});

test('everything of a closed series is asked for in the version that the page names', async () => {
  onPage(slice(4), 'v7');
  const { frameAddressAt, openingOf } = await import('./opening.ts');
  const { first, metadata } = openingOf(ADDRESS, new AbortController().signal);
  answerFrame(FRAME.clone());
  await first;
  expect(await metadata).toHaveLength(5);
  const [frame, headers] = asked;
  expect(frame).toMatch(/\/frames\/1\?accept=[^&]+&version=v7$/);
  expect(headers).toBe('/metadata?version=v7');
  expect(frameAddressAt(`${ADDRESS}/instances/2.5/frames/1`)).toBe(
    `${ADDRESS}/instances/2.5/frames/1?version=v7`,
  );
  expect(frameAddressAt('/viewing/pass/studies/1/series/9/instances/9.1/frames/1')).not.toContain('version');
});
