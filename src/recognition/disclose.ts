import type { Brand } from '../kernel/brand.ts';
import type { Instant } from '../kernel/instant.ts';
import type { ItemCode } from '../catalogue/index.ts';
import type { ConsentState } from '../consent/index.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import { asksAbout, isAnswered } from './answered-offers.ts';
import { type Assessed, chooseAmong, type Decision, type LineDecision, type PartDecision } from './decide.ts';
import {
  basisText,
  type Disclosure,
  type DisclosureActor,
  disclosureOf,
  isVeiled,
  SOMEWHERE_ELSE,
} from './disclosure.ts';
import { decidePanel } from './panel-decision.ts';
import type { Rules } from './rules.ts';

/** That a like result exists, before the patient has agreed: which item, when, where, and nothing else. */
export interface ExistingResult {
  readonly item: ItemCode;
  readonly institution: InstitutionCode;
  readonly collectedAt: Instant | null;
  readonly collectedPrecision: 'day' | 'minute' | null;
  /** True where the patient had agreed and took it back. */
  readonly isWithdrawn: boolean;
}

/** A part as an actor may see it. */
export interface DisclosedPart extends PartDecision {
  /** Results of which only that they exist may be told, the most favourable first. */
  readonly existing: readonly ExistingResult[];
}

/** A line as an actor may see it. */
export interface DisclosedLine extends LineDecision {
  readonly parts: readonly DisclosedPart[];
}

/** A decision from which everything that this actor may not see has been taken out. */
export type DisclosedDecision = Brand<
  Omit<Decision, 'lines'> & { readonly lines: readonly DisclosedLine[] },
  'DisclosedDecision'
>;

/** Whom something is disclosed to, on what. */
interface Reader {
  readonly actor: DisclosureActor;
  readonly consent: ConsentState;
  readonly rules: Rules;
  readonly at: Instant;
}

interface PartReading {
  readonly part: DisclosedPart;
  /** Whether the doctor is to be asked about what carries its outcome. */
  readonly asks: boolean;
}

const NOTHING_ELSE: readonly ExistingResult[] = [];

const existingOf = ({ candidate }: Assessed, { basis }: Disclosure): ExistingResult => ({
  item: candidate.item,
  institution: candidate.reporter,
  collectedAt: candidate.collectedAt ?? candidate.receivedAt ?? candidate.reportedAt,
  collectedPrecision: candidate.collectedAt === null ? 'day' : candidate.collectedPrecision,
  isWithdrawn: basis === 'withdrawn',
});

/**
 * What is left of a part is ranked again among what may be told of, as if the rest were not there. An item of which
 * something could be hidden is answered `not-disclosed` where nothing else speaks: the same words whether or not there is
 * anything.
 */
const disclosePart = (part: PartDecision, { actor, consent, rules, at }: Reader): PartReading => {
  const { item, purpose } = part.part.order;
  const veiled = isVeiled(item, purpose, actor, consent, rules);
  // Without any act all sources are alike, and asked about once.
  const elsewhere = { item, performer: SOMEWHERE_ELSE, reporter: SOMEWHERE_ELSE };
  if (
    !veiled &&
    consent.acts.length === 0 &&
    disclosureOf(elsewhere, purpose, actor, consent, rules).level === 'content'
  )
    return { part: { ...part, existing: NOTHING_ELSE }, asks: asksAbout(part.outcome) };
  const disclosures = new Map(
    part.assessed.map((each) => [each, disclosureOf(each.candidate, purpose, actor, consent, rules)]),
  );
  const levelOf = (each: Assessed) => disclosures.get(each)?.level;
  const told = part.assessed.filter((each) => levelOf(each) !== 'nothing');
  const shown = told.filter((each) => levelOf(each) === 'content');
  const rest = {
    part: part.part,
    assessed: shown,
    existing: told
      .filter((each) => levelOf(each) === 'existence' && each.offer !== 'none')
      .map((each) => existingOf(each, disclosures.get(each) as Disclosure)),
    best: told.find(({ own, offer }) => !own && offer !== 'none')?.verdict.grade ?? null,
  };
  if (part.outcome === 'silent') return { part: { ...rest, outcome: 'silent', chosen: null }, asks: false };
  const { outcome, chosen } = chooseAmong(told, at);
  if (chosen === null) {
    const without = veiled ? 'not-disclosed' : part.outcome === 'not-checked' ? 'not-checked' : outcome;
    return { part: { ...rest, outcome: without, chosen }, asks: false };
  }
  const asks = asksAbout(outcome);
  return levelOf(chosen) === 'content'
    ? { part: { ...rest, outcome, chosen }, asks }
    : { part: { ...rest, outcome: 'consent-needed', chosen: null }, asks };
};

const discloseLine = (line: LineDecision, decision: Decision, reader: Reader): DisclosedLine => {
  const readings = line.parts.map((part) => disclosePart(part, reader));
  const parts = readings.map(({ part }) => part);
  if (
    parts.every(({ outcome, chosen }, index) => {
      const before = line.parts[index] as PartDecision;
      return outcome === before.outcome && chosen === before.chosen;
    })
  )
    return { ...line, parts };
  const panel = line.panel === null ? null : decidePanel(line.panel.definition, parts);
  const outcome = panel?.outcome ?? parts[0]?.outcome ?? line.outcome;
  const asks = asksAbout(outcome) && readings.some((reading) => reading.asks);
  // By what may be seen: a hidden result that is new must not bring back a question that has been answered.
  const answered = line.isStatedAnswered || isAnswered({ parts }, decision.answered);
  const quiet = !asks ? null : line.quiet === 'encounter-class' ? line.quiet : answered ? 'answered' : null;
  return { ...line, parts, panel, outcome, quiet, interrupts: asks && quiet === null };
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
  const reader: Reader = { actor, consent, rules, at: decision.at };
  const lines = decision.lines.map(
    (line): DisclosedLine =>
      decision.isSearched
        ? discloseLine(line, decision, reader)
        : { ...line, parts: line.parts.map((part) => ({ ...part, existing: NOTHING_ELSE })) },
  );
  const disclosed: Omit<Decision, 'lines'> & { readonly lines: readonly DisclosedLine[] } = {
    ...decision,
    lines,
    interrupts: lines.some(({ interrupts }) => interrupts),
  };
  return disclosed as DisclosedDecision;
};

/** The basis on which a decision is shown, as the audit row carries it. */
export const decisionBasis = (
  { lines }: DisclosedDecision,
  actor: DisclosureActor,
  consent: ConsentState,
  rules: Rules,
): string =>
  basisText(
    lines.flatMap(({ parts }) =>
      parts.flatMap(({ part, assessed }) =>
        assessed.map(({ candidate }) => disclosureOf(candidate, part.order.purpose, actor, consent, rules)),
      ),
    ),
    actor,
    consent,
    rules,
  );
