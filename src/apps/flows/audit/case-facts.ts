import type { PrivacyCaseRow } from '../../../adapters/postgres/privacy-cases.ts';
import { EMERGENCY_REASONS, emergencyReasonWords } from '../../../consent/index.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import { civilTimeText } from '../../../kernel/civil-day.ts';
import { type Instant, parseInstant } from '../../../kernel/instant.ts';
import { isUuid, type PublicId } from '../../../kernel/uuid.ts';

const NAMES = {
  reason: { zh: '紧急原因', en: 'Reason' },
  text: { zh: '说明', en: 'In their own words' },
  until: { zh: '自动结束', en: 'Ends' },
  peer: { zh: '来源地址', en: 'From' },
  persons: { zh: '涉及患者人数', en: 'Persons' },
  windowMinutes: { zh: '时间范围（分钟）', en: 'Within minutes' },
  windowDays: { zh: '查找就诊记录的天数', en: 'Days searched for a visit' },
} as const satisfies Readonly<Record<string, Bilingual>>;

const wordOf = (name: string, value: string | number): string => {
  if (name === 'reason') {
    const reason = EMERGENCY_REASONS.find((each) => each === value);
    return reason ? emergencyReasonWords(reason).zh : String(value);
  }
  const at = name === 'until' ? parseInstant(String(value)) : undefined;
  return at === undefined ? String(value) : civilTimeText(at);
};

const ENDED_EARLY: Bilingual = { zh: '医师提前结束', en: 'Ended by the doctor' };

type Kept = Readonly<Record<string, unknown>>;

/** The emergency access that a case is about; null where it is about something else. */
export const accessOfCase = ({
  kind,
  evidence,
}: Pick<PrivacyCaseRow, 'kind' | 'evidence'>): PublicId | null => {
  if (kind !== 'emergency-access') return null;
  const { access } = JSON.parse(evidence) as Kept;
  return typeof access === 'string' && isUuid(access) ? access : null;
};

/**
 * What opened a case, in words. The rows of the log it rests on are shown beside.
 *
 * @param endedAt when the doctor ended the emergency access before its time
 */
export const factsOf = (
  { evidence }: Pick<PrivacyCaseRow, 'evidence'>,
  endedAt: Instant | null,
): readonly { readonly name: Bilingual; readonly text: string }[] => {
  const kept = JSON.parse(evidence) as Kept;
  const facts = Object.entries(NAMES).flatMap(([name, words]) => {
    const value = kept[name];
    const isWorth = (typeof value === 'string' && value !== '') || typeof value === 'number';
    return isWorth ? [{ name: words, text: wordOf(name, value) }] : [];
  });
  return endedAt === null ? facts : [...facts, { name: ENDED_EARLY, text: civilTimeText(endedAt) }];
};
