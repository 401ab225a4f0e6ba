import { clientByCode } from '../../../adapters/postgres/accounts-clients.ts';
import { createHash } from 'node:crypto';
import { openStudyOnce } from '../../../adapters/postgres/imaging-openings.ts';
import {
  studiesOfReport,
  type StudyReading,
  studyByPublicId,
} from '../../../adapters/postgres/imaging-reading.ts';
import { type AuditRecord, keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import { type ReportShare, type Share, shareOfToken } from '../../../adapters/postgres/report-shares.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ReportAnswer } from '../../../web/wire/order-check-answer.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { PassedViewing, PassHolder } from '../../server/routes/passed-viewing-port.ts';
import { agentNamed } from '../dependencies.ts';
import { standingStudy } from '../own-data/share-state.ts';
import { personAnswer } from '../people.ts';
import { institutionAnswer } from '../present.ts';
import { findVisibleReport, presentReport } from '../results/read-report.ts';
import { carryAct } from './carry-own-study.ts';
import { studyArchives } from './carry-study.ts';
import { imagingFault } from './imaging-faults.ts';
import { invokedStudy } from './invoked-study.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { countedRetrieval } from './counted-retrieval.ts';
import { recalledRetrieval } from './recalled-retrieval.ts';
import { retrieveFlows } from './retrieve.ts';
import { contentsCache } from './series-contents.ts';
import { type OpenedStudy, stillShownTo, type StudyDoor } from './study-reader.ts';
import { arrivalOf, describedStudies } from './view-study.ts';
import { studiedAt } from './study-time.ts';
import { openedSeries } from './series-opening.ts';
import { recallOf } from './tiers.ts';
import { unnamedOpening, unnamedRetrieval } from './unnamed-retrieval.ts';
import { type ViewingGrant, viewingPasses } from './viewing-pass.ts';

const UNKNOWN_SOURCE = 'UNKNOWN' as InstitutionCode;

/**
 * How long a pass that was looked at counts for the frames that follow: consent taken back and a report disputed reach it this much
 * later. Whether the share was taken back or the client locked is asked each time.
 */
const DECISION_AGE_MAX_MS = 5_000;
const DECISIONS_MAX = 2_000;

/** A study behind a pass, with what the pass rests on. */
interface Passed extends OpenedStudy {
  readonly grant: ViewingGrant;
  /** The share, where it is one that still stands. */
  readonly share: Share | null;
}

/** Images without a session, each by a pass to one study. */
export const passedViewing = (dependencies: ImagingDependencies): PassedViewing => {
  const { database, keys, clock, snapshots, newPublicId } = dependencies;
  const passes = viewingPasses(dependencies);
  const seriesOf = openedSeries(dependencies);
  const decided = new Map<string, { readonly until: number; readonly passed: Promise<Passed> }>();

  const studyOfReport = async (report: PublicId): Promise<StudyReading | undefined> => {
    const reading = await readReportByPublicId(database, report);
    if (!reading) return undefined;
    const { members } = await clusterOf(database, reading.personId);
    const [study] = await studiesOfReport(
      database,
      members.map(({ personId }) => personId),
      report,
    );
    return study;
  };

  /** What a share shows of its report; nothing where that opens no images. */
  const reportOfShare = async (share: ReportShare) => {
    const reader = { institution: null, asksForRestricted: share.restricted };
    const found = await findVisibleReport(dependencies, reader, share.report, clock());
    return found?.showsImages ? found : undefined;
  };

  /** Whether a share still shows a study: one of its report, or the one that it is of. */
  const shows = async (share: Share, study: StudyReading): Promise<boolean> => {
    if (share.revokedAt !== null) return false;
    return share.study === null
      ? study.report === share.report && (await reportOfShare(share)) !== undefined
      : study.publicId === share.study && (await standingStudy(dependencies, share)) !== null;
  };

  /** Whether a doctor whom a client let in may still look: the client may be locked, consent taken back, the report disputed. */
  const standsFor = async (
    { client, institution }: Extract<ViewingGrant, { via: 'client' }>,
    study: StudyReading,
  ): Promise<boolean> =>
    (await clientByCode(database, client)) !== undefined &&
    (await stillShownTo(dependencies, study, institution));

  /** @throws STUDY_UNKNOWN */
  const decide = async (token: string): Promise<Passed> => {
    const grant = passes.read(token);
    const study = grant && (await studyByPublicId(database, grant.study));
    const share =
      grant?.via === 'share' ? ((await shareOfToken(database, keys, grant.shareToken)) ?? null) : null;
    if (!grant || !study) throw imagingFault('STUDY_UNKNOWN');
    const stands =
      grant.via === 'share' ? share !== null && (await shows(share, study)) : await standsFor(grant, study);
    if (!stands) throw imagingFault('STUDY_UNKNOWN');
    const { registry } = await snapshots.current();
    const institution = registry.institutionCode(study.institutionKey) ?? UNKNOWN_SOURCE;
    return {
      grant,
      study,
      share,
      institution,
      way: grant.via === 'share' ? 'patient' : grant.institution === institution ? 'own' : 'elsewhere',
      basis: grant.via === 'share' ? `report-share/${share?.id}` : `client/${grant.client}`,
    };
  };
  /** Whether the share was taken back, or the client locked, since a pass was looked at: that ends it at once, in every process. */
  const isTakenBack = async ({ grant }: Passed): Promise<boolean> =>
    grant.via === 'share'
      ? (await shareOfToken(database, keys, grant.shareToken))?.revokedAt !== null
      : (await clientByCode(database, grant.client)) === undefined;

  /** Opens for a pass; whichever of its addresses is asked first, the row of the access log is there before the answer. */
  const passedBy = (token: string, origin: CallOrigin): Promise<Passed> => {
    const at = clock();
    const known = decided.get(token);
    if (known && known.until > at)
      return known.passed.then(async (one) => {
        if (!(await isTakenBack(one))) return one;
        decided.delete(token);
        throw imagingFault('STUDY_UNKNOWN');
      });
    if (decided.size >= DECISIONS_MAX) decided.delete(decided.keys().next().value as string);
    const passed = decide(token).then(async (one) => {
      const session = createHash('sha256').update(token).digest('hex').slice(0, 32);
      const act = { action: 'study.read', resource: `study/${one.study.publicId}`, outcome: 'disclosed' };
      await openStudyOnce(database, one.study, session, await auditOf(one, origin, act), at);
      return one;
    });
    decided.set(token, { until: at + DECISION_AGE_MAX_MS, passed });
    passed.catch(() => decided.delete(token));
    return passed;
  };
  const door: StudyDoor<PassHolder> = {
    async open({ pass, origin }, studyUid) {
      const passed = await passedBy(pass, origin);
      if (passed.study.studyUid !== studyUid) throw imagingFault('STUDY_UNKNOWN');
      return passed;
    },
  };

  const auditOf = async (
    { grant, basis }: Passed,
    origin: CallOrigin,
    done: Pick<AuditRecord, 'action' | 'resource' | 'outcome'>,
  ): Promise<AuditRecord> => {
    const act = { publicId: newPublicId(), basis, peer: origin.peer, ...done };
    if (grant.via === 'share')
      return {
        ...act,
        ...agentNamed('holder-of-code', 'holder-of-code'),
        institutionKey: null,
        purpose: 'own-data',
      };
    const { registry } = await snapshots.current();
    return {
      ...act,
      actor: `launched:${grant.client}/${grant.staffNumber}`,
      role: 'launched',
      department: grant.department,
      staffNumber: grant.staffNumber,
      institutionKey: registry.institutionKey(grant.institution) ?? null,
      purpose: 'treatment',
    };
  };

  const reportBeside = async ({ study, grant, share }: Passed): Promise<ReportAnswer | null> => {
    if (study.report === null) return null;
    const at = clock();
    const found =
      grant.via === 'share'
        ? // Who was shown images was not shown the report that came afterwards.
          share?.report && (await reportOfShare(share))
        : await findVisibleReport(dependencies, { institution: grant.institution }, study.report, at);
    return found
      ? presentReport(database, found, grant.via === 'share' ? 'report-share' : found.basis, at)
      : null;
  };

  const archives = studyArchives(dependencies);
  /** Only what its patient lets go: a doctor in a card or behind an address has his own workstation. */
  const mayCarry = ({ share }: Passed): boolean => share?.downloads === true;
  /** Whether headers may be told as they are stored: to a doctor, and to whoever may take the images along. */
  const isNamed = (passed: Passed): boolean => passed.grant.via === 'client' || mayCarry(passed);
  /** @throws STUDY_UNKNOWN */
  const carriedBy = async ({ pass, origin }: PassHolder): Promise<Passed> => {
    const passed = await passedBy(pass, origin);
    if (!mayCarry(passed)) throw imagingFault('STUDY_UNKNOWN');
    return passed;
  };

  const passFor = (study: StudyReading | undefined, grant: (study: PublicId) => ViewingGrant) =>
    study ? ok(passes.make(grant(study.publicId))) : fail(imagingFault('STUDY_UNKNOWN'));

  return {
    images: countedRetrieval(
      dependencies,
      door,
      recalledRetrieval(
        dependencies,
        door,
        unnamedRetrieval(
          dependencies,
          retrieveFlows(dependencies, door, contentsCache(dependencies)),
          async ({ pass, origin }) => isNamed(await passedBy(pass, origin)),
        ),
      ),
    ),
    carrying: {
      offer: async (holder) => archives.offer(await carriedBy(holder)),
      async carry(holder, _study, wish) {
        const passed = await carriedBy(holder);
        const archive = await archives.make(passed, wish);
        const audit = await auditOf(passed, holder.origin, carryAct(passed, wish));
        await database.transaction((session) => keepAudit(session, passed.study.personId, clock(), audit));
        return archive;
      },
    },
    async forShare(shareToken) {
      const share = await shareOfToken(database, keys, shareToken);
      // Headers, and often the pixels, say whose they are: with the name left out there are no images.
      if (!share || share.masked) return null;
      const study =
        share.study === null
          ? (await reportOfShare(share)) && (await studyOfReport(share.report))
          : (await standingStudy(dependencies, share))?.study;
      return study ? passes.make({ via: 'share', study: study.publicId, shareToken }) : null;
    },
    async forCard({ client, institution, staffNumber, department }, report) {
      const doctor = { via: 'client', client, institution, staffNumber, department } as const;
      const study = await studyOfReport(report);
      const isShown = study !== undefined && (await stillShownTo(dependencies, study, institution));
      return passFor(isShown ? study : undefined, (id) => ({ ...doctor, study: id }));
    },
    async forClient(actor, { staffNumber, department }, wanted): Promise<Result<string, Fault>> {
      const invoked = await invokedStudy(dependencies, actor, wanted);
      if (!invoked.ok) return invoked;
      const { code: client, institution } = actor;
      const doctor = { via: 'client', client, institution, staffNumber, department } as const;
      return passFor(invoked.value, (study) => ({ ...doctor, study }));
    },
    async open(token, origin) {
      const passed = await passedBy(token, origin);
      const { study, institution, grant } = passed;
      const at = clock();
      const rules = (await snapshots.current()).snapshot.rulesAt(at);
      const [opened, report, person, recall] = await Promise.all([
        seriesOf(study),
        reportBeside(passed),
        readPersonSummary(database, keys, study.personPublicId),
        recallOf(dependencies, study),
      ]);
      const { nameZh, nameEn } = institutionAnswer(rules, institution);
      const isGuest = grant.via === 'share';
      return ok({
        id: study.publicId,
        studyUid: study.studyUid,
        root: `/viewing/${token}`,
        audience: isGuest ? 'guest' : 'staff',
        patient: person ? personAnswer(person) : null,
        institution: { nameZh, nameEn, own: grant.via === 'client' && grant.institution === institution },
        studiedAt: studiedAt(study),
        description: study.description,
        modalities: [...study.modalities],
        state: arrivalOf(study, at),
        received: study.instanceCount,
        announced: study.announcedCount,
        ...describedStudies(study),
        recall,
        ...(isNamed(passed) ? opened : unnamedOpening(opened)),
        keyImages: null,
        report,
        reportHref: null,
        downloadHref: mayCarry(passed) ? `/viewing/${token}/download` : null,
        // Who has no session sees the one study that was opened for him.
        priors: [],
        watermark: {
          viewer: grant.via === 'share' ? '持分享码查看' : `工号 ${grant.staffNumber}`,
          purpose: isGuest ? '患者出示' : '诊疗',
          at: isoInstant(at),
        },
        drill: rules.drill,
      });
    },
  };
};
