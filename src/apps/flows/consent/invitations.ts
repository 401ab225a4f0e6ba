import { qrCode } from '../../../adapters/documents/qr-code.ts';
import { consentStateOf, readConsentRecords } from '../../../adapters/postgres/consents.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import { raiser } from '../../../kernel/fault.ts';
import { instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { ConsentFlows } from '../../server/routes/consents-port.ts';
import {
  agentNamed,
  auditOf,
  type FlowDependencies,
  flowFault,
  orderingInstitution,
} from '../dependencies.ts';
import { institutionAnswer } from '../present.ts';
import { CONSENT_FAULTS } from './consent-faults.ts';
import { CONSENT_CODE_MS, type ConsentGrant, consentToken, readConsentToken } from './consent-link.ts';
import { maskedName, scopeOfChoice } from './invited-choice.ts';
import { overviewOf } from './present-consent.ts';
import { keepAct, recordedScope, subjectOf } from './record-consent.ts';
import { drawConsentCode, TYPED_CODE_MS } from './typed-codes.ts';

const raise = raiser(CONSENT_FAULTS);

/** What the flows of consent work with. */
export interface ConsentDependencies extends FlowDependencies {
  /** The platform's address as phones reach it, without a slash at the end. */
  readonly publicUrl: () => string;
}

/** Whoever holds the code: the access log knows no more of him than that, and the act says who he is to the patient. */
const HOLDER = agentNamed('holder-of-consent-code', 'patient');

/** The code on the patient's phone: shown by staff, good for a quarter of an hour, needing no account and no app. */
export const invitationFlows = (
  dependencies: ConsentDependencies,
): Pick<ConsentFlows, 'invite' | 'invited' | 'recordInvited'> => {
  const { database, keys, clock, newPublicId, publicUrl } = dependencies;
  const opened = async (token: string) => {
    const grant = readConsentToken(keys, clock, token);
    const subject = grant && (await subjectOf(dependencies, grant.person));
    return grant && subject ? { grant, subject } : null;
  };
  return {
    async invite(actor, person, origin) {
      const institution = orderingInstitution(actor);
      const subject = await subjectOf(dependencies, person);
      if (!subject) return fail(flowFault('PERSON_NOT_FOUND'));
      const expiresAt = instant(subject.at + CONSENT_CODE_MS);
      const staffNumber = actor.kind === 'client' ? null : actor.staffNumber;
      const grant: ConsentGrant = { person, institution, staffNumber, expiresAt };
      const typedUntil = instant(subject.at + TYPED_CODE_MS);
      const digits = await database.transaction(async (session) => {
        await keepAudit(
          session,
          subject.found.personId,
          subject.at,
          auditOf(dependencies, actor, origin, {
            institutionKey: subject.ruling.registry.institutionKey(institution) ?? null,
            action: 'consent.invite',
            resource: `person/${person}/consents`,
            basis: 'own-institution',
            outcome: 'recorded',
          }),
        );
        return drawConsentCode(dependencies, session, { ...grant, expiresAt: typedUntil }, subject.at);
      });
      const url = `${publicUrl()}/consent/${consentToken(keys, grant)}`;
      return ok({
        url,
        qr: qrCode(url),
        expiresAt: isoInstant(expiresAt),
        typed: { digits, at: `${publicUrl()}/me/code`, expiresAt: isoInstant(typedUntil) },
      });
    },
    async invited(token, origin) {
      const found = await opened(token);
      if (!found) return null;
      const { grant, subject } = found;
      const { rules, ruling, at } = subject;
      const { registry } = ruling;
      const persons = subject.found.members.map(({ personId }) => personId);
      const [summary, records] = await Promise.all([
        readPersonSummary(database, keys, grant.person),
        readConsentRecords(database, persons),
        keepAudit(database, subject.found.personId, at, {
          ...HOLDER,
          publicId: newPublicId(),
          institutionKey: registry.institutionKey(grant.institution) ?? null,
          action: 'consent.list',
          resource: `person/${grant.person}/consents`,
          purpose: origin.purpose,
          basis: 'consent-code',
          outcome: 'disclosed',
          peer: origin.peer,
        }),
      ]);
      return {
        token,
        institutionZh: institutionAnswer(rules, grant.institution).nameZh,
        personZh: maskedName(summary?.name ?? null),
        expiresAt: isoInstant(grant.expiresAt),
        drill: rules.drill,
        overview: overviewOf({
          person: grant.person,
          // Who holds the code sees what counts now, not what was done and by whom.
          rows: [],
          consent: consentStateOf(records, registry, at, null),
          institution: grant.institution,
          needsGuardian: subject.needsGuardian,
          keys,
          registry,
          rules,
        }),
      };
    },
    async recordInvited(token, { kind, relation, representative, scope: asked }, idempotencyKey, origin) {
      const found = await opened(token);
      if (!found) return fail(raise('CONSENT_INVITATION_INVALID'));
      const { grant, subject } = found;
      if (relation !== 'self' && representative === null)
        return fail(raise('CONSENT_REPRESENTATIVE_MISSING', { place: 'representative' }));
      const scope = recordedScope(
        {
          kind,
          way: 'qr',
          relation,
          source: undefined,
          recordClass: undefined,
          ...scopeOfChoice(asked, grant.institution, subject.at),
        },
        subject,
        grant.institution,
      );
      if (!scope.ok) return scope;
      return keepAct(dependencies, {
        who: HOLDER,
        origin,
        subject,
        representative,
        record: {
          ...scope.value,
          requestKey: `${HOLDER.actor} ${idempotencyKey}`,
          kind,
          relation,
          way: 'qr',
          staffNumber: null,
          witness: grant.staffNumber,
          institutionKey: subject.ruling.registry.institutionKey(grant.institution) ?? null,
          check: null,
          scan: null,
        },
      });
    },
  };
};
