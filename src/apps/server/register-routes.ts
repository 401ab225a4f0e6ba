import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { AccessPurpose } from '../../access/index.ts';
import { type Fault, Fault as FaultClass } from '../../kernel/fault.ts';
import type { Clock } from '../../kernel/instant.ts';
import { isUuid } from '../../kernel/uuid.ts';
import { problemPage } from '../../web/problem-page.ts';
import { type OfferedIssuer, signInPage } from '../../web/sign-in-page.ts';
import { allowMethods, allowOrigin } from './cross-origin.ts';
import { type authorise, type Gate, isOwnForm, NOBODY, rightOf, type Visitor } from './actor.ts';
import type { Actor, CallOrigin } from './flows-port.ts';
import type { Metrics } from './metrics.ts';
import { readMultipart } from './multipart.ts';
import { securityHeaders } from './security-headers.ts';
import { SERVER_FAULTS } from './faults.ts';
import { problemOf, readInput, serverFault, toFault } from './problem.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { RateLimit } from './rate-limit.ts';
import { type Answer, methodsOf, type Route } from './route.ts';
import { sendParts, withoutBody } from './send-parts.ts';

/** What the registrar works with. */
export interface Registrar {
  readonly gate: Gate;
  readonly rateLimit: RateLimit;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
  /** Whether a visitor may call a route, and for which purpose. */
  readonly authorise: typeof authorise;
  /** Where refusals are written; absent where there are no data to refuse. */
  readonly refusals?: RefusalLog | undefined;
  /** Other issuers that the sign-in page offers. */
  readonly issuers: readonly OfferedIssuer[];
  /** Longest wait for an answer that only reads, and for who is asking, in milliseconds; absent: `WAIT_MAX_MS`. */
  readonly waitMaxMs?: number | undefined;
  /** True for a browser origin from which some client may call. */
  readonly isRegisteredOrigin: (origin: string) => Promise<boolean>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The declaration behind the route; a route without one is refused at start. */
    declared?: Route;
  }
  interface FastifyRequest {
    visitor: Visitor | null;
    startedAt: number;
    /** From where, as it was when the request came: of a caller who has gone nothing can be asked any more. */
    peer: string;
    /** Of the grant that let the visitor in. */
    purpose: AccessPurpose;
  }
}

const FORM_TYPE = 'application/x-www-form-urlencoded';
const UPLOAD_TYPE = 'multipart/form-data';

/** The media types of which a route's body may be. */
const mediaTypesOf = ({ surface, upload }: Route): readonly string[] => {
  if (surface === 'page') return [upload ? UPLOAD_TYPE : FORM_TYPE];
  if (surface === 'fhir') return [FORM_TYPE];
  return upload ? ['application/json', UPLOAD_TYPE] : ['application/json'];
};

/** `{id}` in the declaration, `:id` for Fastify. */
const fastifyPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

const originOf = (request: FastifyRequest): CallOrigin => ({
  requestId: request.id,
  peer: request.peer,
  purpose: request.purpose,
});

const requireMediaType = (request: FastifyRequest, declared: Route): void => {
  if (request.method !== 'POST' || declared.surface === 'plain') return;
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (declared.rawBody) {
    if (declared.rawBody.mediaTypes.includes(mediaType)) return;
    throw serverFault('MEDIA_TYPE_UNSUPPORTED', { detail: mediaType });
  }
  if (mediaType === '' && declared.input.body === undefined) return;
  if (!mediaTypesOf(declared).includes(mediaType))
    throw serverFault('MEDIA_TYPE_UNSUPPORTED', { detail: mediaType });
};

/** Reads the declared parts of the input; `cookie` and `authorization` are the gate's alone. */
const inputOf = (request: FastifyRequest, declared: Route) => {
  const { params, query, headers, body } = declared.input;
  const { cookie: _cookie, authorization: _authorization, ...others } = request.headers;
  let sent = request.body;
  if (declared.surface === 'page' && sent && typeof sent === 'object') {
    const { formToken: _formToken, ...fields } = sent as Record<string, unknown>;
    sent = fields;
  }
  return {
    params: params && readInput(params, request.params, 'params'),
    query: query && readInput(query, request.query, 'query'),
    headers: headers && readInput(headers, others, 'headers'),
    body: body && readInput(body, sent ?? {}, 'body'),
  };
};

