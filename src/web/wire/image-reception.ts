import { z } from 'zod';
import { HOLD_REASONS } from '../../imaging/index.ts';
import { momentShape, publicIdShape } from './order-check-request.ts';

const count = z.int().min(0);
const tally = { studies: count, instances: count, bytes: count };

/** Answer of `GET /api/console/images`: how an institution's images come in. Names nobody. */
export const imageReceptionShape = z.strictObject({
  institution: z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() }),
  asOf: momentShape,
  /** The last fourteen civil days in China, the newest first; a study counts on the day on which it began. */
  days: z.array(z.strictObject({ day: z.string(), ...tally })),
  /** Registered devices and whoever else sent in these days. */
  devices: z.array(
    z.strictObject({
      /** AE title or name of the system, with its door: `dimse:CT01`, `stow:…`, `ingest`. */
      sender: z.string(),
      registered: z.boolean(),
      services: z.array(z.string()),
      /** In these days; null: nothing. */
      lastAt: momentShape.nullable(),
      today: z.strictObject(tally),
      ...tally,
    }),
  ),
  /** Cases that wait for an answer, by reason; instances are 0 where a whole study is asked about. */
  holds: z.array(z.strictObject({ reason: z.enum(HOLD_REASONS), cases: count, instances: count })),
  /** Studies that belong to nobody for now. */
  unmatched: count,
  /** Studies that are still coming in, or came in part; the longest silent first. */
  uploads: z.array(
    z.strictObject({
      study: publicIdShape,
      description: z.string().nullable(),
      modalities: z.array(z.string()),
      received: count,
      announced: count.nullable(),
      firstAt: momentShape,
      lastAt: momentShape,
    }),
  ),
  /** Associations that were refused or broken off in the last seven days, of this institution's titles and addresses. */
  refused: z.array(
    z.strictObject({
      callingAeTitle: z.string(),
      remoteAddress: z.string(),
      reason: z.string(),
      count,
      lastAt: momentShape,
    }),
  ),
});

/** How an institution's images come in. */
export type ImageReception = z.output<typeof imageReceptionShape>;
