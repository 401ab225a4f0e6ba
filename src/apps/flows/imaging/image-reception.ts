import {
  type ApplicationEntity,
  isFrom,
  registeredEntities,
} from '../../../adapters/postgres/application-entities.ts';
import {
  type DayOfSender,
  receivedByDay,
  type RefusedAssociation,
  refusedSince,
  unfinishedUploads,
  unmatchedStudies,
  waitingHolds,
} from '../../../adapters/postgres/image-reception.ts';
import { HOLD_REASONS } from '../../../imaging/index.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import { DAY_MS, type Instant, instant, isoInstant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ImageReception } from '../../../web/wire/image-reception.ts';
import type { Actor } from '../../server/flows-port.ts';
import type { ImageReceptionFlow } from '../../server/routes/image-reception-port.ts';
import { askedInstitution, consoleFault } from '../console/console-scope.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { institutionAnswer } from '../present.ts';

const DAYS = 14;
/** A study that stopped coming in longer ago is no upload any more. */
const UPLOAD_DAYS = 30;
const UPLOADS_MAX = 50;
const REFUSED_DAYS = 7;
/** Read of all institutions, and shown as far as they are this one's. */
const REFUSED_READ_MAX = 1_000;
const REFUSED_SHOWN_MAX = 50;

type Tally = Pick<DayOfSender, 'studies' | 'instances' | 'bytes'>;

const sum = (parts: readonly Tally[]): Tally => ({
  studies: parts.reduce((total, { studies }) => total + studies, 0),
  instances: parts.reduce((total, { instances }) => total + instances, 0),
  bytes: parts.reduce((total, { bytes }) => total + bytes, 0),
});

const deviceOf = (
  sender: string,
  entity: ApplicationEntity | undefined,
  parts: readonly DayOfSender[],
  today: string,
): ImageReception['devices'][number] => {
  const lastAt = parts.reduce<Instant | null>(
    (latest, part) => (latest === null || part.lastAt > latest ? part.lastAt : latest),
    null,
  );
  return {
    sender,
    registered: entity !== undefined || !sender.startsWith('dimse:'),
    services: [...(entity?.services ?? [])],
    lastAt: lastAt === null ? null : isoInstant(lastAt),
    today: sum(parts.filter(({ day }) => day === today)),
    ...sum(parts),
  };
};

/** Devices: those registered, whether they sent or not, and whoever else sent. */
const devicesOf = (
  entities: readonly ApplicationEntity[],
  received: readonly DayOfSender[],
  today: string,
): ImageReception['devices'] => {
  const storing = entities.filter(({ services }) => services.includes('store'));
  const senders = new Set([
    ...storing.map(({ aeTitle }) => `dimse:${aeTitle}`),
    ...received.flatMap(({ sender }) => sender ?? []),
  ]);
  return [...senders].toSorted().map((sender) =>
    deviceOf(
      sender,
      entities.find(({ aeTitle }) => sender === `dimse:${aeTitle}`),
      received.filter((part) => part.sender === sender),
      today,
    ),
  );
};

/**
 * Refusals that are an institution's to know of: of its own titles, or from where its devices call. Of anybody else's it
 * learns nothing; who operates the platform sees all of them.
 */
const refusedOf = (
  refused: readonly RefusedAssociation[],
  entities: readonly ApplicationEntity[],
  seesAll: boolean,
): ImageReception['refused'] =>
  refused
    .filter(
      ({ callingAeTitle, remoteAddress }) =>
        seesAll ||
        entities.some(
          ({ aeTitle, networks }) => aeTitle === callingAeTitle || isFrom(networks, remoteAddress),
        ),
    )
    .slice(0, REFUSED_SHOWN_MAX)
    .map(({ lastAt, ...one }) => ({ ...one, lastAt: isoInstant(lastAt) }));

const read = async (
  dependencies: FlowDependencies,
  institution: InstitutionCode,
  seesAll: boolean,
): Promise<ImageReception> => {
  const { database, clock, snapshots } = dependencies;
  const ruling = await snapshots.current();
  const institutionKey = ruling.registry.institutionKey(institution);
  if (institutionKey === undefined)
    throw consoleFault('CONSOLE_INSTITUTION_FOREIGN', { place: 'institution' });
  const at = clock();
  const since = (days: number) => instant(at - days * DAY_MS);
  const [received, uploads, held, unmatched, refused, all] = await Promise.all([
    receivedByDay(database, institutionKey, since(DAYS)),
    unfinishedUploads(database, institutionKey, since(UPLOAD_DAYS), UPLOADS_MAX),
    waitingHolds(database, institutionKey),
    unmatchedStudies(database, institutionKey),
    refusedSince(database, since(REFUSED_DAYS), REFUSED_READ_MAX),
    registeredEntities(database),
  ]);
  const entities = all.filter((entity) => entity.institution === institution);
  const { code, nameZh, nameEn } = institutionAnswer(ruling.snapshot.rulesAt(at), institution);
  return {
    institution: { code, nameZh, nameEn },
    asOf: isoInstant(at),
    days: Array.from({ length: DAYS }, (_, back) => {
      const day = civilDateText(since(back));
      return { day, ...sum(received.filter((part) => part.day === day)) };
    }),
    devices: devicesOf(entities, received, civilDateText(at)),
    holds: HOLD_REASONS.flatMap((reason) => {
      const waiting = held.get(reason);
      return waiting ? [{ reason, ...waiting }] : [];
    }),
    unmatched,
    uploads: uploads.map(({ firstAt, lastAt, modalities, ...upload }) => ({
      ...upload,
      modalities: [...modalities],
      firstAt: isoInstant(firstAt),
      lastAt: isoInstant(lastAt),
    })),
    refused: refusedOf(refused, entities, seesAll),
  };
};

/** How an institution's images come in. */
export const imageReception = (dependencies: FlowDependencies): ImageReceptionFlow => ({
  read: async (actor: Actor, requested) =>
    read(dependencies, askedInstitution(actor, requested), actor.institution === null),
});
