import { z } from 'zod';
import { type Database, statement } from '../../../adapters/postgres/database.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { Metrics } from '../metrics.ts';
import { problemShape } from '../problem.ts';
import { json, publicRoute, type Route, route } from '../route.ts';
import { SERVER_FAULTS } from '../faults.ts';

/** One part that must be there before work is taken. `check` throws when it is not. */
export interface ReadinessProbe {
  /** `migrations`, `snapshot`, `objects` … */
  readonly part: string;
  check(): Promise<void>;
}

const PING = statement('server.ping', 'select 1 as one');

/** Longest a probe may take, in milliseconds, before its part counts as not ready. */
const PROBE_MS = 2_000;

const within = async (work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Fault('NOT_READY', SERVER_FAULTS.NOT_READY)), PROBE_MS);
  });
  work.catch(() => undefined);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
};

const reasonOf = (error: unknown): string => (error instanceof Fault ? error.code : 'INTERNAL');

const partShape = z.strictObject({ part: z.string(), ready: z.boolean(), reason: z.string().nullable() });

/** Health, readiness and metrics. */
export const healthRoutes = (options: {
  database: Database;
  probes: readonly ReadinessProbe[];
  metrics: Metrics;
}): Route[] => {
  const database: ReadinessProbe = {
    part: 'database',
    async check() {
      await options.database.run(PING);
    },
  };
  const probes = [database, ...options.probes];
  return [
    publicRoute({
      operationId: 'health',
      method: 'GET',
      path: '/healthz',
      surface: 'plain',
      summary: { zh: '进程存活', en: 'The process is alive' },
      limits: { bodyBytes: 1, perMinute: 6_000 },
      input: {},
      answers: [
        {
          status: 200,
          description: 'Alive',
          mediaType: 'application/json',
          schema: z.strictObject({ status: z.literal('alive') }),
        },
      ],
      handle: async () => json({ status: 'alive' }),
    }),
    publicRoute({
      operationId: 'readiness',
      method: 'GET',
      path: '/readyz',
      surface: 'plain',
      summary: { zh: '可以受理业务', en: 'Database, migrations and lists are there; work can be taken' },
      limits: { bodyBytes: 1, perMinute: 6_000 },
      input: {},
      answers: [
        {
          status: 200,
          description: 'Ready',
          mediaType: 'application/json',
          schema: z.strictObject({ status: z.literal('ready'), parts: z.array(partShape) }),
        },
        {
          status: 503,
          description: 'Not ready; parts says why',
          mediaType: 'application/json',
          schema: problemShape,
        },
      ],
      async handle({ origin }) {
        const parts = await Promise.all(
          probes.map(async (probe) => {
            const { part } = probe;
            try {
              await within(probe.check());
              return { part, ready: true, reason: null };
            } catch (error) {
              return { part, ready: false, reason: reasonOf(error) };
            }
          }),
        );
        if (parts.every(({ ready }) => ready)) return json({ status: 'ready', parts });
        const { status, zh, en } = SERVER_FAULTS.NOT_READY;
        const problem = { type: 'urn:huren:fault:NOT_READY', title: en, status, code: 'NOT_READY', zh, en };
        return json({ ...problem, requestId: origin.requestId, parts }, status);
      },
    }),
    route({
      operationId: 'metrics',
      method: 'GET',
      path: '/metrics',
      surface: 'plain',
      summary: {
        zh: '运行指标（需用途为 operations 的客户端密钥）',
        en: 'Prometheus metrics, for a client key of purpose operations',
      },
      access: { kind: 'right', right: 'metrics:read' },
      limits: { bodyBytes: 1, perMinute: 600 },
      input: {},
      answers: [{ status: 200, description: 'Prometheus exposition text', mediaType: 'text/plain' }],
      handle: async () => ({
        kind: 'text',
        status: 200,
        mediaType: options.metrics.contentType,
        text: await options.metrics.text(),
      }),
    }),
  ];
};
