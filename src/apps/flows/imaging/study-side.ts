import type { Session } from '../../../adapters/postgres/database.ts';
import { hold, holdOfStudy, moveHold } from '../../../adapters/postgres/image-holds.ts';
import { sidedStudy, sidesOfReport } from '../../../adapters/postgres/imaging-sides.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { contradictedSide, isWaiting } from '../../../imaging/index.ts';
import type { FlowDependencies } from '../dependencies.ts';

/** Who settles a case when what it was about is gone. */
const PLATFORM = 'platform';

/**
 * Compares the side of a study's headers with that of its report, in the transaction that changed either: a contradiction is a
 * case for the institution, and ends by itself when header or report were corrected. The verdict compares them anew each time.
 */
export const noteSide = async (
  { clock, newPublicId }: Pick<FlowDependencies, 'clock' | 'newPublicId'>,
  session: Session,
  of: { readonly personId: string; readonly studyId: string },
): Promise<void> => {
  const study = await sidedStudy(session, of);
  if (!study?.facts) return;
  const { members } = await clusterOf(session, of.personId);
  const persons = members.map(({ personId }) => personId);
  const reported = study.report === null ? [] : await sidesOfReport(session, persons, study.report);
  const contradiction = contradictedSide(study.facts.side, reported);
  const detail = contradiction && `${contradiction.images}/${contradiction.report}`;
  const known = await holdOfStudy(session, {
    institutionKey: study.institutionKey,
    reason: 'wrong-side',
    studyId: of.studyId,
  });
  if (known && known.detail === detail) return;
  const at = clock();
  if (known && isWaiting(known.state))
    await moveHold(session, known, 'settled', {
      step: 'settled',
      note: '',
      instances: 0,
      actor: PLATFORM,
      takenAt: at,
    });
  if (detail === null) return;
  await hold(session, {
    publicId: newPublicId(),
    institutionKey: study.institutionKey,
    reason: 'wrong-side',
    detail,
    study: of,
    sender: study.sender ?? '',
    at,
  });
};
