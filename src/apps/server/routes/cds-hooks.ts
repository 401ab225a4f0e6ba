import { z } from 'zod';
import {
  type CardFeedback,
  cardsAnswerShape,
  feedbackAnswerShape,
  feedbackRequestShape,
} from '../../../adapters/cds-hooks/card-shapes.ts';
import { DISCOVERY, discoveryShape, type Hook, HOOKS } from '../../../adapters/cds-hooks/discovery.ts';
import { cdsFault, type HookRequest, hookRequestShape } from '../../../adapters/cds-hooks/hook-request.ts';
import type { CdsClientDirectory } from '../../../adapters/postgres/cds-clients.ts';
import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import { notCheckedAnswer } from '../../flows/cds-hooks/cds-cards.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';
import type { Metrics } from '../metrics.ts';
import { json, type Limits, publicRoute, type Route, route } from '../route.ts';
import { countCheck, NOT_CHECKED, valueOf } from './order-checks.ts';

/** A hook call as the route hands it on. */
export interface HookCall {
  readonly actor: Actor;
  readonly service: Hook;
  readonly request: HookRequest;
  /** Header `Accept-Language`. */
  readonly acceptLanguage: string | undefined;
  readonly origin: CallOrigin;
}

/** A feedback call as the route hands it on. */
export interface FeedbackCall {
  readonly actor: Actor;
  readonly service: Hook;
  readonly feedback: readonly CardFeedback[];
  readonly origin: CallOrigin;
}

/** What the server calls to answer CDS Hooks. */
export interface CdsHooks {
  /** Who may call; the gate asks it for the holder of a token. */
  readonly clients: CdsClientDirectory;
  /** Longest time to an answer, in milliseconds from the arrival of the call. */
  readonly answerMs: number;
  call(call: HookCall): Promise<Result<z.output<typeof cardsAnswerShape>, Fault>>;
  feedback(call: FeedbackCall): Promise<Result<z.output<typeof feedbackAnswerShape>, Fault>>;
}

/** Prefetch carries whole resources, for a session of a hundred orders at most. */
const LIMITS: Limits = { bodyBytes: 1024 * 1024, perMinute: 300_000 };

const serviceParams = z.strictObject({ id: z.string().max(64) });
const languageHeaders = z.object({ 'accept-language': z.string().max(1_000).optional() });

const hookOf = (id: string): Hook => {
  const hook = HOOKS.find((known) => known === id);
  if (!hook) throw cdsFault('CDS_SERVICE_UNKNOWN', { place: 'params.id' });
  return hook;
};

/** CDS Hooks 2.0: discovery, the three services, feedback. */
export const cdsHookRoutes = (cdsHooks: CdsHooks, metrics: Metrics): Route[] => [
  publicRoute({
    operationId: 'discoverCdsServices',
    method: 'GET',
    path: '/cds-services',
    surface: 'api',
    summary: { zh: 'CDS Hooks：可用服务', en: 'CDS Hooks 2.0 discovery' },
    limits: { bodyBytes: 1, perMinute: 6_000 },
    credential: 'signed-token',
    crossOrigin: true,
    input: {},
    answers: [
      { status: 200, description: 'Services', mediaType: 'application/json', schema: discoveryShape },
    ],
    handle: async () => json(DISCOVERY),
  }),
  route({
    operationId: 'callCdsService',
    method: 'POST',
    path: '/cds-services/{id}',
    surface: 'api',
    summary: {
      zh: 'CDS Hooks：开单核查，答以卡片',
      en: 'CDS Hooks 2.0: an order check, answered with cards (order-select, order-sign, order-dispatch)',
    },
    access: { kind: 'right', right: 'cds-service:call' },
    limits: LIMITS,
    credential: 'signed-token',
    crossOrigin: true,
    input: { params: serviceParams, headers: languageHeaders, body: hookRequestShape },
    answers: [{ status: 200, description: 'Cards', mediaType: 'application/json', schema: cardsAnswerShape }],
    failure: NOT_CHECKED,
    failureAnswer: notCheckedAnswer,
    deadlineMs: cdsHooks.answerMs,
    handle: ({ actor, params, headers, body, origin }) =>
      countCheck(metrics, async () => {
        const answer = valueOf(
          await cdsHooks.call({
            actor,
            service: hookOf(params.id),
            request: body,
            acceptLanguage: headers['accept-language'],
            origin,
          }),
        );
        const isChecked = answer.cards.every(({ uuid }) => uuid !== undefined);
        return { status: isChecked ? 'checked' : 'not-checked', answer: json(answer) };
      }),
  }),
  route({
    operationId: 'sendCdsFeedback',
    method: 'POST',
    path: '/cds-services/{id}/feedback',
    surface: 'api',
    summary: {
      zh: 'CDS Hooks：卡片的采纳与不采纳',
      en: 'CDS Hooks 2.0 feedback: which cards were accepted, which overridden and why',
    },
    access: { kind: 'right', right: 'cds-service:call' },
    limits: LIMITS,
    credential: 'signed-token',
    crossOrigin: true,
    input: { params: serviceParams, body: feedbackRequestShape },
    answers: [
      { status: 200, description: 'Kept', mediaType: 'application/json', schema: feedbackAnswerShape },
    ],
    handle: async ({ actor, params, body, origin }) =>
      json(
        valueOf(
          await cdsHooks.feedback({ actor, service: hookOf(params.id), feedback: body.feedback, origin }),
        ),
      ),
  }),
];
