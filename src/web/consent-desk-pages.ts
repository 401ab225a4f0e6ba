import type { Instant } from '../kernel/instant.ts';
import { RELATION_BUTTONS, relationsFor } from './consent-block.ts';
import { effects, layers } from './consent-layers.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import type { ConsentActAnswer, ConsentOverview } from './wire/consent.ts';
import type { PersonSummary } from './wire/order-check-answer.ts';
import { lastValidText, timeText } from './words.ts';

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
const levelWords = ({ level, standing, default: fallback, restrictions }: ConsentOverview): string => {
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
  const hidden = restrictions.some(({ source, recordClass }) => source !== null || recordClass !== null);
  return `${because[standing]}：${shown}。${hidden ? '另有单独隐藏的，见下。' : ''}`;
};

const scopeWords = ({ source, recipient, recordClass, until }: ConsentActAnswer): string =>
  [
    source ? `来源：${source.nameZh}` : '来源：所有医院',
    recipient ? `给：${recipient.nameZh}` : '给：所有诊疗医院',
    ...(recordClass ? [`类别：${recordClass.text.zh}`] : []),
    until ? `至 ${lastValidText(until)}` : '长期，直至撤回',
  ].join('　');

const actBlock = (
  act: ConsentActAnswer,
): Html => html`<li class="panel"><p><b>${KIND_WORDS[act.kind]}</b>　<span class="nowrap">${timeText(act.actedAt)}</span>${!act.inForce && html` <span class="badge">已到期</span>`}</p>
<dl class="facts"><dt>范围</dt><dd>${scopeWords(act)}</dd><dt>由谁</dt><dd>${RELATION_WORDS[act.relation]}${act.representative && html`　${act.representative}`}</dd>
<dt>方式</dt><dd>${WAY_WORDS[act.way]}　文本 ${act.wording}${act.hasScan && html`　<a href="/api/consents/${act.id}/scan">看扫描件</a>`}</dd>
<dt>登记</dt><dd>${[act.recordedBy.institutionZh, act.recordedBy.staffNumber, act.recordedBy.witness && `见证 ${act.recordedBy.witness}`].filter(Boolean).join('　') || '患者本人'}</dd></dl></li>`;

/** What was chosen so far, and what was filled in to sign it. */
export interface ConsentDraft {
  readonly kind: string;
  readonly relation: string;
  readonly recipient: string;
  readonly lasts: string;
  readonly recordClass: string;
  /** Name or code of the hospital whose results are meant; empty: all. */
  readonly source: string;
  readonly way: string;
  readonly representative: string;
  readonly witness: string;
}

/** A hospital as the desk names it. */
export interface NamedHospital {
  readonly code: string;
  readonly nameZh: string;
}

const option = (value: string, words: string, chosen: string): Html =>
  html`<option value="${value}"${flag('selected', value === chosen)}>${words}</option>`;

const radio = (name: string, value: string, words: string, chosen: string): Html =>
  html`<label><input type="radio" name="${name}" value="${value}"${flag('checked', value === chosen)} required> ${words}</label>`;

const DECISIONS = [
  ['consented', '同意'],
  ['denied', '拒绝（隐藏）'],
  ['withdrawn', '撤回授权'],
  ['informed', '仅告知'],
] as const;

const LASTS = [
  ['until-withdrawn', '长期，直至撤回'],
  ['visit', '仅本次就诊（24 小时）'],
  ['year', '一年'],
] as const;

