import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, type SqlValue, statement } from './database.ts';
import type { SenderKey } from './senders.ts';

/** Internal key of a kept message; never leaves the program. */
export type MessageKey = string & { readonly __brand: 'MessageKey' };
/** Internal key of a person; never leaves the program. */
type PersonKeyText = string;

/** The whole message as it is kept: compressed and sealed in the row, or under a key in the object store. */
export interface KeptBody {
  readonly bytes: Uint8Array | null;
  readonly object: string | null;
  /** Size as received, in bytes. */
  readonly size: number;
  readonly keyId: string | null;
}

/** What makes a message the same message: who sent it under which id, and for senders that reuse ids the content. */
export interface MessageClaim {
  readonly senderKey: SenderKey;
  /** MSH-10. */
  readonly controlId: string;
  /** Empty, or the body's hash for senders that reuse ids. */
  readonly contentKey: string;
  readonly bodyHash: string;
  /** null while it is not yet known whose message it is; `setClaimPerson` follows in the same transaction. */
  readonly personKey: PersonKeyText | null;
  /** The acknowledgement that every repeat of the message gets again. */
  readonly acknowledgement: string;
  readonly receivedAt: Instant;
}

/** An earlier message under the same key. */
export interface ClaimedMessage {
  readonly bodyHash: string;
  readonly acknowledgement: string;
}

/** A message to be kept for ever, under its person. */
export interface KeptMessage {
  readonly personKey: PersonKeyText;
  readonly receivedAt: Instant;
  readonly senderKey: SenderKey;
  readonly controlId: string;
  /** As in MSH-9, e.g. `ORU^R01`. */
  readonly messageType: string;
  readonly body: KeptBody;
}

const CLAIM_COLUMNS = `message_keys (control_id, sender_id, content_key, body_hash, person_id, acknowledgement, received_at)
   values ($1, $2, $3, $4, $5, $6, $7)`;
const CLAIM_UNLESS_TAKEN = statement(
  'messages.claim-unless-taken',
  `insert into ${CLAIM_COLUMNS} on conflict (control_id, sender_id, content_key) do nothing returning control_id`,
);
const CLAIMED = statement(
  'messages.claimed',
  `select body_hash, acknowledgement from message_keys where control_id = $1 and sender_id = $2 and content_key = $3`,
);
const SET_PERSON = statement(
  'messages.set-person',
  'update message_keys set person_id = $4 where control_id = $1 and sender_id = $2 and content_key = $3',
);
const SET_CHECK = statement(
  'messages.set-check',
  'update message_keys set check_public_id = $4 where control_id = $1 and sender_id = $2 and content_key = $3',
);
const CHECK_OF = statement(
  'messages.check-of',
  'select check_public_id from message_keys where control_id = $1 and sender_id = $2 and content_key = $3',
);
const KEEP = statement(
  'messages.keep',
  `insert into messages (person_id, received_at, sender_id, control_id, message_type, body, body_object, body_size, key_id)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning message_id`,
);
const KEPT = statement(
  'messages.kept',
  `select sender_id, control_id, body, body_object, body_size, key_id from messages
   where person_id = $1 and received_at = $2 and message_id = $3`,
);

const claimValues = (claim: MessageClaim): readonly SqlValue[] => [
  claim.controlId,
  claim.senderKey,
  claim.contentKey,
  claim.bodyHash,
  claim.personKey,
  claim.acknowledgement,
  isoInstant(claim.receivedAt),
];

/**
 * Claims the key of a message inside a transaction. Waits for a transaction that claims the same key at this moment.
 *
 * @returns undefined when the claim holds, else the message that holds the key
 */
export const claimMessage = async (
  session: Session,
  claim: MessageClaim,
): Promise<ClaimedMessage | undefined> => {
  const claimed = await session.run(CLAIM_UNLESS_TAKEN, claimValues(claim));
  if (claimed.length > 0) return undefined;
  return findClaim(session, claim);
};

/** The message that holds a key, if one does. */
export const findClaim = async (
  session: Session,
  key: Pick<MessageClaim, 'controlId' | 'senderKey' | 'contentKey'>,
): Promise<ClaimedMessage | undefined> => {
  const [row] = await session.run<{ body_hash: string; acknowledgement: string }>(CLAIMED, [
    key.controlId,
    key.senderKey,
    key.contentKey,
  ]);
  return row && { bodyHash: row.body_hash, acknowledgement: row.acknowledgement };
};

/** Writes down whose message it turned out to be, in the transaction that claimed it. */
export const setClaimPerson = async (
  session: Session,
  claim: Pick<MessageClaim, 'controlId' | 'senderKey' | 'contentKey'>,
  personKey: PersonKeyText,
): Promise<void> => {
  await session.run(SET_PERSON, [claim.controlId, claim.senderKey, claim.contentKey, personKey]);
};

/** Writes down under which id the orders of a message will be checked, in the transaction that claimed it. */
export const setClaimCheck = async (
  session: Session,
  claim: Pick<MessageClaim, 'controlId' | 'senderKey' | 'contentKey'>,
  check: PublicId,
): Promise<void> => {
  await session.run(SET_CHECK, [claim.controlId, claim.senderKey, claim.contentKey, check]);
};

/** Under which id the orders of an earlier message were to be checked; null where no check was asked for. */
export const claimedCheck = async (
  session: Session,
  key: Pick<MessageClaim, 'controlId' | 'senderKey' | 'contentKey'>,
): Promise<PublicId | null> => {
  const [row] = await session.run<{ check_public_id: PublicId | null }>(CHECK_OF, [
    key.controlId,
    key.senderKey,
    key.contentKey,
  ]);
  return row?.check_public_id ?? null;
};

/** Keeps a message whole. */
export const keepMessage = async (session: Session, message: KeptMessage): Promise<MessageKey> => {
  const [row] = await session.run<{ message_id: string }>(KEEP, [
    message.personKey,
    isoInstant(message.receivedAt),
    message.senderKey,
    message.controlId,
    message.messageType,
    message.body.bytes,
    message.body.object,
    message.body.size,
    message.body.keyId,
  ]);
  return (row as { message_id: string }).message_id as MessageKey;
};

/** A kept message's body with what its seal is bound to; undefined when there is none. */
export const keptMessage = async (
  session: Session,
  personKey: PersonKeyText,
  receivedAt: Instant,
  messageKey: MessageKey,
): Promise<
  { readonly senderKey: SenderKey; readonly controlId: string; readonly body: KeptBody } | undefined
> => {
  const [row] = await session.run<{
    sender_id: string;
    control_id: string;
    body: Uint8Array | null;
    body_object: string | null;
    body_size: number;
    key_id: string | null;
  }>(KEPT, [personKey, isoInstant(receivedAt), messageKey]);
  return (
    row && {
      senderKey: row.sender_id as SenderKey,
      controlId: row.control_id,
      body: { bytes: row.body, object: row.body_object, size: row.body_size, keyId: row.key_id },
    }
  );
};
