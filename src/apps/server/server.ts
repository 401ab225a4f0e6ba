import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import pino, { type DestinationStream, type Logger } from 'pino';
import type { Database } from '../../adapters/postgres/database.ts';
import type { Clock } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { CARD_TOKEN_CHARACTERS_MAX, type CardLinks } from '../flows/card/card-link.ts';
import { VIEWING_PASS_CHARACTERS_MAX } from '../flows/imaging/viewing-pass.ts';
import type { LaunchDesk } from '../flows/card/launch-desk.ts';
import { authorise, createGate } from './actor.ts';
import type { ApplicationTokens } from './application-tokens.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { serverFault } from './problem.ts';
import type { RefusalLog } from './refusal-log.ts';
import { createRateLimit } from './rate-limit.ts';
import { type Registrar, registerRoutes, requireDeclarations, sendProblem } from './register-routes.ts';
import { methodsOf, type Route } from './route.ts';
import type { PatientSuppliedFlows } from './routes/patient-supplied.ts';
import type { DeskFlows } from './routes/desk-port.ts';
import type { OwnDataFlows } from './routes/own-data-port.ts';
import type { NoticeFlows } from './notices-port.ts';
import type { EmergencyFlows } from './routes/emergency-access.ts';
import type { AuditEvents } from './routes/audit-events.ts';
import type { PrivacyDesk } from './routes/privacy-port.ts';
import type { OwnAccessLog } from './routes/own-access-log.ts';
import type { CorrectionFlows } from './routes/corrections.ts';
import type { ConsentFlows } from './routes/consents-port.ts';
import type { AnswerReview } from './routes/answer-review.ts';
import type { CdsHooks } from './routes/cds-hooks.ts';
import type { ConsoleFlows } from './routes/console-port.ts';
import type { CardFlows } from './routes/card-port.ts';
import type { ReadinessProbe } from './routes/health.ts';
import type { ImageReceptionFlow } from './routes/image-reception-port.ts';
import type { ImageHolds } from './routes/image-holds-port.ts';
import type { ImageKeeping } from './routes/image-keeping-port.ts';
import type { StudyMatches } from './routes/study-matches-port.ts';
import type { DicomWeb } from './routes/dicom-web-port.ts';
import type { FhirFlows } from './routes/fhir-port.ts';
import type { OversightFlows } from './routes/oversight-port.ts';
import type { ApplicationPages } from './routes/applications.ts';
import type { OwnAccountFlows } from './routes/own-account-port.ts';
import type { OutsideSignIn, SignInFlows } from './routes/sign-in-port.ts';
import { routeTable, type ServerFlows } from './routes/table.ts';
import type { PassedViewing } from './routes/passed-viewing-port.ts';
import type { SignedInCarrying } from './routes/study-carry-port.ts';
import type { StudyViewing } from './routes/study-view-port.ts';
import type { DepartmentWork } from './routes/department-work.ts';
import type { OfferedIssuer } from '../../web/sign-in-page.ts';
import { setSecurityHeaders } from './security-headers.ts';
import type { OpinionFlows } from './routes/consultation-opinions.ts';
import { signedTokens } from './signed-tokens.ts';

