import { civilTimeText } from '../kernel/civil-day.ts';
import type { Instant } from '../kernel/instant.ts';
import { scopeSentences } from './application-pages.ts';
import { type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import type { OfferedIssuer } from './sign-in-page.ts';
import { codeField, enrolmentSteps, passwordFields, recoveryCodeList } from './sign-in-steps.ts';

/** What the page says was done. */
export const ACCOUNT_NOTES = {
  password: '密码已修改，其他登录均已退出。',
  session: '该登录已退出。',
  application: '授权已撤回，该应用即刻不能再读取。',
} as const;

/** One of `ACCOUNT_NOTES`. */
export type AccountNote = keyof typeof ACCOUNT_NOTES;

/** What 我的账户 shows. */
export interface AccountView {
  /** null for a patient. */
  readonly viewer: Viewer | null;
  readonly formToken: string;
  readonly note: AccountNote | null;
  /** Why nothing was changed. */
  readonly message: string | null;
  readonly login: string;
  readonly displayName: string;
  readonly hasSecondFactor: boolean;
  readonly passwordRules: {
    readonly charactersMin: number;
    readonly kindsMin: number;
    readonly history: number;
  };
  readonly sessions: readonly {
    readonly handle: string;
    readonly isThis: boolean;
    readonly beganAt: Instant;
    readonly seenAt: Instant;
    readonly issuerCode: string | null;
    readonly peer: string | null;
  }[];
  readonly applications: readonly {
    readonly code: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly allowedAt: Instant;
    readonly until: Instant;
  }[];
  readonly issuers: readonly OfferedIssuer[];
}

const passwordPart = ({
  formToken,
  passwordRules,
}: AccountView): Html => html`<section class="panel" aria-labelledby="password-title">
<h2 id="password-title">修改密码</h2>
<form method="post" action="/account/password" class="stack">
${formTokenField(formToken)}
<label for="current">当前密码</label>
<input id="current" name="current" type="password" autocomplete="current-password" required maxlength="200">
${passwordFields(passwordRules)}
<button class="main" type="submit">修改密码</button>
</form>
<p class="sub">修改后，您在其他设备上的登录全部退出；已允许的应用不受影响，可在下方撤回。</p>
</section>`;

const factorPart = ({
  formToken,
  hasSecondFactor,
}: AccountView): Html => html`<section class="panel" aria-labelledby="factor-title">
<h2 id="factor-title">动态口令</h2>
<p>${hasSecondFactor ? '已启用。更换手机时在此重新设置；旧的动态口令与恢复码随即失效。' : '未启用。启用后，登录时除密码外还须输入手机上的动态口令。'}</p>
<form method="post" action="/account/second-factor" class="stack">
${formTokenField(formToken)}
<label for="factor-password">当前密码</label>
<input id="factor-password" name="password" type="password" autocomplete="current-password" required maxlength="200">
${hasSecondFactor && html`<label for="code">当前动态口令或恢复码</label>${codeField('')}`}
<button type="submit">${hasSecondFactor ? '重新设置' : '启用'}</button>
</form>
</section>`;

const sessionsPart = ({
  formToken,
  sessions,
  issuers,
}: AccountView): Html => html`<section class="panel" aria-labelledby="sessions-title">
<h2 id="sessions-title">正在使用的登录</h2>
<ul class="plain stack" id="sessions">
${sessions.map(
  ({ handle, isThis, beganAt, seenAt, issuerCode, peer }) => html`<li>
<p><strong>${isThis ? '本次登录' : '其他登录'}</strong>　${peer === null ? '来源未记录' : `来自 ${peer}`}${
    issuerCode === null
      ? ''
      : `　由“${issuers.find(({ code }) => code === issuerCode)?.nameZh ?? issuerCode}”认证`
  }<br>
<span class="sub">登录于 <span class="nowrap">${civilTimeText(beganAt)}</span>，最近使用 <span class="nowrap">${civilTimeText(seenAt)}</span></span></p>
${
  !isThis &&
  html`<form method="post" action="/account/sessions/end">${formTokenField(formToken)}<input type="hidden" name="session" value="${handle}"><button class="quiet" type="submit">退出该登录</button></form>`
}
</li>`,
)}
</ul>
</section>`;

const applicationsPart = ({
  formToken,
  applications,
}: AccountView): Html => html`<section class="panel" aria-labelledby="applications-title">
<h2 id="applications-title">已允许的应用</h2>
${
  applications.length === 0
    ? html`<p>没有应用以您的名义访问本平台。</p>`
    : html`<ul class="plain stack" id="applications">
${applications.map(
  ({ code, name, scopes, allowedAt, until }) => html`<li>
<p><strong>${name}</strong><br>
<span class="sub">允许于 <span class="nowrap">${civilTimeText(allowedAt)}</span>，最迟到 <span class="nowrap">${civilTimeText(until)}</span> 止</span></p>
<ul>${scopeSentences(scopes).map((line) => html`<li>${line}</li>`)}</ul>
<form method="post" action="/account/applications/withdraw">${formTokenField(formToken)}<input type="hidden" name="application" value="${code}"><button class="quiet" type="submit">撤回授权<span class="unseen">：${name}</span></button></form>
</li>`,
)}
</ul>`
}
</section>`;

const framed = (
  { viewer, formToken }: Pick<AccountView, 'formToken' | 'viewer'>,
  title: string,
  content: Html,
): Html =>
  layout({
    title,
    viewer,
    formToken,
    content: html`<div class="narrow-column">
<h1>${title}</h1>
${content}
</div>`,
  });

/** 我的账户. */
export const accountPage = (view: AccountView): Html =>
  framed(
    view,
    '我的账户',
    html`<p class="lead">${view.displayName}　登录名 ${view.login}</p>
${view.note && html`<p class="note" role="status" id="done">${ACCOUNT_NOTES[view.note]}</p>`}
${view.message && html`<p class="alert" role="alert" id="refusal">${view.message}</p>`}
${passwordPart(view)}
${factorPart(view)}
${sessionsPart(view)}
${applicationsPart(view)}
<p><a href="${view.viewer ? '/' : '/me'}">返回</a></p>`,
  );

/** A second factor that is being set up. */
export const newSecondFactorPage = (view: {
  readonly viewer: Viewer | null;
  readonly formToken: string;
  readonly pending: string;
  readonly secret: string;
  readonly qr: { readonly size: number; readonly path: string };
  readonly message: string | null;
}): Html =>
  framed(
    view,
    '设置动态口令',
    html`${view.message && html`<p class="alert" role="alert" id="refusal">${view.message}</p>`}
${enrolmentSteps(view)}
<form method="post" action="/account/second-factor/confirmation" class="stack">
${formTokenField(view.formToken)}
<input type="hidden" name="pending" value="${view.pending}">
<label for="code">动态口令</label>
${codeField('autofocus')}
<button class="main" type="submit">绑定</button>
</form>
<p><a href="/account">返回我的账户</a></p>`,
  );

/** The recovery codes of a new second factor, this once. */
export const newRecoveryCodesPage = (view: {
  readonly viewer: Viewer | null;
  readonly formToken: string;
  readonly codes: readonly string[];
}): Html =>
  framed(
    view,
    '保存恢复码',
    html`<p class="lead">新的动态口令已启用，其他登录均已退出。手机丢失或更换时，可用下面的恢复码登录，每个只能用一次。请抄写或打印，妥善保管；本页关闭后不再显示。</p>
${recoveryCodeList(view.codes)}
<p><a class="button" href="/account">已保存，返回我的账户</a></p>`,
  );
