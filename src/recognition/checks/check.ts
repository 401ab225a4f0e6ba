import type { ReferenceWindow } from '../../catalogue/index.ts';
import type { JsonValue } from '../../kernel/canonical-json.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { CandidateFacts, OrderFacts, PatientFacts } from '../facts.ts';
import type { DefinedItem, InstitutionPair, ListedItem, Rules, ZoneRules } from '../rules.ts';
import type { CheckOutcome, Citation } from '../verdict.ts';

/** What every check may look at: the order, one earlier result, the patient, the rules of the moment. */
export interface CheckFacts {
  readonly order: OrderFacts;
  readonly candidate: CandidateFacts;
  readonly patient: PatientFacts;
  readonly at: Instant;
  readonly rules: Rules;
  /** The ordered item; undefined when no catalogue edition in effect has it. */
  readonly defined: DefinedItem | undefined;
  readonly pair: InstitutionPair;
}

/**
 * The moment from which a result counts: collection or examination; where the list allows it, the receipt in the
 * laboratory, and it says so. The report time never is one.
 */
export interface Anchor {
  readonly at: Instant;
  readonly precision: 'day' | 'minute';
  readonly basis: 'collected' | 'received';
}

/** What a check of one zone's rules may look at besides. */
export interface ZoneFacts extends CheckFacts {
  readonly defined: DefinedItem;
  readonly zoneRules: ZoneRules;
  readonly listed: ListedItem;
  readonly anchor: Anchor | null;
}

/** What a check says: the finding, the data it used, what it rests on. */
export interface Look<Finding extends string> {
  readonly finding: Finding;
  readonly data: Readonly<Record<string, JsonValue>>;
  readonly citation: Citation | null;
}

/** Outcome that a finding stands for. */
export type Outcome = CheckOutcome['outcome'];

/** A check: all findings it can come to with the outcome each stands for, and the look that finds one. */
export interface Check<Facts, Finding extends string = string> {
  readonly code: string;
  readonly findings: Readonly<Record<Finding, Outcome>>;
  look(facts: Facts): Look<Finding>;
}

/** Declares a check, so that its look can only come to findings it has declared. */
export const defineCheck = <Facts, const Finding extends string>(
  check: Check<Facts, Finding>,
): Check<Facts, Finding> => check;

const NO_DATA: Readonly<Record<string, JsonValue>> = Object.freeze({});

/** A finding with its data and citation. */
export const found = <const Finding extends string>(
  finding: Finding,
  data: Readonly<Record<string, JsonValue>> = NO_DATA,
  citation: Citation | null = null,
): Look<Finding> => ({ finding, data, citation });

/** Carries a check out. */
export const outcomeOf = <Facts>(check: Check<Facts>, facts: Facts): CheckOutcome => {
  const { finding, data, citation } = check.look(facts);
  return { check: check.code, outcome: check.findings[finding] as Outcome, finding, data, citation };
};

/** A reference window as data of a check. */
export const windowData = (window: ReferenceWindow): JsonValue =>
  window.unit === 'hours'
    ? { unit: window.unit, n: window.n }
    : { unit: window.unit, n: window.n, zone: window.zone };
