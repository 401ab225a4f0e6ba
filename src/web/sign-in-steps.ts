import { flag, type Html, html } from './html.ts';
import { formTokenField, layout } from './layout.ts';

/** What every step's form carries back. */
interface StepForm {
  readonly formToken: string;
  /** Token of the sign-in that is not whole yet. */
  readonly pending: string;
  readonly message: string | null;
}

const step = (title: string, formToken: string, content: Html): Html =>
  layout({
    title,
    viewer: null,
    formToken,
    content: html`<section class="narrow">
<h1>${title}</h1>
${content}
</section>`,
  });

const alertOf = (message: string | null): Html | null =>
  message === null ? null : html`<p class="alert" role="alert" id="refusal">${message}</p>`;

const hidden = ({ formToken, pending }: StepForm): Html =>
  html`${formTokenField(formToken)}<input type="hidden" name="pending" value="${pending}">`;

const startAgain = html`<p><a href="/sign-in">重新登录</a></p>`;

/** The field for a code of the second factor, or a recovery code. */
export const codeField = (focus: 'autofocus' | ''): Html =>
  html`<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required maxlength="24"${flag('autofocus', focus === 'autofocus')}>`;

const digits = codeField('autofocus');

/** Asks for a code of the second factor. */
export const codePage = (view: StepForm): Html =>
  step(
    '动态口令',
    view.formToken,
    html`<p class="lead">第二步：请输入手机验证器应用中本平台的 6 位数字。</p>
${alertOf(view.message)}
<form method="post" action="/sign-in/code" class="stack">
${hidden(view)}
<label for="code">动态口令</label>
${digits}
<button class="main" type="submit">确定</button>
</form>
<p class="sub">手机不在身边时，可输入一个恢复码（形如 ABCD-EFGH-JKMN-PQRS），每个只能用一次；恢复码也没有时，请联系本单位管理员。</p>
${startAgain}`,
  );

/** What the page that sets a second factor up shows. */
export interface EnrolmentView extends StepForm {
  /** In base 32. */
  readonly secret: string;
  /** The QR code of the address for the phone: path data over `size` by `size` modules. */
  readonly qr: { readonly size: number; readonly path: string };
}

/** The secret in groups of four: easier to copy by hand. */
const grouped = (secret: string): string => secret.replace(/(.{4})(?=.)/g, '$1 ');

/** How the phone learns the secret. */
export const enrolmentSteps = ({
  secret,
  qr,
}: Pick<EnrolmentView, 'qr' | 'secret'>): Html => html`<ol class="steps">
<li>在手机上安装任一验证器应用（支持 TOTP，RFC 6238）。</li>
<li>用它扫描下面的二维码。
<svg class="qr" role="img" aria-label="动态口令二维码" viewBox="0 0 ${qr.size} ${qr.size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${qr.size}v${qr.size}h-${qr.size}z"></path><path d="${qr.path}"></path></svg>
<span class="sub">不能扫描时，手工输入密钥：<code id="secret">${grouped(secret)}</code></span></li>
<li>输入应用显示的 6 位数字，完成绑定。</li>
</ol>`;

/** Sets a second factor up: QR code, the secret for whoever cannot scan, and a first code as proof. */
export const enrolmentPage = (view: EnrolmentView): Html =>
  step(
    '设置动态口令',
    view.formToken,
    html`<p class="lead">您的岗位须用密码和动态口令两种方式登录（网络安全等级保护三级要求）。只需设置一次。</p>
${alertOf(view.message)}
${enrolmentSteps(view)}
<form method="post" action="/sign-in/enrolment" class="stack">
${hidden(view)}
<label for="code">动态口令</label>
${digits}
<button class="main" type="submit">绑定并继续</button>
</form>
${startAgain}`,
  );

/** The recovery codes to write down. */
export const recoveryCodeList = (
  codes: readonly string[],
): Html => html`<ul class="plain codes" id="recovery-codes">
${codes.map((code) => html`<li><code>${code}</code></li>`)}
</ul>`;

/** Shows the recovery codes, this once. */
export const recoveryCodesPage = (
  view: Omit<StepForm, 'message'> & { readonly codes: readonly string[] },
): Html =>
  step(
    '保存恢复码',
    view.formToken,
    html`<p class="lead">动态口令已启用。手机丢失或更换时，可用下面的恢复码登录，每个只能用一次。请抄写或打印，妥善保管；本页关闭后不再显示。</p>
${recoveryCodeList(view.codes)}
<form method="post" action="/sign-in/proceed" class="stack">
${hidden({ ...view, message: null })}
<button class="main" type="submit">已保存，继续</button>
</form>`,
  );

/** What a new password must be, as far as the form says it. */
interface NewPasswordRules {
  readonly charactersMin: number;
  readonly kindsMin: number;
  readonly history: number;
}

/** What the page for a new password shows. */
export interface NewPasswordView extends StepForm, NewPasswordRules {}

/** The fields for a new password, with the rules it is taken by. */
export const passwordFields = ({
  charactersMin,
  kindsMin,
  history,
}: NewPasswordRules): Html => html`<label for="password">新密码</label>
<input id="password" name="password" type="password" autocomplete="new-password" required maxlength="200" aria-describedby="rules">
<p class="sub" id="rules">至少 ${charactersMin} 个字符；大写字母、小写字母、数字、其他符号中至少 ${kindsMin} 类；不含登录名${
  history > 0 ? `；不与最近 ${history} 次的密码相同` : ''
}。</p>
<label for="repeated">再输入一次</label>
<input id="repeated" name="repeated" type="password" autocomplete="new-password" required maxlength="200">`;

/** Asks for a new password. */
export const newPasswordPage = (view: NewPasswordView): Html =>
  step(
    '修改密码',
    view.formToken,
    html`<p class="lead">当前密码由管理员设置或已到期，请设置新密码。</p>
${alertOf(view.message)}
<form method="post" action="/sign-in/password" class="stack">
${hidden(view)}
${passwordFields(view)}
<button class="main" type="submit">保存并继续</button>
</form>
${startAgain}`,
  );

/** Says that somebody is signed out here and is on the way to be signed out at the other issuer. */
export const signedOutPage = (view: {
  readonly formToken: string;
  readonly address: string;
  readonly name: string;
}): Html =>
  step(
    '已退出',
    view.formToken,
    html`<p class="lead">您已退出本平台，正在退出“${view.name}”。</p>
<p><a class="button" href="${view.address}">退出“${view.name}”</a></p>`,
  );
