import type { Session } from '../../../adapters/postgres/database.ts';
import {
  imagedReport,
  linkStudy,
  noteStated,
  studiesNamed,
} from '../../../adapters/postgres/imaging-links.ts';
import { addMatch, lockStudy } from '../../../adapters/postgres/imaging-studies.ts';
import type { OutboxEvent } from '../../../adapters/postgres/outbox.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import type { FlowDependencies } from '../dependencies.ts';
import type { ReportOutcome } from '../ingest/ingest-outcome.ts';
import { noteSide } from './study-side.ts';

/**
 * Gives reports that came in the images that were there before them. Images of another person than the report's go to the
 * worklist, never to the report.
 */
export const linkReports = async (
  dependencies: FlowDependencies,
  session: Session,
  { personId, payload }: Pick<OutboxEvent, 'personId' | 'payload'>,
): Promise<void> => {
  const { clock, newPublicId } = dependencies;
  const { reports } = JSON.parse(payload) as { readonly reports: readonly ReportOutcome[] };
  for (const { report } of reports) {
    const imaged = await imagedReport(session, personId, report);
    if (!imaged) continue;
    const { studyUid } = imaged;
    if (studyUid !== null) {
      // A study that is being made known right now has looked for its report before this one was there: it is waited for.
      await lockStudy(session, imaged.institutionKey as InstitutionKey, studyUid);
      // And one that is made known afterwards finds this report, whosever number it comes under.
      await noteStated(session, { ...imaged, studyUid }, report);
    }
    const studies = await studiesNamed(session, imaged);
    if (studies.length === 0) continue;
    const { members } = await clusterOf(session, imaged.personId);
    for (const study of studies)
      if (members.some((member) => member.personId === study.personId)) {
        await linkStudy(session, study, report);
        await noteSide(dependencies, session, study);
      } else
        await addMatch(
          session,
          { ...study, patientHash: '' },
          {
            publicId: newPublicId(),
            institution: imaged.institutionKey as InstitutionKey,
            reason: 'report-of-another-person',
            candidates: [study.personId, imaged.personId],
            at: clock(),
          },
        );
  }
};
