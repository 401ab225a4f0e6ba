import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** The built file that draws; it gives away what it holds. */
export const { file: ROOM } = (
  JSON.parse(readFileSync('dist/web/manifest.json', 'utf8')) as Record<string, { file: string }>
)['viewer/room.ts'] ?? { file: '' };

/** SHA-256 over the values of a picture as the viewer holds them, each as a 32-bit number; null while it is not there. */
export const heldValues = (page: Page, imageId: string): Promise<string | null> =>
  page.evaluate(
    `(async () => {
      const { pixelsOf } = await import('/assets/app/${ROOM}');
      const pixels = pixelsOf(${JSON.stringify(imageId)});
      if (pixels === null) return null;
      const digest = await crypto.subtle.digest('SHA-256', Int32Array.from(pixels));
      return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    })()`,
  ) as Promise<string | null>;
