import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import {
  type ReportShare,
  type Share,
  type ShareOpener,
  shareOfToken,
  type StudyShare,
  takeShareOpening,
} from '../../../adapters/postgres/report-shares.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { LookedAtShare, Shared } from '../../server/routes/own-data-port.ts';
import { imagesOfStudy } from '../imaging/own-studies.ts';
import { studyTitle } from '../imaging/study-reader.ts';
import { studiedAt } from '../imaging/study-time.ts';
import { personAnswer } from '../people.ts';
import { institutionAnswer } from '../present.ts';
import { findVisibleReport, presentReport } from '../results/read-report.ts';
import { ownAudit, type OwnDependencies, type OwnReader } from './own-reader.ts';
import { shareAct, standingStudy, termsOf } from './share-state.ts';

/** Whoever holds the code. */
const HOLDER: OwnReader['who'] = {
  actor: 'holder-of-code',
  role: 'holder-of-code',
  department: null,
  staffNumber: null,
  institutionKey: null,
};

/** What a share leads to, to be worded once its opening is kept. */
interface Behind {
  readonly person: PublicId;
  readonly drill: boolean;
  present(): Promise<Pick<Shared, 'shows'>>;
}

const reportBehind = async (
  dependencies: OwnDependencies,
  share: ReportShare,
  at: Instant,
): Promise<Behind | undefined> => {
  const lineReader = { institution: null, asksForRestricted: share.restricted };
  const found = await findVisibleReport(dependencies, lineReader, share.report, at);
  return (
    found && {
      person: found.reading.personPublicId,
      drill: found.rules.drill,
      present: async () => ({
        shows: {
          kind: 'report',
          report: await presentReport(dependencies.database, found, 'report-share', at),
        },
      }),
    }
  );
};

const studyBehind = async (
  dependencies: OwnDependencies,
  share: StudyShare,
  at: Instant,
): Promise<Behind | undefined> => {
  const found = await standingStudy(dependencies, share);
  if (!found) return undefined;
  const { study, institution } = found;
  const rules = (await dependencies.snapshots.current()).snapshot.rulesAt(at);
  return {
    person: study.personPublicId,
    drill: rules.drill,
    present: async () => ({
      shows: {
        kind: 'study',
        titleZh: studyTitle(study),
        institutionZh: institutionAnswer(rules, institution).nameZh,
        studiedAt: studiedAt(study),
        images: imagesOfStudy(study, at),
      },
    }),
  };
};

/** Whether what a share leads to is there to be opened; a report is looked for when it is opened. */
const hasEnded = async (dependencies: OwnDependencies, share: Share, at: Instant): Promise<boolean> =>
  share.study !== null &&
  termsOf(share, at) === 'open' &&
  (await standingStudy(dependencies, share)) === null;

/** Whether a code would still open something, told without opening it: the page asks before it uses an opening up. */
export const lookAtShare = async (dependencies: OwnDependencies, token: string): Promise<LookedAtShare> => {
  const { database, keys, clock } = dependencies;
  const found = await shareOfToken(database, keys, token);
  if (!found) return { state: 'unknown', shows: 'report' };
  const at = clock();
  return {
    state: (await hasEnded(dependencies, found, at)) ? 'ended' : termsOf(found, at),
    shows: found.study === null ? 'report' : 'study',
  };
};

/**
 * Opens what is shared for whoever holds the code; the opening, its audit row and the count are one commit. A try that
 * came too late stands in the access log too.
 *
 * @returns null where the code opens nothing (any more)
 */
export const openShare = async (
  dependencies: OwnDependencies,
  token: string,
  opener: ShareOpener,
  origin: CallOrigin,
): Promise<Shared | null> => {
  const { database, keys, clock } = dependencies;
  const share = await shareOfToken(database, keys, token);
  if (!share) return null;
  const at = clock();
  const found =
    share.study === null
      ? await reportBehind(dependencies, share, at)
      : await studyBehind(dependencies, share, at);
  const holder: OwnReader = {
    person: share.report ?? share.study,
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
    const refused = share.study !== null && found === undefined ? 'ended' : termsOf(share, at);
    const act = shareAct(share, 'open', taken ? 'disclosed' : `refused-${refused}`);
    await keepAudit(session, share.personId, at, ownAudit(dependencies, holder, origin, act));
    return taken;
  });
  if (!opened || !found) return null;
  const [shown, person] = await Promise.all([
    found.present(),
    readPersonSummary(database, keys, found.person),
  ]);
  return {
    ...shown,
    person: person ? personAnswer(person) : null,
    masked: share.masked,
    drill: found.drill,
    at,
    left: share.openingsMax - share.openings - 1,
    expiresAt: share.expiresAt,
  };
};
