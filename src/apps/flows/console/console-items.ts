import { pinyin } from 'pinyin-pro';
import type { ItemDefinition } from '../../../catalogue/index.ts';

const FOUND_MAX = 20;

const initialsOf = new WeakMap<ItemDefinition, string>();

/** First letters of the pinyin of a name: `xt` for 血糖. */
const initials = (item: ItemDefinition): string => {
  let letters = initialsOf.get(item);
  if (letters === undefined) {
    letters = pinyin(item.nameZh, { pattern: 'first', toneType: 'none', type: 'array' })
      .join('')
      .toLowerCase();
    initialsOf.set(item, letters);
  }
  return letters;
};

/** How well an item fits what was typed: 0 the code itself, 3 somewhere inside; undefined when it does not. */
const rankOf = (item: ItemDefinition, typed: string): number | undefined => {
  const code = item.code.toLowerCase();
  if (code === typed || item.loinc === typed || item.nameZh === typed) return 0;
  if (item.nameZh.startsWith(typed) || item.nameEn.toLowerCase().startsWith(typed)) return 1;
  if (initials(item).startsWith(typed)) return 2;
  const holds = [code, item.nameZh.toLowerCase(), item.nameEn.toLowerCase(), initials(item)];
  return holds.some((text) => text.includes(typed)) ? 3 : undefined;
};

/** Items that fit a search by name, code, LOINC, English or pinyin initials, best first. */
export const searchItems = (items: readonly ItemDefinition[], search: string): readonly ItemDefinition[] => {
  const typed = search.trim().toLowerCase();
  return items
    .flatMap((item) => {
      const rank = rankOf(item, typed);
      return rank === undefined ? [] : [{ item, rank }];
    })
    .toSorted((left, right) => left.rank - right.rank || left.item.nameZh.length - right.item.nameZh.length)
    .slice(0, FOUND_MAX)
    .map(({ item }) => item);
};
