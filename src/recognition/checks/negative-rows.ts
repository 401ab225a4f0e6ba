import type { NegativeListRow } from '../../catalogue/index.ts';
import type { NegativeRuling } from '../rules.ts';
import type { ZoneFacts } from './check.ts';

/** What a flag also is: high and low are abnormal, and so is whatever is critical. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  high: ['abnormal'],
  low: ['abnormal'],
  critical: ['abnormal'],
  'critical-high': ['critical', 'high', 'abnormal'],
  'critical-low': ['critical', 'low', 'abnormal'],
};

/**
 * Whether a row of a negative list applies. Item, category and tags have been matched when the rules were assembled. A
 * condition on the earlier result's flag is open when the report carries none.
 */
const applies = (row: NegativeListRow, { order, candidate }: ZoneFacts): boolean | null => {
  const { when } = row;
  if (when.encounterClasses && !when.encounterClasses.includes(order.encounterClass)) return false;
  if (when.purposes && !when.purposes.includes(order.purpose)) return false;
  const prefixes = when.diagnosisPrefixes;
  if (prefixes && !order.diagnoses.some((code) => prefixes.some((prefix) => code.startsWith(prefix))))
    return false;
  if (!when.resultFlags) return true;
  const { flag } = candidate;
  if (flag === null) return null;
  return when.resultFlags.some((named) => named === flag || ALSO[flag]?.includes(named));
};

/** What a negative list says with one of its two effects: a row that applies, else one that may, else nothing. */
export const negativeRuling = (
  facts: ZoneFacts,
  effect: NegativeListRow['effect'],
): { readonly ruling: NegativeRuling; readonly certain: boolean } | null => {
  let open: NegativeRuling | null = null;
  for (const ruling of facts.zoneRules.negativeRows(facts.defined.item)) {
    if (ruling.row.effect !== effect) continue;
    const answer = applies(ruling.row, facts);
    if (answer === true) return { ruling, certain: true };
    if (answer === null) open ??= ruling;
  }
  return open === null ? null : { ruling: open, certain: false };
};

/** A row of a negative list as data of a check. */
export const negativeData = ({ row }: NegativeRuling): Readonly<Record<string, string | null>> => ({
  situation: row.text.zh,
  situationEn: row.text.en,
  national: row.situation ?? null,
});
