import { parseBytes } from '../../../adapters/hl7v2/read-message.ts';
import {
  closeQuarantined,
  listQuarantined,
  quarantinedBody,
  type QuarantinedMessage,
  type QuarantineFilter,
  type QuarantinePosition,
} from '../../../adapters/postgres/quarantine.ts';
import { raiser } from '../../../kernel/fault.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { ingestMessage } from './ingest.ts';
import { openBody, quarantineSeal } from './ingest-body.ts';
import { INGEST_FAULTS } from './ingest-faults.ts';
import type { IngestOutcome } from './ingest-outcome.ts';
import { senderDefaults, STRANGER_DEFAULTS } from './ingest-senders.ts';
import type { IngestDependencies } from './ingest-work.ts';

const raise = raiser(INGEST_FAULTS);

/** One segment of a quarantined message, for showing beside the bytes. */
export interface ShownSegment {
  /** `OBX[3]`. */
  readonly place: string;
  /** Fields as sent, from the first on. */
  readonly fields: readonly string[];
}

/** A quarantined message with what lies in it. Holds personal data: whoever sees it is audited. */
export interface ShownQuarantine {
  readonly message: QuarantinedMessage;
  readonly bytes: Uint8Array;
  /** The segments, where the message can be taken apart; else why not. */
  readonly segments: readonly ShownSegment[];
  readonly unreadable: { readonly code: string; readonly place: string; readonly detail: string } | null;
}

/** One quarantined message. @throws QUARANTINE_UNKNOWN */
export const quarantinedMessage = async (
  { database }: IngestDependencies,
  publicId: PublicId,
): Promise<QuarantinedMessage> => {
  const [message] = await listQuarantined(database, { publicIds: [publicId] }, 1);
  if (!message) throw raise('QUARANTINE_UNKNOWN', { place: publicId });
  return message;
};

/** The bytes of a quarantined message as they came. @throws QUARANTINE_UNKNOWN */
export const quarantinedBytes = async (
  dependencies: IngestDependencies,
  publicId: PublicId,
): Promise<Uint8Array> => {
  const kept = await quarantinedBody(dependencies.database, publicId);
  if (!kept) throw raise('QUARANTINE_UNKNOWN', { place: publicId });
  return openBody(dependencies, kept.body, quarantineSeal(kept.bodyHash));
};

const senderOf = async ({ senders }: IngestDependencies, { senderAddress }: QuarantinedMessage) => {
  const [application = '', facility = ''] = senderAddress.split('|');
  return senders.find(application, facility);
};

/**
 * A quarantined message with its parsed view beside the original bytes.
 *
 * @throws QUARANTINE_UNKNOWN
 */
export const showQuarantine = async (
  dependencies: IngestDependencies,
  publicId: PublicId,
): Promise<ShownQuarantine> => {
  const message = await quarantinedMessage(dependencies, publicId);
  const [bytes, sender] = await Promise.all([
    quarantinedBytes(dependencies, publicId),
    senderOf(dependencies, message),
  ]);
  const read = parseBytes(bytes, sender ? senderDefaults(sender) : STRANGER_DEFAULTS);
  if (!read.ok) {
    const { code, place, detail } = read.reason;
    return { message, bytes, segments: [], unreadable: { code, place, detail } };
  }
  const { header, segments } = read.value.parsed;
  const all = segments[0]?.name === 'MSH' ? segments : [header, ...segments];
  const shown = all.map((segment) => ({
    place: segment.place,
    fields: segment.text.split(segment.delimiters.field),
  }));
  return { message, bytes, segments: shown, unreadable: null };
};

/** Which messages to try again, and bounds. */
export interface ReplaySelection {
  /** At least one condition; `state` is always open. */
  readonly filter: Omit<QuarantineFilter, 'state'>;
  /** No more than this many in one go. */
  readonly limit: number;
}

/** What a replay did. */
export interface ReplayReport {
  readonly tried: number;
  readonly resolved: number;
  readonly stillOpen: number;
  /** Reasons for which messages stay, with how many. */
  readonly reasons: Readonly<Record<string, number>>;
  /** True when it was stopped, or ended because storage was not there, before everything selected was tried. */
  readonly stopped: boolean;
}

/** How a replay is watched and stopped. */
export interface ReplayControl {
  readonly signal?: AbortSignal;
  readonly onProgress?: (tried: number, resolved: number) => void;
}

const PAGE = 50;

const isOfMessages = ({
  publicIds,
  reasonCode,
  senderKey,
  from,
  before,
}: ReplaySelection['filter']): boolean =>
  [publicIds, reasonCode, senderKey, from, before].some((condition) => condition !== undefined);

/** A copy that somebody edited, and the sender it counts as: an edited header never makes it another's message. */
export interface EditedCopy {
  readonly bytes: Uint8Array;
  readonly sender?: string;
}

/** Tries one message again; it is closed when it is stored now, or was stored in the meantime. */
export const replayOne = async (
  dependencies: IngestDependencies,
  message: QuarantinedMessage,
  edited?: EditedCopy,
): Promise<IngestOutcome> => {
  const outcome = await ingestMessage(dependencies, {
    peer: message.peer,
    replayOf: message.publicId,
    ...(edited
      ? { ...edited, isEditedCopy: true }
      : { bytes: await quarantinedBytes(dependencies, message.publicId) }),
  });
  if (outcome.outcome === 'accepted' || outcome.outcome === 'duplicate')
    await closeQuarantined(
      dependencies.database,
      message.publicId,
      'resolved',
      outcome.outcome,
      dependencies.clock(),
    );
  return outcome;
};

/**
 * Tries quarantined messages again, in the order in which they arrived, one after the other: a report's versions must
 * not overtake each other. Never by itself, never without bounds, and it can be stopped between any two messages. What
 * was stored stays stored once, whatever happens: a message tried twice is a duplicate the second time.
 *
 * @throws QUARANTINE_SELECTION_MISSING without any condition
 */
export const replayQuarantine = async (
  dependencies: IngestDependencies,
  { filter, limit }: ReplaySelection,
  { signal, onProgress }: ReplayControl = {},
): Promise<ReplayReport> => {
  if (!isOfMessages(filter)) throw raise('QUARANTINE_SELECTION_MISSING');
  const reasons: Record<string, number> = {};
  let tried = 0;
  let resolved = 0;
  let after: QuarantinePosition | undefined;
  const report = (stopped: boolean): ReplayReport => ({
    tried,
    resolved,
    stillOpen: tried - resolved,
    reasons,
    stopped,
  });
  while (tried < limit) {
    const page = await listQuarantined(
      dependencies.database,
      { ...filter, state: 'open' },
      Math.min(PAGE, limit - tried),
      after,
    );
    for (const message of page) {
      if (signal?.aborted) return report(true);
      const outcome = await replayOne(dependencies, message);
      if (outcome.outcome === 'refused') return report(true);
      tried++;
      if (outcome.code === null) resolved++;
      else reasons[outcome.code] = (reasons[outcome.code] ?? 0) + 1;
      onProgress?.(tried, resolved);
    }
    const last = page.at(-1);
    if (!last) break;
    after = { receivedAt: last.receivedAt, publicId: last.publicId };
  }
  return report(false);
};
