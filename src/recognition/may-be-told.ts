import type { ItemCode } from '../catalogue/index.ts';
import type { ConsentState } from '../consent/index.ts';
import { type DisclosureActor, type DisclosureSubject, disclosureOf, isVeiled } from './disclosure.ts';
import type { OrderPurpose } from './facts.ts';
import type { ReadLine } from './order-session.ts';
import type { Rules } from './rules.ts';

/** Whether anything of a result may be told to whoever ordered, at least that it exists. */
export type MayBeTold = (subject: DisclosureSubject) => boolean;

/**
 * Of which earlier results of what is ordered anything may be told; null: of all, and nobody need ask. A result that may
 * be told for one line stays for all lines of its item: `disclose` takes it out of the others.
 */
export const mayBeTold = (
  lines: readonly ReadLine[],
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): MayBeTold | null => {
  const purposes = new Map<ItemCode, Set<OrderPurpose>>();
  for (const { parts } of lines)
    for (const { order } of parts) {
      const known = purposes.get(order.item);
      if (known) known.add(order.purpose);
      else purposes.set(order.item, new Set([order.purpose]));
    }
  const isAnyVeiled = (): boolean =>
    [...purposes].some(([item, asked]) =>
      [...asked].some((purpose) => isVeiled(item, purpose, actor, consent, rules)),
    );
  if (consent.acts.length === 0 && !isAnyVeiled()) return null;
  // A long history is of few items and institutions.
  const decided = new Map<string, boolean>();
  return (subject) => {
    const { item, performer, reporter } = subject;
    const asked = item === null ? undefined : purposes.get(item);
    if (asked === undefined) return false;
    const key = `${item} ${performer} ${reporter}`;
    const known = decided.get(key);
    if (known !== undefined) return known;
    const told = [...asked].some(
      (purpose) => disclosureOf(subject, purpose, actor, consent, rules).level !== 'nothing',
    );
    decided.set(key, told);
    return told;
  };
};
