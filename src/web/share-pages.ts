import { civilTimeText } from '../kernel/civil-day.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Html, html } from './html.ts';
import { formTokenField, layout } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import { HAS_IMAGES, imagesLine, reportContent } from './report-page.ts';
import type { ImagesAnswer, PersonSummary, ReportAnswer } from './wire/order-check-answer.ts';
import type { OwnShare } from './wire/own-data.ts';

/** What a patient shows: a report, or the images of one study by itself. */
type Shown =
  | { readonly kind: 'report'; readonly report: ReportAnswer }
  | {
      readonly kind: 'study';
      readonly titleZh: string;
      readonly institutionZh: string;
      readonly studiedAt: string | null;
      readonly images: ImagesAnswer;
    };

const SHOWN_WORDS: Readonly<Record<Shown['kind'], { title: string; heading: string; open: string }>> = {
  report: { title: '分享的报告', heading: '有人向您出示一份检查检验报告', open: '打开报告' },
  study: { title: '分享的影像', heading: '有人向您出示一次检查的影像', open: '打开影像' },
};

const CLOSED_WORDS: Readonly<Record<OwnShare['state'] | 'unknown', string>> = {
  open: '这份报告现在不能打开，请让对方重新分享。',
  used: '这个二维码的可打开次数已用完，请让对方重新分享。',
  expired: '这个二维码已过期，请让对方重新分享。',
  revoked: '分享已被对方撤回。',
  ended: '这次分享已失效：影像的归属在分享后有变动。请让对方核对后重新分享。',
  unknown: '这个二维码打不开任何报告，或者没有扫描完整。',
};

const frame = (title: string, content: Html, drill = false): Html =>
  layout({ title, viewer: null, formToken: '', drill, content: html`<div class="phone">${content}</div>` });

/** Before what is shared is opened: says what opening does, and shows nothing of it. */
export const shareDoorPage = (view: {
  readonly token: string;
  readonly formToken: string;
  readonly shows: Shown['kind'];
}): Html => {
  const { title, heading, open } = SHOWN_WORDS[view.shows];
  return frame(
    title,
    html`<h1>${heading}</h1>
<p>打开后请当面阅读。可打开的次数和时间有限，每次打开都会记入对方的访问记录。</p>
<form method="post" action="/share/${view.token}">${formTokenField(view.formToken)}
<label class="field">您的姓名（可不填） <input name="name" maxlength="40" autocomplete="name"></label>
<label class="field">医院和科室（可不填） <input name="place" maxlength="80" autocomplete="organization"></label>
<p class="sub">所填内容会给对方看，注明“未核实”；不填时对方只看到打开时间和网络。</p>
<p class="acts"><button class="main" type="submit">${open}</button></p></form>`,
  );
};

/** The code opens nothing, in words that whoever scanned it understands. */
export const shareClosedPage = ({
  state,
  shows,
}: {
  readonly state: OwnShare['state'] | 'unknown';
  readonly shows: Shown['kind'];
}): Html =>
  frame(
    SHOWN_WORDS[shows].title,
    html`<h1>打不开</h1><p class="alert" role="alert">${CLOSED_WORDS[state]}</p>`,
  );

/** A name of which the first character alone is told. */
const maskedName = (name: string | null): string | null => {
  const [first = '', ...rest] = [...(name ?? '')];
  return name === null ? null : `${first}${'＊'.repeat(Math.max(1, rest.length))}`;
};

/** What is left of a number whose holder should not be found by it. */
const maskedNumber = (number: string): string => `＊＊＊${number.slice(-3)}`;

const sharedReport = (report: ReportAnswer, masked: boolean, href: string | null): Html => {
  const shown = masked ? { ...report, reportNumber: maskedNumber(report.reportNumber) } : report;
  return html`${reportContent({ ...shown, disclosure: { basis: 'report-share', text: { zh: '患者本人（或代办人）出示', en: 'Shown by the patient' } } }, report.marks[0] ?? null)}
${href !== null && html`<p class="acts"><a class="button" href="${href}">看影像</a></p>`}
${masked && HAS_IMAGES.has(report.kind) && html`<p class="sub">隐去姓名的分享不含影像：原始图像里带有姓名。要看影像，请对方重新分享并显示姓名。</p>`}`;
};

/** The images alone: what was there when they were shared, in words that stay true when a report comes. */
const sharedStudy = (study: Extract<Shown, { kind: 'study' }>, href: string | null): Html =>
  html`<h1>${study.titleZh}</h1>
<p class="sub">${study.institutionZh}</p>
<dl class="facts"><dt>检查时间</dt><dd>${study.studiedAt ?? '未注明'}</dd></dl>
<p class="note">分享时还没有收到这次检查的报告；这次分享只有影像，不含报告。</p>
${imagesLine({ kind: 'imaging', images: study.images }, href)}
<p class="sub">患者本人（或代办人）出示</p>`;

/** What its patient shows: a report, masked or whole as the patient chose, or the images of a study. */
export const sharedPage = (view: {
  readonly shows: Shown;
  readonly person: PersonSummary | null;
  readonly masked: boolean;
  readonly drill: boolean;
  readonly at: Instant;
  readonly left: number;
  readonly expiresAt: Instant;
  /** Where its images open; null where it has none that may be shown with it. */
  readonly href: string | null;
}): Html => {
  const { shows, person, masked, href } = view;
  const banner =
    person && masked
      ? html`<div class="banner"><strong class="name">${maskedName(person.name) ?? '未登记姓名'}</strong></div>`
      : person && personBanner(person);
  return frame(
    SHOWN_WORDS[shows.kind].title,
    html`${banner}
${shows.kind === 'report' ? sharedReport(shows.report, masked, href) : sharedStudy(shows, href)}
<p class="sub">打开时间 ${civilTimeText(view.at)}；还可打开 ${view.left} 次，至 ${civilTimeText(view.expiresAt)}。离开本页后不再保留。</p>`,
    view.drill,
  );
};
