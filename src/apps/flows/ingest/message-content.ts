import { READ_AT_ONCE_MAX_BYTES } from '../../../adapters/hl7v2/read-large.ts';
import { type Hl7Message, readHl7Message } from '../../../adapters/hl7v2/read-message.ts';
import type { SenderDefaults } from '../../../adapters/hl7v2/reading.ts';
import type { Hl7Refusal } from '../../../adapters/hl7v2/refusal.ts';
import { type Pieces, sha256InTurns, sizeOf } from '../../../adapters/keys/large-content.ts';
import type { KeptBody } from '../../../adapters/postgres/messages.ts';
import type { Result } from '../../../kernel/result.ts';
import { keepBody, sealBody } from './ingest-body.ts';
import type { IngestDependencies } from './ingest-work.ts';
import { largeMessagesHere } from './take-large.ts';

/** What a message says and how it is kept. */
export interface MessageContent {
  /** Keyed hash of the bytes as received. */
  readonly bodyHash: string;
  /** Keeps the bytes under a seal that is bound to a context. */
  readonly keep: (context: string) => Promise<KeptBody>;
  readonly read: () => Promise<Result<Hl7Message, Hl7Refusal>>;
}

/**
 * Opens a message. A large one is hashed, kept and read by `largeMessages`; one in pieces is large, and they may be empty
 * afterwards.
 *
 * @throws Fault with status 503 where a large message could not be kept
 */
export const openContent = async (
  dependencies: IngestDependencies,
  bytes: Uint8Array | Pieces,
  defaults: SenderDefaults,
): Promise<MessageContent> => {
  const { keys, objects } = dependencies;
  const hashOf = (sha256: string): string => keys.hash('message', sha256);
  if (bytes instanceof Uint8Array && bytes.length <= READ_AT_ONCE_MAX_BYTES)
    return {
      bodyHash: hashOf(await sha256InTurns(bytes)),
      keep: (context) => keepBody(dependencies, bytes, context),
      read: () => Promise.resolve(readHl7Message(bytes, defaults)),
    };
  const size = bytes instanceof Uint8Array ? bytes.length : sizeOf(bytes);
  const large = dependencies.largeMessages ?? largeMessagesHere(objects);
  const { kept, read } = await large.take(bytes, defaults);
  return {
    bodyHash: hashOf(kept.sha256),
    keep: (context) => Promise.resolve(sealBody(keys, kept.body, size, context)),
    read,
  };
};
