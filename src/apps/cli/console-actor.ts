import type { InstitutionCode } from '../../organisation/index.ts';
import type { ClientActor } from '../server/flows-port.ts';

/**
 * The console, acting for an institution: whoever can run a command has the database anyway; the audit trail says that it
 * was the console.
 */
export const consoleActor = (institution: string): ClientActor => ({
  kind: 'client',
  name: 'console',
  code: 'console',
  institution: institution as InstitutionCode,
  purposes: ['treatment'],
});
