import { z } from 'zod';
import { qrCode } from '../../../adapters/documents/qr-code.ts';
import { openSession } from '../../../adapters/postgres/accounts-sessions.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import type { Clock } from '../../../kernel/instant.ts';
import {
  ACCOUNT_NOTES,
  type AccountNote,
  accountPage,
  newRecoveryCodesPage,
  newSecondFactorPage,
} from '../../../web/account-page.ts';
import type { OfferedIssuer } from '../../../web/sign-in-page.ts';
import type { CallOrigin, PatientActor, StaffActor } from '../flows-port.ts';
import { serverFault } from '../problem.ts';
import { type Answer, goTo, page, type Route, signedInRoute } from '../route.ts';
import type {
  NewSecondFactor,
  OwnAccountCall,
  OwnAccountFlows,
  OwnAccountRefusal,
} from './own-account-port.ts';
import { messageOf, WEAKNESSES, WRONG_CODE } from './sign-in.ts';

const noteShape = z.enum(Object.keys(ACCOUNT_NOTES) as [AccountNote, ...AccountNote[]]);
const password = z.string().max(200);
const code = z.string().trim().max(24);

/** What the pages of one's own account work with. */
export interface OwnAccountPages {
  readonly database: Database;
  readonly clock: Clock;
  readonly ownAccount: OwnAccountFlows;
  readonly issuers: readonly OfferedIssuer[];
}

interface PageCall {
  readonly actor: StaffActor | PatientActor;
  readonly sessionToken: string | null;
  readonly formToken: string;
  readonly origin: CallOrigin;
}

const WRONG_PASSWORD = '当前密码不正确，未作更改。';
const EXPIRED = '设置步骤已过期，请重新开始。';

const messageOfRefusal = (refusal: OwnAccountRefusal): string => {
  if (refusal.kind === 'expired') return EXPIRED;
  if (refusal.kind === 'weak') return WEAKNESSES[refusal.weakness];
  if (refusal.refusal.reason === 'locked') return messageOf(refusal.refusal);
  return refusal.by === 'code' ? WRONG_CODE : WRONG_PASSWORD;
};

const LIMITS = { bodyBytes: 4 * 1024, perMinute: 120 };
/** Each try costs the hashing of a password. */
const PROOF_LIMITS = { ...LIMITS, perMinute: 20 };
const ACCESS = { kind: 'signed-in', right: 'own-sign-in:manage' } as const;
const DONE = {
  status: 303,
  description: 'Done; back to the page, which says so',
  mediaType: 'none',
} as const;
const REFUSED = {
  status: 400,
  description: 'The page again with the reason',
  mediaType: 'text/html',
} as const;
const SHOWN = { status: 200, description: 'The next step', mediaType: 'text/html' } as const;

