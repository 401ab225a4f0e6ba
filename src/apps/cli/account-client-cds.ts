import { readFileSync } from 'node:fs';
import { type CdsRegistrationInput, readCdsRegistration } from '../../adapters/cds-hooks/registration.ts';
import {
  cdsRegistrationOf,
  registerCdsClient,
  removeCdsClient,
} from '../../adapters/postgres/cds-clients.ts';
import { raiser } from '../../kernel/fault.ts';
import { consoleAct } from './console-act.ts';
import { type CommandContext, EXIT, type ExitCode, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const raise = raiser(CLI_FAULTS);

/** Options of `huren client cds`, as the client command takes them. */
export const CDS_OPTIONS = {
  issuer: { type: 'string' },
  jwks: { type: 'string' },
  jku: { type: 'string' },
  fhir: { type: 'string' },
  'order-codes': { type: 'string', multiple: true },
  'record-numbers': { type: 'string' },
  'outpatient-numbers': { type: 'string' },
  'inpatient-numbers': { type: 'string' },
  'staff-numbers': { type: 'string' },
  origin: { type: 'string', multiple: true },
  remove: { type: 'boolean' },
} as const;

/** How `huren client cds` is called. */
export const CDS_USAGE =
  'cds CODE [--remove | --issuer ISS (--jwks FILE | --jku URL) [--fhir URL] [--order-codes URI…] [--record-numbers URI] [--outpatient-numbers URI] [--inpatient-numbers URI] [--staff-numbers URI] [--origin URL…]]';

/** The options as given. */
export interface CdsOptions {
  readonly issuer?: string | undefined;
  readonly jwks?: string | undefined;
  readonly jku?: string | undefined;
  readonly fhir?: string | undefined;
  readonly 'order-codes'?: string[] | undefined;
  readonly 'record-numbers'?: string | undefined;
  readonly 'outpatient-numbers'?: string | undefined;
  readonly 'inpatient-numbers'?: string | undefined;
  readonly 'staff-numbers'?: string | undefined;
  readonly origin?: string[] | undefined;
  readonly remove?: boolean | undefined;
  readonly json?: boolean | undefined;
}

const keysOf = (file: string): CdsRegistrationInput['keys'] => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw raise('FILE_UNREADABLE', { place: file, cause });
  }
  try {
    return (JSON.parse(text) as { keys: CdsRegistrationInput['keys'] }).keys;
  } catch (cause) {
    throw raise('USAGE', { place: file, detail: 'a JWK Set: {"keys":[…]}', cause });
  }
};

const inputOf = (issuer: string, options: CdsOptions): CdsRegistrationInput => ({
  issuer,
  keys: options.jwks === undefined ? null : keysOf(options.jwks),
  keysAddress: options.jku ?? null,
  fhirBase: options.fhir ?? null,
  orderCodeSystems: options['order-codes'] ?? [],
  recordSystem: options['record-numbers'] ?? null,
  outpatientSystem: options['outpatient-numbers'] ?? null,
  inpatientSystem: options['inpatient-numbers'] ?? null,
  staffSystem: options['staff-numbers'] ?? null,
  origins: options.origin ?? [],
});

/** `huren client cds`: shows, replaces or takes back what a client needs to call by CDS Hooks. */
export const runClientCds = async (
  code: string,
  options: CdsOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const { issuer, remove, json } = options;
  const registration = issuer === undefined ? undefined : await readCdsRegistration(inputOf(issuer, options));
  return withInstallation(context, async (installation) => {
    const { database } = installation;
    if (remove) await removeCdsClient(database, code, consoleAct(installation));
    else if (registration) await registerCdsClient(database, code, registration, consoleAct(installation));
    else {
      const known = await cdsRegistrationOf(database, code);
      context.out(JSON.stringify(known ?? null, null, json ? 0 : 2));
      return known ? EXIT.done : EXIT.findings;
    }
    context.out(json ? JSON.stringify({ code }) : `已完成：${code}`);
    return EXIT.done;
  });
};