/** From this length a text is turned into bytes once, instead of first being measured and then written. */
const LONG_CHARACTERS = 16_384;

const written = (body: unknown): string | Buffer => {
  const text = JSON.stringify(body);
  return text.length < LONG_CHARACTERS ? text : Buffer.from(text, 'utf8');
};

const send = (reply: FastifyReply, answer: Answer, gate: Gate): FastifyReply => {
  if (answer.session) gate.applySession(reply, answer.session);
  if (answer.headers) reply.headers(answer.headers);
  if (reply.request.method === 'HEAD' && (answer.kind === 'stream' || answer.kind === 'parts'))
    return withoutBody(reply, answer);
  switch (answer.kind) {
    case 'json':
      return reply.code(answer.status).type('application/json; charset=utf-8').send(written(answer.body));
    case 'page':
      return reply.code(answer.status).type('text/html; charset=utf-8').send(answer.page.text);
    case 'text':
      return reply.code(answer.status).type(answer.mediaType).send(answer.text);
    case 'bytes':
      if (answer.fileName) reply.header('content-disposition', `inline; filename="${answer.fileName}"`);
      return reply.code(answer.status).type(answer.mediaType).send(answer.bytes);
    case 'stream':
      if (answer.length !== null) reply.header('content-length', answer.length);
      return reply.code(answer.status).type(answer.mediaType).send(Readable.from(answer.pieces));
    case 'parts':
      return sendParts(reply, answer);
    case 'go':
      return reply.redirect(answer.to, 303);
  }
};

/** Hands the bodies of routes that read their own bytes over as they came. */
const takeRawBodies = (app: FastifyInstance, routes: readonly Route[]): void => {
  const taken = routes.flatMap(({ rawBody }) => rawBody ?? []);
  const streamed = new Set(taken.filter((one) => one.isStream).flatMap((one) => one.mediaTypes));
  // Its bytes are counted where it is handed over.
  for (const mediaType of streamed)
    app.addContentTypeParser(mediaType, (_request, payload, done) => done(null, payload));
  const whole = new Set(taken.filter((one) => !one.isStream).flatMap((one) => one.mediaTypes));
  for (const mediaType of whole)
    app.addContentTypeParser(mediaType, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
};

/** The pieces of a streamed body up to the most that its route takes. @throws BODY_TOO_LARGE */
const counted = async function* (
  pieces: AsyncIterable<Uint8Array>,
  { limits }: Route,
): AsyncGenerator<Uint8Array, void, void> {
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > limits.bodyBytes) throw serverFault('BODY_TOO_LARGE');
    yield piece;
  }
};

const NO_BYTES = new Uint8Array();

/** A database that hangs must not leave somebody before a blank page. */
const WAIT_MAX_MS = 20_000;

/** How long a route may take, and what a caller is told when it takes longer; null: as long as it needs. */
const patienceOf = ({ deadlineMs, failure }: Route, readingMs: number | null) => {
  if (deadlineMs !== undefined && failure) return { waitMs: deadlineMs, failure };
  return readingMs === null ? null : { waitMs: readingMs, failure: failure ?? LATE };
};

const LATE = { code: 'ANSWER_LATE', definition: SERVER_FAULTS.ANSWER_LATE } as const;

/**
 * Waits for the work of a request no longer than its route allows from the request's arrival on. Work that would come too
 * late anyway is not begun: under a load that cannot be borne it would only make the next ones late too.
 */
