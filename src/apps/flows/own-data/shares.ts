import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { qrCode } from '../../../adapters/documents/qr-code.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { keepStudyThere, StudyMoved } from '../../../adapters/postgres/imaging-moves.ts';
import { type StudyReading, studyByPublicId } from '../../../adapters/postgres/imaging-reading.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import {
  keepShare,
  readShareOpenings,
  type ReportShare,
  revokeShare,
  type Share,
  type ShareOpening,
  sharesOf,
  type StudyShare,
} from '../../../adapters/postgres/report-shares.ts';
import { keepSharedPlace } from '../../../adapters/postgres/shared-studies.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { type Instant, instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { Rules } from '../../../recognition/index.ts';
import type {
  OwnShare,
  OwnShares,
  ReportShareRequest,
  ShareMade,
  StudyShareRequest,
} from '../../../web/wire/own-data.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import { flowFault } from '../dependencies.ts';
import { imagingFault } from '../imaging/imaging-faults.ts';
import { shownStudy, studyTitle, type VisibleStudy } from '../imaging/study-reader.ts';
import { institutionAnswer } from '../present.ts';
import { shownTitle } from '../results/line-disclosure.ts';
import { OWN_DATA_FAULTS } from './own-data-faults.ts';
import {
  certainMembers,
  lineReaderOf,
  ownAudit,
  type OwnDependencies,
  type OwnReader,
} from './own-reader.ts';
import { findOwnReport } from './own-results.ts';
import { closesSomething, shareAct, standingStudy, termsOf } from './share-state.ts';

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

/** What of it its maker is told by name; a study that is no longer this person's is told of no more. */
type Told = Pick<OwnShare, 'titleZh' | 'institutionZh' | 'reportCame'>;

const UNTOLD: Told = { titleZh: '影像检查', institutionZh: '', reportCame: false };

const answerOf = (
  share: Share,
  told: Told,
  openings: readonly ShareOpening[],
  at: Instant,
  hasEnded = false,
): OwnShare => ({
  id: share.id,
  report: share.report,
  study: share.study,
  ...told,
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
  state: hasEnded ? 'ended' : termsOf(share, at),
  canRevoke: !hasEnded && closesSomething(share, openings, at),
});

/** Keeps a share with its audit row, and makes its address: a token and nothing else, told this once. */
const keepWithCode = async (
  dependencies: OwnDependencies,
  reader: OwnReader,
  share: Share,
  origin: CallOrigin,
  alsoKeep: (session: Session) => Promise<void> = async () => undefined,
): Promise<Pick<ShareMade, 'url' | 'qr'>> => {
  const { database, keys, publicUrl } = dependencies;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const audit = ownAudit(dependencies, reader, origin, shareAct(share, 'create', 'recorded'));
  await database.transaction(async (session) => {
    await alsoKeep(session);
    await keepShare(session, keys, share, { token, actor: reader.who.actor });
    await keepAudit(session, share.personId, share.madeAt, audit);
  });
  const url = `${publicUrl()}/share/${token}`;
  return { url, qr: qrCode(url) };
};

/** What every new share has. */
const newShare = (
  { clock, newPublicId, share: limits }: OwnDependencies,
  reader: OwnReader,
): Pick<Share, 'id' | 'ownerId' | 'openingsMax' | 'openings' | 'madeAt' | 'expiresAt' | 'revokedAt'> => {
  const at = clock();
  return {
    id: newPublicId(),
    ownerId: reader.personId,
    openingsMax: limits.openings,
    openings: 0,
    madeAt: at,
    expiresAt: instant(at + limits.minutes * MINUTE_MS),
    revokedAt: null,
  };
};

/**
 * Shows one report to whoever is given the code. The address holds a token and nothing else, and is told this once.
 *
 * @returns REPORT_UNKNOWN for a report that is not this reader's to see
 */
export const shareOwnReport = async (
  dependencies: OwnDependencies,
  reader: OwnReader,
  request: ReportShareRequest,
  origin: CallOrigin,
): Promise<Result<ShareMade, Fault>> => {
  const asked = request.restricted && reader.mayAskForRestricted ? 'shown' : undefined;
  const found = await findOwnReport(dependencies, reader, request.report as PublicId, asked);
  if (!found) return fail(flowFault('REPORT_UNKNOWN'));
  const share: ReportShare = {
    ...newShare(dependencies, reader),
    personId: found.reading.personId,
    report: found.reading.publicId,
    study: null,
    masked: request.masked,
    restricted: asked === 'shown',
    // With the name left out there are no images to take along.
    downloads: request.downloads && !request.masked,
  };
  const code = await keepWithCode(dependencies, reader, share, origin);
  const titleZh = shownTitle(found.reading, found.source, found.reader, found.rules);
  const institutionZh = institutionAnswer(found.rules, found.source).nameZh;
  const told = { titleZh, institutionZh, reportCame: false };
  return ok({ share: answerOf(share, told, [], share.madeAt), ...code });
};

