import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** What the demonstration needs to know of a catalogue item to name, price and time it. */
export interface CatalogueName {
  readonly item: string;
  readonly nameZh: string;
  readonly category: string;
  readonly loinc: string | null;
  readonly bodyPartZh: string;
  /** Days of the draft's own window; null where the draft sets none. */
  readonly windowDays: number | null;
}

/** The catalogue draft by item code, in the draft's order. */
export const CATALOGUE_NAMES: ReadonlyMap<string, CatalogueName> = new Map(
  (
    parse(readFileSync(new URL('../../../data/catalogue-draft.csv', import.meta.url), 'utf8'), {
      columns: true,
    }) as Record<string, string>[]
  ).map((row) => [
    row['item_code'] as string,
    {
      item: row['item_code'] as string,
      nameZh: row['name_zh'] as string,
      category: row['category'] as string,
      loinc: row['loinc_code_if_sure'] || null,
      bodyPartZh: row['specimen_or_body_part'] as string,
      windowDays: row['default_validity_days'] ? Number(row['default_validity_days']) : null,
    },
  ]),
);

/** The catalogue's name of an item. Throws for a code the catalogue does not have: that would be our own slip. */
export const nameOf = (item: string): CatalogueName => {
  const found = CATALOGUE_NAMES.get(item);
  if (!found) throw new RangeError(`the catalogue has no item ${item}`);
  return found;
};
