import { expect, test } from 'vitest';
import { readInstance } from '../../../adapters/dicom/read-instance.ts';
import { nativeFrame } from '../../../adapters/dicom/native-frame.ts';
import { renderFrame } from '../../../adapters/dicom/render-frame.ts';
import { warmViewing } from './warm-viewing.ts';

/** Readers and renderers alone: there is no database to ask, and no access log to write into. */
const workers = () => {
  const work: string[] = [];
  return {
    work,
    headers: {
      read: async (...[of, wishes]: Parameters<typeof readInstance>) => {
        work.push(`header ${wishes?.bulk === undefined ? 'alone' : 'with metadata'}`);
        return readInstance(of, wishes);
      },
      close: async () => undefined,
    },
    renderer: {
      draw: async (picture: Parameters<typeof renderFrame>[0]) => {
        work.push(picture.drawing.mediaType);
        return renderFrame(picture);
      },
      decode: nativeFrame,
      close: async () => undefined,
    },
  };
};

test('a slice of nobody is read and drawn as the preview of a study is, with nothing but the threads for it', async () => {
  const { work, ...dependencies } = workers();
  expect(await warmViewing(dependencies)).toBe(true);
  expect(new Set(work)).toEqual(new Set(['header with metadata', 'image/jpeg']));
});

test('where drawing breaks down it ends', async () => {
  const { work, ...dependencies } = workers();
  const renderer = {
    ...dependencies.renderer,
    draw: async () => ({ ok: false, reason: 'too-slow' }) as const,
  };
  expect(await warmViewing({ ...dependencies, renderer })).toBe(false);
  expect(work).toEqual(['header with metadata']);
});