/** What the HTTP server works with; the command line wires it. */
export interface ServerDependencies {
  readonly database: Database;
  readonly flows: ServerFlows;
  readonly answerReview: AnswerReview;
  /** Work by department and doctor; absent where no checks are kept. */
  readonly departmentWork?: DepartmentWork;
  /** Opinions beside reports; absent where no reports are shown. */
  readonly opinions?: OpinionFlows;
  /** The institution console; absent where no messages are taken. */
  readonly console?: ConsoleFlows;
  readonly cardLinks: CardLinks;
  readonly cards: CardFlows;
  readonly launchDesk: LaunchDesk;
  readonly consents: ConsentFlows;
  readonly corrections: CorrectionFlows;
  readonly cdsHooks: CdsHooks;
  readonly applicationTokens: ApplicationTokens;
  /** SMART apps; absent where none are let in. */
  readonly apps?: Omit<ApplicationPages, 'flows'>;
  readonly signIn: SignInFlows;
  readonly ownAccount: OwnAccountFlows;
  /** Issuers other than our own by which people may sign in. */
  readonly issuers: readonly OfferedIssuer[];
  readonly outside: OutsideSignIn;
  readonly notices: NoticeFlows;
  /** DICOMweb; absent where no images are kept. */
  readonly dicomWeb?: DicomWeb;
  /** The worklist of studies that belong to nobody; absent where no images are kept. */
  readonly studyMatches?: StudyMatches;
  /** Cases of images that are kept and not shown; absent where no images are kept. */
  readonly imageHolds?: ImageHolds;
  /** How an institution's images are kept; absent where none are. */
  readonly imageKeeping?: ImageKeeping;
  /** How images come in; absent where none are kept. */
  readonly imageReception?: ImageReceptionFlow;
  /** The FHIR interface; absent where results are not read by programs. */
  readonly fhir?: FhirFlows;
  /** The authority's cases; absent where there is no authority to look into anything. */
  readonly oversight?: OversightFlows;
  readonly patientSupplied: PatientSuppliedFlows;
  /** Only a program of the bench puts something in the place of the policy, to measure what it costs. */
  readonly authorise?: Registrar['authorise'];
  /** Where refusals are written; absent where there are no data to refuse. */
  readonly refusals?: RefusalLog;
  /** Emergency access; absent where no results are shown. */
  readonly emergency?: EmergencyFlows;
  /** The privacy officer's work; absent where no results are shown. */
  readonly privacy?: PrivacyDesk;
  /** The access log by FHIR; absent where no results are shown. */
  readonly auditEvents?: AuditEvents;
  /** 谁看过我的结果; absent where no patient signs in. */
  readonly ownAccessLog?: OwnAccessLog;
  /** Patients' own data; absent where no patient signs in. */
  readonly ownData?: OwnDataFlows;
  /** Original images; absent where none are kept. */
  readonly studies?: StudyViewing;
  /** Original images for those without a session; absent where none are kept. */
  readonly passedViewing?: PassedViewing;
  readonly carrying?: SignedInCarrying;
  /** The desk for patients without a phone; absent where no patient's own data are served. */
  readonly desk?: DeskFlows;
  readonly clock: Clock;
  readonly newId: () => PublicId;
  /** Each part that must be there before work is taken: migrations, snapshot … The database itself is always probed. */
  readonly probes: readonly ReadinessProbe[];
  /** Metrics shared with the other roles of the process. */
  readonly metrics?: Metrics;
  /** Address at which callers reach us where that is not the one we listen on, without a slash at the end. */
  readonly publicUrl?: string;
  /** Longest wait for an answer that only reads, in milliseconds; absent: twenty seconds. */
  readonly waitMaxMs?: number;
  readonly logLevel?: string;
  /** Where log lines go; standard output when absent. */
  readonly logTo?: DestinationStream;
}

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Proxies that end TLS before us: what they write of a caller's address and scheme is believed, and browsers reach us over
   * TLS. Nobody else's word is.
   */
  readonly trustedProxies?: readonly string[];
  /** PEM texts; with them the server speaks TLS and marks its cookies Secure. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A server that listens. */
export interface HttpServer {
  readonly url: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** Stops taking calls, lets those under way finish, then closes. */
  close(): Promise<void>;
}

/** Log lines name routes and outcomes. Whatever could hold a person's data is cut out even if somebody logs it. */
const openLog = (level: string, destination: DestinationStream | undefined): Logger =>
  pino(
    {
      level,
      base: { part: 'http' },
      redact: {
        paths: [
          '*.authorization',
          '*.cookie',
          '*.password',
          '*.body',
          '*.query',
          '*.url',
          'authorization',
          'cookie',
          'body',
          'query',
          'url',
        ],
        remove: true,
      },
    },
    // Written in blocks: one system call a request would cost a tenth of an order check's time.
    destination ?? pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 1_000 }),
  );

const pathPattern = (path: string): RegExp =>
  new RegExp(
    `^${path
      .split(/\{\w+\}/)
      .map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
      .join('[^/]+')}$`,
  );

const observe = (app: FastifyInstance, metrics: Metrics, log: Logger): void => {
  app.addHook('onResponse', async (request: FastifyRequest, reply) => {
    const route = request.routeOptions.config?.declared?.path ?? 'unknown';
    const elapsedMs = performance.now() - request.startedAt;
    const { method } = request;
    metrics.requestDuration.observe({ method, route, status: String(reply.statusCode) }, elapsedMs / 1000);
    log.info(
      {
        requestId: request.id,
        method,
        route,
        status: reply.statusCode,
        elapsedMs: Math.round(elapsedMs * 10) / 10,
        actor: request.visitor?.actor?.name ?? null,
      },
      'request',
    );
  });
};

/** 404, or 405 with `Allow` when the address exists under another method. */
const answerUnknown = (app: FastifyInstance, routes: readonly Route[], log: Logger): void => {
  const known = routes.map((declared) => ({
    methods: methodsOf(declared),
    pattern: pathPattern(declared.path),
  }));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const methods = [
      ...new Set(known.filter(({ pattern }) => pattern.test(path)).flatMap((one) => one.methods)),
    ];
    if (methods.length === 0) return sendProblem(request, reply, serverFault('NOT_FOUND'), undefined, log);
    reply.header('allow', methods.join(', '));
    return sendProblem(request, reply, serverFault('METHOD_NOT_ALLOWED'), undefined, log);
  });
};

/**
 * The addresses under which callers know us: the configured one, else the one we listen on. Never the one a request
 * names itself: a token made out for another server would pass with it.
 */
