import { z } from 'zod';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type CheckResponseRequest,
  checkResponseRequestShape,
  publicIdShape,
} from '../../../web/wire/order-check-request.ts';
import type { Actor, CallOrigin, CheckFlows } from '../flows-port.ts';
import { readInput } from '../problem.ts';
import { valueOf } from './order-checks.ts';

/** A field that a form sends once, several times or not at all. */
export const severalOf = (shape: z.ZodType<string>) =>
  z.union([shape.transform((one) => [one]), z.array(shape)]).default([]);

/** The doctor's answer as the forms of card and page send it: to one line, or (line 0) to each of `lines`. */
export const responseFormShape = z.strictObject({
  line: z.coerce.number().int().min(0).max(999),
  /** `LINE`, or `LINE/REPORT/ORDINAL` for the one result of it that is meant. */
  lines: severalOf(z.string().regex(/^\d{1,3}(\/[0-9a-f-]{36}\/\d{1,5})?$/)),
  idempotencyKey: z.uuid(),
  /** Sent by Enter in a field of the reasons: nothing was chosen, nothing is answered. */
  act: z.literal('stay').optional(),
  kind: z.enum(['recognise', 're-examine', 'undo']),
  report: publicIdShape.optional(),
  ordinal: z.coerce.number().int().min(1).optional(),
  reason: z.enum(['N1', 'N2', 'N3', 'N4', 'N5', 'N6']).optional(),
  subReasons: severalOf(z.string().max(16)),
  text: z.string().max(500).default(''),
  informed: z.literal('yes').optional(),
});

type ResponseForm = z.output<typeof responseFormShape>;

const requestsOf = ({
  idempotencyKey: _key,
  act: _act,
  lines,
  text,
  informed,
  ...form
}: ResponseForm): CheckResponseRequest[] => {
  const shared = {
    ...form,
    ...(text.trim() === '' ? {} : { text }),
    ...(form.kind === 're-examine' ? { informed: informed === 'yes' } : {}),
  };
  const each =
    form.line > 0
      ? [shared]
      : lines.map((named) => {
          const [line, report, ordinal] = named.split('/');
          const one =
            form.kind === 'recognise' && report !== undefined ? { report, ordinal: Number(ordinal) } : {};
          return { ...shared, line: Number(line), ...one };
        });
  return each.map((answer) => readInput(checkResponseRequestShape, answer, 'body') as CheckResponseRequest);
};

/** Why an answer was refused, for the page to say at that line; line 0 when several were given at once. */
export interface AnswerRefusal {
  readonly line: number;
  readonly zh: string;
  /** What was written with it, so that it need not be written again. */
  readonly text: string;
}

/**
 * Gives the answers of one form, each under a key of its own, so that the form sent twice answers once. The first refusal
 * ends it; what was recorded before stays recorded and is shown as such.
 */
export const giveAnswers = async (
  flows: CheckFlows,
  actor: Actor,
  check: PublicId,
  form: ResponseForm,
  origin: CallOrigin,
): Promise<AnswerRefusal | null> => {
  if (form.act === 'stay') return null;
  for (const request of requestsOf(form)) {
    const response = await flows.respond(actor, check, request, form.idempotencyKey, origin);
    if (!response.ok && response.reason.status !== 404 && response.reason.status < 500)
      return { line: form.line, zh: response.reason.zh, text: form.text };
    valueOf(response);
  }
  return null;
};
