import type {
  CallOrigin,
  CheckFlows,
  LaunchedActor,
  PersonSummary,
} from '../../src/apps/server/flows-port.ts';
import { ok } from '../../src/kernel/result.ts';

/** What the card of an example check is made of, put together from the other example flows. */
export const exampleCard = async (
  flows: Pick<CheckFlows, 'read' | 'answers'>,
  person: PersonSummary,
  actor: LaunchedActor,
  origin: CallOrigin,
): ReturnType<CheckFlows['readCard']> => {
  const check = await flows.read(actor, actor.check, origin);
  if (!check.ok) return check;
  const isTold = actor.frameOrigins.length > 0;
  const told = isTold ? await flows.answers(actor, actor.check, origin) : null;
  return ok({ check: check.value, person, answers: told?.ok ? told.value : null, emergencyUntil: null });
};