/** A study as its own person is shown it, of restricted classes only where it takes that. */
const studyShownToOwn = async (dependencies: OwnDependencies, reader: OwnReader, study: StudyReading) => {
  for (const asked of [undefined, 'shown'] as const) {
    const lineReader = lineReaderOf(reader, asked);
    const shown = await shownStudy(dependencies, study, lineReader);
    if (shown) return { ...shown, restricted: lineReader.asksForRestricted === true };
  }
  return null;
};

/**
 * Shows the images of one study beside which no report lies to whoever is given the code, with the name that they carry.
 *
 * @returns STUDY_UNKNOWN for a study that is not this reader's to see; STUDY_REPORTED where a report has come, which is what to share
 */
export const shareOwnStudy = async (
  dependencies: OwnDependencies,
  reader: OwnReader,
  request: StudyShareRequest,
  origin: CallOrigin,
): Promise<Result<ShareMade, Fault>> => {
  const { database, snapshots } = dependencies;
  const study = await studyByPublicId(database, request.study as PublicId);
  if (!study) return fail(imagingFault('STUDY_UNKNOWN'));
  const { members, clusterVersion } = await clusterOf(database, study.personId);
  const isOwn =
    reader.members.includes(study.personId) && certainMembers({ members }).includes(reader.personId);
  const shown = isOwn ? await studyShownToOwn(dependencies, reader, study) : null;
  if (!shown) return fail(imagingFault('STUDY_UNKNOWN'));
  if (study.report !== null) return fail(raise('STUDY_REPORTED'));
  const { personId, studyId } = study;
  const share: StudyShare = {
    ...newShare(dependencies, reader),
    personId,
    report: null,
    study: study.publicId,
    masked: false,
    restricted: shown.restricted,
    downloads: request.downloads,
  };
  try {
    const code = await keepWithCode(dependencies, reader, share, origin, async (session) => {
      await keepStudyThere(session, study);
      await keepSharedPlace(session, share, { studyId, clusterVersion });
    });
    const rules = (await snapshots.current()).snapshot.rulesAt(share.madeAt);
    const told = toldOfStudy(shown, rules);
    return ok({ share: answerOf(share, told, [], share.madeAt), ...code });
  } catch (error) {
    if (error instanceof StudyMoved) return fail(imagingFault('STUDY_UNKNOWN'));
    throw error;
  }
};

const toldOfStudy = (
  { study, institution }: Pick<VisibleStudy, 'study' | 'institution'>,
  rules: Rules,
): Told => ({
  titleZh: studyTitle(study),
  institutionZh: institutionAnswer(rules, institution).nameZh,
  reportCame: study.report !== null,
});

/** What was shared in this person's name, with every opening. */
export const readOwnShares = async (dependencies: OwnDependencies, reader: OwnReader): Promise<OwnShares> => {
  const { database, clock, snapshots } = dependencies;
  const at = clock();
  const shares = await sharesOf(database, reader.members);
  const openings = await readShareOpenings(database, shares);
  const { registry, snapshot } = await snapshots.current();
  const rules = snapshot.rulesAt(at);
  const ofReport = async (share: ReportShare): Promise<OwnShare> => {
    const reading = await readReportByPublicId(database, share.report);
    const source =
      (reading && registry.institutionCode(reading.institutionKey)) ?? ('UNKNOWN' as InstitutionCode);
    const lineReader = lineReaderOf(reader, share.restricted ? 'shown' : undefined);
    const told = {
      titleZh: reading ? shownTitle(reading, source, lineReader, rules) : '',
      institutionZh: institutionAnswer(rules, source).nameZh,
      reportCame: false,
    };
    return answerOf(share, told, openings.get(share.id) ?? [], at);
  };
  const ofStudy = async (share: StudyShare): Promise<OwnShare> => {
    const opened = openings.get(share.id) ?? [];
    const [study, standing] = await Promise.all([
      studyByPublicId(database, share.study),
      standingStudy(dependencies, share),
    ]);
    const own = study && reader.members.includes(study.personId) ? study : null;
    const shown = own && (await studyShownToOwn(dependencies, reader, own));
    const told = shown ? toldOfStudy(shown, rules) : UNTOLD;
    return answerOf(share, told, opened, at, standing === null && closesSomething(share, opened, at));
  };
  return {
    shares: await Promise.all(
      shares.map((share) => (share.study === null ? ofReport(share) : ofStudy(share))),
    ),
  };
};

/** Takes a share back at once. @returns SHARE_UNKNOWN for one that is not this person's */
export const revokeOwnShare = async (
  dependencies: OwnDependencies,
  reader: OwnReader,
  id: PublicId,
  origin: CallOrigin,
): Promise<Result<void, Fault>> => {
  const { database, clock } = dependencies;
  const share = (await sharesOf(database, reader.members)).find((each) => each.id === id);
  if (!share) return fail(raise('SHARE_UNKNOWN'));
  const at = clock();
  await database.transaction(async (session) => {
    await revokeShare(session, share, at);
    await keepAudit(
      session,
      share.personId,
      at,
      ownAudit(dependencies, reader, origin, shareAct(share, 'revoke', 'recorded')),
    );
  });
  return ok(undefined);
};
