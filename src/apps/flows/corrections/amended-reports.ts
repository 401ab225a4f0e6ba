import { lockCorrection } from '../../../adapters/postgres/correction-steps.ts';
import {
  type CorrectionRow,
  readCorrection,
  readOpenCorrectionsOf,
} from '../../../adapters/postgres/corrections.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { type Amendment, amendmentAnswers, isOpen, isPartTakenBack } from '../../../correction/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { agentNamed, type FlowDependencies } from '../dependencies.ts';
import { keepStep } from './keep-step.ts';

/** Under which name the platform itself acts on a ticket. */
const PLATFORM = 'platform';

/** A new version of a report that was just stored. */
export interface StoredAmendment extends Amendment {
  /** Internal key of the report's person. */
  readonly personKey: string;
  readonly report: PublicId;
  readonly version: number;
}

const settle = async (
  { newPublicId }: Pick<FlowDependencies, 'newPublicId'>,
  session: Session,
  row: CorrectionRow,
  amendment: StoredAmendment,
  at: Instant,
): Promise<void> => {
  const closes = amendmentAnswers(row, amendment) === 'closes';
  const step = closes ? 'correct' : 'amendment';
  await keepStep(
    { newPublicId },
    session,
    {
      row,
      step,
      state: closes ? 'corrected' : row.state,
      party: 'platform',
      actor: PLATFORM,
      text: '',
      reason: null,
      remedy: closes ? (isPartTakenBack(row, amendment) ? 'withdrawn' : 'amended') : null,
      reportVersion: amendment.version,
      requestKey: null,
    },
    {
      publicId: newPublicId(),
      ...agentNamed(PLATFORM, PLATFORM),
      institutionKey: row.institution_id,
      action: `correction.${step}`,
      resource: `correction/${row.public_id}`,
      purpose: 'operations',
      basis: 'own-institution',
      outcome: 'recorded',
      peer: PLATFORM,
    },
    at,
  );
};

/**
 * Lets an amended report answer the tickets about it, in the transaction that stores it: one whose disputed value it states
 * otherwise is answered by it; to the others it is shown. The caller holds the report.
 */
export const answerByAmendment = async (
  dependencies: Pick<FlowDependencies, 'newPublicId'>,
  session: Session,
  amendment: StoredAmendment,
  at: Instant,
): Promise<void> => {
  for (const { public_id } of await readOpenCorrectionsOf(session, amendment.personKey, amendment.report)) {
    await lockCorrection(session, amendment.personKey, public_id);
    const row = await readCorrection(session, public_id);
    if (row && isOpen(row.state)) await settle(dependencies, session, row, amendment, at);
  }
};
