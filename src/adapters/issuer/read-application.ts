import { importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { RESOURCE_SCOPES } from '../../access/index.ts';
import { raiser } from '../../kernel/fault.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { APPLICATION_KINDS, type NewApplication, type PublicJwk } from '../postgres/applications.ts';
import { LAUNCH_SCOPES } from './issuer-terms.ts';
import { ISSUER_FAULTS } from './faults.ts';

const raise = raiser(ISSUER_FAULTS);

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'] as const;

/** A code sent to an address in the clear is anybody's code. */
const addressShape = z
  .string()
  .max(500)
  .refine((address) => {
    const url = URL.parse(address);
    if (!url || url.username !== '' || url.password !== '' || address.includes('#') || /[\s*]/.test(address))
      return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  }, 'https, or http on this machine; no fragment, no password, no star');

const keyShape = z
  .looseObject({ kty: z.enum(['EC', 'RSA']), kid: z.string().min(1).max(200) })
  .refine((key) => SECRET_MEMBERS.every((member) => !(member in key)), 'holds a private key');

const shape = z
  .strictObject({
    code: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, '1 to 64 letters, digits or hyphens'),
    name: z.string().trim().min(1).max(100),
    institution: z.string().min(1).max(64).nullable(),
    kind: z.enum(APPLICATION_KINDS),
    redirectAddresses: z.array(addressShape).max(20),
    launchAddress: addressShape.nullable(),
    keys: z.array(keyShape).min(1).max(20).nullable(),
    scopes: z
      .array(z.enum([...LAUNCH_SCOPES, ...RESOURCE_SCOPES] as [string, ...string[]]))
      .min(1)
      .transform((scopes) => [...new Set(scopes)]),
  })
  .superRefine(({ kind, institution, redirectAddresses, keys, launchAddress, scopes }, context) => {
    const wrong = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if ((kind === 'backend') !== (redirectAddresses.length === 0))
      wrong('redirectAddresses', kind === 'backend' ? 'a backend has none' : 'at least one');
    if ((kind === 'public') !== (keys === null))
      wrong('keys', kind === 'public' ? 'a public app has none' : 'public keys are needed');
    if (kind === 'backend' && institution === null) wrong('institution', 'a backend belongs to one');
    if (kind === 'backend' && launchAddress !== null) wrong('launchAddress', 'a backend is not launched');
    const isOfBackend = (scope: string) => scope.startsWith('system/');
    const stray = scopes.find((scope) => isOfBackend(scope) !== (kind === 'backend'));
    if (stray !== undefined)
      wrong('scopes', `${stray}: system/ scopes are for backends, and they have no others`);
  });

/** Keys by which a client can sign: EC on P-384 for ES384, RSA of 2048 bits and more for RS384. */
const requireUsable = async (key: JWK): Promise<void> => {
  const place = `keys ${key.kid}`;
  if (key.kty === 'EC' && key.crv !== 'P-384')
    throw raise('APPLICATION_INVALID', { place, detail: 'P-384 is needed for ES384' });
  if (key.kty === 'RSA' && Buffer.from(key.n ?? '', 'base64url').byteLength * 8 < 2048)
    throw raise('APPLICATION_INVALID', { place, detail: '2048 bits are needed for RS384' });
  await importJWK(key, key.kty === 'EC' ? 'ES384' : 'RS384').catch((cause: unknown) => {
    throw raise('APPLICATION_INVALID', { place, cause });
  });
};

/** Looks at public keys as somebody handed them in: a JWK set. @throws APPLICATION_INVALID */
export const readPublicKeys = async (keySet: unknown): Promise<readonly PublicJwk[]> => {
  const read = z.looseObject({ keys: z.array(keyShape).min(1).max(20) }).safeParse(keySet);
  if (!read.success)
    throw raise('APPLICATION_INVALID', { place: 'keys', detail: read.error.issues[0]?.message ?? '' });
  for (const key of read.data.keys) await requireUsable(key as JWK);
  return read.data.keys as readonly PublicJwk[];
};

/**
 * Reads what is to be registered, and looks at its keys.
 *
 * @throws APPLICATION_INVALID naming the place
 */
export const readApplication = async (input: z.input<typeof shape>): Promise<NewApplication> => {
  const read = shape.safeParse(input);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw raise('APPLICATION_INVALID', {
      place: issue?.path.join('.') ?? '',
      ...(issue ? { detail: issue.message } : {}),
    });
  }
  const { keys, institution, ...application } = read.data;
  for (const key of keys ?? []) await requireUsable(key as JWK);
  return {
    ...application,
    institution: institution as InstitutionCode | null,
    keys: keys as readonly PublicJwk[] | null,
  };
};
