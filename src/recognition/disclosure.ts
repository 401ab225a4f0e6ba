import { foldWords, type ItemCode } from '../catalogue/index.ts';
import {
  type ConsentDefault,
  type ConsentStanding,
  type ConsentState,
  consentStanding,
  type DisclosureLevel,
  disclosureLevel,
  type EmergencyAccess,
  refusesAnySource,
} from '../consent/index.ts';
import { instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import type { OrderPurpose } from './facts.ts';
import type { BindingPolicy, Policy, RestrictedClass } from './policy.ts';
import type { Rules } from './rules.ts';

/** Who would see a result: as far as disclosure asks. */
export interface DisclosureActor {
  /** null for those who belong to no institution (authority, operator). */
  readonly institution: InstitutionCode | null;
}

/** Nothing is recorded: of a person who was not established, or on whom nobody has recorded anything. */
export const CONSENT_NOT_RECORDED: ConsentState = { acts: [], emergencies: [], at: instant(0) };

/**
 * On what a result is shown, or held back.
 * - `own-institution`: made or reported by the reader's own institution.
 * - `assumed-by-policy`, `informed`, `consented`, `emergency-access`: shown.
 * - `consent-needed`, `withdrawn`: only that it exists.
 * - `restricted`, `denied`: nothing, not even that it exists.
 */
export type DisclosureBasis =
  | 'own-institution'
  | 'assumed-by-policy'
  | 'informed'
  | 'consented'
  | 'emergency-access'
  | 'consent-needed'
  | 'withdrawn'
  | 'restricted'
  | 'denied';

/** How much of a result may be shown, on what basis, and the act of consent or emergency access on which that rests. */
export interface Disclosure {
  readonly level: DisclosureLevel;
  readonly basis: DisclosureBasis;
  readonly act: PublicId | null;
}

/** One result as far as disclosure asks. */
export interface DisclosureSubject {
  /** null: no code map has given it an item yet. */
  readonly item: ItemCode | null;
  /**
   * What its sender calls it, where that counts beside the item: a local code that waits for its mapping, or was mapped
   * wrongly, is of a restricted class all the same.
   */
  readonly names?: readonly string[];
  readonly performer: InstitutionCode;
  readonly reporter: InstitutionCode;
}

const RESULTS_ARE_READ_FOR = 'treatment';

/** Any institution that is not the reader's own. */
export const SOMEWHERE_ELSE = '' as InstitutionCode;

/** What a jurisdiction lets count before any act is recorded. */
export const consentDefaultOf = ({ consent }: Policy): ConsentDefault =>
  consent === 'assumed-by-policy' ? 'assumed' : consent;

const foldedWords = new WeakMap<RestrictedClass, readonly string[]>();

/** The words of a class, folded once: a long history asks for them with every line. */
const wordsOf = (each: RestrictedClass): readonly string[] => {
  const known = foldedWords.get(each);
  if (known) return known;
  const words = (each.words ?? []).map(foldWords);
  foldedWords.set(each, words);
  return words;
};

/** The restricted classes to which something belongs, by its item or by what it is called. */
const classesOf = (
  { item, names }: Pick<DisclosureSubject, 'item' | 'names'>,
  { restrictedClasses: classes }: BindingPolicy,
  rules: Rules,
): readonly RestrictedClass[] => {
  if (classes.length === 0) return [];
  const tags = item === null ? [] : (rules.itemOf(item)?.item.tags ?? []);
  const folded = names?.map(foldWords);
  return classes.filter(
    (each) =>
      (item !== null && (each.items?.includes(item) || each.itemTags?.some((tag) => tags.includes(tag)))) ||
      folded?.some((name) => wordsOf(each).some((word) => name.includes(word))),
  );
};

const opens = ({ purposes }: RestrictedClass, purpose: OrderPurpose | null): boolean =>
  purpose !== null && purposes.includes(purpose);

const openEmergency = (
  { emergencies, at }: ConsentState,
  institution: InstitutionCode | null,
): EmergencyAccess | undefined =>
  emergencies.length === 0
    ? undefined
    : emergencies.find(
        ({ recipient, openedAt, until }) => recipient === institution && openedAt <= at && at < until,
      );

const onEmergency = ({ id }: EmergencyAccess): Disclosure => ({
  level: 'content',
  basis: 'emergency-access',
  act: id,
});

const OWN: Disclosure = { level: 'content', basis: 'own-institution', act: null };
const ASSUMED: Disclosure = { level: 'content', basis: 'assumed-by-policy', act: null };
const CONSENT_NEEDED: Disclosure = { level: 'existence', basis: 'consent-needed', act: null };
const RESTRICTED: Disclosure = { level: 'nothing', basis: 'restricted', act: null };

/** What an ordinary result is shown on, by what the patient did and what the jurisdiction says. */
const ordinaryDisclosure = (standing: ConsentStanding, fallback: ConsentDefault): Disclosure => {
  const level = disclosureLevel(standing, fallback, false);
  if (standing.kind === 'not-recorded') return level === 'content' ? ASSUMED : CONSENT_NEEDED;
  if (standing.kind === 'informed' && level !== 'content') return CONSENT_NEEDED;
  return { level, basis: standing.kind, act: standing.act.id };
};

/**
 * How much of one result may be shown to an actor: an own result always; one of a restricted class only for the purposes
 * its class names, by an act that names the class, or in an emergency where the class says so; any other by what the
 * patient did and, before he did anything, by the policy, and during an emergency access whatever the patient said.
 *
 * @param purpose of the order; null when there is no order (a report opened by itself)
 */
export const disclosureOf = (
  subject: DisclosureSubject,
  purpose: OrderPurpose | null,
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): Disclosure => {
  const { institution } = actor;
  const { performer, reporter } = subject;
  if (institution !== null && (performer === institution || reporter === institution)) return OWN;
  const emergency = openEmergency(consent, institution);
  const policy = rules.policyOf(actor.institution);
  const standingOf = (source: InstitutionCode, recordClass: string | null): ConsentStanding =>
    consentStanding(consent.acts, {
      purpose: RESULTS_ARE_READ_FOR,
      source,
      recipient: institution,
      recordClass,
      at: consent.at,
    });
  let found = ordinaryDisclosure(standingOf(reporter, null), consentDefaultOf(policy));
  // Who hides a laboratory hides what it did for others too.
  const performed = performer === reporter ? null : standingOf(performer, null);
  if (performed?.kind === 'denied') found = { level: 'nothing', basis: 'denied', act: performed.act.id };
  // What the patient or the policy shows anyway is not shown on an emergency.
  if (found.level !== 'content' && emergency) found = onEmergency(emergency);
  if (found.level === 'nothing') return found;
  for (const each of classesOf(subject, policy, rules)) {
    const ofClass = standingOf(reporter, each.code);
    if (ofClass.kind === 'denied') return { level: 'nothing', basis: 'denied', act: ofClass.act.id };
    if (opens(each, purpose)) continue;
    if (ofClass.kind === 'consented') found = { level: 'content', basis: 'consented', act: ofClass.act.id };
    else if (emergency && each.opensInEmergency) found = onEmergency(emergency);
    else return RESTRICTED;
  }
  return found;
};

/** Something as its sender names it: a report, paper that a patient brought. */
export interface NamedSubject {
  readonly names: readonly string[];
  readonly performer: InstitutionCode;
  readonly reporter: InstitutionCode;
}

/** Whether what something is called may be told: false where the words name a restricted class. */
export const isNameDisclosed = (
  { names, performer, reporter }: NamedSubject,
  actor: DisclosureActor,
  rules: Rules,
): boolean => {
  const { institution } = actor;
  if (institution !== null && (performer === institution || reporter === institution)) return true;
  return classesOf({ item: null, names }, rules.policyOf(actor.institution), rules).length === 0;
};

/**
 * True when nothing may be told of some result of this item, whoever has one: the item is restricted, or the patient hides
 * a source from this reader. It asks only what is known before anything is looked for, so that an answer which depends on
 * it is the same whether or not there is anything.
 */
export const isVeiled = (
  item: ItemCode,
  purpose: OrderPurpose | null,
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): boolean => {
  const policy = rules.policyOf(actor.institution);
  const classes = classesOf({ item }, policy, rules);
  const { acts, at } = consent;
  if (acts.length === 0 && classes.length === 0) return false;
  const { institution } = actor;
  const isEmergency = openEmergency(consent, institution) !== undefined;
  const isOpen = (each: RestrictedClass): boolean =>
    opens(each, purpose) ||
    (isEmergency && each.opensInEmergency === true) ||
    // By acts that name no source alone: an agreement about one source leaves those of the others hidden.
    consentStanding(
      acts.filter(({ scope }) => scope.source === null),
      {
        purpose: RESULTS_ARE_READ_FOR,
        source: SOMEWHERE_ELSE,
        recipient: institution,
        recordClass: each.code,
        at,
      },
    ).kind === 'consented';
  if (!classes.every(isOpen)) return true;
  return refusesAnySource(acts, {
    purpose: RESULTS_ARE_READ_FOR,
    recipient: institution,
    // An emergency looks past refusals of ordinary results, not of a class by name.
    recordClasses: [...(isEmergency ? [] : [null]), ...classes.map(({ code }) => code)],
    at,
  });
};

/**
 * The stricter of two disclosures of one thing: what counts where it is known by several items or names. Of equal ones
 * the first.
 */
export const stricterDisclosure = (left: Disclosure, right: Disclosure): Disclosure =>
  STRICTNESS[right.level] > STRICTNESS[left.level] ? right : left;

const STRICTNESS: Readonly<Record<DisclosureLevel, number>> = { content: 0, existence: 1, nothing: 2 };

/** What a result of any other institution is shown on or held back on, as far as it is not restricted. */
const elsewhereDisclosure = (actor: DisclosureActor, consent: ConsentState, rules: Rules): Disclosure =>
  disclosureOf(
    { item: null, performer: SOMEWHERE_ELSE, reporter: SOMEWHERE_ELSE },
    null,
    actor,
    consent,
    rules,
  );

/** The basis that a reader is told: that of what was shown of other institutions, else that of any of them. */
export const shownBasis = (
  disclosures: Iterable<Disclosure>,
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): DisclosureBasis => {
  for (const { level, basis } of disclosures)
    if (level === 'content' && basis !== 'own-institution') return basis;
  return elsewhereDisclosure(actor, consent, rules).basis;
};

/**
 * The basis of a reading as the audit row carries it: of everything that was shown of other institutions, each basis once
 * with the act it rests on; where nothing was, what a result of any other institution would have been held back or shown on.
 */
export const basisText = (
  disclosures: Iterable<Disclosure>,
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): string => {
  const shown = new Set<string>();
  for (const { level, basis, act } of disclosures)
    if (level === 'content' && basis !== 'own-institution')
      shown.add(act === null ? basis : `${basis} ${act}`);
  if (shown.size > 0) return [...shown].sort().join(', ');
  const { basis, act } = elsewhereDisclosure(actor, consent, rules);
  return act === null ? basis : `${basis} ${act}`;
};
