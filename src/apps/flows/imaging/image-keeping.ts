import {
  keptByMonth,
  keptImages,
  type MonthKept,
  type TrafficCount,
  type TrafficWay,
  trafficOf,
} from '../../../adapters/postgres/image-figures.ts';
import { studyByPublicId } from '../../../adapters/postgres/imaging-reading.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import { type KeptProof, latestProof } from '../../../adapters/postgres/study-proofs.ts';
import type { StudyProof } from '../../../imaging/index.ts';
import { CHINA_ZONE, civilDateText, parseCivilDay } from '../../../kernel/civil-day.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ImageFigures, StudyProofAnswer } from '../../../web/wire/image-keeping.ts';
import type { ImageKeeping } from '../../server/routes/image-keeping-port.ts';
import { auditOf } from '../dependencies.ts';
import { mayReach } from '../reach.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { ownInstitutionKey } from './own-institution.ts';

const MONTHS = 13;

/** First month of those shown, `YYYY-MM`. */
const firstMonth = (at: Instant): string => {
  const [year = 0, month = 1] = civilDateText(at).split('-').map(Number);
  return new Date(Date.UTC(year, month - MONTHS, 1)).toISOString().slice(0, 7);
};

const monthsOf = (
  kept: readonly MonthKept[],
  traffic: readonly Omit<TrafficCount, 'institutionKey'>[],
): ImageFigures['months'] => {
  const names = [...new Set([...kept, ...traffic].map(({ month }) => month))].sort().reverse();
  return names.slice(0, MONTHS).map((month) => {
    const stored = kept.find((one) => one.month === month);
    const moved = (way: TrafficWay): number =>
      traffic.find((one) => one.month === month && one.way === way)?.bytes ?? 0;
    return {
      month,
      studies: stored?.studies ?? 0,
      instances: stored?.instances ?? 0,
      storedBytes: stored?.bytes ?? 0,
      receivedBytes: moved('received'),
      sentBytes: { own: moved('own'), elsewhere: moved('elsewhere'), patient: moved('patient') },
    };
  });
};

/** What an institution's images take up and moved, as it stands now. */
export const imageFiguresOf = async (
  dependencies: ImagingDependencies,
  institution: InstitutionCode,
  institutionKey: InstitutionKey,
): Promise<ImageFigures> => {
  const { database, clock, traffic } = dependencies;
  // What this process has counted and not written yet belongs to the picture.
  await traffic.flush();
  const at = clock();
  const from = firstMonth(at);
  const [kept, byMonth, moved] = await Promise.all([
    keptImages(database, institutionKey),
    keptByMonth(database, institutionKey, isoInstant(parseCivilDay(`${from}-01`) as Instant), CHINA_ZONE),
    trafficOf(database, institutionKey, from),
  ]);
  const { studies, instances, bytes, farBytes, sound, withFindings } = kept;
  return {
    institution,
    at: isoInstant(at),
    kept: { studies, instances, bytes, farBytes },
    proofs: { sound, withFindings, waiting: studies - sound - withFindings },
    months: monthsOf(byMonth, moved),
  };
};

const answerOf = (
  study: StudyProofAnswer['study'],
  kept: KeptProof | undefined,
  isCurrent: boolean,
): StudyProofAnswer => {
  if (!kept) return { study, state: 'waiting', proof: null };
  const { id, provedAt, document, digest, signature } = kept;
  const { findings } = JSON.parse(document) as StudyProof;
  return {
    study,
    state: isCurrent ? (findings === 0 ? 'sound' : 'findings') : 'waiting',
    proof: { id, provedAt: isoInstant(provedAt), findings, document, digest, signature },
  };
};

/** Figures and proofs of the reader's own institution. */
export const imageKeeping = (dependencies: ImagingDependencies): ImageKeeping => ({
  async figures(actor) {
    const { institution } = actor;
    const key = await ownInstitutionKey(dependencies, actor, 'image-keeping:read');
    if (institution === null || key === null) return fail(imagingFault('IMAGING_INSTITUTION_UNKNOWN'));
    return ok(await imageFiguresOf(dependencies, institution, key));
  },
  async proof(actor, id, origin) {
    const { database, snapshots, clock } = dependencies;
    const { registry } = await snapshots.current();
    const study = await studyByPublicId(database, id);
    const institution = study && registry.institutionCode(study.institutionKey);
    if (
      !study ||
      institution === undefined ||
      !mayReach(actor, 'image-keeping:read', { kind: 'record', institution, check: null })
    )
      return fail(imagingFault('STUDY_UNKNOWN'));
    const kept = await latestProof(database, study);
    // It names no patient, and yet it is about one's study.
    await database.transaction((session) =>
      keepAudit(
        session,
        study.personId,
        clock(),
        auditOf(dependencies, actor, origin, {
          action: 'study-proof.read',
          resource: `study/${study.publicId}`,
          basis: 'own-institution',
          outcome: 'disclosed',
          institutionKey: study.institutionKey,
        }),
      ),
    );
    const isCurrent = kept !== undefined && study.provedAt === kept.provedAt;
    return ok(answerOf(id, kept, isCurrent));
  },
});
