import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import { type CheckSurvey, surveyCheck } from '../../../adapters/postgres/candidate-rows.ts';
import { consentStateOf } from '../../../adapters/postgres/consents.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import {
  keepOrderCheck,
  type OpportunityRecord,
  readAnsweredOffers,
} from '../../../adapters/postgres/order-checks.ts';
import { resolvePerson } from '../../../adapters/postgres/person-index.ts';
import {
  lookupPerson,
  lookupPersonByPublicId,
  type PersonLookup,
} from '../../../adapters/postgres/person-lookup.ts';
import { readExaminations } from '../../../adapters/postgres/report-reading.ts';
import type { ItemCode } from '../../../catalogue/index.ts';
import type { ConsentState } from '../../../consent/index.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import {
  type AnsweredOffer,
  CONSENT_NOT_RECORDED,
  decideAndRecord,
  decisionBasis,
  type DisclosedDecision,
  disclose,
  itemsAsked,
  itemsToldUnlessRefused,
  mayBeTold,
  type OrderSession,
  readOffers,
  readOrder,
  type Search,
} from '../../../recognition/index.ts';
import type { OrderCheckRequest } from '../../../web/wire/order-check-request.ts';
import type { Actor, CallOrigin, CheckFlows } from '../../server/flows-port.ts';
import { type FoundCandidates, findCandidates } from './candidates.ts';
import { auditOf, emergencyDoctor, type FlowDependencies, orderingInstitution } from '../dependencies.ts';
import { encounterKeyOf, orderSessionOf, patientOf } from './order-session.ts';
import { presentCheck } from './present-check.ts';
import { valuesOfRows } from '../results/result-values.ts';

type NotChecked = Extract<Search, { kind: 'not-checked' }>['reason'];

/** Whom the order is for, or why that could not be established. */
type Patient = { readonly found: PersonLookup } | { readonly reason: NotChecked };

const NOT_ESTABLISHED: Readonly<Record<string, NotChecked>> = {
  PERSON_UNIDENTIFIED: 'person-not-established',
  PERSON_CONTRADICTION: 'person-not-established',
  PERSON_UNKNOWN: 'person-not-established',
  PERSON_AMBIGUOUS: 'person-ambiguous',
};

/** A patient nobody has reported on yet gets a record of his own, so that the decision about him has a home. */
const admitPatient = async (
  dependencies: FlowDependencies,
  request: OrderCheckRequest,
  institution: InstitutionCode,
  checkId: PublicId,
  at: Instant,
): Promise<Patient> => {
  const { database, keys, newPublicId } = dependencies;
  const patient = patientOf(request, institution);
  const resolved = await database.transaction((session) =>
    resolvePerson(session, keys, patient, {
      issuer: institution,
      at,
      basis: 'report',
      newPublicId,
      sourceRef: `order-check ${checkId}`,
    }),
  );
  if (!resolved.ok) return { reason: NOT_ESTABLISHED[resolved.reason.code] ?? 'person-not-established' };
  return { found: { ...resolved.value, grade: 'same-record' } };
};

/**
 * A record number of another institution with nothing beside it to confirm whose it is: such numbers run in series, and
 * one wrong digit is another patient.
 */
const isForeignNumberAlone = (
  { patient: { person, identifiers, name, birthDate } }: OrderCheckRequest,
  institution: InstitutionCode,
): boolean =>
  person === undefined &&
  (name === undefined || birthDate === undefined) &&
  identifiers.some(
    ({ type, issuer }) =>
      type === 'medical-record' && issuer !== undefined && issuer.split('/')[0] !== institution,
  );

const findPatient = async (
  dependencies: FlowDependencies,
  request: OrderCheckRequest,
  institution: InstitutionCode,
  checkId: PublicId,
  at: Instant,
): Promise<Patient> => {
  const { database, keys } = dependencies;
  if (isForeignNumberAlone(request, institution)) return { reason: 'person-not-established' };
  try {
    const found =
      request.patient.person === undefined
        ? await lookupPerson(database, keys, {
            identifiers: patientOf(request, institution).identifiers,
            name: request.patient.name ?? null,
            sex: request.patient.sex ?? 'unknown',
            birthDate: request.patient.birthDate ?? null,
          })
        : await lookupPersonByPublicId(database, request.patient.person as PublicId);
    // A number alone, with nothing beside it to confirm whose it is: nothing found of him would not be "no prior result".
    if (found?.grade === 'weak') return { reason: 'person-not-established' };
    if (found) return { found };
    if (request.patient.person !== undefined) return { reason: 'person-not-established' };
    return await admitPatient(dependencies, request, institution, checkId, at);
  } catch (error) {
    const reason = error instanceof Fault ? NOT_ESTABLISHED[error.code] : undefined;
    if (!reason) throw error;
    return { reason };
  }
};

/**
 * One opportunity per ordered item for which another institution's result was on offer. Of what may not be told nothing is
 * counted: a count that the institution reads later would tell it.
 */
