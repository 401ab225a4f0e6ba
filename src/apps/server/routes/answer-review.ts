import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import {
  type AnswerReviewQuery,
  answerReviewQueryShape,
  type ExecutedAnswer,
  executedAnswerShape,
  type RepeatsAnswer,
  repeatsAnswerShape,
  type WaitingAnswer,
  waitingAnswerShape,
} from '../../../web/wire/answer-review.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';
import { json, type Limits, type Route, route } from '../route.ts';
import { valueOf } from './order-checks.ts';
import { answers } from './declared.ts';

type Review<Answer> = (
  actor: Actor,
  query: AnswerReviewQuery,
  origin: CallOrigin,
) => Promise<Result<Answer, Fault>>;

/** What became of answers: of a doctor's own, or for the medical affairs office (医务处) of its whole institution. */
export interface AnswerReview {
  /** Recognised orders that nobody confirmed as cancelled and that were executed all the same. */
  readonly executed: Review<ExecutedAnswer>;
  /** Recognised orders that wait for the ordering system to confirm the cancellation. */
  readonly waiting: Review<WaitingAnswer>;
  /** Repeats by item: those that the rule itself lets be, and avoidable ones. */
  readonly repeats: Review<RepeatsAnswer>;
}

/** A list of a whole institution is read from time to time, not on every order. */
const LIST: Limits = { bodyBytes: 1024, perMinute: 600 };

/** Reviews of answers: recognised and yet executed, recognised and not yet fulfilled, examined again. */
export const answerReviewRoutes = (review: AnswerReview): Route[] => [
  route({
    operationId: 'listRecognisedYetExecuted',
    method: 'GET',
    path: '/api/recognised-yet-executed',
    surface: 'api',
    summary: {
      zh: '已互认仍执行：医师看本人的，医务处看本机构的',
      en: "Recognised orders that were executed all the same: a doctor's own, or those of the institution",
    },
    access: { kind: 'right', right: 'recognition:review' },
    limits: LIST,
    input: { query: answerReviewQueryShape },
    answers: answers(executedAnswerShape),
    handle: async ({ actor, query, origin }) => json(valueOf(await review.executed(actor, query, origin))),
  }),
  route({
    operationId: 'listRecognisedNotYetFulfilled',
    method: 'GET',
    path: '/api/recognised-not-yet-fulfilled',
    surface: 'api',
    summary: {
      zh: '已互认、尚待开单系统确认撤销的申请',
      en: 'Recognised orders that wait for the ordering system to confirm the cancellation',
    },
    access: { kind: 'right', right: 'recognition:review' },
    limits: LIST,
    input: { query: answerReviewQueryShape },
    answers: answers(waitingAnswerShape),
    handle: async ({ actor, query, origin }) => json(valueOf(await review.waiting(actor, query, origin))),
  }),
  route({
    operationId: 'countRepeats',
    method: 'GET',
    path: '/api/repeats',
    surface: 'api',
    summary: {
      zh: '本机构各项目的重复检查：属可复查情形的与可避免的',
      en: 'Repeats of the institution by item: situations N1 to N5, and avoidable ones',
    },
    access: { kind: 'right', right: 'repeat:count' },
    limits: LIST,
    input: { query: answerReviewQueryShape },
    answers: answers(repeatsAnswerShape),
    handle: async ({ actor, query, origin }) => json(valueOf(await review.repeats(actor, query, origin))),
  }),
];
