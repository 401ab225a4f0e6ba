import { EMERGENCY_REASONS, emergencyReasonWords } from '../consent/index.ts';
import type { Instant } from '../kernel/instant.ts';
import { cardFrame, type CardFrame, cardPerson } from './card/card-page.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import type { EmergencyAnswer } from './wire/emergency-access.ts';
import type { PersonSummary } from './wire/order-check-answer.ts';
import { timeText } from './words.ts';

/** What was filled in so far; never the confirmation. */
export interface EmergencyDraft {
  readonly reason: string;
  readonly text: string;
}

/** Everything the form shows. It is the same for everybody, whether or not anything is hidden. */
export interface EmergencyView {
  readonly state: EmergencyAnswer;
  readonly person: PersonSummary;
  readonly draft: EmergencyDraft;
  readonly message: string | null;
  readonly formToken: string;
}

/** How the doctor proves once more who acts. */
interface Confirmation {
  readonly label: string;
  readonly type: 'password' | 'text';
}

const PASSWORD: Confirmation = { label: '再次确认：请输入登录密码', type: 'password' };
const STAFF_NUMBER: Confirmation = { label: '再次确认：请输入本人工号', type: 'text' };

const fields = (
  { state, draft, formToken }: EmergencyView,
  action: string,
  back: string,
  confirmation: Confirmation,
): Html => html`
<ul class="plain"><li>仅用于抢救生命或保护健康、来不及征得同意的情形；来得及时，请先征得患者（监护人）同意。</li>
<li>仅对您本人、这位患者有效，${state.minutes} 分钟后自动结束；限制查阅的类别仍不显示。</li>
<li>开启后会告知患者，并由本院个人信息保护负责人逐例审查。</li></ul>
<form class="panel stacked" method="post" action="${action}">
${formTokenField(formToken)}
<fieldset><legend>原因</legend><div class="choices">${EMERGENCY_REASONS.map(
  (reason) =>
    html`<label><input type="radio" name="reason" value="${reason}" required${flag('checked', reason === draft.reason)}> ${emergencyReasonWords(reason).zh}</label>`,
)}</div></fieldset>
<label for="text">情况说明（供审查）</label><textarea id="text" name="text" rows="3" minlength="4" maxlength="500" required>${draft.text}</textarea>
<label for="confirmation">${confirmation.label}</label><input id="confirmation" name="confirmation" type="${confirmation.type}" maxlength="200" required autocomplete="${confirmation.type === 'password' ? 'current-password' : 'off'}">
<div class="acts"><button class="main" type="submit">确认开启紧急调阅</button> <a class="button quiet" href="${back}">不开启，返回</a></div>
</form>`;

/** What is open, with the way to the results and the one to end it. */
const opened = (until: string, formToken: string, action: string, back: string): Html => html`
<p class="note" role="status">紧急调阅已开启，至 ${timeText(until)} 自动结束。<a class="button main" href="${back}">查看结果</a></p>
<form class="panel" method="post" action="${action}/ending">${formTokenField(formToken)}
<p>处置完毕可提前结束；结束后按患者授权显示，需要时可再次开启。</p>
<div class="acts"><button type="submit">结束紧急调阅</button></div></form>`;

/** The form, or what is open already: of one emergency there is one access. */
const form = (view: EmergencyView, action: string, back: string, confirmation: Confirmation): Html => {
  const { state, message, formToken } = view;
  return html`
${message && html`<p class="alert" role="alert">${message}</p>`}
${state.until === null ? fields(view, action, back, confirmation) : opened(state.until, formToken, action, back)}`;
};

/** The form by which a doctor signed in opens an emergency access. Works without script. */
export const emergencyPage = (
  view: EmergencyView & { readonly viewer: Viewer; readonly at: Instant },
): Html => {
  const { person } = view.person;
  return layout({
    title: '紧急调阅',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`<h1>紧急调阅</h1>
${personBanner(view.person)}
${form(view, `/persons/${person}/emergency-access`, `/clinician/persons/${person}`, PASSWORD)}`,
  });
};

/** The same form inside the card. */
export const cardEmergencyPage = (
  view: EmergencyView & Pick<CardFrame, 'assets' | 'watermark'> & { readonly base: string },
): Html =>
  cardFrame({
    title: '紧急调阅',
    assets: view.assets,
    drill: false,
    watermark: view.watermark,
    content: html`<h1>紧急调阅</h1>
${cardPerson(view.person)}
${form(view, `${view.base}/emergency-access`, view.base, STAFF_NUMBER)}`,
  });
