import {
  type ConsentRecord,
  type ConsentRow,
  keepConsent,
  readConsentRow,
} from '../../../adapters/postgres/consents.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId, type PersonLookup } from '../../../adapters/postgres/person-lookup.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import type { ConsentActKind, ConsentRelation, ConsentWay } from '../../../consent/index.ts';
import { Fault, raiser } from '../../../kernel/fault.ts';
import { HOUR_MS, type Instant, instant, parseInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { Rules } from '../../../recognition/index.ts';
import type { RecordedConsent } from '../../../web/wire/consent.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { AuditAgent, FlowDependencies } from '../dependencies.ts';
import { CONSENT_FAULTS } from './consent-faults.ts';
import {
  actAnswer,
  isUnderFourteen,
  recordedAnswer,
  representativeContext,
  wordingName,
} from './present-consent.ts';

const raise = raiser(CONSENT_FAULTS);

/** A person whose consent is asked about, with the lists of the moment. */
export interface ConsentSubject {
  readonly found: PersonLookup;
  readonly ruling: RulingSnapshot;
  readonly rules: Rules;
  readonly needsGuardian: boolean;
  readonly at: Instant;
}

/** A person who was asked for, or nobody, with what it takes to judge either alike. */
export type AskedSubject = Pick<ConsentSubject, 'ruling' | 'at'> & {
  readonly subject: ConsentSubject | undefined;
};

/** Finds a person whose consent is asked about. */
export const askedSubject = async (
  { database, keys, snapshots, clock }: FlowDependencies,
  person: PublicId,
): Promise<AskedSubject> => {
  const [found, summary, ruling] = await Promise.all([
    lookupPersonByPublicId(database, person),
    readPersonSummary(database, keys, person),
    snapshots.current(),
  ]);
  const at = clock();
  const subject = found && {
    found,
    ruling,
    rules: ruling.snapshot.rulesAt(at),
    needsGuardian: isUnderFourteen(summary?.birthDate ?? null, at),
    at,
  };
  return { subject, ruling, at };
};

/** The same where nobody's reach is asked; undefined when there is nobody. */
export const subjectOf = async (
  dependencies: FlowDependencies,
  person: PublicId,
): Promise<ConsentSubject | undefined> => (await askedSubject(dependencies, person)).subject;

/** An act as it is stated, by whomever. */
export interface StatedAct {
  readonly kind: ConsentActKind;
  readonly way: ConsentWay;
  readonly relation: ConsentRelation;
  readonly source: string | undefined;
  readonly recipient: string | null;
  readonly recordClass: string | undefined;
  readonly until: string | undefined;
}

/** What of a stated act goes into the registry, or why it cannot. */
export const recordedScope = (
  act: StatedAct,
  { ruling, rules, at, needsGuardian: isChild }: ConsentSubject,
  institution: InstitutionCode | null,
): Result<Pick<ConsentRecord, 'sourceKey' | 'recipientKey' | 'recordClass' | 'until'>, Fault> => {
  if (isChild && act.relation !== 'parent' && act.relation !== 'guardian')
    return fail(raise('CONSENT_GUARDIAN_NEEDED', { place: 'relation' }));
  const keyOf = (code: string | null | undefined): string | null | undefined =>
    code === null || code === undefined ? null : ruling.registry.institutionKey(code as InstitutionCode);
  const sourceKey = keyOf(act.source);
  const recipientKey = keyOf(act.recipient);
  if (sourceKey === undefined) return fail(raise('CONSENT_SOURCE_UNKNOWN', { place: 'source' }));
  if (recipientKey === undefined) return fail(raise('CONSENT_SOURCE_UNKNOWN', { place: 'recipient' }));
  const policy = rules.policyOf(institution);
  const isKnownClass = policy.restrictedClasses.some(({ code }) => code === act.recordClass);
  if (act.recordClass !== undefined && !isKnownClass)
    return fail(raise('CONSENT_CLASS_UNKNOWN', { place: 'recordClass' }));
  const stated = act.until === undefined ? undefined : parseInstant(act.until);
  if (stated !== undefined && stated <= at) return fail(raise('CONSENT_END_PASSED', { place: 'until' }));
  const isSpokenConsent = act.way === 'spoken' && act.kind === 'consented';
  const until = stated ?? (isSpokenConsent ? instant(at + policy.spokenConsentHours * HOUR_MS) : null);
  return ok({ sourceKey, recipientKey, recordClass: act.recordClass ?? null, until });
};

/** An act about to be kept. */
export interface Recording {
  readonly who: AuditAgent;
  readonly origin: CallOrigin;
  readonly subject: ConsentSubject;
  readonly record: Omit<
    ConsentRecord,
    'personId' | 'publicId' | 'wording' | 'actedAt' | 'actor' | 'representative' | 'purpose'
  >;
  /** Name of whoever acted for the patient. */
  readonly representative: string | null;
  /** False where the patient's own account acts: no institution did, whoever asked for it. */
  readonly atInstitution?: false;
  /** What the act uses up, in the same commit; its fault keeps nothing. */
  readonly spend?: (session: Session) => Promise<Fault | null>;
}

/** Keeps an act with its audit row in one commit. */
export const keepAct = async (
  dependencies: FlowDependencies,
  { who, origin, subject, record, representative, spend, atInstitution }: Recording,
): Promise<Result<RecordedConsent, Fault>> => {
  const { database, keys, newPublicId } = dependencies;
  const { found, ruling, rules, at } = subject;
  const publicId = newPublicId();
  const kept = await database.transaction(async (session) => {
    const spent = await spend?.(session);
    if (spent) return spent;
    const result = await keepConsent(
      session,
      {
        ...record,
        personId: found.personId,
        publicId,
        wording: wordingName(rules),
        actedAt: at,
        purpose: 'treatment',
        actor: who.actor,
        representative:
          representative === null
            ? null
            : keys.seal(Buffer.from(representative, 'utf8'), representativeContext(publicId)),
      },
      at,
    );
    if (!result.repeated)
      await keepAudit(session, found.personId, at, {
        ...who,
        publicId: newPublicId(),
        institutionKey: atInstitution === false ? null : record.institutionKey,
        action: `consent.${record.kind}`,
        resource: `consent/${result.id}`,
        purpose: origin.purpose,
        basis: record.relation,
        outcome: 'recorded',
        peer: origin.peer,
        ...(record.staffNumber === null ? {} : { staffNumber: record.staffNumber }),
      });
    return result;
  });
  if (kept instanceof Fault) return fail(kept);
  const row = (await readConsentRow(database, kept.id)) as ConsentRow;
  const act = actAnswer(row, { keys, registry: ruling.registry, rules, at });
  return ok(recordedAnswer(act, kept.repeated, rules));
};
