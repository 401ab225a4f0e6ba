import { Fault } from '../../../kernel/fault.ts';
import type { OrderCheckAnswer } from '../../../web/wire/order-check-answer.ts';
import type { OrderCheckRequest } from '../../../web/wire/order-check-request.ts';
import { SERVER_FAULTS } from '../../server/faults.ts';
import type { Actor, CallOrigin, CheckFlows } from '../../server/flows-port.ts';

/**
 * How a check ended for a caller that must be answered whatever happens. `refused`: the caller can mend it.
 * `not-checked`: our failure or too long a wait; nothing is known, which is never "nothing found".
 */
export type CheckEnding =
  | { readonly kind: 'answered'; readonly answer: OrderCheckAnswer }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'not-checked'; readonly fault: Fault };

const notChecked = (cause: unknown, internal: string): CheckEnding => ({
  kind: 'not-checked',
  fault: new Fault('ORDER_NOT_CHECKED', SERVER_FAULTS.ORDER_NOT_CHECKED, { internal, cause }),
});

/** Checks an order within a time limit. Never throws. */
export const checkInTime = async (
  check: CheckFlows['check'],
  actor: Actor,
  request: OrderCheckRequest,
  origin: CallOrigin,
  limitMs: number,
): Promise<CheckEnding> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckEnding>((resolve) => {
    timer = setTimeout(() => resolve(notChecked(undefined, `no answer in ${limitMs} ms`)), limitMs);
  });
  const work = check(actor, request, origin).then(
    (checked): CheckEnding =>
      checked.ok ? { kind: 'answered', answer: checked.value } : ending(checked.reason),
    ending,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const ending = (error: unknown): CheckEnding => {
  if (!(error instanceof Fault)) return notChecked(error, 'INTERNAL');
  return error.status < 500
    ? { kind: 'refused', fault: error }
    : notChecked(error, error.internal ?? error.code);
};
