import { timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { type Clock, type Instant, instant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { flowFault } from '../dependencies.ts';

/** Whom a client lets into the card of one order check. None of it names the patient. */
export interface CardGrant {
  readonly check: PublicId;
  readonly institution: InstitutionCode;
  /** Code of the client whose launch or call this is; its frame origins and way of answering apply. */
  readonly client: string;
  /** 工号 of the doctor, as the client states it. */
  readonly staffNumber: string;
  /** 科室, as the client states it. */
  readonly department: string | null;
}

/** Makes and reads the addresses by which a doctor without a session opens the card of one check. */
export interface CardLinks {
  /** The address `<public address>/card/<token>`, good for `CARD_LINK_MS` from now. */
  addressOf(grant: CardGrant): string;
  /** The token alone, for a redirect inside the platform. */
  tokenOf(grant: CardGrant): string;
  /** What a token grants, and until when; the refusal is CARD_LINK_INVALID. An old one is still read: it is nobody's forgery. */
  read(token: string): Result<{ readonly grant: CardGrant; readonly expiresAt: Instant }, Fault>;
}

/** How long a card can be opened and answered: a consultation with its interruptions, not a working day. */
export const CARD_LINK_MS = 30 * 60_000;

/** Longest token; longer ones are not even looked at. */
export const CARD_TOKEN_CHARACTERS_MAX = 600;

const KEY_DOMAIN = 'card-link.1';
const STAFF_NUMBER_MAX = 32;
const DEPARTMENT_MAX = 64;
const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

type Payload = [
  check: string,
  institution: string,
  client: string,
  staff: string,
  department: string | null,
  expires: number,
];

const isPayload = (value: unknown): value is Payload =>
  Array.isArray(value) &&
  value.length === 6 &&
  value.slice(0, 4).every((part) => typeof part === 'string') &&
  (value[4] === null || typeof value[4] === 'string') &&
  typeof value[5] === 'number';

/**
 * Card links of one installation: stateless, so that every process of it takes the links of every other, and keyed by
 * its key ring, so that nobody else can make one. A third party's cookies are blocked inside a frame; the address is
 * therefore the whole of what the browser has to bring.
 *
 * @param publicUrl the platform's address as doctors' browsers reach it, without a slash at the end
 */
export const cardLinks = (options: {
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly publicUrl: () => string;
}): CardLinks => {
  const { keys, clock, publicUrl } = options;
  const seal = (payload: string): Buffer => Buffer.from(keys.hash(KEY_DOMAIN, payload), 'hex');
  const tokenOf = ({ check, institution, client, staffNumber, department }: CardGrant): string => {
    const payload: Payload = [
      check,
      institution,
      client,
      staffNumber.slice(0, STAFF_NUMBER_MAX),
      department?.slice(0, DEPARTMENT_MAX) ?? null,
      Math.ceil((clock() + CARD_LINK_MS) / 1000),
    ];
    const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
    return `${text}.${seal(text).toString('base64url')}`;
  };
  return {
    tokenOf,
    addressOf: (grant) => `${publicUrl()}/card/${tokenOf(grant)}`,
    read(token) {
      const invalid = () => fail(flowFault('CARD_LINK_INVALID'));
      const parts = token.length <= CARD_TOKEN_CHARACTERS_MAX ? TOKEN.exec(token) : null;
      if (!parts) return invalid();
      const [, text, given] = parts as unknown as [string, string, string];
      if (!timingSafeEqual(seal(text), Buffer.from(given, 'base64url'))) return invalid();
      const payload: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
      // Ours, but of another build of the program.
      if (!isPayload(payload)) return invalid();
      const [check, institution, client, staffNumber, department, expires] = payload;
      const grant: CardGrant = {
        check: check as PublicId,
        institution: institution as InstitutionCode,
        client,
        staffNumber,
        department,
      };
      return ok({ grant, expiresAt: instant(expires * 1000) });
    },
  };
};
