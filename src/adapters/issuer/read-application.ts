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

/** Where an app publishes its keys. Whatever stands in the clear on the way could be replaced. */
const keyAddressShape = addressShape.refine(
  (address) => URL.parse(address)?.protocol === 'https:' && !LOOPBACK.has(URL.parse(address)?.hostname ?? ''),
  'https, on another machine',
);

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
    keyAddress: keyAddressShape.nullable().default(null),
    scopes: z
      .array(z.enum([...LAUNCH_SCOPES, ...RESOURCE_SCOPES] as [string, ...string[]]))
      .transform((scopes) => [...new Set(scopes)]),
  })
  .superRefine((application, context) => {
    const { kind, institution, redirectAddresses, keys, keyAddress, launchAddress, scopes } = application;
    const wrong = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    const isWithoutPerson = kind === 'backend' || kind === 'resource-server';
    if (isWithoutPerson !== (redirectAddresses.length === 0))
      wrong('redirectAddresses', isWithoutPerson ? `a ${kind} has none` : 'at least one');
    const proofs = [keys, keyAddress].filter((each) => each !== null).length;
    if (proofs !== (kind === 'public' ? 0 : 1))
      wrong(
        'keys',
        kind === 'public' ? 'a public app has none' : 'public keys are needed, or the address of some',
      );
    if (isWithoutPerson && institution === null) wrong('institution', `a ${kind} belongs to one`);
    if (isWithoutPerson && launchAddress !== null) wrong('launchAddress', `a ${kind} is not launched`);
    if ((kind === 'resource-server') !== (scopes.length === 0))
      wrong('scopes', kind === 'resource-server' ? 'it asks about tokens and is given none' : 'at least one');
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

/** Those keys of a published set that a client can sign with; others are for other purposes. Empty for no set at all. */
export const readUsableKeys = async (keySet: unknown): Promise<readonly PublicJwk[]> => {
  const read = z.looseObject({ keys: z.array(z.unknown()).max(100) }).safeParse(keySet);
  const usable: PublicJwk[] = [];
  for (const each of read.data?.keys ?? []) {
    const key = keyShape.safeParse(each);
    if (!key.success || key.data['use'] === 'enc') continue;
    const isUsable = await requireUsable(key.data as JWK).then(
      () => true,
      () => false,
    );
    if (isUsable) usable.push(key.data as PublicJwk);
  }
  return usable;
};

/** Looks at the address of an app's keys as somebody handed it in. @throws APPLICATION_INVALID */
export const readKeyAddress = (address: string): string => {
  const read = keyAddressShape.safeParse(address);
  if (!read.success)
    throw raise('APPLICATION_INVALID', { place: 'keyAddress', detail: read.error.issues[0]?.message ?? '' });
  return read.data;
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
