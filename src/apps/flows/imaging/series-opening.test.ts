import { expect, it } from 'vitest';
import { previewAddress } from '../../../web/viewer/addresses.ts';
import { pictureRequest } from '../../server/routes/picture-request.ts';
import { PREVIEW } from './series-opening.ts';

// What browsers say that they take for the picture of an `img` element.
it.each([
  ['Chromium', 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8'],
  ['Firefox', 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5'],
  [
    'Safari',
    'image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
  ],
  ['a browser that says nothing of pictures', 'text/html'],
])('draws ahead the very picture that the page will ask for, in %s', (_browser, accept) => {
  const address = previewAddress({ root: '/dicom-web', studyUid: '1.2' }, '1.2.3');
  const query = Object.fromEntries(new URL(address, 'http://localhost').searchParams);
  expect(pictureRequest(query, { accept })).toEqual(PREVIEW);
});
