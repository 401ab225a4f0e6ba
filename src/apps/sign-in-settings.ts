import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_SIGN_IN_RULES, type SignInRules } from '../access/index.ts';
import type { OutsideIssuer } from '../adapters/outside-issuers/outside-issuer.ts';
import { raiser } from '../kernel/fault.ts';
import { STAFF_ROLES } from '../organisation/index.ts';
import { APP_FAULTS } from './faults.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An issuer reached in the clear could be anybody. */
const issuerAddress = z.string().refine((text) => {
  const url = URL.parse(text);
  return (
    url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
  );
}, 'https, or http on this machine');

const word = z.string().min(1).max(200);

const issuerShape = z
  .strictObject({
    code: z.string().regex(/^[a-z0-9-]{1,40}$/, 'small letters, digits and hyphens'),
    nameZh: z.string().min(1).max(60),
    issuer: issuerAddress,
    clientId: word,
    clientSecretFile: word.optional(),
    privateKeyFile: word.optional(),
    scopes: z.array(word).min(1).default(['openid', 'profile']),
    match: z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('subject') }),
      z
        .strictObject({
          by: z.literal('staff-number'),
          claim: word,
          institution: word.optional(),
          institutionClaim: word.optional(),
        })
        .refine(
          ({ institution, institutionClaim }) =>
            (institution === undefined) !== (institutionClaim === undefined),
          'institution or institutionClaim',
        ),
    ]),
    secondFactor: z.enum(['here', 'issuer']).default('here'),
    acrValues: z.array(word).default([]),
  })
  .refine(
    ({ clientSecretFile, privateKeyFile }) => clientSecretFile === undefined || privateKeyFile === undefined,
    'clientSecretFile or privateKeyFile, not both',
  );

const { password } = DEFAULT_SIGN_IN_RULES;

const shape = z.strictObject({
  secondFactorRoles: z
    .array(z.enum([...STAFF_ROLES, 'patient']))
    .default([...DEFAULT_SIGN_IN_RULES.secondFactorRoles]),
  password: z
    .strictObject({
      charactersMin: z.int().min(8).max(64).default(password.charactersMin),
      kindsMin: z.int().min(1).max(4).default(password.kindsMin),
      history: z.int().min(0).max(24).default(password.history),
      lifeDays: z.int().min(1).max(3650).nullable().default(password.lifeDays),
      changeFirst: z.boolean().default(password.changeFirst),
    })
    .prefault({}),
  issuers: z
    .array(issuerShape)
    .default([])
    .refine((all) => new Set(all.map(({ code }) => code)).size === all.length, 'each code once'),
});

/** How people sign in: rules for the accounts here, and the other issuers by which they may. */
export interface SignInSettings {
  readonly rules: SignInRules;
  readonly issuers: readonly OutsideIssuer[];
}

const invalid = (path: string, detail: string, cause?: unknown) =>
  raiser(APP_FAULTS)('CONFIGURATION_INVALID', {
    place: path,
    detail,
    ...(cause === undefined ? {} : { cause }),
  });

const textOf = (settings: string, file: string): string => {
  try {
    return readFileSync(resolve(dirname(settings), file), 'utf8').trim();
  } catch (cause) {
    throw invalid(settings, `cannot read ${file}`, cause);
  }
};

/**
 * Reads the settings of the sign-in (JSON); where there is no such file, the defaults hold and no other issuer is offered.
 * Secrets are not in it but in files it names, beside it unless their path is whole.
 *
 * @throws CONFIGURATION_INVALID naming the place
 */
export const readSignInSettings = (path: string): SignInSettings => {
  if (!existsSync(path)) return { rules: DEFAULT_SIGN_IN_RULES, issuers: [] };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw invalid(path, 'not JSON', cause);
  }
  const parsed = shape.safeParse(content);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw invalid(path, problems.join('; '));
  }
  const { secondFactorRoles, password: passwordRules, issuers } = parsed.data;
  return {
    rules: { secondFactorRoles, password: passwordRules },
    issuers: issuers.map(({ clientSecretFile, privateKeyFile, ...issuer }) => ({
      ...issuer,
      clientSecret: clientSecretFile === undefined ? null : textOf(path, clientSecretFile),
      privateKey: privateKeyFile === undefined ? null : textOf(path, privateKeyFile),
      match:
        issuer.match.by === 'subject'
          ? issuer.match
          : {
              by: issuer.match.by,
              claim: issuer.match.claim,
              institution: issuer.match.institution ?? null,
              institutionClaim: issuer.match.institutionClaim ?? null,
            },
    })),
  };
};
