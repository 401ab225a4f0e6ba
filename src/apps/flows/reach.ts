import { type Grant, grantOf, type Holder, reaches, type Right, type Subject } from '../../access/index.ts';
import type { Actor, ApplicationActor, PatientActor } from '../server/flows-port.ts';

/** As whom the policy knows an actor. */
export const holderOf = (actor: Actor | ApplicationActor | PatientActor): Holder =>
  actor.kind === 'staff' ? actor.role : actor.kind;

/** The grant by which an actor has a right. Whoever was let into one card has what the card is for, and nothing by itself. */
const grantOfActor = (actor: Actor | ApplicationActor, right: Right): Grant | null =>
  grantOf(holderOf(actor), actor.kind === 'launched' ? 'card:use' : right);

/**
 * Whether an actor's right reaches what is asked for (`src/access/reach.ts`). Flows ask this and no role of their own, so
 * that who may see what is said in one place.
 */
export const mayReach = (actor: Actor | ApplicationActor, right: Right, subject: Subject): boolean => {
  const grant = grantOfActor(actor, right);
  return (
    grant !== null &&
    reaches(
      grant,
      {
        institution: actor.institution,
        check: actor.kind === 'launched' ? actor.check : null,
        persons: [],
      },
      subject,
    )
  );
};
