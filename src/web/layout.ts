import { civilTimeText } from '../kernel/civil-day.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Html, html } from './html.ts';
import { WORDS } from './words.ts';

/** Who looks at the page. */
export interface Viewer {
  readonly displayName: string;
  readonly staffNumber: string | null;
  readonly role: string;
}

/** The frame of every page. */
export interface PageFrame {
  /** Says what the page is for; never names a patient, because titles stay in histories and on taskbars. */
  readonly title: string;
  readonly viewer: Viewer | null;
  readonly formToken: string;
  readonly content: Html;
  /** Set on pages with patient data: who looked, for what and when, on screen and on paper. */
  readonly watermark?: { readonly purpose: string; readonly at: Instant };
  /** Demonstration data (演练): said at the top of the page. */
  readonly drill?: boolean;
}

const nameOf = (viewer: Viewer): string =>
  viewer.staffNumber ? `${viewer.displayName}（${viewer.staffNumber}）` : viewer.displayName;

/** The hidden field by which a form proves that it came from our own page. */
export const formTokenField = (formToken: string): Html =>
  html`<input type="hidden" name="formToken" value="${formToken}">`;

/** A whole page in zh-CN. Works without script and says who is signed in. */
export const layout = ({
  title,
  viewer,
  formToken,
  content,
  watermark,
  drill,
}: PageFrame): Html => html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${WORDS.product}</title>
<link rel="stylesheet" href="/assets/huren.css">
<link rel="icon" href="/assets/huren.svg">
</head>
<body>
<a class="skip" href="#main">跳到正文</a>
<header class="bar">
<a class="brand" href="/">${WORDS.product}</a>
${
  viewer &&
  html`<div class="who"><a href="/account" title="我的账户">${nameOf(viewer)}</a>
<form method="post" action="/sign-out">${formTokenField(formToken)}<button class="quiet" type="submit">退出</button></form></div>`
}
</header>
${drill && html`<p class="drill" role="note">演练数据：目录、机构与患者均为虚构</p>`}
<main id="main" tabindex="-1">
${content}
</main>
${
  watermark &&
  viewer &&
  html`<footer class="watermark">查看人：${nameOf(viewer)}　用途：${watermark.purpose}　时间：${civilTimeText(watermark.at)}</footer>`
}
</body>
</html>
`;
