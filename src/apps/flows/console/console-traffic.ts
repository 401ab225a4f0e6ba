import { mayReach } from '../reach.ts';
import {
  acceptedUnder,
  type AcceptedMessage,
  countOpenReasons,
  countQuarantineStates,
  countTraffic,
  latestAccepted,
  listAccepted,
  type StepCount,
} from '../../../adapters/postgres/message-traffic.ts';
import { newestQuarantined, type QuarantinedMessage } from '../../../adapters/postgres/quarantine.ts';
import { waitingCodes } from '../../../adapters/postgres/results.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import { loadSenders, type Sender } from '../../../adapters/postgres/senders.ts';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import { type Instant, instant, isoInstant, parseInstant } from '../../../kernel/instant.ts';
import type {
  InstitutionsAnswer,
  MessagesAnswer,
  MessagesQuery,
  MessageSummary,
  OverviewAnswer,
} from '../../../web/wire/console.ts';
import { SPANS } from '../../../web/wire/console.ts';
import type { Actor } from '../../server/flows-port.ts';
import type { ConsoleFlows } from '../../server/routes/console-port.ts';
import { askedInstitution, type ConsoleScope, scopeOf } from './console-scope.ts';
import { reasonText } from './console-words.ts';
import type { IngestDependencies } from '../ingest/ingest-work.ts';

const STEPS = { hour: 60, day: 24, week: 7 * 24 } as const;
const MINUTE_MS = 60_000;

/** Opaque and stable: the moment of reception, and a keyed hash of what else tells the message from others. */
export const acceptedId = (keys: KeyRing, message: AcceptedMessage): string => {
  const { senderKey, controlId, personKey, messageKey, receivedAt } = message;
  const hash = keys.hash('message-address', `${senderKey}|${controlId}|${personKey}|${messageKey}`);
  return `m${(receivedAt as number).toString(36)}-${hash.slice(0, 20)}`;
};

/** The moment of reception in an id that `acceptedId` made; undefined when it is none. */
export const momentOfId = (id: string): Instant | undefined => {
  const found = /^m([0-9a-z]{6,10})-[0-9a-f]{20}$/.exec(id)?.[1];
  return found === undefined ? undefined : instant(Number.parseInt(found, 36));
};

/** A quarantined message in a list. */
export const quarantinedSummary = (
  message: QuarantinedMessage,
  senders: readonly Sender[],
): MessageSummary => ({
  id: message.publicId,
  state: message.state,
  sender: senders.find(({ key }) => key === message.senderKey)?.code ?? null,
  controlId: message.controlId,
  type: message.messageType,
  receivedAt: isoInstant(message.receivedAt),
  arrivals: message.arrivals,
  sizeBytes: message.bodySize,
  reason: {
    code: message.reasonCode,
    place: message.place,
    detail: message.detail,
    text: reasonText(message.reasonCode),
  },
});

/** An accepted message in a list. */
export const acceptedSummary = (
  keys: KeyRing,
  message: AcceptedMessage,
  senders: readonly Sender[],
): MessageSummary => ({
  id: acceptedId(keys, message),
  state: 'accepted',
  sender: senders.find(({ key }) => key === message.senderKey)?.code ?? null,
  controlId: message.controlId,
  type: message.messageType,
  receivedAt: isoInstant(message.receivedAt),
  arrivals: 1,
  sizeBytes: message.bodySize,
  reason: null,
});

/** More than could come in one millisecond, so that a page never ends in the middle of one. */
const TIES = 50;

const newestFirst = (left: MessageSummary, right: MessageSummary): number =>
  left.receivedAt === right.receivedAt
    ? left.id < right.id
      ? 1
      : -1
    : left.receivedAt < right.receivedAt
      ? 1
      : -1;

/** A page ends behind the last message of a moment, so that the next begins before that moment. */
const pageOf = (
  sorted: readonly MessageSummary[],
  limit: number,
): Pick<MessagesAnswer, 'messages' | 'next'> => {
  const last = sorted[limit - 1];
  const messages = sorted.filter(({ receivedAt }, index) => index < limit || receivedAt === last?.receivedAt);
  return { messages, next: messages.length < sorted.length ? (messages.at(-1)?.receivedAt ?? null) : null };
};

const listed = async (
  { database, keys }: IngestDependencies,
  senders: readonly Sender[],
  query: MessagesQuery,
  before: Instant,
): Promise<readonly MessageSummary[]> => {
  const from = query.from === undefined ? null : (parseInstant(query.from) ?? null);
  const limit = query.limit + TIES;
  const wantsAccepted = query.reason === undefined && (query.state ?? 'accepted') === 'accepted';
  const wantsQuarantined = query.state !== 'accepted';
  const senderKeys = senders.map(({ key }) => key);
  const filter = { from, before, messageType: query.type ?? null };
  const accepted = async (): Promise<readonly AcceptedMessage[]> => {
    if (!wantsAccepted) return [];
    if (query.controlId !== undefined)
      return (await acceptedUnder(database, senderKeys, query.controlId)).filter(
        ({ receivedAt, messageType }) =>
          receivedAt < before &&
          (from === null || receivedAt >= from) &&
          (query.type === undefined || messageType === query.type),
      );
    return (await Promise.all(senderKeys.map((key) => listAccepted(database, key, filter, limit)))).flat();
  };
  const quarantined = wantsQuarantined
    ? newestQuarantined(
        database,
        {
          senders: senderKeys,
          ...filter,
          state: query.state === undefined || query.state === 'accepted' ? null : query.state,
          reasonCode: query.reason ?? null,
          controlId: query.controlId ?? null,
        },
        limit,
      )
    : Promise.resolve([]);
  const [taken, waiting] = await Promise.all([accepted(), quarantined]);
  return [
    ...taken.map((message) => acceptedSummary(keys, message, senders)),
    ...waiting.map((message) => quarantinedSummary(message, senders)),
  ].sort(newestFirst);
};

