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
    }
  | {
      /** A ticket that the patient sent, or the desk for them, has come further. */
      readonly kind: 'ticket-step';
      readonly ticket: string;
      readonly step: Bilingual;
    }
  | {
      /** A result that a doctor had recognised was put right by its source. */
      readonly kind: 'result-corrected';
      readonly change: CorrectedKind;
    };

/** How a result that somebody relied on was put right. */
export type CorrectedKind = 'corrected' | 'withdrawn' | 'reinstated';

const CHANGES: Readonly<Record<CorrectedKind, Bilingual>> = {
  corrected: { zh: '已由出报告的医院更正', en: 'was corrected by the hospital that issued it' },
  withdrawn: { zh: '已由出报告的医院撤回', en: 'was withdrawn by the hospital that issued it' },
  reinstated: { zh: '曾被撤回，现已由出报告的医院恢复', en: 'had been withdrawn and is valid again' },
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
export const toldTitle = (told: Told): Bilingual => {
  switch (told.kind) {
    case 'emergency-access':
      return { zh: '紧急调阅', en: 'Emergency access' };
    case 'case-closed':
      return told.about === 'emergency-access'
        ? { zh: '紧急调阅已复核', en: 'Emergency access reviewed' }
        : { zh: '您的反映已核查', en: 'Your report was looked into' };
    case 'ticket-step':
      return { zh: '反映的问题有新进展', en: 'News of a reported error' };
    case 'result-corrected':
      return { zh: '医生参考过的结果有更正', en: 'A result that a doctor relied on was put right' };
  }
};

/** The same in a sentence. It says “the results”, since whoever reads may act for the person. */
export const toldSentence = (told: Told): Bilingual => {
  if (told.kind === 'emergency-access')
    return {
      zh: `${told.openedAt}，${told.where.zh}的医师因紧急情况，在没有取得授权时打开了检查检验结果。理由：${told.reason.zh}。医院会派专人复核，复核结果会在这里告知。`,
      en: `At ${told.openedAt} a doctor of ${told.where.en} opened the results without consent, stating an emergency: ${told.reason.en}. The hospital reviews it and its finding will be told here.`,
    };
  if (told.kind === 'ticket-step')
    return {
      zh: `反映的结果问题（单号 ${told.ticket}）：${told.step.zh}。详情见“我的反馈”。`,
      en: `The reported error (ticket ${told.ticket}): ${told.step.en}. Details are under “My reports of errors”.`,
    };
  if (told.kind === 'result-corrected') {
    const { zh, en } = CHANGES[told.change];
    return {
      zh: `一份医生在诊疗中认可过的检查检验结果${zh}。当时的接诊医师已收到复核提示；如有疑问，请在就诊时询问。`,
      en: `A result that a doctor had recognised ${en}. The doctor has been asked to look at the decision again; ask at your next visit.`,
    };
  }
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
