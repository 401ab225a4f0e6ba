import type { FastifyReply } from 'fastify';

/** How long a browser may remember what it was told, in seconds. */
const PREFLIGHT_SECONDS = 600;

/** Headers that let the page of a registered origin read an answer. */
export const allowOrigin = (reply: FastifyReply, origin: string): void => {
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-request-id, retry-after, www-authenticate',
  });
};

/** Headers that tell a browser beforehand what it may send to a route. */
export const allowMethods = (reply: FastifyReply, methods: readonly string[]): void => {
  reply.headers({
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': 'authorization, content-type, accept, accept-language',
    'access-control-max-age': String(PREFLIGHT_SECONDS),
  });
};
