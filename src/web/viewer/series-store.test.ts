import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DicomJson } from './dicom-json.ts';
import { type Fetching, seriesStore } from './series-store.ts';

const SERIES = '/dicom-web/studies/1/series/2';

const slice = (number: number): DicomJson => ({
  '00080018': { vr: 'UI', Value: [`1.${number}`] },
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00200013': { vr: 'IS', Value: [number] },
  '00280010': { vr: 'US', Value: [4] },
  '00280011': { vr: 'US', Value: [4] },
  '00200032': { vr: 'DS', Value: [0, 0, number * -5] },
  '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] },
});

/** A server that has so many slices, and says how it was asked. */
const serving = (count: () => number) => {
  const asked: (RequestCache | undefined)[] = [];
  vi.stubGlobal('fetch', async (path: string, { cache }: RequestInit) => {
    if (!path.endsWith('/metadata')) throw new TypeError('no frames here');
    asked.push(cache);
    return new Response(JSON.stringify(Array.from({ length: count() }, (_, at) => slice(at + 1))));
  });
  return asked;
};

const fetched: string[] = [];
const fetching: Fetching = {
  describe: () => undefined,
  fetchAhead: async (imageId) => void fetched.push(imageId),
};
const made = () => seriesStore(SERIES, Promise.resolve(fetching), Number.POSITIVE_INFINITY);

afterEach(() => {
  vi.unstubAllGlobals();
  fetched.length = 0;
});

describe('a series that is still coming in', () => {
  it('takes up what came meanwhile, past what the browser keeps, and fetches only that', async () => {
    let count = 3;
    const asked = serving(() => count);
    const store = made();
    await vi.waitFor(() => expect(store.get().phase).toBe('ready'));
    store.fetchFrom(0);
    await vi.waitFor(() => expect(store.get().fetched).toBe(3));
    store.expect(3);
    count = 5;
    store.expect(5);
    await vi.waitFor(() => expect(store.get().stack.images).toHaveLength(5));
    expect(asked).toEqual(['default', 'reload']);
    store.fetchFrom(0);
    await vi.waitFor(() => expect(store.get().fetched).toBe(5));
    expect(new Set(fetched).size).toBe(5);
    expect(fetched).toHaveLength(5);
  });

  it('asks once more where the browser kept an answer from before the last image', async () => {
    let count = 3;
    const asked = serving(() => count++);
    const store = made();
    store.expect(4);
    await vi.waitFor(() => expect(store.get().stack.images).toHaveLength(4));
    expect(asked).toEqual(['default', 'reload']);
  });

  it('keeps what is on the screen where the rest cannot be read', async () => {
    serving(() => 3);
    const store = made();
    await vi.waitFor(() => expect(store.get().phase).toBe('ready'));
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    store.expect(9);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(store.get()).toMatchObject({ phase: 'ready', error: null });
  });
});

describe('where a series opens', () => {
  it('is the middle of a volume, then the place where it was left', async () => {
    serving(() => 9);
    const store = made();
    await vi.waitFor(() => expect(store.get().phase).toBe('ready'));
    expect(store.firstIndex()).toBe(4);
    store.remember(store.get().stack.images[7]?.imageId ?? '');
    expect(store.firstIndex()).toBe(7);
    store.remember('wadors:gone');
    expect(store.firstIndex()).toBe(4);
  });
});
