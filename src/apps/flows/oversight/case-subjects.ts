import {
  subjectOfTicket,
  subjectsOfRepeats,
  type CaseSubjectRecord,
} from '../../../adapters/postgres/oversight-cases.ts';
import { type KeptNotice, noticeOfToken, readNotice } from '../../../adapters/postgres/notices.ts';
import { readOrderCheck } from '../../../adapters/postgres/order-checks.ts';
import { DAY_MS, type Instant, instant, parseInstant } from '../../../kernel/instant.ts';
import { isUuid, type PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { CaseRequest } from '../../../web/wire/oversight-case.ts';
import type { FlowDependencies } from '../dependencies.ts';

/** A finding reaches the newest repeats, no more than a person can look through. */
const FINDING_SUBJECTS_MAX = 20;
const FINDING_DAYS = 30;

const ofCheck = async (
  { database }: FlowDependencies,
  reference: string,
): Promise<readonly CaseSubjectRecord[]> => {
  const row = isUuid(reference) ? await readOrderCheck(database, reference as PublicId) : undefined;
  return row
    ? [
        {
          personId: row.person_id,
          check: row.public_id,
          report: null,
          institutionKey: row.institution_id,
          occurredAt: row.checked_at as Instant,
        },
      ]
    : [];
};

const ofNotice = async (
  { database, keys }: FlowDependencies,
  reference: string,
): Promise<readonly CaseSubjectRecord[]> => {
  const kept: KeptNotice | undefined = isUuid(reference)
    ? await readNotice(database, keys, reference as PublicId)
    : await noticeOfToken(database, keys, reference);
  return kept
    ? [
        {
          personId: kept.personId,
          check: kept.check,
          report: null,
          institutionKey: kept.institutionKey,
          occurredAt: kept.madeAt,
        },
      ]
    : [];
};

/** Everything that a request reaches now, in the order in which it is shown; nothing where the number is of nothing. */
export const caseSubjects = async (
  dependencies: FlowDependencies,
  { subject }: CaseRequest,
): Promise<readonly CaseSubjectRecord[]> => {
  const { database, snapshots, clock } = dependencies;
  const { kind, reference, doctor, since } = subject;
  switch (kind) {
    case 'order-check':
      return ofCheck(dependencies, reference);
    case 'notice':
      return ofNotice(dependencies, reference);
    case 'ticket': {
      const found = await subjectOfTicket(database, reference);
      return found ? [found] : [];
    }
    case 'finding': {
      const { registry } = await snapshots.current();
      const key = registry.institutionKey(reference as InstitutionCode);
      const from =
        (since === undefined ? undefined : parseInstant(since)) ?? instant(clock() - FINDING_DAYS * DAY_MS);
      return key === undefined
        ? []
        : subjectsOfRepeats(database, key, from, doctor || null, FINDING_SUBJECTS_MAX);
    }
  }
};
