import type { FastifyReply } from 'fastify';

/**
 * No script at all, nothing from elsewhere, no frames around us. The style sheet and images are our own; forms post
 * only to us.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['content-security-policy', CONTENT_SECURITY_POLICY],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=()'],
  // Pages and answers hold patients' data: no cache on the way or in the browser may keep them.
  ['cache-control', 'no-store'],
];
const SECURE_HEADERS: typeof HEADERS = [...HEADERS, ['strict-transport-security', 'max-age=31536000']];

/** Headers on every answer, refusals included. */
export const securityHeaders = (secure: boolean): typeof HEADERS => (secure ? SECURE_HEADERS : HEADERS);

/** Sets them on an answer. What a route set for itself stays. */
export const setSecurityHeaders = (reply: FastifyReply, secure: boolean): void => {
  for (const [name, value] of securityHeaders(secure)) if (!reply.hasHeader(name)) reply.header(name, value);
};

/**
 * Headers of a page that a card's token opens: its own script and style sheet, and frames around it only by the pages that
 * the client registered. Engines that know no `frame-ancestors` go by `X-Frame-Options`, which takes one origin.
 *
 * @param formTargets origins that a form of the page may post to, beside our own
 */
export const cardHeaders = (
  frameOrigins: readonly string[],
  formTargets: readonly string[] = [],
): Readonly<Record<string, string>> => {
  const [first] = frameOrigins;
  return {
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "script-src 'self'",
      "img-src 'self'",
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "base-uri 'none'",
      `frame-ancestors ${first === undefined ? "'none'" : frameOrigins.join(' ')}`,
    ].join('; '),
    'x-frame-options': first === undefined ? 'DENY' : `ALLOW-FROM ${first}`,
  };
};

/** Headers of a page of ours whose form may lead on to other origins: a browser checks every step of the way. */
export const leadingTo = (formTargets: readonly string[]): Readonly<Record<string, string>> => ({
  'content-security-policy': CONTENT_SECURITY_POLICY.replace(
    "form-action 'self'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
  ),
});
