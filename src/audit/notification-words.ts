import type { Bilingual } from '../kernel/bilingual.ts';
import type { CaseFinding } from './case.ts';

/** What a patient is told without having asked, with every code already in words and every moment as text. */
export type Told =
  | {
      readonly kind: 'emergency-access';
      readonly openedAt: string;
      /** The hospital and the department of the doctor, as far as known. */
      readonly where: Bilingual;
      readonly reason: Bilingual;
    }
  | {
      readonly kind: 'case-closed';
      readonly openedAt: string;
      /** What the case was about. */
      readonly about: 'emergency-access' | 'patient-report';
      readonly outcome: CaseFinding;
    };

const OUTCOMES: Readonly<Record<CaseFinding, Bilingual>> = {
  justified: { zh: '医院认为这次查看有正当理由', en: 'the hospital holds that the look was justified' },
  'not-justified': {
    zh: '医院确认这次查看不应发生',
    en: 'the hospital confirms that the look should not have happened',
  },
  'follow-up': { zh: '医院正在跟进', en: 'the hospital is following it up' },
};

/** What happened, in the few words by which it is recognised in a list. */
export const toldTitle = ({ kind, ...told }: Told): Bilingual => {
  if (kind === 'emergency-access') return { zh: '紧急调阅', en: 'Emergency access' };
  return 'about' in told && told.about === 'emergency-access'
    ? { zh: '紧急调阅已复核', en: 'Emergency access reviewed' }
    : { zh: '您的反映已核查', en: 'Your report was looked into' };
};

/** The same in a sentence. It says “the results”, since whoever reads may act for the person. */
export const toldSentence = (told: Told): Bilingual => {
  if (told.kind === 'emergency-access')
    return {
      zh: `${told.openedAt}，${told.where.zh}的医师因紧急情况，在没有取得授权时打开了检查检验结果。理由：${told.reason.zh}。医院会派专人复核，复核结果会在这里告知。`,
      en: `At ${told.openedAt} a doctor of ${told.where.en} opened the results without consent, stating an emergency: ${told.reason.en}. The hospital reviews it and its finding will be told here.`,
    };
  const { zh, en } = OUTCOMES[told.outcome];
  return told.about === 'emergency-access'
    ? {
        zh: `${told.openedAt} 的紧急调阅已由医院专人复核：${zh}。`,
        en: `The emergency access at ${told.openedAt} was reviewed: ${en}.`,
      }
    : {
        zh: `${told.openedAt} 反映的查看已由医院专人核查：${zh}。`,
        en: `The look reported at ${told.openedAt} was looked into: ${en}.`,
      };
};
