import { civilTimeText } from '../kernel/civil-day.ts';
import type { Instant } from '../kernel/instant.ts';
import { flag, type Html, html } from './html.ts';
import { formTokenField, layout, type Viewer } from './layout.ts';
import type { NoticeAnswer, NoticeDraft } from './wire/notice.ts';

/** One paper of a notice, ready to be printed. */
export interface NoticePaper {
  readonly notice: NoticeAnswer;
  /** 正本, or 副本 with its number, or that it is none, and the version. */
  readonly copyZh: string;
  /** False of what is only looked at: it is no paper yet. */
  readonly isCounted: boolean;
  readonly verifyZh: string;
  readonly drillZh: string | null;
  /** A QR code as one path over a square of so many modules. */
  readonly qr: { readonly size: number; readonly path: string };
}

/** What whoever holds the paper may see of a notice: what the paper says, names masked. */
export interface PublicNotice {
  readonly token: string;
  readonly state: NoticeAnswer['state'];
  readonly version: number;
  readonly titleZh: string;
  readonly institutionZh: string;
  readonly itemZh: string;
  readonly openingZh: string;
  readonly lines: NoticeAnswer['lines'];
  readonly madeAt: Instant;
  readonly drill: boolean;
}

/** A page without a bar and without anybody signed in: paper, or what a stranger's phone shows. */
const bare = (title: string, content: Html): Html => html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="stylesheet" href="/assets/huren.css">
<link rel="icon" href="/assets/huren.svg">
</head>
<body class="bare">
${content}
</body>
</html>
`;

const linesList = (lines: NoticeAnswer['lines']): Html =>
  html`<dl class="notice-lines">${lines.map(({ labelZh, textZh }) => html`<div><dt>${labelZh}：</dt><dd>${textZh}</dd></div>`)}</dl>`;

/** Where the pages beside a paper lie. */
export interface PaperLinks {
  /** Where the doctor came from. */
  readonly backPath: string;
  readonly pdfPath: string;
  readonly printPath: string;
}

/** Looking counts nothing; only what is printed or saved is a paper. */
const previewTools = ({ backPath, pdfPath, printPath }: PaperLinks, formToken: string): Html =>
  html`<form class="beside-paper" method="post" action="${printPath}">${formTokenField(formToken)}<p class="acts"><button class="main" type="submit">打印</button> <a class="button" href="${pdfPath}">PDF</a> <a class="button quiet" href="${backPath}">返回核查结果</a></p>
<p class="sub">查看不计份数。第一次打印或保存 PDF 为正本，以后为副本。</p></form>`;

const paperTools = ({ backPath }: PaperLinks, copyZh: string): Html =>
  html`<nav class="beside-paper" aria-label="打印与返回"><p class="note" role="status">本页为${copyZh}，已计一份。请打印：Ctrl+P，纸张 A5。</p><a class="button quiet" href="${backPath}">返回核查结果</a></nav>`;

/** The notice as an A5 sheet, to be looked at or to be printed by the browser; what is beside the sheet stays on the screen. */
export const noticePaperPage = (view: {
  readonly paper: NoticePaper;
  readonly formToken: string;
  readonly links: PaperLinks;
}): Html => {
  const { notice, copyZh, isCounted, verifyZh, drillZh, qr } = view.paper;
  return bare(
    notice.titleZh,
    html`${isCounted ? paperTools(view.links, copyZh) : previewTools(view.links, view.formToken)}
${notice.state === 'superseded' && html`<p class="alert beside-paper" role="alert">此告知单已有新版本，请改用最新一版。</p>`}
${notice.state === 'undone' && html`<p class="alert beside-paper" role="alert">相应的“不互认”应答已撤销，此告知单不再有效。</p>`}
<main class="notice-sheet" id="main">
${drillZh && html`<p class="notice-drill">${drillZh}</p>`}
<p class="notice-institution">${notice.institutionZh}</p>
<h1>${notice.titleZh}</h1>
<p class="notice-copy">${copyZh}</p>
<p>${notice.openingZh}</p>
${linesList(notice.lines)}
<div class="notice-foot"><div><p>${notice.acknowledgementZh}</p>
${notice.signatureZh.map((label) => html`<p class="notice-sign"><span>${label}</span><span class="notice-blank"></span></p>`)}</div>
<svg class="notice-qr" viewBox="0 0 ${qr.size} ${qr.size}" role="img" aria-label="核对真伪的二维码"><path d="${qr.path}"/></svg></div>
<p class="notice-verify">${verifyZh}</p>
</main>`,
  );
};

const STATE_WORDS: Readonly<Record<NoticeAnswer['state'], string>> = {
  valid: '本告知单真实有效',
  superseded: '本告知单真实，但已有新版本，请以最新一版为准',
  undone: '本告知单真实，但医生已撤销相应决定，不再有效',
};

const drillNote = (drill: boolean): Html | false =>
  drill && html`<p class="drill" role="note">演练数据：机构与患者均为虚构</p>`;

/** Whether the paper is genuine: no more than the paper itself says. */
export const noticeVerifyPage = (notice: PublicNotice): Html =>
  bare(
    '核对告知单',
    html`${drillNote(notice.drill)}<main class="phone" id="main"><h1>核对告知单</h1>
