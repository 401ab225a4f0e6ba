import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import type { ObjectStore } from '../../../adapters/objects/file-objects.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import type { SnapshotSource } from '../../../adapters/postgres/lists.ts';
import type {
  ClaimedMessage,
  KeptBody,
  KeptMessage,
  MessageClaim,
} from '../../../adapters/postgres/messages.ts';
import type { ResolveContext } from '../../../adapters/postgres/person-index.ts';
import type { Sender, SenderDirectory } from '../../../adapters/postgres/senders.ts';
import type { Clock, Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { PERSON_FAULTS, type PersonRefusal } from '../../../person/index.ts';
import type { CardLinks } from '../card/card-link.ts';
import type { Refusal, ReportOutcome } from './ingest-outcome.ts';
import type { LargeMessages } from './take-large.ts';

/** What taking messages works with. An installation has all of it but the directory (`senderDirectory`). */
export interface IngestDependencies {
  readonly database: Database;
  readonly keys: KeyRing;
  readonly objects: ObjectStore;
  /** Takes what is too large for the event loop; absent: it is taken here all the same. */
  readonly largeMessages?: LargeMessages;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  readonly snapshots: SnapshotSource;
  readonly senders: SenderDirectory;
  /** Makes the address of a card in the answer to an order; absent where no card can be opened. */
  readonly cardLinks?: CardLinks;
  /** Told of errors that are nobody's message's fault. Never given personal data. */
  readonly onError?: (error: unknown) => void;
}

/** One readable message on its way into the database. */
export interface MessageWork {
  readonly dependencies: IngestDependencies;
  readonly sender: Sender;
  readonly receivedAt: Instant;
  readonly claim: Omit<MessageClaim, 'personKey'>;
  /** As in MSH-9, e.g. `ORU^R01`. */
  readonly messageType: string;
  readonly body: KeptBody;
  readonly personContext: ResolveContext;
}

/** A refusal of the person index as the reason for which a message is not taken. */
export const personRefusal = ({ code, place, detail }: PersonRefusal): Refusal => ({
  code,
  class: 'AE',
  place: place === '' ? 'PID' : place,
  detail,
  zh: PERSON_FAULTS[code].zh,
  en: PERSON_FAULTS[code].en,
});

/** What became of a message that could be read. */
export type StoredOutcome =
  | {
      readonly kind: 'stored';
      readonly reports: readonly ReportOutcome[];
      /** The id promised to the check of its orders. */
      readonly check?: PublicId | null;
    }
  | { readonly kind: 'claimed'; readonly by: ClaimedMessage; readonly check?: PublicId | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** The message as it is kept under its person. */
export const keptMessageOf = (work: MessageWork, personKey: string): KeptMessage => ({
  personKey,
  receivedAt: work.receivedAt,
  senderKey: work.sender.key,
  controlId: work.claim.controlId,
  messageType: work.messageType,
  body: work.body,
});
