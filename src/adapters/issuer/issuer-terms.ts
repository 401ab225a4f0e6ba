/** Path of the issuer below our own address. */
export const ISSUER_PATH = '/oidc';

/** Names of the issuer's cookies: the request of an app on its page, the way back from it, the library's own session. */
export const ISSUER_COOKIES = {
  interaction: 'huren_asked',
  resume: 'huren_asked_resume',
  session: 'huren_issuer',
} as const;

/** Scopes that are not about a resource. */
export const LAUNCH_SCOPES = [
  'openid',
  'profile',
  'fhirUser',
  'launch',
  'launch/patient',
  'offline_access',
] as const;

/** Seconds that each thing lives. Access tokens are short: what shut somebody out counts at once, but a copy lives on. */
export const LIVES = {
  AccessToken: 15 * 60,
  AuthorizationCode: 60,
  ClientCredentials: 5 * 60,
  Grant: 14 * 86_400,
  IdToken: 15 * 60,
  Interaction: 15 * 60,
  RefreshToken: 14 * 86_400,
  Session: 15 * 60,
} as const;
