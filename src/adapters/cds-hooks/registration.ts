import { importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { raiser } from '../../kernel/fault.ts';
import type { CdsRegistration } from '../postgres/cds-clients.ts';
import { CDS_FAULTS } from './faults.ts';

const raise = raiser(CDS_FAULTS);

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Members of a JWK that hold a secret; a hospital that sends them has sent its private key. */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'] as const;

const isWebAddress = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
};

const webAddress = z.string().max(500).refine(isWebAddress, 'an http or https address without a password');

/** Over the open net a key that came by http is anybody's key. */
const keysAddressShape = webAddress.refine((text) => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || LOOPBACK.has(url?.hostname ?? '');
}, 'https, or http on this machine');

const baseShape = webAddress
  .refine((text) => !/[?#]/.test(text), 'no query and no fragment')
  .transform((text) => text.replace(/\/+$/, ''));

const originShape = webAddress.refine(
  (text) => URL.parse(text)?.origin === text,
  'scheme, host and port only',
);

/** The URI of a code or identifier system. */
const systemShape = z
  .string()
  .max(300)
  .regex(/^[a-z][a-z0-9+.-]*:\S+$/i, 'an absolute URI');

const keyShape = z
  .looseObject({ kty: z.enum(['EC', 'RSA']), kid: z.string().min(1).max(200) })
  .refine((key) => SECRET_MEMBERS.every((member) => !(member in key)), 'holds a private key');

const registrationShape = z
  .strictObject({
    issuer: z.string().min(1).max(300),
    keys: z.array(keyShape).min(1).max(20).nullable(),
    keysAddress: keysAddressShape.nullable(),
    fhirBase: baseShape.nullable(),
    orderCodeSystems: z.array(systemShape).max(10),
    recordSystem: systemShape.nullable(),
    outpatientSystem: systemShape.nullable(),
    inpatientSystem: systemShape.nullable(),
    staffSystem: systemShape.nullable(),
    origins: z.array(originShape).max(50),
  })
  .refine(({ keys, keysAddress }) => keys !== null || keysAddress !== null, {
    path: ['keys'],
    message: 'a key set or the address of one',
  });

/** What is to be registered, before anybody looked at it. */
export type CdsRegistrationInput = z.input<typeof registrationShape>;

/** Keys by which a token could be signed: EC on P-384 for ES384, RSA of 2048 bits and more for RS384. */
const requireUsable = async (key: JWK): Promise<void> => {
  const algorithm = key.kty === 'EC' ? 'ES384' : 'RS384';
  if (key.kty === 'EC' && key.crv !== 'P-384')
    throw raise('CDS_REGISTRATION_INVALID', {
      place: `keys ${key.kid}`,
      detail: 'P-384 is needed for ES384',
    });
  await importJWK(key, algorithm).catch((cause: unknown) => {
    throw raise('CDS_REGISTRATION_INVALID', { place: `keys ${key.kid}`, cause });
  });
  const bits = Buffer.from(key.n ?? '', 'base64url').byteLength * 8;
  if (key.kty === 'RSA' && bits < 2048)
    throw raise('CDS_REGISTRATION_INVALID', {
      place: `keys ${key.kid}`,
      detail: '2048 bits are needed for RS384',
    });
};

/**
 * Reads what is to be registered for a client, and looks at its keys.
 *
 * @throws CDS_REGISTRATION_INVALID naming the place
 */
export const readCdsRegistration = async (input: CdsRegistrationInput): Promise<CdsRegistration> => {
  const read = registrationShape.safeParse(input);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw raise('CDS_REGISTRATION_INVALID', {
      place: issue?.path.join('.') ?? '',
      ...(issue ? { detail: issue.message } : {}),
    });
  }
  for (const key of read.data.keys ?? []) await requireUsable(key as JWK);
  return read.data as CdsRegistration;
};