/** First what is decided; what follows from it is told before anybody signs. */
const choiceForm = (view: ConsentDeskView): Html => {
  const { overview, draft, person, hospitals } = view;
  const relations = relationsFor(overview.needsGuardian);
  return html`<form class="panel" method="post" action="/patients/${person.person}/consent/review" autocomplete="off">${formTokenField(view.formToken)}
<fieldset class="choices"><legend>决定</legend>${DECISIONS.map(([kind, words]) => radio('kind', kind, words, draft.kind))}</fieldset>
<div class="row"><div class="grow"><label for="source">哪家医院的结果（不填为所有医院）</label><input id="source" name="source" value="${draft.source}" list="hospitals" maxlength="100" spellcheck="false" placeholder="输入医院名称，从列表中选">
<datalist id="hospitals">${hospitals.map(({ nameZh }) => html`<option value="${nameZh}"></option>`)}</datalist></div>
<div><label for="recordClass">哪一类结果</label><select id="recordClass" name="recordClass">${option('', '一般结果（不含限制查阅的类别）', draft.recordClass)}${overview.classes.map(({ code, text }) => option(code, `限制查阅：${text.zh}`, draft.recordClass))}</select></div></div>
<div class="row"><div><label for="recipient">对谁（谁能看、谁不能看）</label><select id="recipient" name="recipient">${option('own-institution', '仅本院', draft.recipient)}${option('all', '所有为患者诊疗的医院', draft.recipient)}</select></div>
<div><label for="lasts">期限</label><select id="lasts" name="lasts">${LASTS.map(([lasts, words]) => option(lasts, words, draft.lasts))}</select></div>
<div><label for="relation">由谁决定（与患者关系）</label><select id="relation" name="relation">${relations.map(([code, words]) => option(code, words, draft.relation))}</select></div></div>
<p class="acts"><button class="main" type="submit">下一步：看清后果再签</button></p></form>`;
};

const wordsOf = (pairs: readonly (readonly [string, string])[], value: string): string =>
  pairs.find(([code]) => code === value)?.[1] ?? value;

/** What was decided, as it is about to be signed. */
export interface ConsentReview {
  readonly hospital: NamedHospital | null;
  readonly effectZh: string;
}

const CHOSEN = ['kind', 'relation', 'recipient', 'lasts', 'recordClass'] as const;

const signForm = (view: ConsentDeskView, { hospital, effectZh }: ConsentReview): Html => {
  const { overview, draft, person } = view;
  const classZh = overview.classes.find(({ code }) => code === draft.recordClass)?.text.zh;
  const isSelf = draft.relation === 'self';
  return html`<section class="panel" aria-labelledby="review-title"><h2 id="review-title">登记后会怎样</h2>
<p class="lead"><b>${effectZh}</b></p>
<dl class="facts"><dt>决定</dt><dd>${wordsOf(DECISIONS, draft.kind)}</dd><dt>范围</dt><dd>${hospital ? hospital.nameZh : '所有医院'}的${classZh ? `“${classZh}”类别` : '一般'}结果</dd>
<dt>对谁</dt><dd>${draft.recipient === 'all' ? '所有为患者诊疗的医院' : '仅本院'}</dd><dt>期限</dt><dd>${wordsOf(LASTS, draft.lasts)}</dd><dt>由谁决定</dt><dd>${wordsOf(RELATION_BUTTONS, draft.relation)}</dd></dl></section>
<form class="panel" method="post" action="/patients/${person.person}/consent" enctype="multipart/form-data" autocomplete="off">
${formTokenField(view.formToken)}<input type="hidden" name="idempotencyKey" value="${view.idempotencyKey}">
${CHOSEN.map((name) => html`<input type="hidden" name="${name}" value="${draft[name]}">`)}<input type="hidden" name="source" value="${hospital?.code ?? ''}">
<fieldset class="choices"><legend>怎样签</legend>${radio('way', 'registration', '登记台当面确认', draft.way)}${radio('way', 'paper', '纸质签署（附扫描件或照片）', draft.way)}</fieldset>
<div class="row">${!isSelf && html`<div><label for="representative">代为签署人姓名</label><input id="representative" name="representative" value="${draft.representative}" maxlength="100" required autocomplete="off"></div>`}
<div><label for="witness">见证人工号（可不填）</label><input id="witness" name="witness" value="${draft.witness}" maxlength="64" autocomplete="off"></div></div>
<p><label for="scan">签名的纸（JPEG、PNG 或 PDF，10 MB 以内；选“纸质签署”时必填）</label><input id="scan" name="scan" type="file" accept="image/*,application/pdf" capture="environment"></p>
<p class="acts"><button class="main" type="submit">登记</button> <a class="button quiet" href="/patients/${person.person}/consent/paper">打印授权书</a> <a class="button quiet" href="/patients/${person.person}/consent">返回修改</a></p></form>`;
};

