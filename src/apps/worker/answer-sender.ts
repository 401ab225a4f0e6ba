import { answerSignature } from '../../adapters/launch/signature.ts';
import {
  type AnswerDelivery,
  claimAnswer,
  dueAnswers,
  finishAnswer,
  retryAnswer,
} from '../../adapters/postgres/answer-deliveries.ts';
import {
  type ClientLaunch,
  isAnswerAddress,
  readClientLaunch,
} from '../../adapters/postgres/client-launches.ts';
import { latestFollowUp } from '../../adapters/postgres/follow-ups.ts';
import { keepAudit, readOrderCheck } from '../../adapters/postgres/order-checks.ts';
import { Fault } from '../../kernel/fault.ts';
import { DAY_MS, instant } from '../../kernel/instant.ts';
import type { CheckAnswerEvent } from '../../web/wire/check-answers.ts';
import { answerEventsOf } from '../flows/checks/check-answers.ts';
import { agentNamed, type FlowDependencies } from '../flows/dependencies.ts';
import { openKeptCheck } from '../flows/checks/kept-check.ts';
import { takeTurns, type Worker } from './turns.ts';

/** Longest wait for a client's own answer. */
const CALL_TIMEOUT_MS = 5_000;
/** How long an answer in hand is left alone by other processes. */
const HELD_MS = 60_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 3_600_000;
const GIVEN_UP_AFTER_MS = 3 * DAY_MS;
const IDLE_MS = 500;

/** Wait before the next attempt: doubled each time, at most an hour. */
export const retryDelayMs = (attempts: number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 20));

/** Calls a client's address; gives the status, or a word for what kept it from answering. */
const call = async (
  url: string,
  secret: string,
  digest: ClientLaunch['digest'],
  event: CheckAnswerEvent,
  timeSeconds: number,
): Promise<number | string> => {
  const body = JSON.stringify(event);
  try {
    const response = await fetch(url, {
      method: 'POST',
      // A redirect would carry results to an address that nobody registered.
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'idempotency-key': event.id,
        'huren-time': String(timeSeconds),
        'huren-signature': answerSignature(secret, digest, timeSeconds, body),
      },
      body,
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    const { code } = ((error as { cause?: unknown }).cause ?? {}) as { code?: string };
    return code ?? (error as Error).name;
  }
};

const isTaken = (outcome: number | string): boolean =>
  typeof outcome === 'number' && outcome >= 200 && outcome < 300;

/** The answer as it is to be told; undefined where it can no longer be, because its facts were lawfully erased. */
const eventOf = async (
  dependencies: FlowDependencies,
  { check, response }: AnswerDelivery,
): Promise<{ readonly event: CheckAnswerEvent; readonly institutionKey: string } | undefined> => {
  const inForce = (await latestFollowUp(dependencies.database, check)) ?? check;
  const row = await readOrderCheck(dependencies.database, inForce);
  if (!row) return undefined;
  try {
    const kept = await openKeptCheck(dependencies, row, null);
    const event = answerEventsOf(kept).find(({ id }) => id === response);
    return event && { event, institutionKey: row.institution_id };
  } catch (error) {
    if (error instanceof Fault && error.code === 'DECISION_FACTS_ERASED') return undefined;
    throw error;
  }
};

const deliver = async (dependencies: FlowDependencies, delivery: AnswerDelivery): Promise<void> => {
  const { database, keys, clock, newPublicId } = dependencies;
  const launch = await readClientLaunch(database, keys, delivery.client);
  const url = launch?.way === 'callback' ? launch.answerUrl : null;
  const told = url === null ? undefined : await eventOf(dependencies, delivery);
  if (!launch || url === null || launch.answerSecret === null || !isAnswerAddress(url) || !told) {
    await finishAnswer(database, delivery, 'given-up', clock(), told ? 'no-address' : 'nothing-to-tell');
    return;
  }
  const at = clock();
  // What is sent is disclosed, whether or not the client says that it arrived: the row is kept first.
  const isOurs = await database.transaction(async (session) => {
    if (!(await claimAnswer(session, delivery, instant(at + HELD_MS)))) return false;
    await keepAudit(session, delivery.personId, at, {
      publicId: newPublicId(),
      ...agentNamed(`client:${delivery.client}`, 'client'),
      institutionKey: told.institutionKey,
      action: 'order-check.answer-sent',
      resource: `order-check/${delivery.check}/line/${told.event.line}`,
      purpose: 'treatment',
      basis: 'assumed-by-policy',
      outcome: 'disclosed',
      peer: new URL(url).host,
    });
    return true;
  });
  if (!isOurs) return;
  const outcome = await call(url, launch.answerSecret, launch.digest, told.event, Math.floor(at / 1000));
  const now = clock();
  if (isTaken(outcome)) await finishAnswer(database, delivery, 'delivered', now, String(outcome));
  else if (now - delivery.createdAt > GIVEN_UP_AFTER_MS)
    await finishAnswer(database, delivery, 'given-up', now, String(outcome));
  else await retryAnswer(database, delivery, instant(now + retryDelayMs(delivery.attempts)), String(outcome));
};

/** Puts off an answer that could not even be put into words, so that it keeps no other from being sent. */
const putOff = async (
  { database, clock }: FlowDependencies,
  delivery: AnswerDelivery,
  error: unknown,
): Promise<void> => {
  const now = clock();
  if (now - delivery.createdAt > GIVEN_UP_AFTER_MS) {
    const outcome = error instanceof Fault ? error.code : 'failed';
    await finishAnswer(database, delivery, 'given-up', now, outcome);
  } else await claimAnswer(database, delivery, instant(now + retryDelayMs(delivery.attempts)));
};

/**
 * Sends every answer that is due now and tells how many were tried.
 *
 * @param onError told of each that failed on our side; the others are sent all the same
 */
export const sendDueAnswers = async (
  dependencies: FlowDependencies,
  onError: (error: unknown) => void,
): Promise<number> => {
  const due = await dueAnswers(dependencies.database, dependencies.clock());
  await Promise.all(
    due.map((delivery) =>
      deliver(dependencies, delivery).catch(async (error: unknown) => {
        onError(error);
        await putOff(dependencies, delivery, error);
      }),
    ),
  );
  return due.length;
};

/**
 * Sends doctors' answers to the clients that chose to be called: at least once, those of one check in order, to the
 * registered address alone. Beside the outbox and not in it, because a client that hangs must hold nothing else up.
 */
export const startAnswerSender = (
  dependencies: FlowDependencies,
  onError: (error: unknown) => void,
): Worker =>
  takeTurns(async () => ((await sendDueAnswers(dependencies, onError)) === 0 ? IDLE_MS : 0), onError);
