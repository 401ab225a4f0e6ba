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
import { isoInstant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';

/** What of the book `person` is taken out. */
export interface PersonExport extends ExportPeriod {
  /** Only rows about this person, whichever of his records they name. */
  readonly person: PublicId | null;
  /** Only rows of whoever looked for this institution, a published one. */
  readonly institution: { readonly code: InstitutionCode; readonly key: string } | null;
}

type ExportDependencies = Pick<FlowDependencies, 'database' | 'clock' | 'newPublicId'>;

const keepExport = (
  { database, clock, newPublicId }: ExportDependencies,
  resource: string,
  format: string,
): Promise<void> =>
  recordSystemAct(
    database,
    { at: clock(), newId: newPublicId, by: 'console', peer: 'local' },
    'audit.export',
    resource,
    format,
  );

const periodText = ({ from, until }: ExportPeriod): string => `${isoInstant(from)}/${isoInstant(until)}`;

/**
 * Takes rows about persons out of the log. That it was done stands in the book `system` before the first row leaves; where
 * one person is asked for, in that person's own log too.
 *
 * @throws PERSON_NOT_FOUND
 */
export const exportPersonBook = async (
  dependencies: ExportDependencies,
  { person, institution, ...period }: PersonExport,
  format: string,
): Promise<AsyncIterable<ExportedEvent>> => {
  const { database, clock, newPublicId } = dependencies;
  const found = person === null ? null : await lookupPersonByPublicId(database, person);
  if (found === undefined) throw flowFault('PERSON_NOT_FOUND');
  const resource = [
    `audit/person/${periodText(period)}`,
    ...(institution === null ? [] : [`institution/${institution.code}`]),
    ...(person === null ? [] : [`person/${person}`]),
  ].join('/');
  await keepExport(dependencies, resource, format);
  if (found)
    await keepAudit(database, found.personId, clock(), {
      publicId: newPublicId(),
      actor: 'console',
      role: 'operator',
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

/** Takes rows about nobody out of the log. That it was done stands in it before the first row leaves. */
export const exportSystemBook = async (
  dependencies: ExportDependencies,
  period: ExportPeriod,
  format: string,
): Promise<AsyncIterable<ExportedSystemEvent>> => {
  await keepExport(dependencies, `audit/system/${periodText(period)}`, format);
  return readSystemEvents(dependencies.database, period);
};
