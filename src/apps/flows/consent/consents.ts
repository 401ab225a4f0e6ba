import {
  type ConsentRow,
  consentStateOf,
  readConsentRecords,
  readConsentRow,
  readConsentRows,
} from '../../../adapters/postgres/consents.ts';
import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ConsentRequest, OwnConsentRequest, RecordedConsent } from '../../../web/wire/consent.ts';
import type { Actor, CallOrigin, PatientActor } from '../../server/flows-port.ts';
import type { ConsentFlows } from '../../server/routes/consents-port.ts';
import { readOwnCheck } from '../checks/kept-check.ts';
import { publicIdOf } from '../checks/review-check.ts';
import { mayOpenPerson } from '../care.ts';
import { agentOf, auditOf, type FlowDependencies, flowFault, orderingInstitution } from '../dependencies.ts';
import { ownReader } from '../own-data/own-reader.ts';
import { storePhoto } from '../patient-supplied/photo.ts';
import { CONSENT_FAULTS } from './consent-faults.ts';
import { type ConsentDependencies, invitationFlows } from './invitations.ts';
import { actAnswer, overviewOf } from './present-consent.ts';
import { type AskedSubject, askedSubject, keepAct, recordedScope, subjectOf } from './record-consent.ts';
import { typedCodeFlows } from './typed-codes.ts';

const raise = raiser(CONSENT_FAULTS);

/** An Idempotency-Key counts for the one who sent it. */
const requestKeyOf = (actor: Actor | PatientActor, key: string | null, fallback: string): string =>
  key === null ? fallback : `${actor.name} ${key}`;

const staffNumberOf = (actor: Actor, request: Pick<ConsentRequest, 'doctor'>): string | null =>
  actor.kind === 'client' ? (request.doctor?.staffNumber ?? null) : actor.staffNumber;

/** Whether the actor's institution treats a person: consent is asked of one's own patients. */
const isTreated = (
  { database }: FlowDependencies,
  actor: Actor,
  right: 'consent:record' | 'consent:read',
  { subject, ruling, at }: AskedSubject,
): Promise<boolean> => {
  const persons = subject?.found.members.map(({ personId }) => personId) ?? [];
  return mayOpenPerson(database, actor, right, persons, ruling, at);
};

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
  const asked = await askedSubject(dependencies, person);
  const { subject } = asked;
  const mayRecord = await isTreated(dependencies, actor, 'consent:record', asked);
  if (!subject || !mayRecord) return fail(flowFault('PERSON_NOT_FOUND'));
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
  return keepAct(dependencies, {
    who: agentOf(actor),
    origin,
    subject,
    representative: request.representative ?? null,
    record: {
      ...scope.value,
      requestKey: requestKeyOf(actor, idempotencyKey, dependencies.newPublicId()),
      kind: request.kind,
      relation: request.relation,
      way: request.way,
      staffNumber: staffNumberOf(actor, request),
      witness: request.witness ?? null,
      institutionKey: subject.ruling.registry.institutionKey(institution) ?? null,
      check: (request.check as PublicId | undefined) ?? null,
      scan: scan.value,
    },
  });
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
  return keepAct(dependencies, {
    who: agentOf(actor),
    origin,
    subject,
    representative: null,
    record: {
      ...scope.value,
      requestKey: requestKeyOf(actor, idempotencyKey, dependencies.newPublicId()),
      kind,
      relation,
      way: 'phone',
      staffNumber: null,
      witness: null,
      institutionKey: null,
      check: null,
      scan: null,
    },
  });
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
  const asked = await askedSubject(dependencies, person);
  const { subject } = asked;
  const mayRead = actor.kind === 'patient' || (await isTreated(dependencies, actor, 'consent:read', asked));
  if (!subject || !mayRead) return fail(flowFault('PERSON_NOT_FOUND'));
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
export const consentFlows = (dependencies: ConsentDependencies): ConsentFlows => ({
  ...invitationFlows(dependencies),
  ...typedCodeFlows(dependencies),
  record: (actor, person, request, idempotencyKey, origin) =>
    recordByStaff(dependencies, actor, person, request, idempotencyKey, origin),
  async recordOnCheck(actor, check, { relation }, idempotencyKey, origin) {
    const row = await readOwnCheck(dependencies, actor, check);
    const person = await publicIdOf(dependencies.database, row.person_id);
    if (!person) return fail(flowFault('PERSON_NOT_FOUND'));
    const request: ConsentRequest = {
      kind: 'consented',
      way: 'spoken',
      relation,
      recipient: 'own-institution',
      check,
    };
    return recordByStaff(dependencies, actor, person, request, idempotencyKey, origin);
  },
  async hospitals() {
    const { snapshots, clock } = dependencies;
    const { institutions } = (await snapshots.current()).snapshot.rulesAt(clock());
    return institutions.map(({ code, nameZh }) => ({ code, nameZh }));
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
