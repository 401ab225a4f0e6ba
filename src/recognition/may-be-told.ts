import type { ItemCode } from '../catalogue/index.ts';
import type { ConsentState } from '../consent/index.ts';
import {
  CONSENT_NOT_RECORDED,
  type DisclosureActor,
  type DisclosureSubject,
  disclosureOf,
  isVeiled,
} from './disclosure.ts';
import type { OrderPurpose } from './facts.ts';
import type { ReadLine } from './order-session.ts';
import type { Rules } from './rules.ts';

/** Whether anything of a result may be told to whoever ordered, at least that it exists. */
export type MayBeTold = (subject: DisclosureSubject) => boolean;

/** The items of an order, each with the purposes for which it is asked. */
const purposesOf = (lines: readonly ReadLine[]): ReadonlyMap<ItemCode, ReadonlySet<OrderPurpose>> => {
  const purposes = new Map<ItemCode, Set<OrderPurpose>>();
  for (const { parts } of lines)
    for (const { order } of parts) {
      const known = purposes.get(order.item);
      if (known) known.add(order.purpose);
      else purposes.set(order.item, new Set([order.purpose]));
    }
  return purposes;
};

/**
 * The ordered items of which at least existence may be told of every result, as long as the patient has refused nothing:
 * they can be looked for before the patient's acts are known. Items of restricted classes are not among them.
 */
export const itemsToldUnlessRefused = (
  lines: readonly ReadLine[],
  actor: DisclosureActor,
  rules: Rules,
): readonly ItemCode[] =>
  [...purposesOf(lines)].flatMap(([item, asked]) =>
    [...asked].some((purpose) => !isVeiled(item, purpose, actor, CONSENT_NOT_RECORDED, rules)) ? [item] : [],
  );

/** True where an act refuses something: then nothing is looked for before it is known what. */
export const hasRefused = ({ acts }: Pick<ConsentState, 'acts'>): boolean =>
  acts.some(({ kind }) => kind === 'denied');

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
  const purposes = purposesOf(lines);
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
