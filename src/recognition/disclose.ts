import type { Brand } from '../kernel/brand.ts';
import { foldWords, type ItemCode } from '../catalogue/index.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import { asksAbout, isAnswered } from './answered-offers.ts';
import type { Decision, LineDecision, PartDecision } from './decide.ts';
import type { OrderPurpose } from './facts.ts';
import { decidePanel } from './panel-decision.ts';
import type { Policy, RestrictedClass } from './policy.ts';
import type { Rules } from './rules.ts';

/** Who would see a result: as far as disclosure asks. */
export interface DisclosureActor {
  /** null for those who belong to no institution (authority, operator). */
  readonly institution: InstitutionCode | null;
}

/** What is known of the patient's consent. Acts of consent are not recorded yet; the policy answers in their place. */
export interface ConsentState {
  readonly kind: 'not-recorded';
}

/** No act of consent is recorded. */
export const CONSENT_NOT_RECORDED: ConsentState = { kind: 'not-recorded' };

/**
 * Whether the content of a result may be shown, and on what basis. `restricted`: of a class that is hidden between
 * institutions unless the purpose of the order asks for it; then nothing is said, not even that it exists.
 */
export interface Disclosure {
  readonly level: 'content' | 'nothing';
  readonly basis: 'own-institution' | 'assumed-by-policy' | 'restricted';
}

/** One result as far as disclosure asks. */
export interface DisclosureSubject {
  readonly item: ItemCode;
  readonly performer: InstitutionCode;
  readonly reporter: InstitutionCode;
}

/** The restricted class an item belongs to and that this purpose does not open; null when none. */
const restrictedClass = (
  item: ItemCode,
  purpose: OrderPurpose | null,
  policy: Policy | undefined,
  rules: Rules,
): RestrictedClass | null => {
  const tags = rules.itemOf(item)?.item.tags ?? [];
  return (
    policy?.restrictedClasses?.find(
      (each) =>
        (each.items?.includes(item) || each.itemTags?.some((tag) => tags.includes(tag))) &&
        !(purpose !== null && each.purposes.includes(purpose)),
    ) ?? null
  );
};

/**
 * Whether one result may be shown to an actor: an own result always; a restricted one only for the purposes its class
 * names; any other by the policy that stands in for consent.
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
  if (institution !== null && (subject.performer === institution || subject.reporter === institution))
    return { level: 'content', basis: 'own-institution' };
  const policy = institution === null ? rules.generalPolicy : rules.policyOf(institution);
  if (restrictedClass(subject.item, purpose, policy, rules) !== null)
    return { level: 'nothing', basis: 'restricted' };
  switch (consent.kind) {
    case 'not-recorded':
      return { level: 'content', basis: 'assumed-by-policy' };
  }
};

/** Something as its sender names it: a line of a report, a report, paper that a patient brought. */
export interface NamedSubject {
  readonly names: readonly string[];
  readonly performer: InstitutionCode;
  readonly reporter: InstitutionCode;
}

const foldedWords = new WeakMap<Policy, readonly string[]>();

/** The words of all restricted classes of a policy, folded once: a long history asks for them with every line. */
const wordsOf = (policy: Policy): readonly string[] => {
  const known = foldedWords.get(policy);
  if (known) return known;
  const words = (policy.restrictedClasses ?? []).flatMap((each) => each.words ?? []).map(foldWords);
  foldedWords.set(policy, words);
  return words;
};

/**
 * Whether something may be shown by what it is called. A local code that waits for its mapping, or was mapped wrongly, has
 * no item that could restrict it, and is of a restricted class all the same.
 */
export const isNameDisclosed = (
  { names, performer, reporter }: NamedSubject,
  { institution }: DisclosureActor,
  rules: Rules,
): boolean => {
  if (institution !== null && (performer === institution || reporter === institution)) return true;
  const policy = institution === null ? rules.generalPolicy : rules.policyOf(institution);
  const words = policy ? wordsOf(policy) : [];
  return (
    words.length === 0 || !names.map(foldWords).some((name) => words.some((word) => name.includes(word)))
  );
};

/** A decision from which everything that this actor may not see has been taken out. */
export type DisclosedDecision = Brand<Decision, 'DisclosedDecision'>;

const isRestricted = (part: PartDecision, actor: DisclosureActor, rules: Rules): boolean => {
  const { order } = part.part;
  const policy = actor.institution === null ? rules.generalPolicy : rules.policyOf(actor.institution);
  return restrictedClass(order.item, order.purpose, policy, rules) !== null;
};

/**
 * The same words whether or not there is anything: a restricted item is answered `not-disclosed` always, unless a result
 * of the actor's own institution speaks for itself.
 */
const disclosePart = (
  part: PartDecision,
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): PartDecision => {
  if (!isRestricted(part, actor, rules)) return part;
  const visible = part.assessed.filter(
    ({ candidate }) =>
      disclosureOf(candidate, part.part.order.purpose, actor, consent, rules).level === 'content',
  );
  const chosen = part.chosen !== null && visible.includes(part.chosen) ? part.chosen : null;
  if (chosen !== null || part.outcome === 'silent' || part.outcome === 'not-checked')
    return { ...part, assessed: visible, chosen, best: null };
  const own = visible.find(({ offer }) => offer === 'own') ?? null;
  return own === null
    ? { ...part, outcome: 'not-disclosed', assessed: visible, chosen: null, best: null }
    : { ...part, outcome: 'own-recent', assessed: visible, chosen: own, best: null };
};

const discloseLine = (
  line: LineDecision,
  answered: Decision['answered'],
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): LineDecision => {
  const parts = line.parts.map((part) => disclosePart(part, actor, consent, rules));
  if (parts.every((part, index) => part === line.parts[index])) return line;
  const panel = line.panel === null ? null : decidePanel(line.panel.definition, parts);
  const outcome = panel?.outcome ?? parts[0]?.outcome ?? line.outcome;
  const asks = asksAbout(outcome);
  // Asked by what he may see: a hidden result that is new must not bring back a question that has been answered.
  const quiet = asks ? (line.quiet ?? (isAnswered({ parts }, answered) ? 'answered' : null)) : null;
  return {
    ...line,
    parts,
    panel,
    outcome,
    quiet,
    interrupts: line.interrupts && asks && quiet === null,
  };
};

/**
 * Takes out of a decision what the actor may not see. A step of its own after the decision, because consent is no check:
 * it never changes what a result is worth, only who is told. Every way out (page, API, explanation, notice) takes a
 * disclosed decision.
 */
export const disclose = (
  decision: Decision,
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): DisclosedDecision => {
  const lines = decision.lines.map((line) => discloseLine(line, decision.answered, actor, consent, rules));
  const disclosed: Decision = { ...decision, lines, interrupts: lines.some(({ interrupts }) => interrupts) };
  return disclosed as DisclosedDecision;
};