/** 我的账户, for staff and patients: password, second factor, sessions, apps. */
export const ownAccountRoutes = ({ database, clock, ownAccount, issuers }: OwnAccountPages): Route[] => {
  const callOf = ({ sessionToken, formToken, origin }: PageCall): OwnAccountCall => {
    if (sessionToken === null) throw serverFault('SIGN_IN_REQUIRED');
    return { sessionToken, browser: formToken, origin };
  };
  const viewerOf = ({ actor }: PageCall) => (actor.kind === 'staff' ? actor : null);

  const show = async (
    call: PageCall,
    said: { readonly note?: AccountNote | undefined; readonly message?: string },
  ): Promise<Answer> => {
    const account = await ownAccount.read(callOf(call));
    const { note = null, message = null } = said;
    const { formToken } = call;
    return page(
      accountPage({ ...account, viewer: viewerOf(call), formToken, issuers, note, message }),
      message === null ? 200 : 400,
    );
  };

  const showNew = (call: PageCall, { pending, secret, address }: NewSecondFactor, message: string | null) =>
    page(
      newSecondFactorPage({
        viewer: viewerOf(call),
        formToken: call.formToken,
        pending,
        secret,
        qr: qrCode(address),
        message,
      }),
      message === null ? 200 : 400,
    );

  const done = (note: AccountNote): Answer => goTo(`/account?done=${note}`);

  return [
    signedInRoute({
      operationId: 'ownAccount',
      method: 'GET',
      path: '/account',
      surface: 'page',
      summary: { zh: '我的账户', en: 'One’s own account: password, second factor, sessions, apps' },
      access: ACCESS,
      limits: LIMITS,
      input: { query: z.strictObject({ done: noteShape.optional() }) },
      answers: [{ status: 200, description: 'The page', mediaType: 'text/html' }],
      handle: (call) => show(call, { note: call.query.done }),
    }),
    signedInRoute({
      operationId: 'changeOwnPassword',
      method: 'POST',
      path: '/account/password',
      surface: 'page',
      summary: { zh: '修改自己的密码', en: 'Changes one’s own password; every other session ends' },
      access: ACCESS,
      limits: PROOF_LIMITS,
      input: { body: z.strictObject({ current: password, password, repeated: password }) },
      answers: [DONE, REFUSED],
      async handle(call) {
        const changed = await ownAccount.changePassword(call.body, callOf(call));
        if (!changed.ok) return show(call, { message: messageOfRefusal(changed.reason) });
        const { accountId, issuerCode } = changed.value;
        const session = await openSession(database, accountId, call.sessionToken, clock(), {
          issuerCode,
          peer: call.origin.peer,
        });
        return { ...done('password'), session: { kind: 'begin', ...session } };
      },
    }),
    signedInRoute({
      operationId: 'renewOwnSecondFactor',
      method: 'POST',
      path: '/account/second-factor',
      surface: 'page',
      summary: {
        zh: '重新设置动态口令',
        en: 'Begins to set a second factor up, for the password and a code of the old one',
      },
      access: ACCESS,
      limits: PROOF_LIMITS,
      input: { body: z.strictObject({ password, code: code.default('') }) },
      answers: [SHOWN, REFUSED],
      async handle(call) {
        const begun = await ownAccount.beginSecondFactor(call.body, callOf(call));
        return begun.ok
          ? showNew(call, begun.value, null)
          : show(call, { message: messageOfRefusal(begun.reason) });
      },
    }),
    signedInRoute({
      operationId: 'confirmOwnSecondFactor',
      method: 'POST',
      path: '/account/second-factor/confirmation',
      surface: 'page',
      summary: { zh: '启用新的动态口令', en: 'Takes the new second factor for its first code' },
      access: ACCESS,
      limits: PROOF_LIMITS,
      input: { body: z.strictObject({ pending: z.string().min(1).max(64), code }) },
      answers: [SHOWN, REFUSED],
      async handle(call) {
        const confirmed = await ownAccount.confirmSecondFactor(call.body, callOf(call));
        if (!confirmed.ok) return show(call, { message: messageOfRefusal(confirmed.reason) });
        const { value } = confirmed;
        return 'codes' in value
          ? page(newRecoveryCodesPage({ viewer: viewerOf(call), formToken: call.formToken, ...value }))
          : showNew(call, value.again, WRONG_CODE);
      },
    }),
    signedInRoute({
      operationId: 'endOwnSession',
      method: 'POST',
      path: '/account/sessions/end',
      surface: 'page',
      summary: { zh: '结束自己的一个登录', en: 'Ends one of one’s own sessions' },
      access: ACCESS,
      limits: LIMITS,
      input: { body: z.strictObject({ session: z.string().regex(/^[0-9a-f]{64}$/) }) },
      answers: [DONE],
      async handle(call) {
        await ownAccount.endSession(call.body.session, callOf(call));
        return done('session');
      },
    }),
    signedInRoute({
      operationId: 'withdrawOwnApplication',
      method: 'POST',
      path: '/account/applications/withdraw',
      surface: 'page',
      summary: { zh: '撤回对应用的授权', en: 'Takes back what an app was allowed; its tokens die at once' },
      access: ACCESS,
      limits: LIMITS,
      input: { body: z.strictObject({ application: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) }) },
      answers: [DONE],
      async handle(call) {
        await ownAccount.withdraw(call.body.application, callOf(call));
        return done('application');
      },
    }),
  ];
};
