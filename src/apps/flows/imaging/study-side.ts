import type { Session } from '../../../adapters/postgres/database.ts';
import { hold, holdOfStudy, moveHold } from '../../../adapters/postgres/image-holds.ts';
import { studiesByAccession } from '../../../adapters/postgres/imaging-links.ts';
import {
  type SidedStudy,
  sidedStudy,
  sidesOfReport,
  sidesOrdered,
} from '../../../adapters/postgres/imaging-sides.ts';
import type { OutboxEvent } from '../../../adapters/postgres/outbox.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import {
  contradictedSide,
  type HoldReason,
  isWaiting,
  type SideContradiction,
} from '../../../imaging/index.ts';
import type { FlowDependencies } from '../dependencies.ts';

/** Who settles a case when what it was about is gone. */
const PLATFORM = 'platform';

type Noting = Pick<FlowDependencies, 'clock' | 'newPublicId'>;

/** A study by its place. */
interface Place {
  readonly personId: string;
  readonly studyId: string;
}

const detailOf = (contradiction: SideContradiction | null): string | null =>
  contradiction && `${contradiction.images}/${contradiction.stated}`;

/** Opens, leaves or settles the case of one contradiction. @param detail null where there is none */
const note = async (
  { clock, newPublicId }: Noting,
  session: Session,
  of: Place,
  { institutionKey, sender }: Pick<SidedStudy, 'institutionKey' | 'sender'>,
  { reason, detail }: { readonly reason: HoldReason; readonly detail: string | null },
): Promise<void> => {
  const known = await holdOfStudy(session, { institutionKey, reason, studyId: of.studyId });
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
    institutionKey,
    reason,
    detail,
    study: of,
    sender: sender ?? '',
    at,
  });
};

/**
 * Compares the side of a study's headers with that of its report and with that of its order, in the transaction that changed one
 * of them: a contradiction is a case for the institution, and ends by itself when it is gone. Where report and order say the same,
 * the institution is asked once. The verdict compares images and report anew each time.
 */
export const noteSide = async (dependencies: Noting, session: Session, of: Place): Promise<void> => {
  const { members } = await clusterOf(session, of.personId);
  const persons = members.map(({ personId }) => personId);
  const study = await sidedStudy(session, of, persons);
  if (!study?.facts) return;
  const { report, facts } = study;
  const reported = report === null ? [] : await sidesOfReport(session, persons, report);
  const fromReport = detailOf(contradictedSide(facts.side, reported));
  const fromOrder = detailOf(contradictedSide(facts.side, await sidesOrdered(session, persons, study)));
  await note(dependencies, session, of, study, { reason: 'wrong-side', detail: fromReport });
  await note(dependencies, session, of, study, {
    reason: 'side-not-ordered',
    detail: fromOrder === fromReport ? null : fromOrder,
  });
};

/** Compares with an order that came, changed or was cancelled the images that name it as their accession number. */
export const noteOrderedSides = async (
  dependencies: Noting,
  session: Session,
  { payload }: Pick<OutboxEvent, 'payload'>,
): Promise<void> => {
  // An event that was written before orders were compared says neither.
  const { institutionKey = '0', placerNumbers = [] } = JSON.parse(payload) as {
    readonly institutionKey?: string;
    readonly placerNumbers?: readonly string[];
  };
  if (placerNumbers.length === 0) return;
  for (const study of await studiesByAccession(session, institutionKey, placerNumbers))
    await noteSide(dependencies, session, study);
};
