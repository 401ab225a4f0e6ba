import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { qrCode } from '../../../adapters/documents/qr-code.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import {
  keepReportShare,
  readShareOpenings,
  type ReportShare,
  reportShareOfToken,
  reportSharesOf,
  revokeReportShare,
  type ShareOpener,
  type ShareOpening,
  takeShareOpening,
} from '../../../adapters/postgres/report-shares.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { type Instant, instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { OwnShare, OwnShares, ShareMade, ShareRequest } from '../../../web/wire/own-data.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { SharedReport } from '../../server/routes/own-data-port.ts';
import { flowFault } from '../dependencies.ts';
import { personAnswer } from '../people.ts';
import { institutionAnswer } from '../present.ts';
import { findVisibleReport, presentReport } from '../results/read-report.ts';
import { shownTitle } from '../results/line-disclosure.ts';
import { OWN_DATA_FAULTS } from './own-data-faults.ts';
import { VIEWING_PASS_MS } from '../imaging/viewing-pass.ts';
import { lineReaderOf, ownAudit, type OwnDependencies, type OwnReader } from './own-reader.ts';
import { findOwnReport } from './own-results.ts';

const raise = raiser(OWN_DATA_FAULTS);

/** 192 bits: nobody finds an address by trying. */
const TOKEN_BYTES = 24;
const MINUTE_MS = 60_000;

/** From which network somebody came, not from which machine: the last number of an IPv4 address is left out, of IPv6 all but three groups. */
export const networkOf = (peer: string): string | null => {
  const [, v4] = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(peer) ?? [];
  if (v4 !== undefined) return `${v4}.*`;
  const groups = peer.split(':');
  return isIPv6(peer)
    ? `${groups.slice(0, Math.min(3, groups.indexOf('') < 0 ? 3 : groups.indexOf(''))).join(':')}::`
    : null;
};

const stateOf = (share: ReportShare, at: Instant): OwnShare['state'] => {
  if (share.revokedAt !== null) return 'revoked';
  if (share.openings >= share.openingsMax) return 'used';
  return share.expiresAt <= at ? 'expired' : 'open';
};

/** Whether taking it back closes something: the code, or the images of whoever opened it and may still look. */
const closesSomething = (share: ReportShare, openings: readonly ShareOpening[], at: Instant): boolean =>
  share.revokedAt === null &&
  (stateOf(share, at) === 'open' || (openings.length > 0 && at < share.expiresAt + VIEWING_PASS_MS));

const answerOf = (
  share: ReportShare,
  report: { readonly titleZh: string; readonly institutionZh: string },
  openings: readonly ShareOpening[],
  at: Instant,
): OwnShare => ({
  id: share.id,
  report: share.report,
  ...report,
  masked: share.masked,
  downloads: share.downloads,
  madeAt: isoInstant(share.madeAt),
  expiresAt: isoInstant(share.expiresAt),
  openingsMax: share.openingsMax,
  openings: openings.map(({ at: openedAt, name, place, peer }) => ({
    at: isoInstant(openedAt),
    name,
    place,
    network: networkOf(peer),
  })),
  state: stateOf(share, at),
  canRevoke: closesSomething(share, openings, at),
});

/**
 * Shows one report to whoever is given the code. The address holds a token and nothing else, and is told this once.
 *
 * @returns REPORT_UNKNOWN for a report that is not this reader's to see
 */
export const shareOwnReport = async (
  dependencies: OwnDependencies,
  reader: OwnReader,
  request: ShareRequest,
  origin: CallOrigin,
): Promise<Result<ShareMade, Fault>> => {
  const { database, keys, clock, newPublicId, publicUrl, share: limits } = dependencies;
  const asked = request.restricted && reader.mayAskForRestricted ? 'shown' : undefined;
  const found = await findOwnReport(dependencies, reader, request.report as PublicId, asked);
  if (!found) return fail(flowFault('REPORT_UNKNOWN'));
  const at = clock();
  const share: ReportShare = {
    id: newPublicId(),
    personId: found.reading.personId,
    ownerId: reader.personId,
    report: found.reading.publicId,
    masked: request.masked,
    restricted: asked === 'shown',
    // With the name left out there are no images to take along.
    downloads: request.downloads && !request.masked,
    openingsMax: limits.openings,
    openings: 0,
    madeAt: at,
    expiresAt: instant(at + limits.minutes * MINUTE_MS),
    revokedAt: null,
  };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await database.transaction(async (session) => {
    await keepReportShare(session, keys, share, { token, actor: reader.who.actor });
    await keepAudit(
      session,
      share.personId,
      at,
      ownAudit(dependencies, reader, origin, {
        action: 'report-share.create',
        resource: `report/${share.report}/share/${share.id}`,
        outcome: 'recorded',
      }),
    );
  });
  const url = `${publicUrl()}/share/${token}`;
  const titleZh = shownTitle(found.reading, found.source, found.reader, found.rules);
  const institutionZh = institutionAnswer(found.rules, found.source).nameZh;
  return ok({ share: answerOf(share, { titleZh, institutionZh }, [], at), url, qr: qrCode(url) });
};

