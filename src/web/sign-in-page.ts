import { type Html, html } from './html.ts';
import { formTokenField, layout } from './layout.ts';
import { WORDS } from './words.ts';

/** Another issuer by which people may sign in. */
export interface OfferedIssuer {
  readonly code: string;
  readonly nameZh: string;
}

/** What the sign-in page shows. */
export interface SignInView {
  readonly formToken: string;
  /** Path to go on to. */
  readonly next: string;
  /** Why the last try was refused. */
  readonly message: string | null;
  readonly login: string;
  readonly issuers: readonly OfferedIssuer[];
}

const issuerLinks = (issuers: readonly OfferedIssuer[], next: string): Html | null =>
  issuers.length === 0
    ? null
    : html`<h2 class="or">或使用本单位账号</h2>
<ul class="plain stack">
${issuers.map(
  ({ code, nameZh }) =>
    html`<li><a class="button" href="/sign-in/with/${encodeURIComponent(code)}?next=${encodeURIComponent(next)}">${nameZh}</a></li>`,
)}
</ul>`;

/** The sign-in page. */
export const signInPage = ({ formToken, next, message, login, issuers }: SignInView): Html =>
  layout({
    title: '登录',
    viewer: null,
    formToken,
    content: html`<section class="narrow">
<h1>登录</h1>
<p class="lead">${WORDS.product}服务，供医疗机构工作人员与患者本人使用。</p>
${message && html`<p class="alert" role="alert" id="refusal">${message}</p>`}
<form method="post" action="/sign-in" class="stack">
${formTokenField(formToken)}
<input type="hidden" name="next" value="${next}">
<label for="login">登录名</label>
<input id="login" name="login" value="${login}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64">
<label for="password">密码</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200">
<button class="main" type="submit">登录</button>
</form>
${issuerLinks(issuers, next)}
</section>`,
  });
