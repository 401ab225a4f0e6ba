import { timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import { type Clock, type Instant, instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';

/** Who may look at one study without a session, and by what door he came. */
export type ViewingGrant =
  /** Whoever was shown a report by its patient; ends when the patient takes the share back. */
  | { readonly via: 'share'; readonly study: PublicId; readonly shareToken: string }
  /** A doctor whom a client's system let in, by a card or by a signed address. */
  | {
      readonly via: 'client';
      readonly study: PublicId;
      readonly client: string;
      readonly institution: InstitutionCode;
      /** 工号, as the client states it. */
      readonly staffNumber: string;
      readonly department: string | null;
    };

/** Makes and reads the passes that stand in the address of a viewer without a session. */
export interface ViewingPasses {
  make(grant: ViewingGrant): string;
  /** What a pass grants; null for one that is not ours or has run out. */
  read(token: string): ViewingGrant | null;
}

/** How long a study can be looked at by a pass: a consultation with its interruptions, as with the card. */
export const VIEWING_PASS_MS = 30 * 60_000;

/** Longest pass; longer ones are not even looked at. */
export const VIEWING_PASS_CHARACTERS_MAX = 800;

const KEY_DOMAIN = 'viewing-pass.2';
const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

type Payload = readonly [grant: ViewingGrant, expiresSecond: number];

/**
 * Passes of one installation: stateless and keyed by its key ring, like the links of cards. A pass says that its study was
 * opened for somebody; what can end before it does is asked for at every use. It stands in addresses, which are logged and shown, so
 * what it grants (the token of a share, who a doctor is) is sealed; the keyed hash in front of that keeps strangers from having
 * keys looked up.
 */
export const viewingPasses = ({
  keys,
  clock,
}: {
  readonly keys: Pick<KeyRing, 'hash' | 'seal' | 'open'>;
  readonly clock: Clock;
}): ViewingPasses => {
  const seal = (text: string): Buffer => Buffer.from(keys.hash(KEY_DOMAIN, text), 'hex');
  const endOf = (second: number): Instant => instant(second * 1_000);
  return {
    make(grant) {
      const payload: Payload = [grant, Math.ceil((clock() + VIEWING_PASS_MS) / 1_000)];
      const { keyId, bytes } = keys.seal(Buffer.from(JSON.stringify(payload)), KEY_DOMAIN);
      const text = Buffer.concat([Buffer.from(`${keyId}\0`), bytes]).toString('base64url');
      return `${text}.${seal(text).toString('base64url')}`;
    },
    read(token) {
      const [, text, given] = (token.length <= VIEWING_PASS_CHARACTERS_MAX && TOKEN.exec(token)) || [];
      if (text === undefined || given === undefined) return null;
      const expected = seal(text);
      const presented = Buffer.from(given, 'base64url');
      if (presented.length !== expected.length || !timingSafeEqual(expected, presented)) return null;
      const sealed = Buffer.from(text, 'base64url');
      const end = sealed.indexOf(0);
      const opened = keys.open(
        { keyId: sealed.toString('utf8', 0, end), bytes: sealed.subarray(end + 1) },
        KEY_DOMAIN,
      );
      const [grant, expiresSecond] = JSON.parse(Buffer.from(opened).toString('utf8')) as Payload;
      return endOf(expiresSecond) > clock() ? grant : null;
    },
  };
};
