import type { AnswerShape, Limits } from './route.ts';

/** A photo or scan as it was sent. */
export interface Photo {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** One photo or scan of ten megabytes, as telephones take them; a person sends a few a minute. */
export const PHOTO_UPLOAD: Limits = { bodyBytes: 10 * 1024 * 1024, perMinute: 60 };

/** How a photo is given back. */
export const PHOTO_ANSWERS: readonly AnswerShape[] = (
  ['image/jpeg', 'image/png', 'application/pdf'] as const
).map((mediaType) => ({ status: 200, description: 'The photo or scan as it was sent', mediaType }));

/** File name under which a photo is offered for saving: what it is, never whose. */
export const photoFileName = (id: string, mediaType: string): string =>
  `${id}.${{ 'image/jpeg': 'jpg', 'image/png': 'png' }[mediaType] ?? 'pdf'}`;