const withDeadline = async <Value>(
  begin: () => Promise<Value>,
  declared: Route,
  { startedAt }: FastifyRequest,
  readingMs: number | null,
): Promise<Value> => {
  const patience = patienceOf(declared, readingMs);
  if (patience === null) return begin();
  const { waitMs, failure } = patience;
  const leftMs = waitMs - (performance.now() - startedAt);
  const lateFault = () =>
    new FaultClass(failure.code, failure.definition, { internal: `no answer in ${waitMs} ms` });
  if (leftMs <= 0) throw lateFault();
  const work = begin();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(lateFault()), leftMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // When the deadline won, a later failure of the work has nobody to tell.
    work.catch(() => undefined);
  }
};

/** The fault a caller is told: where the route declares it, any failure of ours reads as that one sentence. */
const faultFor = (error: unknown, declared: Route | undefined): Fault => {
  const fault = toFault(error);
  if (fault.status < 500 || !declared?.failure) return fault;
  const { code, definition } = declared.failure;
  if (fault.code === code) return fault;
  return new FaultClass(code, definition, {
    detail: fault.code,
    internal: fault.internal ?? fault.code,
    cause: fault,
  });
};

/** Frames of a stack without its first line: messages of libraries can quote the data they failed on. */
const framesOf = (error: unknown): string =>
  String((error as Error)?.stack ?? '')
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .join('\n');

const logFailure = (log: Logger, request: FastifyRequest, fault: Fault): void => {
  if (fault.status < 500) return;
  const cause = (fault.cause ?? fault) as { name?: string; code?: string };
  log.error(
    {
      requestId: request.id,
      code: fault.code,
      internal: fault.internal,
      cause: cause.code ?? cause.name,
      at: framesOf(fault.cause ?? fault),
    },
    'request failed',
  );
};

/** A page, or something plain that is read by people all the same. */
const wantsHtml = (request: FastifyRequest, declared: Route | undefined): boolean =>
  declared
    ? declared.surface === 'page' || declared.answers.some(({ mediaType }) => mediaType === 'text/html')
    : (request.headers.accept ?? '').includes('text/html');

// A browser meets a Basic challenge with a dialog of its own, so only programs that speak SOAP are given one: many of
// them send their password only when asked.
const challengeOf = (declared: Route | undefined): string[] =>
  declared?.surface === 'soap'
    ? ['Bearer realm="huren"', 'Basic realm="huren", charset="UTF-8"']
    : ['Bearer realm="huren"'];

/** What is away or not ready for now: nearly always back by then, and cheap to ask. */
const RETRY_AFTER_SECONDS = 5;

/** Answers a refusal: a page for people, a problem document for programs. */
export const sendProblem = (
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  declared: Route | undefined,
  log: Logger,
  issuers: readonly OfferedIssuer[] = [],
): FastifyReply => {
  const fault = faultFor(error, declared);
  logFailure(log, request, fault);
  if (fault.status >= 500 && declared?.failureAnswer)
    return reply
      .code(200)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(declared.failureAnswer(request.headers['accept-language'])));
  const visitor: Visitor | null | undefined = request.visitor;
  reply.code(fault.status).header('cache-control', 'no-store');
  if (fault.status === 401) reply.header('www-authenticate', challengeOf(declared));
  if (fault.status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (declared?.refusal) {
    const { mediaType, bytes } = declared.refusal(fault, request.id);
    return reply.type(mediaType).send(bytes);
  }
  const problem = problemOf(fault, request.id);
  if (!wantsHtml(request, declared))
    return reply.type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
  const next = request.method === 'GET' ? request.url : '/';
  const content =
    fault.code === 'SIGN_IN_REQUIRED'
      ? signInPage({ formToken: visitor?.formToken ?? '', next, message: null, login: '', issuers })
      : problemPage(
          problem,
          visitor?.actor?.kind === 'staff' ? visitor.actor : null,
          visitor?.formToken ?? '',
        );
  return reply.type('text/html; charset=utf-8').send(content.text);
};

/**
 * Refuses at start any route that does not come from a declaration, so that none is open by being forgotten. Must run
 * before the first route is added.
 */