<p class="${notice.state === 'valid' ? 'note' : 'alert'}" role="status"><b>${STATE_WORDS[notice.state]}</b></p>
<dl class="facts"><dt>名称</dt><dd>${notice.titleZh}</dd><dt>机构</dt><dd>${notice.institutionZh}</dd><dt>项目</dt><dd>${notice.itemZh}</dd>
<dt>版本</dt><dd>第 ${notice.version} 版</dd><dt>时间</dt><dd>${civilTimeText(notice.madeAt)}</dd></dl>
<p class="sub">请与手中的纸对照：以上几项应完全相同。</p>
<p class="acts"><a class="button" href="/notice/${notice.token}">查看告知单全文</a></p></main>`,
  );

/** The patient's page: the same text as on paper, names masked; asks for nothing. */
export const noticePatientPage = (notice: PublicNotice): Html =>
  bare(
    notice.titleZh,
    html`${drillNote(notice.drill)}<main class="phone" id="main"><p class="sub">${notice.institutionZh}</p><h1>${notice.titleZh}</h1>
${notice.state !== 'valid' && html`<p class="alert" role="status">${STATE_WORDS[notice.state]}</p>`}
<p>${notice.openingZh}</p>
${linesList(notice.lines)}
<p class="sub">第 ${notice.version} 版。姓名只显示第一个字。本页不需要登录，也不收集任何信息；如有疑问，请向接诊医生或医院医务科询问。</p></main>`,
  );

/** A token that leads nowhere: said in words that a patient understands. */
export const noticeUnknownPage = (): Html =>
  bare(
    '核对告知单',
    html`<main class="phone" id="main"><h1>没有查到这张告知单</h1>
<p class="alert" role="alert">这个二维码不是本平台出具的告知单，或者没有扫描完整。</p>
<p>请重新扫描纸上的二维码；仍查不到时，请拿着这张纸向出具的医院询问。</p></main>`,
  );

/** The form by which the doctor confirms the words and says who was told: one click when nothing is to be changed. */
export const noticeFormPage = (view: {
  /** null for a doctor who came by a launch address and has no session. */
  readonly viewer: Viewer | null;
  readonly formToken: string;
  readonly at: Instant;
  readonly draft: NoticeDraft;
  readonly filled: Readonly<Record<string, string>>;
  readonly message: string | null;
  readonly actionPath: string;
  readonly backPath: string;
}): Html => {
  const { draft, filled } = view;
  const content = html`<h1>未予互认告知单：${draft.itemZh}</h1>
${view.message && html`<p class="alert" role="alert">${view.message}</p>`}
<section class="panel"><dl class="facts"><dt>原因</dt><dd>${draft.plainZh.join('')}</dd><dt>复检目的</dt><dd>${draft.purposeZh}</dd><dt>必要性</dt><dd>${draft.necessityZh}</dd></dl></section>
<form class="panel" method="post" action="${view.actionPath}">${formTokenField(view.formToken)}
<input type="hidden" name="line" value="${draft.line}">
${draft.blanks.map(
  ({ name, labelZh, valueZh, maximum }) =>
    html`<p><label for="blank-${name}">${labelZh}（请确认，可改；最多 ${maximum} 字）</label>
<input id="blank-${name}" name="blank.${name}" value="${filled[`blank.${name}`] ?? valueZh}" maxlength="${maximum}" required></p>`,
)}
<fieldset><legend>告知了谁（与患者关系）</legend><div class="choices">${draft.relations
    .filter(({ code }) => code !== 'not-stated')
    .map(
      ({ code, zh }) =>
        html`<label><input type="radio" name="relation" value="${code}" required${flag('checked', code === (filled['relation'] ?? 'self'))}> ${zh}</label>`,
    )}</div></fieldset>
<p><label for="informedName">被告知人姓名（患者本人不填）</label><input id="informedName" name="informedName" value="${filled['informedName'] ?? ''}" maxlength="100" autocomplete="off"></p>
${
  draft.namesPrice &&
  html`<p><label for="priceYuan">预计费用（元，可不填）</label><input id="priceYuan" name="priceYuan" value="${filled['priceYuan'] ?? ''}" inputmode="decimal" maxlength="10"></p>`
}
${
  view.viewer === null &&
  html`<p><label for="doctorName">医师姓名（印在告知单上；不填只印工号）</label><input id="doctorName" name="doctorName" value="${filled['doctorName'] ?? ''}" maxlength="100" autocomplete="name"></p>`
}
<p class="acts"><button class="main" type="submit">生成告知单</button> <a class="button quiet" href="${view.backPath}">返回</a></p></form>`;
  if (view.viewer === null) return bare('告知单', html`<main class="phone" id="main">${content}</main>`);
  return layout({
    title: '告知单',
    viewer: view.viewer,
    formToken: view.formToken,
    watermark: { purpose: '诊疗', at: view.at },
    content,
  });
};
