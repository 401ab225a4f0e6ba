import type { Instant } from '../kernel/instant.ts';
import { RELATION_BUTTONS, relationsFor } from './consent-block.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import type { ConsentActAnswer, ConsentOverview } from './wire/consent.ts';
import type { PersonSummary } from './wire/order-check-answer.ts';
import { timeText } from './words.ts';

type Standing = ConsentOverview['standing'];

/** What was done, in a word. */
const KIND_WORDS: Readonly<Record<ConsentActAnswer['kind'], string>> = {
  informed: '已告知',
  consented: '同意',
  denied: '拒绝',
  withdrawn: '撤回授权',
};

const WAY_WORDS: Readonly<Record<ConsentActAnswer['way'], string>> = {
  spoken: '口头',
  registration: '登记台',
  code: '授权码',
  qr: '扫码',
  phone: '手机',
  paper: '纸质',
};

const RELATION_WORDS = Object.fromEntries(RELATION_BUTTONS) as Readonly<
  Record<ConsentActAnswer['relation'], string>
>;

/** What counts now, as staff read it. */
const levelWords = ({ level, standing, default: fallback }: ConsentOverview): string => {
  const because: Readonly<Record<Standing, string>> = {
    'not-recorded':
      fallback === 'assumed' ? '尚未登记，按本地区规定视为同意' : '尚未登记，本地区规定须先征得同意',
    informed: '已告知',
    consented: '已同意',
    denied: '已拒绝',
    withdrawn: '已撤回授权',
  };
  const shown = {
    content: '本院医生可以查看其他医院的结果',
    existence: '本院医生只能看到有同类结果，看不到内容',
    nothing: '本院医生看不到其他医院的结果，也看不到是否存在',
  }[level];
  return `${because[standing]}：${shown}。`;
};

const scopeWords = ({ source, recipient, recordClass, until }: ConsentActAnswer): string =>
  [
    source ? `来源：${source.nameZh}` : '来源：所有医院',
    recipient ? `给：${recipient.nameZh}` : '给：所有诊疗医院',
    ...(recordClass ? [`类别：${recordClass.text.zh}`] : []),
    until ? `至 ${timeText(until)}` : '长期，直至撤回',
  ].join('　');

const actBlock = (
  act: ConsentActAnswer,
): Html => html`<li class="panel"><p><b>${KIND_WORDS[act.kind]}</b>　<span class="nowrap">${timeText(act.actedAt)}</span>${!act.inForce && html` <span class="badge">已到期</span>`}</p>
<dl class="facts"><dt>范围</dt><dd>${scopeWords(act)}</dd><dt>由谁</dt><dd>${RELATION_WORDS[act.relation]}${act.representative && html`　${act.representative}`}</dd>
<dt>方式</dt><dd>${WAY_WORDS[act.way]}　文本 ${act.wording}${act.hasScan && html`　<a href="/api/consents/${act.id}/scan">看扫描件</a>`}</dd>
<dt>登记</dt><dd>${[act.recordedBy.institutionZh, act.recordedBy.staffNumber, act.recordedBy.witness && `见证 ${act.recordedBy.witness}`].filter(Boolean).join('　') || '患者本人'}</dd></dl></li>`;

/** The layered words: the line, what it means, the whole text. */
const layers = ({
  wording,
}: ConsentOverview): Html => html`<p class="lead"><b>${wording.treatment.lineZh}</b></p>
<details><summary>这是什么意思</summary><ul>${wording.treatment.detailsZh.map((each) => html`<li>${each}</li>`)}</ul></details>
<details><summary>全文（${wording.version}）</summary>${wording.treatment.fullZh.map((each) => html`<p>${each}</p>`)}</details>`;

/** What follows from each decision, in plain words. */
const effects = ({ wording: { effects: each } }: ConsentOverview): Html =>
  html`<dl class="facts effects"><dt>同意后</dt><dd>${each.consentedZh}</dd><dt>不同意</dt><dd>${each.deniedZh}</dd><dt>撤回后</dt><dd>${each.withdrawnZh}</dd></dl>`;