const sum = (counts: readonly StepCount[], wanted: (count: StepCount) => boolean): number =>
  counts.reduce((total, count) => (wanted(count) ? total + count.messages : total), 0);

const overviewOf = async (
  { database, clock }: IngestDependencies,
  { institution, institutionKey, senders, ruling }: ConsoleScope,
  span: keyof typeof SPANS,
): Promise<OverviewAnswer> => {
  const at = clock();
  const stepMinutes = SPANS[span];
  const stepMs = stepMinutes * MINUTE_MS;
  const lastStep = Math.floor(at / stepMs);
  const firstStep = lastStep - STEPS[span] + 1;
  const from = instant(firstStep * stepMs);
  const senderKeys = senders.map(({ key }) => key);
  const [traffic, states, reasons, waiting, latest] = await Promise.all([
    countTraffic(database, senderKeys, from, stepMinutes * 60),
    countQuarantineStates(database, senderKeys),
    countOpenReasons(database, senderKeys),
    waitingCodes(database, institutionKey as InstitutionKey),
    Promise.all(senderKeys.map((key) => latestAccepted(database, key))),
  ]);
  const tally = (wanted: (count: StepCount) => boolean) => ({
    accepted: sum(traffic.accepted, wanted),
    quarantined: sum(traffic.quarantined, wanted),
    duplicates: sum(traffic.duplicates, wanted),
  });
  const inState = (state: string): number =>
    states.reduce((total, each) => (each.state === state ? total + each.messages : total), 0);
  const named = ruling.snapshot.institutionOf(institution, at);
  return {
    institution: {
      code: institution,
      nameZh: named?.nameZh ?? institution,
      nameEn: named?.nameEn ?? institution,
    },
    asOf: isoInstant(at),
    from: isoInstant(from),
    stepMinutes,
    steps: Array.from({ length: STEPS[span] }, (_, index) => ({
      at: isoInstant(instant((firstStep + index) * stepMs)),
      ...tally(({ step }) => step === firstStep + index),
    })),
    totals: tally(() => true),
    quarantine: { open: inState('open'), resolved: inState('resolved'), discarded: inState('discarded') },
    reasons: reasons.map(({ code, messages, lastAt }) => ({
      code,
      text: reasonText(code),
      messages,
      lastAt: isoInstant(lastAt),
    })),
    unmapped: {
      codes: waiting.length,
      results: waiting.reduce((total, { results }) => total + results, 0),
    },
    senders: senders.map((sender, index) => {
      const own = states.filter(({ senderKey }) => senderKey === sender.key);
      const times = [latest[index] ?? null, ...own.map(({ lastAt }) => lastAt)].filter(
        (time) => time !== null,
      );
      return {
        code: sender.code,
        application: sender.application,
        facility: sender.facility,
        charset: sender.charset,
        zone: sender.zone,
        reusesControlIds: sender.reusesControlIds,
        dialect: { ...sender.dialect },
        lastMessageAt: times.length === 0 ? null : isoInstant(instant(Math.max(...times))),
        open: own.find(({ state }) => state === 'open')?.messages ?? 0,
        tally: tally(({ senderKey }) => senderKey === sender.key),
      };
    }),
  };
};

const institutionsOf = async (
  { snapshots, clock, database }: IngestDependencies,
  actor: Actor,
): Promise<InstitutionsAnswer> => {
  const { snapshot } = await snapshots.current();
  const at = clock();
  const codes = mayReach(actor, 'console:read', { kind: 'technical', institution: null })
    ? [...new Set((await loadSenders(database)).map(({ institution }) => institution))].sort()
    : [askedInstitution(actor, undefined)];
  return {
    institutions: codes.map((code) => {
      const named = snapshot.institutionOf(code, at);
      return { code, nameZh: named?.nameZh ?? code, nameEn: named?.nameEn ?? code };
    }),
  };
};

/** Counting and listing an institution's messages. Nothing here names a person. */
export const trafficFlows = (
  dependencies: IngestDependencies,
): Pick<ConsoleFlows, 'institutions' | 'overview' | 'messages'> => ({
  institutions: (actor) => institutionsOf(dependencies, actor),
  async overview(actor, institution, span) {
    const scope = await scopeOf(dependencies, askedInstitution(actor, institution));
    return overviewOf(dependencies, scope, span);
  },
  async messages(actor, query) {
    const { senders } = await scopeOf(dependencies, askedInstitution(actor, query.institution));
    const at = dependencies.clock();
    const wanted = query.sender === undefined ? senders : senders.filter(({ code }) => code === query.sender);
    const before =
      (query.before === undefined ? undefined : parseInstant(query.before)) ?? instant(at + MINUTE_MS);
    const sorted = wanted.length === 0 ? [] : await listed(dependencies, wanted, query, before);
    return { asOf: isoInstant(at), ...pageOf(sorted, query.limit) };
  },
});
