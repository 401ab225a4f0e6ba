import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { type ResultHistory, resultHistoryShape } from '../../../web/wire/result-history.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';
import { json, type Route, route } from '../route.ts';
import { valueOf } from './order-checks.ts';
import { answers } from './declared.ts';

/** What the server calls to show a person's results. */
export interface HistoryFlows {
  /** All results of a person across institutions, as far as this actor may see them. */
  resultHistory(actor: Actor, person: PublicId, origin: CallOrigin): Promise<Result<ResultHistory, Fault>>;
}

/** The history of a person's results. */
export const resultHistoryRoutes = (flows: HistoryFlows): Route[] => [
  route({
    operationId: 'readResultHistory',
    method: 'GET',
    path: '/api/persons/{id}/results',
    surface: 'api',
    summary: {
      zh: '患者跨机构检查检验结果（累积报告）',
      en: "All results of a person across institutions, as a cumulative table needs them; 'curve' tells which values may be joined by a line",
    },
    access: { kind: 'right', right: 'result-history:read' },
    limits: { bodyBytes: 1, perMinute: 6_000 },
    input: { params: z.strictObject({ id: publicIdShape }) },
    answers: answers(resultHistoryShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.resultHistory(actor, params.id as PublicId, origin))),
  }),
];
