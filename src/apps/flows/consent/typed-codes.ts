import { randomInt } from 'node:crypto';
import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import {
  type CodedRequest,
  type CodeTrier,
  decideConsentCode,
  findConsentCode,
  giveCodeTryBack,
  keepConsentCode,
  openConsentCode,
  takeCodeTry,
} from '../../../adapters/postgres/consent-codes.ts';
import { consentStateOf, readConsentRecords } from '../../../adapters/postgres/consents.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import { representationsBy } from '../../../adapters/postgres/representations.ts';
import type { ConsentRelation } from '../../../consent/index.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { type Instant, instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { isActing, nameForm } from '../../../person/index.ts';
import type { TypedCode } from '../../../web/wire/consent-code.ts';
import type { CallOrigin, PatientActor } from '../../server/flows-port.ts';
import type { ConsentFlows } from '../../server/routes/consents-port.ts';
import { agentOf, auditOf, type FlowDependencies } from '../dependencies.ts';
import { certainMembers } from '../own-data/own-reader.ts';
import { institutionAnswer } from '../present.ts';
import { CONSENT_FAULTS } from './consent-faults.ts';
import { maskedName, scopeOfChoice } from './invited-choice.ts';
import { overviewOf } from './present-consent.ts';
import { type ConsentSubject, keepAct, recordedScope, subjectOf } from './record-consent.ts';

const raise = raiser(CONSENT_FAULTS);

/** How long a code can be typed: it is read off a screen and typed at once. */
export const TYPED_CODE_MS = 10 * 60_000;
const DIGITS = 8;
/** Draws until the digits stand for no other request; with a hundred million of them the second is hardly ever needed. */
const DRAWS_MAX = 8;

/** Wrong codes of one account within an hour. */
export const ACCOUNT_TRIES_MAX = 5;
/** Wrong codes from one network address within an hour: the phones of a whole hospital may stand behind it. */
export const ADDRESS_TRIES_MAX = 60;

/**
 * Digits for a request, shown once and kept as their keyed hash.
 *
 * @throws CONSENT_CODE_EXHAUSTED when none were free
 */
export const drawConsentCode = async (
  { keys }: Pick<FlowDependencies, 'keys'>,
  session: Session,
  request: CodedRequest,
  at: Instant,
): Promise<string> => {
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
    if (await keepConsentCode(session, keys, code, request, at)) return code;
  }
  throw raise('CONSENT_CODE_EXHAUSTED');
};

/** A request that a code opened, and what the account is to its patient. */
interface OpenedCode {
  readonly request: CodedRequest;
  readonly subject: ConsentSubject;
  readonly patientName: string | null;
  /** By the account's own records; null where the holder has to say it. */
  readonly relation: ConsentRelation | null;
}

/** A refusal of digits concerns nobody who is known; it is written down all the same. */
const refused = async (
  { database, clock, newPublicId }: FlowDependencies,
  actor: PatientActor,
  origin: CallOrigin,
  code: 'CONSENT_CODE_INVALID' | 'CONSENT_CODE_TRIES_EXCEEDED',
): Promise<Result<never, Fault>> => {
  const act = { at: clock(), newId: newPublicId, by: actor.name, peer: origin.peer };
  await recordSystemAct(database, act, 'consent.code', 'consent-code', `refused: ${code}`);
  return fail(raise(code, { place: 'code' }));
};

/**
 * What the account is to the patient of a request: the patient, or recorded to act for the patient. Anybody else must know
 * the patient's name, so that digits that were guessed open nothing.
 */
const relationTo = async (
  { database }: FlowDependencies,
  actor: PatientActor,
  { found, at }: ConsentSubject,
): Promise<ConsentRelation | null> => {
  const self = await lookupPersonByPublicId(database, actor.person);
  if (!self) return null;
  const own = certainMembers(self);
  const asked = certainMembers(found);
  if (asked.some((each) => own.includes(each))) return 'self';
  const acting = (await representationsBy(database, own)).find(
    (each) => asked.includes(each.personId) && isActing(each, at),
  );
  return acting?.relation ?? null;
};

const openedBy = async (
  dependencies: FlowDependencies,
  actor: PatientActor,
  { code, patientName }: TypedCode,
  decisionKey: string,
): Promise<OpenedCode | null> => {
  const { database, keys, clock } = dependencies;
  const request = await findConsentCode(database, keys, code, actor.name, clock(), decisionKey);
  const subject = request && (await subjectOf(dependencies, request.person));
  if (!request || !subject) return null;
  const [relation, summary] = await Promise.all([
    relationTo(dependencies, actor, subject),
    readPersonSummary(database, keys, request.person),
  ]);
  const name = summary?.name ?? null;
  const isNamed = name !== null && patientName !== undefined && nameForm(name) === nameForm(patientName);
  return relation === null && !isNamed ? null : { request, subject, patientName: name, relation };
};

/**
 * Looks at a code under the limits of the account and of the address it comes from.
 *
 * @returns CONSENT_CODE_TRIES_EXCEEDED before anything is looked at; CONSENT_CODE_INVALID for a code that is wrong, over,
 *   another's, or of a patient whom the account neither is nor acts for nor can name: nobody learns which
 */
