import type { TFunction } from 'i18next';
import type { ConsentActAnswer } from '../wire/consent.ts';
import { lastValidText } from '../words.ts';

/** Length of a day alone, `2026-11-27`: the end of a consent that lasts to the end of a day. */
const DAY_CHARACTERS = 10;

/** When an agreement ends by itself, as a patient reads it: the last day on which it counts, never the midnight after. */
export const consentEndText = (t: TFunction, until: ConsentActAnswer['until']): string => {
  if (until === null) return t('直至撤回');
  const end = lastValidText(until);
  return end.length === DAY_CHARACTERS
    ? t('有效到 {day}（含当天），之后自动失效', { day: end })
    : t('有效到 {time}，之后自动失效', { time: end });
};
