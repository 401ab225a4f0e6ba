import { useTranslation } from 'react-i18next';
import type { Bilingual } from '../../kernel/bilingual.ts';
import { civilTimeText } from '../../kernel/civil-day.ts';
import { instant } from '../../kernel/instant.ts';

/** `2026-11-20 08:12:03` in China. Engineers compare seconds. */
export const timeText = (iso: string): string => {
  const at = instant(Date.parse(iso));
  return `${civilTimeText(at)}:${iso.slice(17, 19)}`;
};

/** `08:12`, for the axis of a day. */
export const clockText = (iso: string): string => civilTimeText(instant(Date.parse(iso))).slice(11);

/** `11-20`, for the axis of a week. */
export const dayText = (iso: string): string => civilTimeText(instant(Date.parse(iso))).slice(5, 10);

/** Words of the server in the language of the screen. */
export const useWords = (): ((words: Bilingual) => string) => {
  const { i18n } = useTranslation();
  return (words) => (i18n.language === 'en' ? words.en : words.zh);
};

/** Names of an item in the language of the screen. */
export const useItemName = (): ((item: { readonly nameZh: string; readonly nameEn: string }) => string) => {
  const { i18n } = useTranslation();
  return (item) => (i18n.language === 'en' ? item.nameEn || item.nameZh : item.nameZh);
};

const MINUTE_MS = 60_000;

/** How long ago, roughly. Always shown beside the time itself. */
export const useAgo = (): ((iso: string, asOf: string) => string) => {
  const { t } = useTranslation();
  return (iso, asOf) => {
    const minutes = Math.max(0, Math.floor((Date.parse(asOf) - Date.parse(iso)) / MINUTE_MS));
    if (minutes < 60) return t('{n} 分钟前', { n: minutes });
    if (minutes < 48 * 60) return t('{n} 小时前', { n: Math.floor(minutes / 60) });
    return t('{n} 天前', { n: Math.floor(minutes / 1440) });
  };
};
