import type { AccountAct } from '../../adapters/postgres/accounts.ts';
import type { Installation } from '../installation.ts';

/** The console as the one who acts, for the audit trail. */
export const consoleAct = ({
  clock,
  newPublicId,
}: Pick<Installation, 'clock' | 'newPublicId'>): AccountAct => ({
  at: clock(),
  newId: newPublicId,
  by: 'console',
  peer: 'local',
});
