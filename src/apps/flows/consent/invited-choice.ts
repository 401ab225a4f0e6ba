import { DAY_MS, type Instant, instant, isoInstant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { InvitedAct } from '../../server/routes/consents-port.ts';
import type { StatedAct } from './record-consent.ts';

/** A name down to its first character: enough to notice the wrong phone. */
export const maskedName = (name: string | null): string => {
  const [first = '', ...rest] = [...(name ?? '')];
  return `${first}${'＊'.repeat(Math.max(1, rest.length))}`;
};

/** Whom and how long a decision on a phone is for, by the choice made there. */
export const scopeOfChoice = (
  scope: InvitedAct['scope'],
  institution: InstitutionCode,
  at: Instant,
): Pick<StatedAct, 'recipient' | 'until'> => ({
  recipient: scope === 'all' ? null : institution,
  until: scope === 'visit' ? isoInstant(instant(at + DAY_MS)) : undefined,
});
