import type { ItemCode } from '../../catalogue/index.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { type Session, statement } from './database.ts';

/** Internal key of an institution; never leaves the program. */
export type InstitutionKey = string & { readonly __brand: 'InstitutionKey' };
/** Internal key of a catalogue item; never leaves the program. */
export type ItemKey = string & { readonly __brand: 'ItemKey' };

/** Internal keys by public code and back, for the institutions and items of all lists ever published. */
export interface Registry {
  institutionKey(code: InstitutionCode): InstitutionKey | undefined;
  institutionCode(key: string): InstitutionCode | undefined;
  itemKey(code: ItemCode): ItemKey | undefined;
  itemCode(key: string): ItemCode | undefined;
}

const INSERT_INSTITUTIONS = statement(
  'registry.insert-institutions',
  'insert into institutions (code) select unnest($1::text[]) on conflict (code) do nothing returning code',
);
const INSERT_ITEMS = statement(
  'registry.insert-items',
  'insert into items (code) select unnest($1::text[]) on conflict (code) do nothing returning code',
);
const SELECT_INSTITUTIONS = statement(
  'registry.institutions',
  'select institution_id, code from institutions',
);
const SELECT_ITEMS = statement('registry.items', 'select item_id, code from items');

/** Gives every code an internal key; codes that have one keep it. */
export const registerCodes = async (
  session: Session,
  institutions: readonly string[],
  items: readonly string[],
): Promise<void> => {
  if (institutions.length > 0) await session.run(INSERT_INSTITUTIONS, [institutions]);
  if (items.length > 0) await session.run(INSERT_ITEMS, [items]);
};

/** Loads all keys. A few thousand rows; done once per epoch. */
export const loadRegistry = async (session: Session): Promise<Registry> => {
  const [institutions, items] = await Promise.all([
    session.run<{ institution_id: string; code: string }>(SELECT_INSTITUTIONS),
    session.run<{ item_id: string; code: string }>(SELECT_ITEMS),
  ]);
  const institutionByCode = new Map(
    institutions.map((row) => [row.code, row.institution_id as InstitutionKey]),
  );
  const institutionByKey = new Map(
    institutions.map((row) => [row.institution_id, row.code as InstitutionCode]),
  );
  const itemByCode = new Map(items.map((row) => [row.code, row.item_id as ItemKey]));
  const itemByKey = new Map(items.map((row) => [row.item_id, row.code as ItemCode]));
  return {
    institutionKey: (code) => institutionByCode.get(code),
    institutionCode: (key) => institutionByKey.get(key),
    itemKey: (code) => itemByCode.get(code),
    itemCode: (key) => itemByKey.get(key),
  };
};
