import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import kitEnglish from './en.json' with { type: 'json' };

/** Languages of the browser apps. Chinese is the source: its sentences are the keys. */
export type Language = 'zh-CN' | 'en';

const STORED = 'huren.language';

const preferred = (): Language => {
  const stored = localStorage.getItem(STORED);
  return stored === 'en' || stored === 'zh-CN' ? stored : 'zh-CN';
};

/**
 * Starts the translations of an app. `english` maps each Chinese sentence of the app to its English one;
 * `tools/translations.test.ts` finds sentences that have none.
 */
export const startLanguage = (english: Readonly<Record<string, string>>): i18n => {
  const language = preferred();
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    // A sentence is a key, so no character in it may mean a path.
    keySeparator: false,
    nsSeparator: false,
    resources: { en: { translation: { ...kitEnglish, ...english } }, 'zh-CN': { translation: {} } },
    interpolation: { escapeValue: false, prefix: '{', suffix: '}' },
    initAsync: false,
  });
  document.documentElement.lang = language;
  return i18next;
};

/** Changes the language for this browser and remembers it. */
export const chooseLanguage = (language: Language): void => {
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
};