/** What was filled in so far. */
export interface ConsentDraft {
  readonly kind: string;
  readonly way: string;
  readonly relation: string;
  readonly representative: string;
  readonly witness: string;
  readonly recipient: string;
  readonly lasts: string;
  readonly recordClass: string;
}

const option = (value: string, words: string, chosen: string): Html =>
  html`<option value="${value}"${flag('selected', value === chosen)}>${words}</option>`;

const radio = (name: string, value: string, words: string, chosen: string): Html =>
  html`<label><input type="radio" name="${name}" value="${value}"${flag('checked', value === chosen)} required> ${words}</label>`;

const recordForm = (view: ConsentDeskView): Html => {
  const { overview, draft, person } = view;
  const relations = relationsFor(overview.needsGuardian);
  return html`<form class="panel" method="post" action="/patients/${person.person}/consent" enctype="multipart/form-data">
${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.idempotencyKey}">
<fieldset class="choices"><legend>决定</legend>${radio('kind', 'consented', '同意', draft.kind)}${radio('kind', 'denied', '拒绝', draft.kind)}${radio('kind', 'withdrawn', '撤回授权', draft.kind)}${radio('kind', 'informed', '仅告知', draft.kind)}</fieldset>
<fieldset class="choices"><legend>方式</legend>${radio('way', 'registration', '登记台当面', draft.way)}${radio('way', 'paper', '纸质签署（附扫描件或照片）', draft.way)}</fieldset>
<div class="row"><div><label for="relation">由谁决定（与患者关系）</label><select id="relation" name="relation">${relations.map(([code, words]) => option(code, words, draft.relation))}</select></div>
<div><label for="representative">代为签署人姓名（患者本人不填）</label><input id="representative" name="representative" value="${draft.representative}" maxlength="100" autocomplete="off"></div>
<div><label for="witness">见证人工号（可不填）</label><input id="witness" name="witness" value="${draft.witness}" maxlength="64" autocomplete="off"></div></div>
<div class="row"><div><label for="recipient">给谁看</label><select id="recipient" name="recipient">${option('own-institution', '仅本院', draft.recipient)}${option('all', '所有为患者诊疗的医院', draft.recipient)}</select></div>
<div><label for="lasts">期限</label><select id="lasts" name="lasts">${option('until-withdrawn', '长期，直至撤回', draft.lasts)}${option('visit', '仅本次就诊（24 小时）', draft.lasts)}${option('year', '一年', draft.lasts)}</select></div>
<div><label for="recordClass">类别</label><select id="recordClass" name="recordClass">${option('', '一般结果（不含限制查阅的类别）', draft.recordClass)}${overview.classes.map(({ code, text }) => option(code, `单独授权：${text.zh}`, draft.recordClass))}</select></div></div>
<p><label for="scan">签名的纸（JPEG、PNG 或 PDF，10 MB 以内；选“纸质签署”时必填）</label><input id="scan" name="scan" type="file" accept="image/*,application/pdf" capture="environment"></p>
<p class="acts"><button class="main" type="submit">登记</button> <a class="button quiet" href="/patients/${person.person}/consent/paper">打印授权书</a></p></form>`;
};

/** What the desk sees of one patient's consent. */
export interface ConsentDeskView {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly person: PersonSummary;
  readonly overview: ConsentOverview;
  readonly draft: ConsentDraft;
  readonly message: string | null;
  /** A code that was just made; null before. */
  readonly code: {
    readonly url: string;
    readonly qr: { readonly size: number; readonly path: string };
    readonly expiresAt: string;
    /** The digits for whoever cannot scan, where to type them, until when. */
    readonly typed: { readonly digits: string; readonly at: string; readonly expiresAt: string };
  } | null;
  /** The same form sent twice is one act. */
  readonly idempotencyKey: string;
}

/** Read aloud and typed in two halves. */
const spacedDigits = (digits: string): string => `${digits.slice(0, 4)} ${digits.slice(4)}`;