export const requireDeclarations = (app: FastifyInstance): void => {
  app.addHook('onRoute', (options) => {
    if (!options.config?.declared)
      throw new Error(`route ${String(options.method)} ${options.url} has no declaration`);
  });
};

/** Lets pages of registered origins read the answers of a route. Others get the answer too, but not their browsers. */
const admitOrigin = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { isRegisteredOrigin }: Registrar,
): Promise<boolean> => {
  const { origin } = request.headers;
  reply.header('vary', 'origin');
  if (origin === undefined || !(await isRegisteredOrigin(origin))) return false;
  allowOrigin(reply, origin);
  return true;
};

/** Answers the questions of browsers before they call across origins; they carry no token. */
const addPreflight = (app: FastifyInstance, declared: Route, registrar: Registrar): void => {
  app.route({
    method: 'OPTIONS',
    url: fastifyPath(declared.path),
    config: { declared },
    handler: async (request, reply) => {
      if (await admitOrigin(request, reply, registrar)) allowMethods(reply, [declared.method]);
      return reply.code(204).send();
    },
  });
};

/** What a route that answers on the raw connection lacks of what the hooks do for the others. */
const passOn = async (
  request: FastifyRequest,
  reply: FastifyReply,
  declared: Route & Pick<Required<Route>, 'passThrough'>,
  log: Logger,
): Promise<void> => {
  reply.hijack();
  const { raw } = reply;
  raw.setHeader('x-request-id', request.id);
  for (const [name, value] of securityHeaders(request.protocol === 'https')) raw.setHeader(name, value);
  // A body of unknown length may be refused before its end: no other call may follow on that connection.
  if (request.headers['transfer-encoding'] !== undefined) raw.setHeader('connection', 'close');
  try {
    await declared.passThrough(request.raw, raw);
    // Refused before it was read to its end: what is still to come of it must not be taken for the next call.
    if (!request.raw.complete) request.raw.socket.destroySoon();
  } catch (error) {
    const fault = faultFor(error, declared);
    logFailure(log, request, fault);
    if (!raw.headersSent) raw.writeHead(fault.status, { 'content-type': 'application/problem+json' });
    raw.end(raw.writableEnded ? undefined : JSON.stringify(problemOf(fault, request.id)));
  }
};

const hasPassThrough = (declared: Route): declared is Route & Pick<Required<Route>, 'passThrough'> =>
  declared.passThrough !== undefined;

/** Refuses what says itself that it is too long; whoever reads the body counts it too. */
const requireLength = (request: FastifyRequest, { limits }: Route): void => {
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) throw serverFault('BODY_TOO_LARGE');
};

