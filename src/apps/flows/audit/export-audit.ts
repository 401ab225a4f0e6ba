import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import {
  type ExportedEvent,
  type ExportedSystemEvent,
  type ExportPeriod,
  readAuditEvents,
  readSystemEvents,
} from '../../../adapters/postgres/audit-export.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { raiser } from '../../../kernel/fault.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { AccountRole, InstitutionCode } from '../../../organisation/index.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import { AUDIT_FLOW_FAULTS } from './audit-faults.ts';

/** What of the book `person` is taken out. */
export interface PersonExport extends ExportPeriod {
  /** Only rows about this person, whichever of his records they name. */
  readonly person: PublicId | null;
  /** Only rows of whoever looked for this institution, a published one. */
  readonly institution: { readonly code: InstitutionCode; readonly key: string } | null;
}

/** Who takes rows out of the log. */
export interface ExportActor {
  /** `staff:LOGIN`. */
  readonly name: string;
  readonly role: AccountRole;
  readonly institution: InstitutionCode | null;
}

type ExportDependencies = Pick<FlowDependencies, 'database' | 'clock' | 'newPublicId'>;

/** Those who run the platform and the authority whose platform it is. */
const EXPORT_ROLES: readonly AccountRole[] = ['operator', 'regulator'];

/** Whether somebody may take out rows: the privacy officer those of the own institution. */
const mayExport = (actor: ExportActor, institution: InstitutionCode | null): boolean =>
  EXPORT_ROLES.includes(actor.role) ||
  (actor.role === 'privacy-officer' && institution !== null && institution === actor.institution);

/** Writes down that somebody takes rows out, or was refused. */
const keepExport = async (
  { database, clock, newPublicId }: ExportDependencies,
  actor: ExportActor,
  asked: { readonly resource: string; readonly institution: InstitutionCode | null; readonly format: string },
): Promise<void> => {
  const isAllowed = mayExport(actor, asked.institution);
  await recordSystemAct(
    database,
    { at: clock(), newId: newPublicId, by: actor.name, peer: 'local' },
    'audit.export',
    asked.resource,
    isAllowed ? asked.format : 'refused',
  );
  if (!isAllowed) throw raiser(AUDIT_FLOW_FAULTS)('AUDIT_EXPORT_ROLE');
};

const periodText = ({ from, until }: ExportPeriod): string => `${isoInstant(from)}/${isoInstant(until)}`;

/**
 * Takes rows about persons out of the log. That it was done stands in the book `system` before the first row leaves; where
 * one person is asked for, in that person's own log too.
 *
 * @throws AUDIT_EXPORT_ROLE PERSON_NOT_FOUND
 */
export const exportPersonBook = async (
  dependencies: ExportDependencies,
  actor: ExportActor,
  { person, institution, ...period }: PersonExport,
  format: string,
): Promise<AsyncIterable<ExportedEvent>> => {
  const { database, clock, newPublicId } = dependencies;
  const resource = [
    `audit/person/${periodText(period)}`,
    ...(institution === null ? [] : [`institution/${institution.code}`]),
    ...(person === null ? [] : [`person/${person}`]),
  ].join('/');
  await keepExport(dependencies, actor, { resource, institution: institution?.code ?? null, format });
  const found = person === null ? null : await lookupPersonByPublicId(database, person);
  if (found === undefined) throw flowFault('PERSON_NOT_FOUND');
  if (found)
    await keepAudit(database, found.personId, clock(), {
      publicId: newPublicId(),
      actor: actor.name,
      role: actor.role,
      department: null,
      staffNumber: null,
      institutionKey: null,
      action: 'access-log.export',
      resource: `person/${person}/access-log`,
      purpose: 'operations',
      basis: 'log-export',
      outcome: 'disclosed',
      peer: 'local',
    });
  return readAuditEvents(database, {
    ...period,
    institutionKey: institution?.key ?? null,
    persons: found?.members.map(({ personId }) => personId) ?? null,
  });
};

/**
 * Takes rows about nobody out of the log. That it was done stands in it before the first row leaves.
 *
 * @throws AUDIT_EXPORT_ROLE
 */
export const exportSystemBook = async (
  dependencies: ExportDependencies,
  actor: ExportActor,
  period: ExportPeriod,
  format: string,
): Promise<AsyncIterable<ExportedSystemEvent>> => {
  await keepExport(dependencies, actor, {
    resource: `audit/system/${periodText(period)}`,
    institution: null,
    format,
  });
  return readSystemEvents(dependencies.database, period);
};