const opened = async (
  dependencies: FlowDependencies,
  actor: PatientActor,
  typed: TypedCode,
  origin: CallOrigin,
  decisionKey = '',
): Promise<Result<OpenedCode, Fault>> => {
  const { database, keys, clock } = dependencies;
  const at = clock();
  const triers: readonly CodeTrier[] = [
    { kind: 'account', name: actor.name, triesMax: ACCOUNT_TRIES_MAX },
    { kind: 'address', name: origin.peer, triesMax: ADDRESS_TRIES_MAX },
  ];
  for (const [place, trier] of triers.entries())
    if (!(await takeCodeTry(database, keys, trier, at))) {
      // A try that was not looked at was none: whoever shares an address with a guesser loses nothing of their own.
      for (const taken of triers.slice(0, place)) await giveCodeTryBack(database, keys, taken, at);
      return refused(dependencies, actor, origin, 'CONSENT_CODE_TRIES_EXCEEDED');
    }
  const found = await openedBy(dependencies, actor, typed, decisionKey);
  if (!found) return refused(dependencies, actor, origin, 'CONSENT_CODE_INVALID');
  for (const trier of triers) await giveCodeTryBack(database, keys, trier, at);
  return ok(found);
};

/** The digits that a patient signed in types: the same request as the QR code beside them, seen and answered. */
export const typedCodeFlows = (
  dependencies: FlowDependencies,
): Pick<ConsentFlows, 'openTyped' | 'recordTyped'> => {
  const { database, keys } = dependencies;
  return {
    async openTyped(actor, typed, origin) {
      const found = await opened(dependencies, actor, typed, origin);
      if (!found.ok) return found;
      const { request, subject, patientName, relation } = found.value;
      const { rules, ruling, at } = subject;
      const { registry } = ruling;
      const persons = subject.found.members.map(({ personId }) => personId);
      const records = await database.transaction(async (session) => {
        if (!(await openConsentCode(session, keys, typed.code, actor.name, at))) return null;
        const [read] = await Promise.all([
          readConsentRecords(session, persons),
          keepAudit(
            session,
            subject.found.personId,
            at,
            auditOf(dependencies, actor, origin, {
              institutionKey: null,
              action: 'consent.list',
              resource: `person/${request.person}/consents`,
              basis: 'consent-code',
              outcome: 'disclosed',
            }),
          ),
        ]);
        return read;
      });
      if (records === null) return refused(dependencies, actor, origin, 'CONSENT_CODE_INVALID');
      const { needsGuardian, level, wording } = overviewOf({
        person: request.person,
        // Who typed the code sees what counts now, not what was done and by whom.
        rows: [],
        consent: consentStateOf(records, registry, at, null),
        institution: request.institution,
        needsGuardian: subject.needsGuardian,
        keys,
        registry,
        rules,
      });
      return ok({
        institutionZh: institutionAnswer(rules, request.institution).nameZh,
        patientZh: maskedName(patientName),
        expiresAt: isoInstant(request.expiresAt),
        relation,
        needsGuardian,
        level,
        wording,
      });
    },
    async recordTyped(actor, { decision, ...typed }, idempotencyKey, origin) {
      const decisionKey = `${actor.name} ${idempotencyKey ?? dependencies.newPublicId()}`;
      const found = await opened(dependencies, actor, typed, origin, decisionKey);
      if (!found.ok) return found;
      const { request, subject, relation: known } = found.value;
      const relation = known ?? decision.relation;
      // Whoever is the patient is known to be: nobody becomes it by saying so.
      if (relation === undefined || (known === null && relation === 'self'))
        return fail(raise('CONSENT_RELATION_MISSING', { place: 'relation' }));
      const representative = relation === 'self' ? null : await ownName(dependencies, actor.person);
      if (relation !== 'self' && representative === null)
        return fail(raise('CONSENT_REPRESENTATIVE_MISSING', { place: 'representative' }));
      const scope = recordedScope(
        {
          kind: decision.kind,
          way: 'code',
          relation,
          source: undefined,
          recordClass: undefined,
          ...scopeOfChoice(decision.scope, request.institution, subject.at),
        },
        subject,
        request.institution,
      );
      if (!scope.ok) return scope;
      return keepAct(dependencies, {
        who: agentOf(actor),
        origin,
        subject,
        representative,
        atInstitution: false,
        spend: async (session) =>
          (await decideConsentCode(session, keys, typed.code, actor.name, instant(subject.at), decisionKey))
            ? null
            : raise('CONSENT_CODE_INVALID', { place: 'code' }),
        record: {
          ...scope.value,
          requestKey: decisionKey,
          kind: decision.kind,
          relation,
          way: 'code',
          staffNumber: null,
          witness: request.staffNumber,
          institutionKey: subject.ruling.registry.institutionKey(request.institution) ?? null,
          check: null,
          scan: null,
        },
      });
    },
  };
};

/** The name of the account's holder, by which the act names who acted. */
const ownName = async ({ database, keys }: FlowDependencies, person: PublicId): Promise<string | null> =>
  (await readPersonSummary(database, keys, person))?.name ?? null;
