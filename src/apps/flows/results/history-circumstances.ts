import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { HistoryRow } from '../../../adapters/postgres/result-history.ts';
import type { ItemCode, ItemDefinition } from '../../../catalogue/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { Disclosure, Rules } from '../../../recognition/index.ts';
import { type SeriesTrack, seriesTrack } from '../../../result/index.ts';
import type { ConsentState } from '../../../consent/index.ts';
import { lineDisclosure, type LineReader } from './line-disclosure.ts';

/**
 * What the lines of a laboratory have in common that report one item alike. A person with a thousand results has some
 * two hundred of them, so the lists are asked, units converted and intervals read once for each and not for each result.
 */
export interface Circumstances {
  readonly item: ItemDefinition | null;
  readonly reporter: InstitutionCode;
  readonly performer: InstitutionCode;
  readonly track: SeriesTrack;
  /** Code of the item, or institution and local code of what waits for its mapping. */
  readonly code: string;
  /** How much the reader may see of such a line in a report of this title. */
  readonly disclosureIn: (title: string) => Disclosure;
}

/** For whom and by which lists rows are read. */
export interface CircumstancesContext {
  readonly reader: LineReader;
  readonly consent: ConsentState;
  readonly ruling: RulingSnapshot;
  readonly rules: Rules;
  readonly at: Instant;
}

/** Source of a result whose institution no list names: never shown as the reader's own. */
const UNKNOWN_SOURCE = 'UNKNOWN' as InstitutionCode;

/** Do two lines of the same local code agree in all that decides their circumstances? */
const agree = (one: HistoryRow, other: HistoryRow): boolean =>
  one.head.institution_id === other.head.institution_id &&
  one.performer_id === other.performer_id &&
  one.item_id === other.item_id &&
  one.local_name === other.local_name &&
  one.specimen === other.specimen &&
  one.side === other.side &&
  one.time_point === other.time_point &&
  one.point_of_care === other.point_of_care &&
  one.method_class === other.method_class &&
  one.unit === other.unit &&
  one.unit_text === other.unit_text &&
  one.reference_text === other.reference_text;

/** The item is that of the code map that rules now, else the one the line was read as when it came in. */
const readCircumstances = (row: HistoryRow, context: CircumstancesContext): Circumstances => {
  const { ruling, rules, reader, consent, at } = context;
  const { registry } = ruling;
  const reporter = registry.institutionCode(row.head.institution_id) ?? UNKNOWN_SOURCE;
  const performer = registry.institutionCode(row.performer_id) ?? UNKNOWN_SOURCE;
  const readAs: ItemCode | undefined = row.item_id === null ? undefined : registry.itemCode(row.item_id);
  const code = rules.codeMapOf(reporter).get(row.local_code)?.item ?? readAs;
  const item = code === undefined ? null : (ruling.snapshot.itemOf(code, at) ?? null);
  const disclosures = new Map<string, Disclosure>();
  return {
    item,
    reporter,
    performer,
    code: item?.code ?? `${reporter}/${row.local_code}`,
    track: seriesTrack(item, {
      unit: row.unit,
      unitText: row.unit_text,
      referenceText: row.reference_text,
      methodClass: row.method_class,
      performer,
      specimen: row.specimen,
      side: row.side,
      timePoint: row.time_point,
      pointOfCare: row.point_of_care,
    }),
    // Both items count where the code map was corrected since.
    disclosureIn(title) {
      let disclosure = disclosures.get(title);
      if (disclosure === undefined) {
        disclosure = lineDisclosure(
          { items: [item?.code, readAs], localName: row.local_name, title, performer, reporter },
          reader,
          consent,
          rules,
        );
        disclosures.set(title, disclosure);
      }
      return disclosure;
    },
  };
};

/** Finds the circumstances of each row, reading those of the first row only. */
export const circumstancesOfRows = (context: CircumstancesContext): ((row: HistoryRow) => Circumstances) => {
  const known = new Map<string, { readonly first: HistoryRow; readonly circumstances: Circumstances }[]>();
  return (row) => {
    let ofCode = known.get(row.local_code);
    if (!ofCode) {
      ofCode = [];
      known.set(row.local_code, ofCode);
    }
    let found = ofCode.find(({ first }) => agree(first, row));
    if (!found) {
      found = { first: row, circumstances: readCircumstances(row, context) };
      ofCode.push(found);
    }
    return found.circumstances;
  };
};
