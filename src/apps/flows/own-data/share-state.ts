import type { AuditRecord } from '../../../adapters/postgres/order-checks.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { studyByPublicId } from '../../../adapters/postgres/imaging-reading.ts';
import type { Share, ShareOpening, StudyShare } from '../../../adapters/postgres/report-shares.ts';
import { readSharedPlaces } from '../../../adapters/postgres/shared-studies.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { OwnShare } from '../../../web/wire/own-data.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { shownStudy, type VisibleStudy } from '../imaging/study-reader.ts';
import { VIEWING_PASS_MS } from '../imaging/viewing-pass.ts';

/** What a share comes to by its own terms, wherever what it shows is by now. */
export const termsOf = (share: Share, at: Instant): Exclude<OwnShare['state'], 'ended'> => {
  if (share.revokedAt !== null) return 'revoked';
  if (share.openings >= share.openingsMax) return 'used';
  return share.expiresAt <= at ? 'expired' : 'open';
};

/** Whether taking it back closes something: the code, or the images of whoever opened it and may still look. */
export const closesSomething = (share: Share, openings: readonly ShareOpening[], at: Instant): boolean =>
  share.revokedAt === null &&
  (termsOf(share, at) === 'open' || (openings.length > 0 && at < share.expiresAt + VIEWING_PASS_MS));

/**
 * The study that a share shows, while it lies where it lay when it was shared, under the same person, and is one to be shown:
 * moved, or its person merged or taken apart since, it is shown no more. A report that has come is no part of what is shared, but
 * what its patient may not show of it closes its images too.
 *
 * @returns null where the share has ended by that
 */
export const standingStudy = async (
  dependencies: FlowDependencies,
  share: StudyShare,
): Promise<Omit<VisibleStudy, 'basis'> | null> => {
  const { database } = dependencies;
  const [places, study, { clusterVersion }] = await Promise.all([
    readSharedPlaces(database, [share]),
    studyByPublicId(database, share.study),
    clusterOf(database, share.personId),
  ]);
  const place = places.get(share.id);
  const stays =
    study?.personId === share.personId &&
    study.studyId === place?.studyId &&
    clusterVersion === place.clusterVersion;
  return stays
    ? shownStudy(dependencies, study, { institution: null, asksForRestricted: share.restricted })
    : null;
};

/** What is done with a share, as the access log names it. */
export const shareAct = (
  share: Share,
  verb: 'create' | 'open' | 'revoke',
  outcome: string,
): Pick<AuditRecord, 'action' | 'resource' | 'outcome'> => {
  const [kind, shared] = share.study === null ? ['report', share.report] : ['study', share.study];
  return { action: `${kind}-share.${verb}`, resource: `${kind}/${shared}/share/${share.id}`, outcome };
};