const codeBlock = (view: ConsentDeskView): Html => {
  const { code, person } = view;
  return html`<section class="panel" id="code" aria-labelledby="code-title"><h2 id="code-title">患者用自己的手机决定</h2>
${
  code
    ? html`<div class="consent-code"><div><svg class="consent-qr" viewBox="0 0 ${code.qr.size} ${code.qr.size}" role="img" aria-label="授权二维码"><path d="${code.qr.path}"/></svg>
<p>请患者（监护人）扫码，在手机上阅读并决定。<span class="nowrap">${timeText(code.expiresAt)} 前有效。</span></p><p class="sub"><a href="${code.url}">在本机打开</a></p></div>
<div><p>不方便扫码的，在手机上登录后输入授权码：</p><p class="consent-digits"><strong>${spacedDigits(code.typed.digits)}</strong></p>
<p class="break">手机打开 ${code.typed.at}<br>或“我的检查检验”→“更多”→“输入授权码”。</p><p class="sub"><span class="nowrap">${timeText(code.typed.expiresAt)} 前有效，</span>只能由一个账号决定一次。</p></div></div>`
    : html`<p>扫码不用下载，不用注册，15 分钟内有效；不方便扫码的，登录“我的检查检验”输入授权码，10 分钟内有效。</p>`
}
<form method="post" action="/patients/${person.person}/consent-code">${formTokenField(view.formToken)}<p class="acts"><button type="submit">${code ? '换一个' : '出示二维码和授权码'}</button></p></form></section>`;
};

/** The registration desk: what counts now, a code for the patient's phone, the form for whoever has none, and every act. */
export const consentDeskPage = (view: ConsentDeskView): Html => {
  const { overview, person } = view;
  return layout({
    title: '授权登记',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`<h1>授权登记</h1>
${personBanner(person)}
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<p class="note" role="status">${levelWords(overview)}</p>
${overview.needsGuardian && html`<p class="note">患者不满十四周岁，由父母或其他监护人决定。</p>`}
<section class="panel">${layers(overview)}${effects(overview)}</section>
${codeBlock(view)}
<h2>当面登记</h2>
${recordForm(view)}
<h2>已登记（${overview.acts.length}）</h2>
${overview.acts.length === 0 ? html`<p>还没有登记过。</p>` : html`<ul class="plain">${overview.acts.map(actBlock)}</ul>`}`,
  });
};

/** The paper to be signed, as the browser prints it. */
export const consentPaperPage = (view: {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly person: PersonSummary;
  readonly overview: ConsentOverview;
}): Html => {
  const { overview, person } = view;
  const { wording } = overview;
  return layout({
    title: wording.titleZh,
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`<p class="sub beside-paper"><a href="/patients/${person.person}/consent">返回授权登记</a>　打印：Ctrl+P</p>
<h1>${wording.titleZh}</h1>
${personBanner(person)}
<p><b>${wording.treatment.lineZh}</b></p>
${wording.treatment.fullZh.map((each) => html`<p>${each}</p>`)}
<p>我的决定：□ 同意　□ 不同意　　　给谁看：□ 仅本院　□ 所有为我诊疗的医院</p>
${effects(overview)}
${wording.signatureZh.map((label) => html`<p class="notice-sign"><span>${label}</span><span class="notice-blank"></span></p>`)}
<p class="sub">文本 ${wording.version}</p>`,
  });
};

const phone = (title: string, content: Html, drill = false): Html =>
  layout({ title, viewer: null, formToken: '', drill, content: html`<div class="phone">${content}</div>` });

const STANDING_PLAIN: Readonly<Record<ConsentOverview['level'], string>> = {
  content: '目前：医生可以看到您在其他医院的结果。',
  existence: '目前：医生只能看到您做过同类检查，看不到内容。',
  nothing: '目前：医生看不到您在其他医院的结果。',
};

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
<p><label for="scope">给谁看</label><select id="scope" name="scope"><option value="own-institution">仅${view.institutionZh}，直至撤回</option><option value="visit">仅${view.institutionZh}，这一次就诊（24 小时）</option><option value="all">所有为我看病的医院，直至撤回</option></select></p>
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
