import { z } from 'zod';
import { qrCode } from '../../../adapters/documents/qr-code.ts';
import type { SignInRefusal } from '../../../adapters/postgres/accounts.ts';
import { endSession, openSession } from '../../../adapters/postgres/accounts-sessions.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import { civilTimeText } from '../../../kernel/civil-day.ts';
import { type Clock, instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { type OfferedIssuer, signInPage } from '../../../web/sign-in-page.ts';
import {
  codePage,
  enrolmentPage,
  newPasswordPage,
  recoveryCodesPage,
  signedOutPage,
} from '../../../web/sign-in-steps.ts';
import type { CallOrigin } from '../flows-port.ts';
import { type Answer, goTo, page, publicRoute, type Route, signedInRoute } from '../route.ts';
import { valueOf } from './order-checks.ts';
import type { OutsideSignIn, SignInFlows, SignInOutcome } from './sign-in-port.ts';

/** Longest path that a sign-in goes on to: the request of an app with its parameters. */
const NEXT_CHARACTERS_MAX = 500;

const code = z.string().trim().max(24);
const formShape = z.strictObject({
  login: z.string().trim().max(64),
  password: z.string().max(200),
  code: code.optional().describe('Of the second factor, where the caller has it at hand'),
  next: z.string().max(NEXT_CHARACTERS_MAX).default('/'),
});

const pendingShape = z.strictObject({ pending: z.string().min(1).max(64) });
const codeShape = pendingShape.extend({ code });
const passwordShape = pendingShape.extend({
  password: z.string().max(200),
  repeated: z.string().max(200),
});

/** Only a path of our own: a sign-in must not send anybody to another site. */
export const ownPath = (next: string): string => (/^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/');

const WRONG = '登录名或密码不正确。';
/** What is said of a code that was not right. */
export const WRONG_CODE = '动态口令不正确，或已用过；请等下一个口令出现后再试，并核对手机时间。';
const EXPIRED = '登录步骤已过期，请重新登录。';

/** What somebody is told who was refused. Shut accounts read like wrong passwords; a lock is told, or a doctor would keep trying. */
export const messageOf = (refusal: SignInRefusal): string =>
  refusal.reason === 'locked'
    ? `连续多次输入错误，账号已锁定至 ${civilTimeText(instant(Math.ceil(refusal.until / 60_000) * 60_000))}。`
    : WRONG;

/** What is said of a new password that will not do. */
export const WEAKNESSES: Readonly<
  Record<Extract<SignInOutcome, { kind: 'change-password' }>['weakness'] & string, string>
> = {
  'too-short': '新密码太短。',
  'too-long': '新密码太长。',
  'contains-login': '新密码不能含有登录名。',
  'too-uniform': '新密码的字符种类不够，或重复太多。',
  used: '新密码与近期用过的密码相同，请换一个。',
  'not-repeated': '两次输入不一致。',
};

/** What the pages of a sign-in work with. */
export interface SignInPages {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: () => PublicId;
  readonly signIn: SignInFlows;
  readonly issuers: readonly OfferedIssuer[];
  readonly outside: OutsideSignIn;
}

/** Where an outcome is answered: the browser it came from. */
interface OutcomeCall {
  readonly formToken: string;
  readonly sessionToken: string | null;
  readonly origin: CallOrigin;
}

/** The page or the session that an outcome amounts to. */
export const answerOutcome = async (
  { database, clock, issuers }: Pick<SignInPages, 'clock' | 'database' | 'issuers'>,
  outcome: SignInOutcome,
  { formToken, sessionToken, origin }: OutcomeCall,
  begun: { readonly login: string; readonly next: string } = { login: '', next: '/' },
): Promise<Answer> => {
  switch (outcome.kind) {
    case 'refused':
      return page(signInPage({ formToken, ...begun, message: messageOf(outcome.refusal), issuers }), 401);
    case 'expired':
      return page(signInPage({ formToken, ...begun, message: EXPIRED, issuers }), 401);
    case 'code': {
      const { pending, wrong } = outcome;
      return page(codePage({ formToken, pending, message: wrong ? WRONG_CODE : null }), wrong ? 401 : 200);
    }
    case 'enrol': {
      const { pending, wrong, secret, address } = outcome;
      const message = wrong ? WRONG_CODE : null;
      return page(
        enrolmentPage({ formToken, pending, secret, qr: qrCode(address), message }),
        wrong ? 401 : 200,
      );
    }
    case 'recovery-codes':
      return page(recoveryCodesPage({ formToken, pending: outcome.pending, codes: outcome.codes }));
    case 'change-password': {
      const { pending, rules, weakness } = outcome;
      const message = weakness === null ? null : WEAKNESSES[weakness];
      return page(newPasswordPage({ formToken, pending, message, ...rules }), weakness === null ? 200 : 400);
    }
    case 'in': {
      const { accountId, issuerCode, nextPath } = outcome;
      const session = await openSession(database, accountId, sessionToken, clock(), {
        issuerCode,
        peer: origin.peer,
      });
      return { ...goTo(ownPath(nextPath)), session: { kind: 'begin', ...session } };
    }
  }
};

const STEP = { bodyBytes: 4 * 1024, perMinute: 60 };
const STEP_ANSWERS = [
  { status: 200, description: 'The next step', mediaType: 'text/html' },
  { status: 303, description: 'Signed in', mediaType: 'none' },
  { status: 401, description: 'Refused; the form again with the reason', mediaType: 'text/html' },
] as const;

const issuerParams = z.strictObject({ issuer: z.string().regex(/^[a-z0-9-]{1,40}$/) });

/** What issuers send a browser back with: `code` and `state`, or `error`, and more of their own. */
const answerShape = z.record(z.string().max(100), z.string().max(4_000));

/** Sign-in by another issuer: away, back, and out there too. */
const outsideRoutes = (options: SignInPages, outside: OutsideSignIn): Route[] => {
  const limits = { bodyBytes: 1, perMinute: 60 };
  const refused = { status: 401, description: 'Refused, with the reason', mediaType: 'text/html' } as const;
  const unknown = { status: 404, description: 'There is no such issuer', mediaType: 'text/html' } as const;
  return [
    publicRoute({
      operationId: 'signInWithIssuer',
      method: 'GET',
      path: '/sign-in/with/{issuer}',
      surface: 'page',
      summary: { zh: '用统一身份认证登录', en: 'Goes to another issuer to sign in (OpenID Connect)' },
      limits,
      input: {
        params: issuerParams,
        query: z.strictObject({ next: z.string().max(NEXT_CHARACTERS_MAX).default('/') }),
      },
      answers: [{ status: 303, description: 'On to the issuer', mediaType: 'none' }, unknown],
      async handle({ params, query, formToken, origin }) {
        const call = { browser: formToken, origin };
        return goTo(valueOf(await outside.begin(params.issuer, ownPath(query.next), call)));
      },
    }),
    publicRoute({
      operationId: 'signInFromIssuer',
      method: 'GET',
      path: '/sign-in/from/{issuer}',
      surface: 'page',
      summary: { zh: '从统一身份认证返回', en: 'Comes back from another issuer' },
      limits,
      input: { params: issuerParams, query: answerShape },
      answers: [...STEP_ANSWERS.slice(0, 2), refused, unknown],
      async handle(call) {
        const { params, query, formToken, origin } = call;
        const answer = new URLSearchParams(query);
        const outcome = valueOf(await outside.finish(params.issuer, answer, { browser: formToken, origin }));
        return answerOutcome(options, outcome, call);
      },
    }),
    publicRoute({
      operationId: 'leaveIssuer',
      method: 'GET',
      path: '/sign-in/left/{issuer}',
      surface: 'page',
      summary: { zh: '退出后同时退出统一身份认证', en: 'Signs out at the other issuer too' },
      limits,
      input: { params: issuerParams },
      answers: [
        {
          status: 200,
          description: 'Signed out here; the browser goes on by itself',
          mediaType: 'text/html',
        },
        { status: 303, description: 'The issuer offers no way out', mediaType: 'none' },
      ],
      async handle({ params, formToken }) {
        const address = await outside.leave(params.issuer);
        if (address === null) return goTo('/sign-in');
        const name = options.issuers.find(({ code: each }) => each === params.issuer)?.nameZh ?? '';
        // Not a redirect: a form led here, and a browser lets a form lead to no other site.
        return {
          ...page(signedOutPage({ formToken, address, name })),
          headers: { refresh: `1;url=${address}` },
        };
      },
    }),
  ];
};

/** Sign-in step by step, and sign-out, by form. */
export const signInRoutes = (options: SignInPages): Route[] => {
  const { database, clock, newId, signIn, issuers, outside } = options;
  const callOf = ({ formToken, origin }: OutcomeCall) => ({ browser: formToken, origin });
  return [
    publicRoute({
      operationId: 'signInPage',
      method: 'GET',
      path: '/sign-in',
      surface: 'page',
      summary: { zh: '登录页', en: 'The sign-in page' },
      limits: { bodyBytes: 1, perMinute: 600 },
      input: {},
      answers: [{ status: 200, description: 'The form', mediaType: 'text/html' }],
      handle: async ({ formToken }) =>
        page(signInPage({ formToken, next: '/', message: null, login: '', issuers })),
    }),
    publicRoute({
      operationId: 'signIn',
      method: 'POST',
      path: '/sign-in',
      surface: 'page',
      summary: {
        zh: '登录；需要动态口令时进入下一步',
        en: 'Signs in and opens a new session, or goes on to the next step',
      },
      limits: STEP,
      input: { body: formShape },
      answers: STEP_ANSWERS,
      async handle(call) {
        const { login, password, code: entered = null } = call.body;
        const next = ownPath(call.body.next);
        const outcome = await signIn.begin({ login, password, code: entered }, next, callOf(call));
        return answerOutcome(options, outcome, call, { login, next });
      },
    }),
    publicRoute({
      operationId: 'signInCode',
      method: 'POST',
      path: '/sign-in/code',
      surface: 'page',
      summary: { zh: '登录第二步：动态口令或恢复码', en: 'The second factor: a code, or a recovery code' },
      limits: STEP,
      input: { body: codeShape },
      answers: STEP_ANSWERS,
      handle: async (call) =>
        answerOutcome(options, await signIn.showCode(call.body.pending, call.body.code, callOf(call)), call),
    }),
    publicRoute({
      operationId: 'signInEnrolment',
      method: 'POST',
      path: '/sign-in/enrolment',
      surface: 'page',
      summary: { zh: '首次设置动态口令', en: 'Sets a second factor up with its first code' },
      limits: STEP,
      input: { body: codeShape },
      answers: STEP_ANSWERS,
      handle: async (call) =>
        answerOutcome(
          options,
          await signIn.confirmEnrolment(call.body.pending, call.body.code, callOf(call)),
          call,
        ),
    }),
    publicRoute({
      operationId: 'signInProceed',
      method: 'POST',
      path: '/sign-in/proceed',
      surface: 'page',
      summary: { zh: '恢复码已保存，继续登录', en: 'Goes on after the recovery codes were shown' },
      limits: STEP,
      input: { body: pendingShape },
      answers: STEP_ANSWERS,
      handle: async (call) =>
        answerOutcome(options, await signIn.proceed(call.body.pending, callOf(call)), call),
    }),
    publicRoute({
      operationId: 'signInPassword',
      method: 'POST',
      path: '/sign-in/password',
      surface: 'page',
      summary: { zh: '登录时修改密码', en: 'Changes a password that was given or is too old' },
      limits: STEP,
      input: { body: passwordShape },
      answers: [
        ...STEP_ANSWERS,
        { status: 400, description: 'The new password will not do', mediaType: 'text/html' },
      ],
      async handle(call) {
        const { pending, password, repeated } = call.body;
        const outcome = await signIn.changePassword(pending, { password, repeated }, callOf(call));
        return answerOutcome(options, outcome, call);
      },
    }),
    signedInRoute({
      operationId: 'signOut',
      method: 'POST',
      path: '/sign-out',
      surface: 'page',
      summary: { zh: '退出登录', en: 'Signs out; the session is over in every process' },
      access: { kind: 'signed-in', right: 'session:hold' },
      limits: STEP,
      input: {},
      answers: [{ status: 303, description: 'Signed out', mediaType: 'none' }],
      async handle({ actor, sessionToken, origin }) {
        const act = { at: clock(), newId, by: actor.name, peer: origin.peer };
        const issuer = sessionToken ? await endSession(database, sessionToken, act) : null;
        const to = issuer === null ? '/sign-in' : `/sign-in/left/${issuer}`;
        return { ...goTo(to), session: { kind: 'end' } };
      },
    }),
    ...outsideRoutes(options, outside),
  ];
};