const opportunitiesOf = (decision: DisclosedDecision, ruling: RulingSnapshot): OpportunityRecord[] => {
  const byItem = new Map<string, OpportunityRecord>();
  for (const line of decision.lines)
    for (const { part, best } of line.parts) {
      const itemKey = best === null ? undefined : ruling.registry.itemKey(part.order.item);
      if (itemKey && best) byItem.set(itemKey, { itemKey, bestGrade: best, shown: line.interrupts });
    }
  return [...byItem.values()];
};

const examinationsOnOffer = (decision: DisclosedDecision): PublicId[] => [
  ...new Set(
    decision.lines.flatMap(({ parts }) =>
      parts.flatMap(({ assessed }) =>
        assessed
          .filter(({ offer, candidate }) => offer !== 'none' && candidate.images !== 'not-applicable')
          .map(({ candidate }) => candidate.report),
      ),
    ),
  ),
];

interface Prepared {
  readonly ruling: RulingSnapshot;
  readonly session: OrderSession;
  readonly found: FoundCandidates;
  readonly search: Search;
  readonly consent: ConsentState;
}

/**
 * What the search amounts to. Nothing found of somebody whom no other institution could recognise by number (a newborn
 * known by record numbers alone) is not "no prior result": there may be results that nothing ties to this record.
 */
const searchOf = (
  request: OrderCheckRequest,
  patient: PersonLookup,
  { facts }: FoundCandidates,
  { isIdentified }: CheckSurvey,
): Search => {
  const isOwnRecordOnly = patient.members.length === 1 && !isIdentified;
  if (isOwnRecordOnly && facts.length === 0) return { kind: 'not-checked', reason: 'person-not-established' };
  const interventions = (request.interventions ?? []).map(({ kind, at }) => ({
    kind,
    at: Date.parse(at) as Instant,
  }));
  return {
    kind: 'searched',
    candidates: facts,
    patient: { interventions: request.interventions ? interventions : null },
    ...(isOwnRecordOnly ? { ownRecordOnly: true } : {}),
  };
};

/** What the doctor has answered of these items in this order session. */
const answeredOffers = async (
  database: Session,
  request: OrderCheckRequest,
  persons: readonly string[],
  institutionKey: string,
  items: readonly ItemCode[],
  follows: PublicId | null,
): Promise<readonly AnsweredOffer[]> => {
  const encounterNumber = request.encounter.number ?? null;
  const requestNumber = request.request?.number ?? null;
  if (encounterNumber === null && requestNumber === null && follows === null) return [];
  const numbers = { class: request.encounter.class, encounterNumber, requestNumber, follows };
  const texts = await readAnsweredOffers(database, persons, institutionKey, numbers);
  return texts.flatMap(readOffers).filter(({ item }) => items.includes(item));
};

/**
 * Reads everything the decision rests on. The candidates are looked for by the lists this process holds; the survey beside
 * them tells the ruling epoch, and where that is a newer one they are looked for again by its lists. What may not be told is
 * not among them, so that decision, work and what is kept are those of a person who has nothing.
 */
const prepare = async (
  { database, snapshots }: FlowDependencies,
  request: OrderCheckRequest,
  patient: PersonLookup,
  institution: InstitutionCode,
  at: Instant,
  doctor: string | null,
  follows: PublicId | null,
): Promise<Prepared> => {
  const persons = patient.members.map(({ personId }) => personId);
  const gather = async (ruling: RulingSnapshot) => {
    const rules = ruling.snapshot.rulesAt(at);
    const lines = readOrder(orderSessionOf(request, institution, []), rules);
    const items = itemsAsked(lines);
    const sought = { items, toldUnlessRefused: itemsToldUnlessRefused(lines, { institution }, rules) };
    const surveying = surveyCheck(database, patient.personId, persons).then((survey) => ({
      survey,
      consent: consentStateOf(survey.consent, ruling.registry, at, doctor),
    }));
    const limits = async () => {
      const { survey, consent } = await surveying;
      return {
        disputed: survey.disputed,
        consent,
        mayBeTold: mayBeTold(lines, { institution }, consent, rules),
      };
    };
    const [found, { survey, consent }] = await Promise.all([
      findCandidates(database, ruling, patient, institution, sought, at, limits),
      surveying,
    ]);
    return { ruling, items, found, survey, consent };
  };
  let gathered = await gather(snapshots.held() ?? (await snapshots.current()));
  if (gathered.survey.epoch !== gathered.ruling.epoch)
    gathered = await gather(await snapshots.atEpoch(gathered.survey.epoch));
  const { ruling, items, found, survey, consent } = gathered;
  const institutionKey = ruling.registry.institutionKey(institution) ?? '0';
  const answered = survey.hasAnswers
    ? await answeredOffers(database, request, persons, institutionKey, items, follows)
    : [];
  return {
    ruling,
    session: orderSessionOf(request, institution, answered),
    found,
    search: searchOf(request, patient, found, survey),
    consent,
  };
};

/** What a check goes on with. */
export interface Followed {
  /** The first of those that are one to the ordering system. */
  readonly first: PublicId;
  /** By what opportunities of that one are counted. */
  readonly encounterKey: string;
}