/** What was shared in this person's name, with every opening. */
export const readOwnShares = async (dependencies: OwnDependencies, reader: OwnReader): Promise<OwnShares> => {
  const { database, clock, snapshots } = dependencies;
  const at = clock();
  const shares = await reportSharesOf(database, reader.members);
  const openings = await readShareOpenings(database, shares);
  const { registry, snapshot } = await snapshots.current();
  const rules = snapshot.rulesAt(at);
  const answers = await Promise.all(
    shares.map(async (share) => {
      const reading = await readReportByPublicId(database, share.report);
      const source =
        (reading && registry.institutionCode(reading.institutionKey)) ?? ('UNKNOWN' as InstitutionCode);
      const lineReader = lineReaderOf(reader, share.restricted ? 'shown' : undefined);
      const report = {
        titleZh: reading ? shownTitle(reading, source, lineReader, rules) : '',
        institutionZh: institutionAnswer(rules, source).nameZh,
      };
      return answerOf(share, report, openings.get(share.id) ?? [], at);
    }),
  );
  return { shares: answers };
};

/** Takes a share back at once. @returns SHARE_UNKNOWN for one that is not this person's */
export const revokeOwnShare = async (
  dependencies: OwnDependencies,
  reader: OwnReader,
  id: PublicId,
  origin: CallOrigin,
): Promise<Result<void, Fault>> => {
  const { database, clock } = dependencies;
  const share = (await reportSharesOf(database, reader.members)).find((each) => each.id === id);
  if (!share) return fail(raise('SHARE_UNKNOWN'));
  const at = clock();
  await database.transaction(async (session) => {
    await revokeReportShare(session, share, at);
    await keepAudit(
      session,
      share.personId,
      at,
      ownAudit(dependencies, reader, origin, {
        action: 'report-share.revoke',
        resource: `report/${share.report}/share/${id}`,
        outcome: 'recorded',
      }),
    );
  });
  return ok(undefined);
};

/** Whoever holds the code. */
const HOLDER: OwnReader['who'] = {
  actor: 'holder-of-code',
  role: 'holder-of-code',
  department: null,
  staffNumber: null,
  institutionKey: null,
};

/** Whether a code would still open something, told without opening it: the page asks before it uses an opening up. */
export const lookAtShare = async (
  { database, keys, clock }: OwnDependencies,
  token: string,
): Promise<OwnShare['state'] | 'unknown'> => {
  const found = await reportShareOfToken(database, keys, token);
  return found ? stateOf(found, clock()) : 'unknown';
};

/**
 * Opens a shared report for whoever holds the code; the opening, its audit row and the count are one commit. A try that
 * came too late stands in the access log too.
 *
 * @returns null where the code opens nothing (any more)
 */
export const openShare = async (
  dependencies: OwnDependencies,
  token: string,
  opener: ShareOpener,
  origin: CallOrigin,
): Promise<SharedReport | null> => {
  const { database, keys, clock } = dependencies;
  const share = await reportShareOfToken(database, keys, token);
  if (!share) return null;
  const at = clock();
  const lineReader = { institution: null, asksForRestricted: share.restricted };
  const found = await findVisibleReport(dependencies, lineReader, share.report, at);
  const holder: OwnReader = {
    person: share.report,
    personId: share.personId,
    members: [share.personId],
    who: HOLDER,
    relation: null,
    basis: `report-share/${share.id}`,
    mayAskForRestricted: share.restricted,
  };
  const opened = await database.transaction(async (session) => {
    const taken =
      found !== undefined && (await takeShareOpening(session, share, { ...opener, peer: origin.peer }, at));
    await keepAudit(
      session,
      share.personId,
      at,
      ownAudit(dependencies, holder, origin, {
        action: 'report-share.open',
        resource: `report/${share.report}/share/${share.id}`,
        outcome: taken ? 'disclosed' : `refused-${stateOf(share, at)}`,
      }),
    );
    return taken;
  });
  if (!opened || !found) return null;
  const [report, person] = await Promise.all([
    presentReport(database, found, 'report-share', at),
    readPersonSummary(database, keys, found.reading.personPublicId),
  ]);
  return {
    report,
    person: person ? personAnswer(person) : null,
    masked: share.masked,
    drill: found.rules.drill,
    at,
    left: share.openingsMax - share.openings - 1,
    expiresAt: share.expiresAt,
  };
};
