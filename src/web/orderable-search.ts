import { pinyin } from 'pinyin-pro';
import type { OrderablesAnswer } from './wire/order-check-answer.ts';

type Orderable = OrderablesAnswer['orderables'][number];

const initialsOf = new Map<string, string>();

/** First letters of the pinyin of a name: `xt` for 血糖. */
const initials = (name: string): string => {
  let letters = initialsOf.get(name);
  if (letters === undefined) {
    letters = pinyin(name, { pattern: 'first', toneType: 'none', type: 'array' }).join('').toLowerCase();
    initialsOf.set(name, letters);
  }
  return letters;
};

/** True when every word typed stands in the name, the code, a member's name or the pinyin initials. */
export const matchesOrderable = (orderable: Orderable, typed: string): boolean => {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return words.every(
    (word) =>
      orderable.nameZh.toLowerCase().includes(word) ||
      orderable.code.toLowerCase().includes(word) ||
      initials(orderable.nameZh).includes(word) ||
      orderable.memberNamesZh.some((member) => member.toLowerCase().includes(word)),
  );
};
