import { z } from 'zod';
import { authenticate, type SignInRefusal } from '../../../adapters/postgres/accounts.ts';
import { endSession, openSession } from '../../../adapters/postgres/accounts-sessions.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import { civilTimeText } from '../../../kernel/civil-day.ts';
import { type Clock, instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { signInPage } from '../../../web/sign-in-page.ts';
import { goTo, page, publicRoute, type Route, route } from '../route.ts';

const formShape = z.strictObject({
  login: z.string().trim().max(64),
  password: z.string().max(200),
  next: z.string().max(500).default('/'),
});

/** Only a path of our own: a sign-in must not send anybody to another site. */
const ownPath = (next: string): string => (/^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/');

const WRONG = '登录名或密码不正确。';

/** Shut accounts read like wrong passwords; a lock is told, or a doctor would keep trying. */
const messageOf = (refusal: SignInRefusal): string =>
  refusal.reason === 'locked'
    ? `连续多次输入错误，账号已锁定至 ${civilTimeText(instant(Math.ceil(refusal.until / 60_000) * 60_000))}。`
    : WRONG;

/** Sign-in and sign-out by form. */
export const signInRoutes = (options: {
  database: Database;
  clock: Clock;
  newId: () => PublicId;
}): Route[] => {
  const { database, clock, newId } = options;
  return [
    publicRoute({
      operationId: 'signInPage',
      method: 'GET',
      path: '/sign-in',
      surface: 'page',
      summary: { zh: '登录页', en: 'The sign-in page' },
      purpose: 'sign-in',
      limits: { bodyBytes: 1, perMinute: 600 },
      input: {},
      answers: [{ status: 200, description: 'The form', mediaType: 'text/html' }],
      handle: async ({ formToken }) => page(signInPage({ formToken, next: '/', message: null, login: '' })),
    }),
    publicRoute({
      operationId: 'signIn',
      method: 'POST',
      path: '/sign-in',
      surface: 'page',
      summary: { zh: '登录', en: 'Signs in; opens a new session' },
      purpose: 'sign-in',
      limits: { bodyBytes: 4 * 1024, perMinute: 60 },
      input: { body: formShape },
      answers: [
        { status: 303, description: 'Signed in', mediaType: 'none' },
        { status: 401, description: 'Refused; the form again with the reason', mediaType: 'text/html' },
      ],
      async handle({ body, formToken, sessionToken, origin }) {
        const at = clock();
        const act = { at, newId, by: 'stranger', peer: origin.peer };
        const outcome = await authenticate(database, body.login.toLowerCase(), body.password, act);
        if (!outcome.ok)
          return page(
            signInPage({
              formToken,
              next: ownPath(body.next),
              message: messageOf(outcome.reason),
              login: body.login,
            }),
            401,
          );
        const session = await openSession(database, outcome.value.accountId, sessionToken, at);
        return { ...goTo(ownPath(body.next)), session: { kind: 'begin', ...session } };
      },
    }),
    route({
      operationId: 'signOut',
      method: 'POST',
      path: '/sign-out',
      surface: 'page',
      summary: { zh: '退出登录', en: 'Signs out; the session is over in every process' },
      access: { kind: 'right', right: 'session:hold' },
      purpose: 'sign-in',
      limits: { bodyBytes: 4 * 1024, perMinute: 60 },
      input: {},
      answers: [{ status: 303, description: 'Signed out', mediaType: 'none' }],
      async handle({ actor, sessionToken, origin }) {
        if (sessionToken)
          await endSession(database, sessionToken, { at: clock(), newId, by: actor.name, peer: origin.peer });
        return { ...goTo('/sign-in'), session: { kind: 'end' } };
      },
    }),
  ];
};
