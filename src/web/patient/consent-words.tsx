import { useTranslation } from 'react-i18next';
import type { ConsentOverview, OwnConsentRequest } from '../wire/consent.ts';

/** What a patient can do by a phone. */
export type ConsentDecision = OwnConsentRequest['kind'];

/** The words of consent, in layers. */
export type ConsentWords = ConsentOverview['wording'];

/** What counts now, in plain words. */
export const LEVEL_WORDS: Readonly<Record<ConsentOverview['level'], string>> = {
  content: '现在：正在为您看病的医生可以看到您在其他医院的结果。',
  existence: '现在：医生只能看到您做过同类检查，看不到内容。',
  nothing: '现在：其他医院的医生看不到您的结果，也看不到它们是否存在。',
};

/** What each decision is called on its button. */
export const DECISION_WORDS: Readonly<Record<ConsentDecision, string>> = {
  consented: '同意',
  denied: '不同意',
  withdrawn: '撤回授权',
};

/** One line first, the details on a tap, the whole text last. */
export const Layered = ({ text }: { readonly text: ConsentWords['treatment'] }) => {
  const { t } = useTranslation();
  return (
    <>
      <p>{text.lineZh}</p>
      <details>
        <summary>{t('谁能看、看什么、怎样撤回')}</summary>
        <ul>
          {text.detailsZh.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <details>
          <summary>{t('全文')}</summary>
          {text.fullZh.map((each) => (
            <p key={each}>{each}</p>
          ))}
        </details>
      </details>
    </>
  );
};
