import { mayReach } from '../reach.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { loadSenders, type Sender } from '../../../adapters/postgres/senders.ts';
import { raiser } from '../../../kernel/fault.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { Actor } from '../../server/flows-port.ts';
import { CONSOLE_FAULTS } from './console-faults.ts';
import type { IngestDependencies } from '../ingest/ingest-work.ts';

/** Makes a fault of the console. */
export const consoleFault = raiser(CONSOLE_FAULTS);

/** One institution as the console looks at it. */
export interface ConsoleScope {
  readonly institution: InstitutionCode;
  readonly institutionKey: string;
  readonly senders: readonly Sender[];
  readonly ruling: RulingSnapshot;
}

/**
 * The institution that the actor asks about: his own, or for those who operate the platform the one that is named.
 * Default deny: nobody else has one.
 *
 * @throws CONSOLE_INSTITUTION_MISSING, CONSOLE_INSTITUTION_FOREIGN
 */
export const askedInstitution = (actor: Actor, requested: string | undefined): InstitutionCode => {
  const institution = (requested as InstitutionCode | undefined) ?? actor.institution;
  if (institution === null) throw consoleFault('CONSOLE_INSTITUTION_MISSING', { place: 'institution' });
  if (!mayReach(actor, 'console:read', { kind: 'technical', institution }))
    throw consoleFault('CONSOLE_INSTITUTION_FOREIGN', { place: 'institution' });
  return institution;
};

/** The scope of an institution. @throws CONSOLE_INSTITUTION_FOREIGN when no list names it */
export const scopeOf = async (
  { database, snapshots }: IngestDependencies,
  institution: InstitutionCode,
): Promise<ConsoleScope> => {
  const [ruling, senders] = await Promise.all([snapshots.current(), loadSenders(database)]);
  const institutionKey = ruling.registry.institutionKey(institution);
  if (institutionKey === undefined)
    throw consoleFault('CONSOLE_INSTITUTION_FOREIGN', { place: 'institution' });
  return {
    institution,
    institutionKey,
    senders: senders.filter((sender) => sender.institution === institution),
    ruling,
  };
};

/** The senders whose messages the actor may open: those of his institution, or all for those who operate the platform. */
export const openableSenders = async (
  { database }: IngestDependencies,
  actor: Actor,
): Promise<readonly Sender[]> => {
  const senders = await loadSenders(database);
  return senders.filter(({ institution }) =>
    mayReach(actor, 'message:read', { kind: 'technical', institution }),
  );
};

/** Whether what a message says may be shown, and not only its form: to the institution that sent it. */
export const mayReadContent = (actor: Actor, sender: Sender | undefined): boolean =>
  mayReach(actor, 'message:read', { kind: 'record', institution: sender?.institution ?? null, check: null });
