import { relationsFor } from './consent-block.ts';
import { effects, layers } from './consent-layers.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout } from './layout.ts';
import type { ConsentOverview } from './wire/consent.ts';
import { timeText } from './words.ts';

const phone = (title: string, content: Html, drill = false): Html =>
  layout({ title, viewer: null, formToken: '', drill, content: html`<div class="phone">${content}</div>` });

const STANDING_PLAIN: Readonly<Record<ConsentOverview['level'], string>> = {
  content: '目前：医生可以看到您在其他医院的结果。',
  existence: '目前：医生只能看到您做过同类检查，看不到内容。',
  nothing: '目前：医生看不到您在其他医院的结果。',
};

const SCOPES = [
  ['own-institution', '仅{hospital}，直至撤回'],
  ['visit', '仅{hospital}，这一次就诊（24 小时）'],
  ['all', '所有为我看病的医院，直至撤回'],
] as const;

/** What whoever scanned the code reads and decides, on any phone and without signing in. */
export const consentPhonePage = (view: {
  readonly token: string;
  readonly formToken: string;
  readonly institutionZh: string;
  readonly personZh: string;
  readonly expiresAt: string;
  readonly drill: boolean;
  readonly overview: ConsentOverview;
  readonly idempotencyKey: string;
  readonly message: string | null;
  /** What was just decided, in plain words. */
  readonly doneZh: string | null;
}): Html => {
  const { overview } = view;
  const relations = relationsFor(overview.needsGuardian);
  return phone(
    overview.wording.titleZh,
    html`<p class="sub">${view.institutionZh}　患者 ${view.personZh}</p>
<h1>${overview.wording.titleZh}</h1>
${view.doneZh !== null && html`<p class="note" role="status"><b>已登记。</b>${view.doneZh}</p>`}
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
${layers(overview)}
<p class="note">${STANDING_PLAIN[overview.level]}</p>
${effects(overview)}
<form method="post" action="/consent/${view.token}" class="panel">${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.idempotencyKey}">
<fieldset class="choices"><legend>给谁看</legend>${SCOPES.map(([scope, words], place) => html`<label><input type="radio" name="scope" value="${scope}"${flag('checked', place === 0)} required> ${words.replace('{hospital}', view.institutionZh)}</label>`)}</fieldset>
<p><label for="relation">我是</label><select id="relation" name="relation">${relations.map(([code, words]) => html`<option value="${code}">${code === 'self' ? words : `患者的${words === '其他监护人' ? '监护人' : words}`}</option>`)}</select></p>
<p><label for="representative">我的姓名（不是患者本人时填写）</label><input id="representative" name="representative" maxlength="100" autocomplete="name"></p>
<p class="acts"><button class="main" type="submit" name="kind" value="consented">同意</button> <button type="submit" name="kind" value="denied">不同意</button> <button type="submit" name="kind" value="withdrawn">撤回授权</button></p></form>
<p class="sub">本页 <span class="nowrap">${timeText(view.expiresAt)}</span> 前有效。不同意不影响就诊。没有手机或不方便操作，可请登记台工作人员代为登记。</p>`,
    view.drill,
  );
};

/** The code opens nothing (any more). */
export const consentClosedPage = (): Html =>
  phone(
    '授权',
    html`<h1>二维码已过期</h1><p class="alert" role="alert">这个二维码无效或已过期，没有登记任何内容。请让医院工作人员重新出示。</p>`,
  );
