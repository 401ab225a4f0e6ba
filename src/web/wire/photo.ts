import { z } from 'zod';

/** A photo or scan as a form or a call uploads it. In JSON, where there is no place for bytes, it is left out. */
export const photoShape = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array && value.length > 0, { message: 'a file' })
  .meta({ type: 'string', format: 'binary', description: 'JPEG, PNG or PDF; multipart/form-data only' });

/** A text that people type over several lines. */
export const freeTextShape = (maximum: number) =>
  z
    .string()
    .trim()
    .max(maximum)
    .regex(/^(?:[\t\r\n]|[^\p{Cc}])*$/u);
