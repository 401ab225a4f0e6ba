import type { Bilingual } from '../kernel/bilingual.ts';

/** Why a doctor opens results without consent: each is a danger to life or health that leaves no time to ask (PIPL art. 13). */
export const EMERGENCY_REASONS = [
  'life-threatening',
  'unable-to-consent',
  'urgent-operation',
  'other',
] as const;

/** One of `EMERGENCY_REASONS`. */
export type EmergencyReason = (typeof EMERGENCY_REASONS)[number];

const WORDS: Readonly<Record<EmergencyReason, Bilingual>> = {
  'life-threatening': { zh: '生命垂危，正在抢救', en: 'life in danger, resuscitation under way' },
  'unable-to-consent': {
    zh: '患者无法表达意愿，近亲属无法及时联系',
    en: 'the patient cannot decide, and no relative can be reached in time',
  },
  'urgent-operation': { zh: '急诊手术或有创操作前', en: 'before an urgent operation or invasive procedure' },
  other: { zh: '其他紧急情况', en: 'another emergency' },
};

/** A reason in words. */
export const emergencyReasonWords = (reason: EmergencyReason): Bilingual => WORDS[reason];