/**
 * One order check: find the person, read the candidates and the ruling epoch, decide, keep the decision with its audit
 * row and opportunities in one commit, then answer. Nothing is answered that was not kept.
 *
 * @param nextCheckId under which id the check is kept, where that was promised before
 * @param followed where the check is made again for the same order: what it goes on with
 */
export const checkOrderFlow =
  (
    dependencies: FlowDependencies,
    nextCheckId: () => PublicId = dependencies.newPublicId,
    followed: Followed | null = null,
  ): CheckFlows['check'] =>
  async (actor, request, origin, keepBeside) => {
    const { database, clock, snapshots } = dependencies;
    const institution = orderingInstitution(actor);
    const at = clock();
    const id = nextCheckId();
    const patient = await findPatient(dependencies, request, institution, id, at);
    if ('reason' in patient)
      return ok(
        await answerNotChecked(dependencies, {
          actor,
          request,
          origin,
          institution,
          id,
          at,
          ruling: await snapshots.current(),
          reason: patient.reason,
        }),
      );

    const { ruling, session, found, search, consent } = await prepare(
      dependencies,
      request,
      patient.found,
      institution,
      at,
      doctorOf(actor, request) ?? emergencyDoctor(actor),
      followed?.first ?? null,
    );
    const { decision, record } = decideAndRecord(session, search, ruling.snapshot, at);
    const institutionKey = ruling.registry.institutionKey(institution) ?? '0';
    const rules = ruling.snapshot.rulesAt(at);
    const reader = { institution };
    const shown = disclose(decision, reader, consent, rules);
    const examinations = examinationsOnOffer(shown);
    const texts =
      examinations.length === 0
        ? new Map()
        : await readExaminations(
            database,
            patient.found.members.map(({ personId }) => personId),
            examinations,
          );
    const answer = presentCheck({
      id,
      at,
      shown,
      consent,
      session,
      ruling,
      person: patient.found.publicId,
      values: valuesOfRows(found.rows, texts),
      responses: [],
      marks: [],
      notChecked: search.kind === 'not-checked' ? search.reason : null,
    });
    await Promise.all([
      keepBeside?.(answer),
      keepOrderCheck(
        database,
        {
          personId: patient.found.personId,
          publicId: id,
          institutionKey,
          actor: actor.name,
          doctor: doctorOf(actor, request),
          department: departmentOf(actor, request),
          encounterClass: request.encounter.class,
          encounterNumber: request.encounter.number ?? null,
          requestNumber: request.request?.number ?? null,
          checkedAt: at,
          evaluator: record.evaluator,
          snapshotId: record.snapshotId,
          clusterVersion: patient.found.clusterVersion,
          facts: record.facts,
          verdicts: record.verdicts,
          encounterKey: followed?.encounterKey ?? encounterKeyOf(request, id),
          follows: followed?.first ?? null,
        },
        auditOf(dependencies, actor, origin, {
          institutionKey,
          department: departmentOf(actor, request),
          staffNumber: doctorOf(actor, request),
          action: 'order.check',
          resource: `order-check/${id}`,
          basis: decisionBasis(shown, reader, consent, rules),
          outcome: 'disclosed',
        }),
        opportunitiesOf(shown, ruling),
      ),
    ]);
    return ok(answer);
  };

const doctorOf = (actor: Actor, request: OrderCheckRequest): string | null =>
  request.doctor?.staffNumber ?? (actor.kind === 'client' ? null : actor.staffNumber);

const departmentOf = (actor: Actor, { department }: OrderCheckRequest): string | null =>
  department?.name ?? department?.code ?? (actor.kind === 'client' ? null : actor.department);

/** Nobody was established, so nothing was looked for: said as such, and kept as an act without a person. */
const answerNotChecked = async (
  { database, newPublicId }: FlowDependencies,
  call: {
    readonly actor: Actor;
    readonly request: OrderCheckRequest;
    readonly origin: CallOrigin;
    readonly institution: InstitutionCode;
    readonly id: PublicId;
    readonly at: Instant;
    readonly ruling: RulingSnapshot;
    readonly reason: NotChecked;
  },
) => {
  const { actor, request, origin, institution, id, at, ruling, reason } = call;
  const session = orderSessionOf(request, institution, []);
  const { decision } = decideAndRecord(session, { kind: 'not-checked', reason }, ruling.snapshot, at);
  const act = { at, newId: newPublicId, by: actor.name, peer: origin.peer };
  await recordSystemAct(database, act, 'order.check', `order-check/${id}`, `not-checked: ${reason}`);
  return presentCheck({
    id,
    at,
    shown: disclose(decision, { institution }, CONSENT_NOT_RECORDED, ruling.snapshot.rulesAt(at)),
    consent: CONSENT_NOT_RECORDED,
    session,
    ruling,
    person: null,
    values: valuesOfRows([], new Map()),
    responses: [],
    marks: [],
    notChecked: reason,
  });
};
