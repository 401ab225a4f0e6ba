import type { FastifyRequest } from 'fastify';
import { serverFault } from './problem.ts';

/** What an upload form sends beside its one file. */
const FIELDS_MAX = 40;
const FIELD_BYTES_MAX = 16 * 1024;
/** Boundaries, part headers and short fields around the file. */
const ENVELOPE_BYTES = 64 * 1024;

const append = (fields: Record<string, unknown>, name: string, value: unknown): void => {
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else fields[name] = Array.isArray(known) ? [...known, value] : [known, value];
};

/**
 * Reads a `multipart/form-data` body into one record: texts as texts, the file as bytes. An empty file field, as a browser
 * sends it when nothing was chosen, is left out. The file is held in memory, so its size is bound by the route.
 *
 * @param fileBytes the most one file may have
 * @throws BODY_TOO_LARGE, INPUT_INVALID
 */
export const readMultipart = async (
  request: FastifyRequest,
  fileBytes: number,
): Promise<Record<string, unknown>> => {
  if (Number(request.headers['content-length'] ?? 0) > fileBytes + ENVELOPE_BYTES)
    throw serverFault('BODY_TOO_LARGE');
  const limits = { fileSize: fileBytes, files: 1, fields: FIELDS_MAX, fieldSize: FIELD_BYTES_MAX };
  // Without a prototype, so that no field name can reach into one.
  const fields: Record<string, unknown> = Object.create(null);
  try {
    for await (const part of request.parts({ limits }))
      if (part.type === 'file') {
        const bytes = await part.toBuffer();
        if (bytes.length > 0) append(fields, part.fieldname, new Uint8Array(bytes));
      } else append(fields, part.fieldname, part.value);
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === 'FST_REQ_FILE_TOO_LARGE') throw serverFault('BODY_TOO_LARGE', { cause });
    throw serverFault('INPUT_INVALID', { place: 'body', cause });
  }
  return { ...fields };
};
