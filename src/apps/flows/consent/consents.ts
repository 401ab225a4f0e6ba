import {
  type ConsentRecord,
  type ConsentRow,
  consentStateOf,
  keepConsent,
  readConsentRecords,
  readConsentRow,
  readConsentRows,
} from '../../../adapters/postgres/consents.ts';
import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit, readOrderCheck } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId, type PersonLookup } from '../../../adapters/postgres/person-lookup.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import type { ConsentActKind, ConsentRelation, ConsentWay } from '../../../consent/index.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { HOUR_MS, type Instant, instant, parseInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { Rules } from '../../../recognition/index.ts';
import type { ConsentRequest, OwnConsentRequest, RecordedConsent } from '../../../web/wire/consent.ts';
import type { Actor, CallOrigin, PatientActor } from '../../server/flows-port.ts';
import type { ConsentFlows } from '../../server/routes/consents-port.ts';
import { publicIdOf } from '../checks/review-check.ts';
import { auditOf, type FlowDependencies, flowFault, orderingInstitution } from '../dependencies.ts';
import { ownReader } from '../own-data/own-reader.ts';
import { storePhoto } from '../patient-supplied/photo.ts';
import { CONSENT_FAULTS } from './consent-faults.ts';
import {
  actAnswer,
  needsGuardian,
  overviewOf,
  recordedAnswer,
  representativeContext,
  wordingName,
} from './present-consent.ts';

const raise = raiser(CONSENT_FAULTS);

/** How long consent by word of mouth lasts where the policy says nothing: the visit and what belongs to it. */
const SPOKEN_HOURS = 24;

/** A person whose consent is asked about, with the lists of the moment. */
interface Subject {
  readonly found: PersonLookup;
  readonly ruling: RulingSnapshot;
  readonly rules: Rules;
  readonly needsGuardian: boolean;
  readonly at: Instant;
}

const subjectOf = async (
  { database, keys, snapshots, clock }: FlowDependencies,
  person: PublicId,
): Promise<Subject | undefined> => {
  const [found, summary, ruling] = await Promise.all([
    lookupPersonByPublicId(database, person),
    readPersonSummary(database, keys, person),
    snapshots.current(),
  ]);
  if (!found) return undefined;
  const at = clock();
  return {
    found,
    ruling,
    rules: ruling.snapshot.rulesAt(at),
    needsGuardian: needsGuardian(summary?.birthDate ?? null, at),
    at,
  };
};

/** An act as it is stated, by whomever. */
interface StatedAct {
  readonly kind: ConsentActKind;
  readonly way: ConsentWay;
  readonly relation: ConsentRelation;
  readonly source: string | undefined;
  readonly recipient: string | null;
  readonly recordClass: string | undefined;
  readonly until: string | undefined;
}

/** What of a stated act goes into the registry, or why it cannot. */
const recordedScope = (
  act: StatedAct,
  { ruling, rules, at, needsGuardian: isChild }: Subject,
  institution: InstitutionCode | null,
): Result<Pick<ConsentRecord, 'sourceKey' | 'recipientKey' | 'recordClass' | 'until'>, Fault> => {
  if (isChild && act.relation === 'self')
    return fail(raise('CONSENT_GUARDIAN_NEEDED', { place: 'relation' }));
  const keyOf = (code: string | null | undefined): string | null | undefined =>
    code === null || code === undefined ? null : ruling.registry.institutionKey(code as InstitutionCode);
  const sourceKey = keyOf(act.source);
  const recipientKey = keyOf(act.recipient);
  if (sourceKey === undefined) return fail(raise('CONSENT_SOURCE_UNKNOWN', { place: 'source' }));
  if (recipientKey === undefined) return fail(raise('CONSENT_SOURCE_UNKNOWN', { place: 'recipient' }));
  const policy = institution === null ? rules.generalPolicy : rules.policyOf(institution);
  const isKnownClass = policy?.restrictedClasses?.some(({ code }) => code === act.recordClass) ?? false;
  if (act.recordClass !== undefined && !isKnownClass)
    return fail(raise('CONSENT_CLASS_UNKNOWN', { place: 'recordClass' }));
  const stated = act.until === undefined ? undefined : parseInstant(act.until);
  if (stated !== undefined && stated <= at) return fail(raise('CONSENT_END_PASSED', { place: 'until' }));
  const isSpokenConsent = act.way === 'spoken' && act.kind === 'consented';
  const until =
    stated ?? (isSpokenConsent ? instant(at + (policy?.spokenConsentHours ?? SPOKEN_HOURS) * HOUR_MS) : null);
  return ok({ sourceKey, recipientKey, recordClass: act.recordClass ?? null, until });
};

interface Recording {
  readonly actor: Actor | PatientActor;
  readonly origin: CallOrigin;
  readonly subject: Subject;
  readonly record: Omit<
    ConsentRecord,
    'personId' | 'publicId' | 'wording' | 'actedAt' | 'actor' | 'representative'
  >;
  /** Name of whoever acted for the patient. */
  readonly representative: string | null;
}

/** Keeps an act with its audit row in one commit. */
const keep = async (
  dependencies: FlowDependencies,
  { actor, origin, subject, record, representative }: Recording,
): Promise<RecordedConsent> => {
  const { database, keys, newPublicId } = dependencies;
  const { found, ruling, rules, at } = subject;
  const publicId = newPublicId();
  const kept = await database.transaction(async (session) => {
    const result = await keepConsent(
      session,
      {
        ...record,
        personId: found.personId,
        publicId,
        wording: wordingName(rules),
        actedAt: at,
        actor: actor.name,
        representative:
          representative === null
            ? null
            : keys.seal(Buffer.from(representative, 'utf8'), representativeContext(publicId)),
      },
      at,
    );
    if (!result.repeated)
      await keepAudit(
        session,
        found.personId,
        at,
        auditOf(dependencies, actor, origin, {
          institutionKey: record.institutionKey,
          action: `consent.${record.kind}`,
          resource: `consent/${result.id}`,
          basis: record.relation,
          outcome: 'recorded',
          ...(record.staffNumber === null ? {} : { staffNumber: record.staffNumber }),
        }),
      );
    return result;
  });
  const row = (await readConsentRow(database, kept.id)) as ConsentRow;
  return recordedAnswer(actAnswer(row, { keys, registry: ruling.registry, rules, at }), kept.repeated, rules);
};

/** An Idempotency-Key counts for the one who sent it. */
const requestKeyOf = (actor: Actor | PatientActor, key: string | null, fallback: string): string =>
  key === null ? fallback : `${actor.name} ${key}`;

const staffNumberOf = (actor: Actor, request: Pick<ConsentRequest, 'doctor'>): string | null =>
  actor.kind === 'client' ? (request.doctor?.staffNumber ?? null) : actor.staffNumber;

/** What is signed for needs the name of whoever signs, and paper the paper. */
const missingIn = ({ way, relation, representative, scan }: ConsentRequest): Fault | null => {
  if (way !== 'spoken' && relation !== 'self' && representative === undefined)
    return raise('CONSENT_REPRESENTATIVE_MISSING', { place: 'representative' });
  if (way === 'paper' && scan === undefined) return raise('CONSENT_SCAN_MISSING', { place: 'scan' });
  return null;
};

const recordByStaff = async (
  dependencies: FlowDependencies,
  actor: Actor,
  person: PublicId,
  request: ConsentRequest,
  idempotencyKey: string | null,
  origin: CallOrigin,
): Promise<Result<RecordedConsent, Fault>> => {
  const institution = orderingInstitution(actor);
  const subject = await subjectOf(dependencies, person);
  if (!subject) return fail(flowFault('PERSON_NOT_FOUND'));
  const missing = missingIn(request);
  if (missing) return fail(missing);
  const recipient = request.recipient === 'all' ? null : institution;
  const scope = recordedScope(
    { ...request, source: request.source, recordClass: request.recordClass, until: request.until, recipient },
    subject,
    institution,
  );
  if (!scope.ok) return scope;
  const scan = request.scan ? await storePhoto(dependencies.objects, request.scan) : ok(null);
  if (!scan.ok) return scan;
  return ok(
    await keep(dependencies, {
      actor,
      origin,
      subject,
      representative: request.representative ?? null,
      record: {
        ...scope.value,
        requestKey: requestKeyOf(actor, idempotencyKey, dependencies.newPublicId()),
        kind: request.kind,
        purpose: 'treatment',
        relation: request.relation,
        way: request.way,
        staffNumber: staffNumberOf(actor, request),
        witness: request.witness ?? null,
        institutionKey: subject.ruling.registry.institutionKey(institution) ?? null,
        check: (request.check as PublicId | undefined) ?? null,
        scan: scan.value,
      },
    }),
  );
};

const recordByPatient = async (
  dependencies: FlowDependencies,
  actor: PatientActor,
  request: OwnConsentRequest,
  idempotencyKey: string | null,
  origin: CallOrigin,
): Promise<Result<RecordedConsent, Fault>> => {
  const reader = await ownReader(dependencies, actor, request.person as PublicId | undefined);
  const subject = await subjectOf(dependencies, reader.person);
  if (!subject || reader.relation === null) return fail(flowFault('PERSON_NOT_FOUND'));
  const { kind, source, recordClass, until } = request;
  const { relation } = reader;
  const stated = { kind, relation, source, recordClass, until, recipient: request.recipient ?? null };
  const scope = recordedScope({ ...stated, way: 'phone' }, subject, null);
  if (!scope.ok) return scope;
  return ok(
    await keep(dependencies, {
      actor,
      origin,
      subject,
      representative: null,
      record: {
        ...scope.value,
        requestKey: requestKeyOf(actor, idempotencyKey, dependencies.newPublicId()),
        kind,
        purpose: 'treatment',
        relation,
        way: 'phone',
        staffNumber: null,
        witness: null,
        institutionKey: null,
        check: null,
        scan: null,
      },
    }),
  );
};

/** Consent with the words in which it is asked for. That it was looked at is kept with it. */
const readOverview = async (
  dependencies: FlowDependencies,
  actor: Actor | PatientActor,
  person: PublicId,
  institution: InstitutionCode | null,
  origin: CallOrigin,
) => {
  const { database, keys } = dependencies;
  const subject = await subjectOf(dependencies, person);
  if (!subject) return fail(flowFault('PERSON_NOT_FOUND'));
  const { found, ruling, rules, at } = subject;
  const { registry } = ruling;
  const persons = found.members.map(({ personId }) => personId);
  return database.transaction(async (session) => {
    const [rows, records] = await Promise.all([
      readConsentRows(session, persons),
      readConsentRecords(session, persons),
      keepAudit(
        session,
        found.personId,
        at,
        auditOf(dependencies, actor, origin, {
          institutionKey: institution === null ? null : (registry.institutionKey(institution) ?? null),
          action: 'consent.list',
          resource: `person/${person}/consents`,
          basis: institution === null ? 'own-data' : 'own-institution',
          outcome: 'disclosed',
        }),
      ),
    ]);
    const consent = consentStateOf(records, registry, at, null);
    return ok(
      overviewOf({
        person,
        rows,
        consent,
        institution,
        needsGuardian: subject.needsGuardian,
        keys,
        registry,
        rules,
      }),
    );
  });
};

/** One act that the actor may see: recorded at his institution, or about what it may read. */
const readVisible = async (
  { database, snapshots }: FlowDependencies,
  actor: Actor,
  id: PublicId,
): Promise<{ readonly row: ConsentRow; readonly ruling: RulingSnapshot }> => {
  const institution = orderingInstitution(actor);
  const [row, ruling] = await Promise.all([readConsentRow(database, id), snapshots.current()]);
  const key = ruling.registry.institutionKey(institution);
  if (!row || key === undefined || row.institution_id !== key) throw raise('CONSENT_UNKNOWN');
  return { row, ruling };
};

/** All flows of consent, as the server calls them. */
export const consentFlows = (dependencies: FlowDependencies): ConsentFlows => ({
  record: (actor, person, request, idempotencyKey, origin) =>
    recordByStaff(dependencies, actor, person, request, idempotencyKey, origin),
  async recordOnCard(actor, { relation }, idempotencyKey, origin) {
    const row = await readOrderCheck(dependencies.database, actor.check);
    const person = row && (await publicIdOf(dependencies.database, row.person_id));
    if (!person) return fail(flowFault('ORDER_CHECK_UNKNOWN'));
    const request: ConsentRequest = {
      kind: 'consented',
      way: 'spoken',
      relation,
      recipient: 'own-institution',
      check: actor.check,
    };
    return recordByStaff(dependencies, actor, person, request, idempotencyKey, origin);
  },
  overview: (actor, person, origin) =>
    readOverview(dependencies, actor, person, orderingInstitution(actor), origin),
  async read(actor, id, origin) {
    const { database, keys, clock } = dependencies;
    const { row, ruling } = await readVisible(dependencies, actor, id);
    const at = clock();
    const [person] = await Promise.all([
      publicIdOf(database, row.person_id),
      keepAudit(
        database,
        row.person_id,
        at,
        auditOf(dependencies, actor, origin, {
          institutionKey: row.institution_id,
          action: 'consent.read',
          resource: `consent/${id}`,
          basis: 'own-institution',
          outcome: 'disclosed',
        }),
      ),
    ]);
    const rules = ruling.snapshot.rulesAt(at);
    const act = actAnswer(row, { keys, registry: ruling.registry, rules, at });
    return ok({ ...act, person: person as PublicId });
  },
  async scan(actor, id, origin) {
    const { database, objects, clock } = dependencies;
    const { row } = await readVisible(dependencies, actor, id);
    if (row.scan_object === null) return fail(raise('CONSENT_UNKNOWN', { place: 'scan' }));
    await keepAudit(
      database,
      row.person_id,
      clock(),
      auditOf(dependencies, actor, origin, {
        institutionKey: row.institution_id,
        action: 'consent.scan',
        resource: `consent/${id}`,
        basis: 'own-institution',
        outcome: 'disclosed',
      }),
    );
    return ok({
      mediaType: row.scan_media_type as string,
      bytes: await objects.get(row.scan_object as ObjectKey),
    });
  },
  recordOwn: (actor, request, idempotencyKey, origin) =>
    recordByPatient(dependencies, actor, request, idempotencyKey, origin),
  async ownOverview(actor, asked, origin) {
    const { person } = await ownReader(dependencies, actor, asked ?? undefined);
    return readOverview(dependencies, actor, person, null, origin);
  },
});
