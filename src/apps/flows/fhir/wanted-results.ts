import {
  type FhirLine,
  type FhirReport,
  ITEM_SYSTEM,
  localSystem,
} from '../../../adapters/fhir/result-resources.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { type Instant, instant } from '../../../kernel/instant.ts';
import type { Rules } from '../../../recognition/index.ts';
import type { ResultSearch, SearchedSpan, SearchedToken } from '../../server/routes/fhir-port.ts';
import type { WantedOfPerson } from './person-results.ts';

const LOINC = 'http://loinc.org';

/** Items of the rules in effect by LOINC code; made once for each set of rules. */
const byLoinc = new WeakMap<Rules, ReadonlyMap<string, readonly string[]>>();

const itemsOfLoinc = (rules: Rules, code: string): readonly string[] => {
  let items = byLoinc.get(rules);
  if (!items) {
    const coded = rules.catalogue().items.filter(({ loinc }) => loinc);
    items = new Map(
      [...Map.groupBy(coded, ({ loinc }) => loinc as string)].map(([loinc, each]) => [
        loinc,
        each.map((item) => item.code),
      ]),
    );
    byLoinc.set(rules, items);
  }
  return items.get(code) ?? [];
};

/**
 * The keys of the items that some codes mean, so that the database looks for these alone; null where a code may be a
 * hospital's own, which no index knows: then all of the person is read and each line asked.
 */
const itemKeysOf = (codes: readonly SearchedToken[], { registry }: RulingSnapshot, rules: Rules) => {
  const keys = new Set<string>();
  for (const { system, code } of codes) {
    if (system !== LOINC && system !== ITEM_SYSTEM) return null;
    for (const item of system === LOINC ? itemsOfLoinc(rules, code) : [code]) {
      const key = registry.itemKey(item as never);
      if (key !== undefined) keys.add(key);
    }
  }
  return [...keys];
};

/** The narrowest span that holds all of these. */
const boundsOf = (spans: readonly SearchedSpan[]): { from: Instant | null; before: Instant | null } => {
  const froms = spans.flatMap(({ from }) => (from === null ? [] : [from]));
  const befores = spans.flatMap(({ before }) => (before === null ? [] : [before]));
  return {
    from: froms.length === 0 ? null : instant(Math.max(...froms)),
    before: befores.length === 0 ? null : instant(Math.min(...befores)),
  };
};

/** What is to be read for a search. */
export const wantedFor = (
  type: 'Observation' | 'DiagnosticReport',
  { codes, spans }: Pick<ResultSearch, 'codes' | 'spans'>,
  ruling: RulingSnapshot,
  at: Instant,
): WantedOfPerson => ({
  items: codes.length === 0 ? null : itemKeysOf(codes, ruling, ruling.snapshot.rulesAt(at)),
  ...boundsOf(spans),
  report: null,
  wholeReports: type === 'DiagnosticReport',
  asReports: type === 'DiagnosticReport',
});

const isOfCode = ({ item, reporter, localCode }: FhirLine, { system, code }: SearchedToken): boolean =>
  ((system === null || system === LOINC) && item?.loinc === code) ||
  ((system === null || system === ITEM_SYSTEM) && item?.code === code) ||
  ((system === null || system === localSystem(reporter)) && localCode === code);

const categoryOf = ({ kind }: FhirReport): readonly string[] =>
  kind === 'laboratory' ? ['laboratory', 'LAB'] : ['imaging', 'RAD'];

const isWithin = (at: Instant, spans: readonly SearchedSpan[]): boolean =>
  spans.every(({ from, before }) => (from === null || at >= from) && (before === null || at < before));

/** Whether a report is in the categories and spans that a search asks for. */
export const isWanted = (report: FhirReport, { categories, spans, updated }: ResultSearch): boolean =>
  (categories.length === 0 || categoryOf(report).some((each) => categories.includes(each))) &&
  isWithin(report.orderedBy, spans) &&
  isWithin(report.updatedAt, updated);

/** Whether a line has one of the codes that a search asks for. */
export const isCoded = (line: FhirLine, { codes }: ResultSearch): boolean =>
  codes.length === 0 || codes.some((code) => isOfCode(line, code));
