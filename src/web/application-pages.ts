import { type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import type { PersonSummary } from './wire/order-check-answer.ts';

/** What the page shows that asks whether an app may act in somebody's name. */
export interface AskView {
  readonly uid: string;
  readonly application: { readonly name: string; readonly institution: string | null };
  readonly scopes: readonly string[];
  readonly patient: 'own' | 'launched' | 'chosen' | 'none';
  /** The patient of a launch. */
  readonly person: PersonSummary | null;
  /** null for a patient. */
  readonly viewer: Viewer | null;
  readonly formToken: string;
  /** People a doctor's search found; null before it. */
  readonly found: readonly PersonSummary[] | null;
  readonly message: string | null;
}

const RESOURCES: Readonly<Record<string, string>> = {
  Patient: '患者基本信息',
  Observation: '检验检查结果',
  DiagnosticReport: '检验检查报告',
  ImagingStudy: '影像检查和图像',
  '*': '患者基本信息、检验检查结果与报告、影像检查和图像',
};

/** What one scope means to the person who is asked; null for what says nothing to anybody. */
const sentenceOf = (scope: string): string | null => {
  const [, level, resource] = /^(patient|user)\/(\*|\w+)\./.exec(scope) ?? [];
  if (level === 'patient') return `读取这位患者的${RESOURCES[resource ?? ''] ?? ''}`;
  if (level === 'user') return `以您的身份读取您有权查看的${RESOURCES[resource ?? ''] ?? ''}`;
  if (scope === 'offline_access') return '在您离开后继续读取，最长 14 天';
  if (scope === 'openid' || scope === 'profile') return '知道您是谁（姓名与账号标识）';
  return null;
};

/** What scopes mean together, each thing said once. */
export const scopeSentences = (scopes: readonly string[]): string[] => [
  ...new Set(scopes.map(sentenceOf).filter((sentence) => sentence !== null)),
];

const SEX = { male: '男', female: '女', unknown: '性别不详', 'not-stated': '性别未说明' } as const;

const personLine = (person: PersonSummary): Html =>
  html`<strong>${person.name ?? '姓名未登记'}</strong>　${SEX[person.sex]}　${person.birthDate ?? '出生日期不详'}　${person.maskedIdentifiers.map(({ typeZh, text }) => `${typeZh} ${text}`).join('　')}`;

const search = ({ uid, formToken, found }: AskView): Html => html`<h2>选择患者</h2>
<form method="post" action="/authorise/${uid}/patient" class="stack">
${formTokenField(formToken)}
<label for="by">按</label>
<select id="by" name="by"><option value="national-id">身份证号</option><option value="record-number">病历号</option></select>
<label for="text">号码</label>
<input id="text" name="text" autocomplete="off" required maxlength="100">
<button type="submit">查找</button>
</form>
${found?.length === 0 && html`<p role="status">没有找到这位患者，请核对号码。</p>`}`;

const patientPart = (view: AskView): Html | null => {
  if (view.patient === 'own') return html`<p>涉及的患者：您本人。</p>`;
  if (view.person) return html`<p id="patient">涉及的患者：${personLine(view.person)}</p>`;
  return view.patient === 'chosen' ? search(view) : null;
};

const choice = (found: readonly PersonSummary[]): Html => html`<fieldset>
<legend>涉及的患者</legend>
${found.map(
  (person) =>
    html`<p><label><input type="radio" name="patient" value="${person.person}" required> ${personLine(person)}</label></p>`,
)}
</fieldset>`;

const decision = (view: AskView): Html | null => {
  const { found, uid, formToken } = view;
  const isReady = view.patient !== 'chosen' || (found !== null && found.length > 0);
  return html`${
    isReady &&
    html`<form method="post" action="/authorise/${uid}" class="stack">
${formTokenField(formToken)}
<input type="hidden" name="decision" value="allow">
${view.patient === 'chosen' && found && choice(found)}
<button class="main" type="submit">允许</button>
</form>`
  }
<form method="post" action="/authorise/${uid}" class="stack">
${formTokenField(formToken)}
<input type="hidden" name="decision" value="deny">
<button type="submit">拒绝</button>
</form>`;
};

/** Asks whether an app may act in somebody's name: which app, what it may read, of whom. */
export const askPage = (view: AskView): Html => {
  const { application, scopes, viewer, formToken, message } = view;
  const lines = scopeSentences(scopes);
  return layout({
    title: '应用授权',
    viewer,
    formToken,
    content: html`<section class="narrow">
<h1>应用授权</h1>
<p class="lead">应用“${application.name}”${
      application.institution === null ? '' : `（${application.institution}）`
    }请求以您的名义访问本平台。</p>
${message && html`<p class="alert" role="alert" id="refusal">${message}</p>`}
${
  lines.length === 0
    ? html`<p>该应用没有请求读取任何数据。</p>`
    : html`<p>允许后，它可以：</p>
<ul id="scopes">${lines.map((line) => html`<li>${line}</li>`)}</ul>`
}
<p class="sub">它不能修改任何数据。每次读取都记入访问记录，患者可以查看。</p>
${patientPart(view)}
${decision(view)}
</section>`,
  });
};