/** Adds one: who may call, how often, how much, what shape; then, and only then, its handler. */
const addRoute = (app: FastifyInstance, declared: Route, registrar: Registrar): void => {
  const { gate, rateLimit, log, waitMaxMs = WAIT_MAX_MS } = registrar;
  const methods = [...methodsOf(declared)];
  if (declared.crossOrigin && !declared.passThrough) addPreflight(app, declared, registrar);
  app.route({
    // A library that answers itself also answers what browsers ask before they call across origins.
    method: declared.passThrough && declared.crossOrigin ? [declared.method, 'OPTIONS'] : methods,
    url: fastifyPath(declared.path),
    config: { declared },
    bodyLimit: declared.limits.bodyBytes,
    // A HEAD runs the handler as a GET does: where papers are counted, or a link is used up, it would be one that nobody saw.
    exposeHeadRoute: false,
    // Before the body is read: a stranger's body is never parsed.
    onRequest: async (request, reply) => {
      // Health and static files must answer while the database is away, and tell everybody the same.
      const anybody =
        declared.access.kind === 'public' && declared.surface !== 'page' && !declared.credential;
      if (hasPassThrough(declared) || declared.rawBody?.isStream) requireLength(request, declared);
      else if (declared.crossOrigin) await admitOrigin(request, reply, registrar);
      const visitor = anybody
        ? NOBODY
        : await withDeadline(() => gate.visitorOf(request, reply, declared), declared, request, waitMaxMs);
      request.visitor = visitor;
      const who = visitor.actor?.name ?? request.peer;
      const waitSeconds = rateLimit.take(`${declared.operationId}|${who}`, declared.limits.perMinute);
      if (waitSeconds > 0) {
        reply.header('retry-after', waitSeconds);
        throw serverFault('TOO_MANY_REQUESTS');
      }
      request.purpose = registrar.authorise(visitor, declared);
      requireMediaType(request, declared);
    },
    handler: async (request, reply) => {
      if (hasPassThrough(declared)) return passOn(request, reply, declared, log);
      const visitor = request.visitor as Visitor;
      if (declared.upload && request.isMultipart())
        request.body = await readMultipart(request, declared.limits.bodyBytes);
      if (declared.surface === 'page' && request.method === 'POST') {
        const fields = (request.body ?? {}) as { formToken?: unknown };
        if (!isOwnForm(visitor, fields.formToken)) throw serverFault('FORM_EXPIRED');
      }
      const call = {
        ...inputOf(request, declared),
        rawBody: request.body instanceof Uint8Array ? request.body : NO_BYTES,
        rawStream:
          declared.rawBody?.isStream && request.body instanceof Readable
            ? {
                mediaType: request.headers['content-type'] ?? '',
                pieces: counted(request.body as AsyncIterable<Uint8Array>, declared),
              }
            : null,
        address: `${request.protocol}://${request.host}`,
        origin: originOf(request),
        isHead: request.method === 'HEAD',
        formToken: visitor.formToken,
        sessionToken: visitor.sessionToken,
        askedFor: visitor.askedFor ?? null,
        // A public route's handler has no actor in its type; the others were authorised above.
        actor: visitor.actor as Actor,
      };
      // What writes is waited for to its end: "not answered" would leave open whether it was done.
      const readingMs = declared.method === 'GET' ? waitMaxMs : null;
      const answer = await withDeadline(() => declared.handle(call as never), declared, request, readingMs);
      if (answer.failed) logFailure(log, request, answer.failed);
      return send(reply, answer, gate);
    },
    errorHandler: (error, request, reply) => {
      void keepRefusal(request, error, declared, registrar).then(() =>
        sendProblem(request, reply, error, declared, log, registrar.issuers),
      );
    },
  });
};

/** A refusal of something asked for by its id goes into the access log before it is answered. */
const keepRefusal = async (
  request: FastifyRequest,
  error: unknown,
  declared: Route,
  { refusals, log }: Registrar,
): Promise<void> => {
  const actor = request.visitor?.actor;
  const right = rightOf(declared);
  const { code, status } = toFault(error);
  if (!refusals || !actor || right === null || (status !== 403 && status !== 404)) return;
  // The flow of emergency access keeps its own, with the person.
  if (code.startsWith('EMERGENCY_')) return;
  const ids = Object.values((request.params ?? {}) as Record<string, unknown>).filter(
    (value): value is string => typeof value === 'string' && isUuid(value),
  );
  if (ids.length === 0) return;
  try {
    await refusals({
      actor,
      origin: originOf(request),
      action: right.replace(':', '.'),
      resource: `${declared.operationId}/${ids.join('/')}`,
      ids,
      code,
    });
  } catch (failure) {
    // Refused all the same: nothing was shown that would have to be witnessed.
    logFailure(log, request, toFault(failure));
  }
};

/** Adds every declared route. */
export const registerRoutes = (
  app: FastifyInstance,
  routes: readonly Route[],
  registrar: Registrar,
): void => {
  takeRawBodies(app, routes);
  for (const declared of routes) {
    if (!hasPassThrough(declared)) addRoute(app, declared, registrar);
    // The library reads the body itself: nothing of it may be read before.
    else
      void app.register(async (raw) => {
        raw.removeAllContentTypeParsers();
        raw.addContentTypeParser('*', (_request, _payload, done) => done(null));
        addRoute(raw, declared, registrar);
      });
  }
};
