import { afterEach, expect, test, vi } from 'vitest';
import { drawFirst, firstOrAfter } from './first-picture.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('the first picture is drawn by the processor, and what waits for it begins behind its frame', async () => {
  vi.useFakeTimers();
  let frame: (() => void) | undefined;
  vi.stubGlobal('requestAnimationFrame', (call: () => void) => {
    frame = call;
    return 1;
  });
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  vi.stubGlobal('ImageData', class {});
  const asked: unknown[] = [];
  const putImageData = vi.fn<() => void>();
  const canvas = {
    getContext: (...call: unknown[]) => {
      asked.push(call);
      return { putImageData };
    },
  } as unknown as HTMLCanvasElement;
  const order: string[] = [];
  void firstOrAfter(60_000).then(() => order.push('the app'));
  drawFirst(canvas, { width: 1, height: 1, rgba: new Uint8ClampedArray(4) });
  expect(asked).toEqual([['2d', { willReadFrequently: true }]]);
  expect(putImageData).toHaveBeenCalledOnce();
  frame?.();
  await Promise.resolve();
  order.push('the frame');
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual(['the frame', 'the app']);
});
