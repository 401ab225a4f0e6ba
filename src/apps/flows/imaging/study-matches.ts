import type { Session } from '../../../adapters/postgres/database.ts';
import { holdOfStudy } from '../../../adapters/postgres/image-holds.ts';
import { linkStudy, reportOfStudy, unlinkStudy } from '../../../adapters/postgres/imaging-links.ts';
import {
  listMatches,
  matchByPublicId,
  matchOfStudy,
  setMatchState,
  type StudyMatch,
} from '../../../adapters/postgres/imaging-matches.ts';
import {
  ANY_STUDY,
  searchStudies,
  studyByPublicId,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { mergePersons, unmergePersons } from '../../../adapters/postgres/person-links.ts';
import { clusterOf, lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { readPersonInCluster } from '../../../adapters/postgres/person-search.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import { Fault } from '../../../kernel/fault.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PlacedStudyList, StudyMatchAnswer, StudyMatchList } from '../../../web/wire/study-match.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { MatchDecision, StudyMatches } from '../../server/routes/study-matches-port.ts';
import { careBasisOf } from '../care.ts';
import { auditOf } from '../dependencies.ts';
import { personAnswer } from '../people.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { ownInstitutionKey } from './own-institution.ts';
import { patientOf } from './header-patient.ts';
import { maySetApart, putBack, setApart } from './set-apart.ts';
import { noteSide } from './study-side.ts';
import { studiedAt } from './study-time.ts';

const LISTED_MAX = 50;
/** Studies that one number names. */
const PLACED_MAX = 20;

/**
 * Records of those to whom a study may be given. Where only a number names them that another institution issued, those whom
 * the own institution treats: nobody is shown another's patients by stating their numbers.
 */
const candidatesOf = async (
  { database, snapshots, clock }: ImagingDependencies,
  { institutionKey, reason, candidates, personId: own }: StudyMatch,
): Promise<readonly string[]> => {
  const persons = candidates.filter((personId) => personId !== own);
  if (reason !== 'number-of-another-institution') return persons;
  const ruling = await snapshots.current();
  const institution = ruling.registry.institutionCode(institutionKey) ?? null;
  const treated: string[] = [];
  for (const personId of persons) {
    const { members } = await clusterOf(database, personId);
    const records = members.map((member) => member.personId);
    if (await careBasisOf(database, institution, records, ruling, clock())) treated.push(personId);
  }
  return treated;
};

/** The patient as the header states him. */
const statedOf = (dependencies: ImagingDependencies, study: StudyReading): StudyMatchAnswer['stated'] => {
  const { name, birthDate, sex, patientId } = patientOf(dependencies, study);
  return {
    name: name?.ideographic ?? name?.alphabetic ?? null,
    birthDate,
    sex,
    hasPatientId: patientId !== null,
  };
};

const answerOf = async (
  dependencies: ImagingDependencies,
  match: StudyMatch,
): Promise<StudyMatchAnswer | null> => {
  const { database, keys } = dependencies;
  const study = await studyByPublicId(database, match.studyPublicId);
  if (!study) return null;
  const hold =
    match.reason === 'two-patients'
      ? await holdOfStudy(database, { ...study, reason: 'two-patients' })
      : undefined;
  const candidates = await Promise.all(
    match.candidates.map((personId) => readPersonInCluster(database, keys, personId)),
  );
  const known = candidates.filter((one) => one !== undefined).map(({ summary }) => summary);
  const chosen = known.find(({ personId }) => personId === match.chosenPersonId);
  return {
    id: match.publicId,
    study: match.studyPublicId,
    reason: match.reason,
    contradicted: [...match.contradicted],
    state: match.state,
    canGive: match.isApart && match.reason !== 'two-patients',
    foundAt: isoInstant(match.foundAt),
    stated: statedOf(dependencies, study),
    description: study.description,
    modalities: [...study.modalities],
    studiedAt: studiedAt(study),
    instances: study.instanceCount,
    candidates: known.map(personAnswer),
    chosen: chosen?.publicId ?? null,
    hold: hold?.publicId ?? null,
    wasPlaced: match.earlier !== null,
  };
};

const audit = (
  dependencies: ImagingDependencies,
  actor: Actor,
  origin: CallOrigin,
  institutionKey: string,
  act: { readonly action: string; readonly resource: string; readonly outcome: string },
) => auditOf(dependencies, actor, origin, { ...act, basis: 'own-institution', institutionKey });

/** The whole worklist as its reader sees it; everybody whose data it shows finds that in their log. */
const list = async (
  dependencies: ImagingDependencies,
  actor: Actor,
  origin: CallOrigin,
): Promise<Result<StudyMatchList, Fault>> => {
  const { database, clock } = dependencies;
  const institutionKey = await ownInstitutionKey(dependencies, actor, 'study-match:work');
  if (institutionKey === null) return fail(imagingFault('STUDY_MATCH_UNKNOWN'));
  const matches: StudyMatch[] = [];
  for (const match of await listMatches(database, institutionKey, LISTED_MAX))
    matches.push({ ...match, candidates: await candidatesOf(dependencies, match) });
  const answers = await Promise.all(matches.map((match) => answerOf(dependencies, match)));
  const shown = new Set(matches.flatMap(({ personId, candidates }) => [personId, ...candidates]));
  const at = clock();
  await database.transaction(async (session) => {
    for (const personId of shown)
      await keepAudit(
        session,
        personId,
        at,
        audit(dependencies, actor, origin, institutionKey, {
          action: 'study-match.list',
          resource: 'study-matches',
          outcome: 'disclosed',
        }),
      );
  });
  return ok({ matches: answers.filter((one) => one !== null) });
};

/** Joins the study's own record with a candidate, and gives the study the report that its accession number names there. */
const give = async (
  dependencies: ImagingDependencies,
  session: Session,
  match: StudyMatch,
  chosen: string,
  author: {
    readonly actor: string;
    readonly reason: string;
    readonly at: ReturnType<ImagingDependencies['clock']>;
  },
): Promise<void> => {
  const merged = await mergePersons(session, {
    ...author,
    personId: match.personId,
    otherId: chosen,
    cause: 'staff',
    grade: 'strong',
  });
  if (!merged.ok) throw imagingFault('STUDY_MATCH_IMPOSSIBLE', { detail: merged.reason.code });
  const study = await studyByPublicId(session, match.studyPublicId);
  if (!study) return;
  const { members } = await clusterOf(session, match.personId);
  const report = await reportOfStudy(
    session,
    members.map(({ personId }) => personId),
    match.institutionKey,
    study,
  );
  if (!report) return;
  await linkStudy(session, study, report);
  await noteSide(dependencies, session, study);
};

/** Decides, and answers with the record of the person to or from whom the study went; null: nobody's. */
const take = async (
  dependencies: ImagingDependencies,
  session: Session,
  match: StudyMatch,
  decision: MatchDecision,
  author: {
    readonly actor: string;
    readonly reason: string;
    readonly at: ReturnType<ImagingDependencies['clock']>;
  },
): Promise<string | null> => {
  const isUndone = decision.kind === 'undo';
  // Answered where both headers lie side by side.
  if (match.reason === 'two-patients') throw imagingFault('STUDY_MATCH_IMPOSSIBLE');
  if (isUndone && match.state === 'open' && match.earlier !== null)
    return putBack(session, match, match.earlier, author.at);
  if (isUndone === (match.state === 'open')) throw imagingFault('STUDY_MATCH_DECIDED');
  const to = { by: author.actor, at: author.at };
  if (decision.kind === 'give') {
    const person = await lookupPersonByPublicId(session, decision.person);
    if (!match.isApart || !person || !match.candidates.includes(person.personId))
      throw imagingFault('STUDY_MATCH_IMPOSSIBLE');
    if (!(await setMatchState(session, match, { ...to, state: 'given', chosen: person.personId })))
      throw imagingFault('STUDY_MATCH_DECIDED');
    await give(dependencies, session, match, person.personId, author);
    return person.personId;
  }
  const state = isUndone ? 'open' : 'apart';
  if (!(await setMatchState(session, match, { ...to, state, chosen: null })))
    throw imagingFault('STUDY_MATCH_DECIDED');
  if (isUndone && match.chosenPersonId !== null) {
    await unlinkStudy(session, match);
    const parted = await unmergePersons(session, {
      ...author,
      personId: match.personId,
      otherId: match.chosenPersonId,
      cause: 'staff',
    });
    if (!parted.ok) throw imagingFault('STUDY_MATCH_IMPOSSIBLE', { detail: parted.reason.code });
    return match.chosenPersonId;
  }
  return null;
};

/** Studies of the institution that lie under a person and carry a number, as 检查号 or study UID. */
const placedOf = async (
  { database }: ImagingDependencies,
  institutionKey: InstitutionKey,
  number: string,
): Promise<readonly StudyReading[]> => {
  const page = { limit: PLACED_MAX, offset: 0 };
  const asked = [
    { ...ANY_STUDY, accession: number },
    { ...ANY_STUDY, studyUids: [number] },
  ];
  const found = await Promise.all(
    asked.map((filter) => searchStudies(database, { institutionKey }, filter, page)),
  );
  const waiting = await Promise.all(
    found.flat().map(async (study) => ({ study, match: await matchOfStudy(database, study) })),
  );
  return waiting.filter(({ match }) => match === undefined || maySetApart(match)).map(({ study }) => study);
};

const placedAnswer = async (
  dependencies: ImagingDependencies,
  study: StudyReading,
): Promise<PlacedStudyList['studies'][number] | null> => {
  const { database, keys } = dependencies;
  const found = await readPersonInCluster(database, keys, study.personId);
  return (
    (found && {
      study: study.publicId,
      stated: statedOf(dependencies, study),
      description: study.description,
      modalities: [...study.modalities],
      studiedAt: studiedAt(study),
      instances: study.instanceCount,
      person: personAnswer(found.summary),
      coming: study.openSeries > 0,
    }) ??
    null
  );
};

/** The worklist of studies that belong to nobody for now. */
export const studyMatches = (dependencies: ImagingDependencies): StudyMatches => ({
  list: (actor, origin) => list(dependencies, actor, origin),
  async placed(actor, number, origin) {
    const { database, clock } = dependencies;
    const institutionKey = await ownInstitutionKey(dependencies, actor, 'study-match:work');
    if (institutionKey === null) return fail(imagingFault('STUDY_MATCH_UNKNOWN'));
    const studies = await placedOf(dependencies, institutionKey, number);
    const answers = await Promise.all(studies.map((study) => placedAnswer(dependencies, study)));
    const at = clock();
    await database.transaction(async (session) => {
      for (const { personId, publicId } of studies)
        await keepAudit(
          session,
          personId,
          at,
          audit(dependencies, actor, origin, institutionKey, {
            action: 'study-match.find',
            resource: `study/${publicId}`,
            outcome: 'disclosed',
          }),
        );
    });
    return ok({ studies: answers.filter((one) => one !== null) });
  },
  async setApart(actor, id, origin) {
    const { database, clock } = dependencies;
    const institutionKey = await ownInstitutionKey(dependencies, actor, 'study-match:work');
    const study = institutionKey === null ? undefined : await studyByPublicId(database, id);
    const { institution } = actor;
    if (institutionKey === null || institution === null || study?.institutionKey !== institutionKey)
      return fail(imagingFault('STUDY_MATCH_UNKNOWN'));
    const at = clock();
    try {
      await database.transaction(async (session) => {
        const own = await setApart(dependencies, session, institution, study, at);
        for (const personId of [study.personId, own])
          await keepAudit(
            session,
            personId,
            at,
            audit(dependencies, actor, origin, institutionKey, {
              action: 'study-match.set-apart',
              resource: `study/${id}`,
              outcome: 'recorded',
            }),
          );
      });
    } catch (error) {
      if (error instanceof Fault && error.status < 500) return fail(error);
      throw error;
    }
    return list(dependencies, actor, origin);
  },
  async decide(actor, id, decision, origin) {
    const { database, clock } = dependencies;
    const institutionKey = await ownInstitutionKey(dependencies, actor, 'study-match:work');
    const kept = institutionKey === null ? undefined : await matchByPublicId(database, id);
    if (institutionKey === null || !kept || kept.institutionKey !== institutionKey)
      return fail(imagingFault('STUDY_MATCH_UNKNOWN'));
    const match = { ...kept, candidates: await candidatesOf(dependencies, kept) };
    const at = clock();
    try {
      await database.transaction(async (session) => {
        const author = { actor: actor.name, reason: `study-match/${id}`, at };
        const person = await take(dependencies, session, match, decision, author);
        // Both find it in their log: the person whose study it now is, and the one from whom it was taken back.
        for (const personId of new Set([match.personId, person ?? match.personId]))
          await keepAudit(
            session,
            personId,
            at,
            audit(dependencies, actor, origin, institutionKey, {
              action: `study-match.${decision.kind}`,
              resource: `study/${match.studyPublicId}`,
              outcome: 'recorded',
            }),
          );
      });
    } catch (error) {
      if (error instanceof Fault && error.status < 500) return fail(error);
      throw error;
    }
    return list(dependencies, actor, origin);
  },
});
