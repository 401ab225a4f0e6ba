import { expect, it } from 'vitest';
import { previewAddress } from '../../../web/viewer/addresses.ts';
import { pictureRequest } from '../../server/routes/dicom-web-answers.ts';
import { PREVIEW } from './series-opening.ts';

/** What Chromium says that it takes for the picture of an `img` element. */
const IMAGE_ACCEPT = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';

it('draws ahead the very picture that the page will ask for', () => {
  const address = previewAddress({ root: '/dicom-web', studyUid: '1.2' }, '1.2.3');
  const query = Object.fromEntries(new URL(address, 'http://localhost').searchParams);
  expect(pictureRequest(query, { accept: IMAGE_ACCEPT })).toEqual(PREVIEW);
});