const ownAddresses = (
  app: FastifyInstance,
  isSecure: boolean,
  publicUrl: string | undefined,
): readonly string[] => {
  if (publicUrl !== undefined) return [publicUrl];
  const listening = app.server.address() as AddressInfo | null;
  if (!listening) return [];
  const { address, port, family } = listening;
  const host = family === 'IPv6' ? `[${address}]` : address;
  const isLoopback = address === '127.0.0.1' || address === '::1';
  return [host, ...(isLoopback ? ['localhost'] : [])].map(
    (name) => `${isSecure ? 'https' : 'http'}://${name}:${port}`,
  );
};

/**
 * How long a connection may lie idle between two calls. Longer than callers and proxies keep theirs (nginx and most
 * balancers a minute, .NET Framework 100 s, some balancers ten minutes): whichever end closes first can cut off a call that
 * the other is just sending, and only the caller knows when that is.
 */
const KEEP_ALIVE_MS = 620_000;

/** Builds the application without listening. */
const buildServer = async (
  dependencies: ServerDependencies,
  { tls, trustedProxies = [] }: Pick<ListenOptions, 'tls' | 'trustedProxies'>,
) => {
  const isSecure = tls !== undefined || trustedProxies.length > 0;
  const { database, clock, cardLinks, launchDesk } = dependencies;
  const log = openLog(dependencies.logLevel ?? 'info', dependencies.logTo);
  const metrics = dependencies.metrics ?? createMetrics();
  const app = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    // Calls under way get this long to finish when the program stops.
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: Math.max(CARD_TOKEN_CHARACTERS_MAX, VIEWING_PASS_CHARACTERS_MAX) },
    // Addresses that cannot even be read (a broken percent sign) never reach the hooks below.
    frameworkErrors: (error, request, reply) => {
      setSecurityHeaders(reply, isSecure);
      reply.header('x-request-id', request.id);
      sendProblem(request, reply, error, undefined, log);
    },
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    ...(tls ? { https: tls } : {}),
  }) as FastifyInstance;
  app.decorateRequest('visitor', null);
  app.decorateRequest('startedAt', 0);
  app.decorateRequest('peer', '');
  app.decorateRequest('purpose', 'operations');
  requireDeclarations(app);
  app.removeContentTypeParser('text/plain');
  await app.register(cookie);
  await app.register(formbody);
  await app.register(multipart);
  // Asked once, a socket keeps its address when its other end has gone; the access log must know it even then.
  for (const event of ['connection', 'secureConnection'])
    app.server.on(event, (socket: Socket) => void socket.remoteAddress);
  app.addHook('onRequest', async (request, reply) => {
    request.startedAt = performance.now();
    request.peer = request.ip;
    reply.header('x-request-id', request.id);
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    setSecurityHeaders(reply, isSecure);
    return payload;
  });
  observe(app, metrics, log);
  const routes = routeTable({ ...dependencies, metrics });
  const { clients } = dependencies.cdsHooks;
  const tokens = signedTokens({
    database,
    clients,
    clock,
    baseAddresses: () => ownAddresses(app, tls !== undefined, dependencies.publicUrl),
  });
  const gate = createGate({
    database,
    clock,
    cardLinks,
    launchDesk,
    secureCookies: isSecure,
    tokens,
    applicationTokens: dependencies.applicationTokens,
  });
  registerRoutes(app, routes, {
    gate,
    rateLimit: createRateLimit(clock),
    metrics,
    log,
    clock,
    issuers: dependencies.issuers,
    refusals: dependencies.refusals,
    waitMaxMs: dependencies.waitMaxMs,
    authorise: dependencies.authorise ?? authorise,
    isRegisteredOrigin: clients.hasOrigin,
  });
  answerUnknown(app, routes, log);
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error, undefined, log));
  return { app, routes, metrics, log };
};

/**
 * Starts the HTTP role.
 *
 * @throws PORT_IN_USE, PORT_FORBIDDEN naming the port and its variable
 */
export const startHttpServer = async (
  dependencies: ServerDependencies,
  listen: ListenOptions,
): Promise<HttpServer> => {
  const { app, metrics, log } = await buildServer(dependencies, listen);
  try {
    await app.listen({ host: listen.host, port: listen.port });
  } catch (cause) {
    await app.close();
    const { code } = cause as { code?: string };
    const detail = `HUREN_HOST=${listen.host} HUREN_HTTP_PORT=${listen.port}`;
    if (code === 'EADDRINUSE') throw serverFault('PORT_IN_USE', { detail, cause });
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL') throw serverFault('PORT_FORBIDDEN', { detail, cause });
    throw cause;
  }
  const { port } = app.server.address() as AddressInfo;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `${listen.tls ? 'https' : 'http'}://${host}:${port}`,
    port,
    metrics,
    async close() {
      await app.close();
      log.flush();
    },
  };
};