/** What is hidden now, each with the way back. */
const hiddenBlock = (view: ConsentDeskView): Html | false => {
  const { overview, person, formToken } = view;
  return (
    overview.restrictions.length > 0 &&
    html`<section class="panel" aria-labelledby="hidden-title"><h2 id="hidden-title">现在隐藏或撤回的</h2><ul class="plain">${overview.restrictions.map(
      (act) => {
        const what = `${act.source ? act.source.nameZh : '所有医院'}的${act.recordClass ? `“${act.recordClass.text.zh}”类别` : '一般'}结果`;
        const undo = [
          ['kind', 'consented'],
          ['source', act.source?.nameZh ?? ''],
          ['recordClass', act.recordClass?.code ?? ''],
          ['recipient', act.recipient ? 'own-institution' : 'all'],
          ['lasts', 'until-withdrawn'],
        ] as const;
        return html`<li><form method="post" action="/patients/${person.person}/consent/review" class="row">${formTokenField(formToken)}${undo.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<div class="grow"><b>${what}</b><p class="sub">${KIND_WORDS[act.kind]}　<span class="nowrap">${timeText(act.actedAt)}</span>　${act.recipient ? `对${act.recipient.nameZh}` : '对所有诊疗医院'}</p></div>
<label>由谁决定 <select name="relation">${relationsFor(overview.needsGuardian).map(([code, words]) => option(code, words, 'self'))}</select></label>
<button type="submit">恢复显示<span class="unseen">：${what}</span></button></form></li>`;
      },
    )}</ul></section>`
  );
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
  /** Every hospital of the lists, so that the list tells nothing about the patient. */
  readonly hospitals: readonly NamedHospital[];
  /** What is about to be signed; null before it was chosen. */
  readonly review: ConsentReview | null;
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

/** The words that belong to what is about to be signed. */
const layersOf = ({ overview, draft }: ConsentDeskView): Html => {
  const { restricted } = overview.wording;
  const classZh = overview.classes.find(({ code }) => code === draft.recordClass)?.text.zh;
  if (classZh === undefined) return html`<section class="panel">${layers(overview)}</section>`;
  const named = (text: string): string => text.replaceAll('{class}', classZh);
  return html`<section class="panel"><p class="lead"><b>${named(restricted.lineZh)}</b></p>
<details class="layers"><summary>这是什么意思</summary><ul>${restricted.detailsZh.map((each) => html`<li>${named(each)}</li>`)}</ul></details>
<details class="layers"><summary>全文（${overview.wording.version}）</summary>${restricted.fullZh.map((each) => html`<p>${named(each)}</p>`)}</details></section>`;
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
${
  view.review
    ? html`${layersOf(view)}${signForm(view, view.review)}`
    : html`<p class="note" role="status">${levelWords(overview)}</p>
${overview.needsGuardian && html`<p class="note">患者不满十四周岁，由父母或其他监护人决定。</p>`}
<section class="panel">${layers(overview)}${effects(overview)}</section>
${codeBlock(view)}
${hiddenBlock(view)}
<h2>当面登记</h2>
${choiceForm(view)}
<h2>已登记（${overview.acts.length}）</h2>
${overview.acts.length === 0 ? html`<p>还没有登记过。</p>` : html`<ul class="plain">${overview.acts.map(actBlock)}</ul>`}`
}`,
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
<p>我的决定：□ 同意　□ 不同意　□ 撤回　　　对谁：□ 仅本院　□ 所有为我诊疗的医院</p>
<p class="sign-line"><span>只涉及一家医院的结果（不填为所有医院）：</span><span class="sign-blank"></span></p>
<p class="sign-line"><span>只涉及一类限制查阅的结果（须逐类单独决定）：</span><span class="sign-blank"></span></p>
${effects(overview)}
${wording.signatureZh.map((label) => html`<p class="sign-line"><span>${label}</span><span class="sign-blank"></span></p>`)}
<p class="sub">文本 ${wording.version}</p>`,
  });
};
