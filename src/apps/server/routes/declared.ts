import { z } from 'zod';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';
import type { AnswerShape } from '../route.ts';

/** Path parameter of what has an id of ours. */
export const idParams = z.strictObject({ id: publicIdShape });

/** JSON of one shape, with status 200 (or another). */
export const answers = (schema: z.ZodType, status = 200): readonly AnswerShape[] => [
  { status, description: 'Done', mediaType: 'application/json', schema },
];

/** A page and nothing else. */
export const THE_PAGE: readonly AnswerShape[] = [
  { status: 200, description: 'The page', mediaType: 'text/html' },
];

/** What the page of a member of staff is made with. */
export interface PageCall {
  readonly actor: Actor;
  readonly formToken: string;
  readonly origin: CallOrigin;
}
