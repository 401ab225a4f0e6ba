import { civilTimeText } from '../kernel/civil-day.ts';
import type { Instant } from '../kernel/instant.ts';
import { type Html, html } from './html.ts';
import { formTokenField, layout } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import { HAS_IMAGES, reportContent } from './report-page.ts';
import type { PersonSummary, ReportAnswer } from './wire/order-check-answer.ts';
import type { OwnShare } from './wire/own-data.ts';

const CLOSED_WORDS: Readonly<Record<OwnShare['state'] | 'unknown', string>> = {
  open: '这份报告现在不能打开，请让对方重新分享。',
  used: '这个二维码的可打开次数已用完，请让对方重新分享。',
  expired: '这个二维码已过期，请让对方重新分享。',
  revoked: '分享已被对方撤回。',
  unknown: '这个二维码打不开任何报告，或者没有扫描完整。',
};

const frame = (title: string, content: Html, drill = false): Html =>
  layout({ title, viewer: null, formToken: '', drill, content: html`<div class="phone">${content}</div>` });

/** Before a shared report is opened: says what opening does, and shows nothing of it. */
export const shareDoorPage = (view: { readonly token: string; readonly formToken: string }): Html =>
  frame(
    '分享的报告',
    html`<h1>有人向您出示一份检查检验报告</h1>
<p>打开后请当面阅读。可打开的次数和时间有限，每次打开都会记入对方的访问记录。</p>
<form method="post" action="/share/${view.token}">${formTokenField(view.formToken)}
<label class="field">您的姓名（可不填） <input name="name" maxlength="40" autocomplete="name"></label>
<label class="field">医院和科室（可不填） <input name="place" maxlength="80" autocomplete="organization"></label>
<p class="sub">所填内容会给对方看，注明“未核实”；不填时对方只看到打开时间和网络。</p>
<p class="acts"><button class="main" type="submit">打开报告</button></p></form>`,
  );

/** The code opens nothing, in words that whoever scanned it understands. */
export const shareClosedPage = (state: OwnShare['state'] | 'unknown'): Html =>
  frame('分享的报告', html`<h1>打不开</h1><p class="alert" role="alert">${CLOSED_WORDS[state]}</p>`);

/** A name of which the first character alone is told. */
const maskedName = (name: string | null): string | null => {
  const [first = '', ...rest] = [...(name ?? '')];
  return name === null ? null : `${first}${'＊'.repeat(Math.max(1, rest.length))}`;
};

/** What is left of a number whose holder should not be found by it. */
const maskedNumber = (number: string): string => `＊＊＊${number.slice(-3)}`;

/** A report that its patient shows, masked or whole as the patient chose. */
export const sharedReportPage = (view: {
  readonly report: ReportAnswer;
  readonly person: PersonSummary | null;
  readonly masked: boolean;
  readonly drill: boolean;
  readonly at: Instant;
  readonly left: number;
  readonly expiresAt: Instant;
  /** Where its images are; null where it has none that may be shown with it. */
  readonly images: string | null;
}): Html => {
  const { report, person, masked } = view;
  const shown = masked ? { ...report, reportNumber: maskedNumber(report.reportNumber) } : report;
  const banner =
    person && masked
      ? html`<div class="banner"><strong class="name">${maskedName(person.name) ?? '未登记姓名'}</strong></div>`
      : person && personBanner(person);
  return frame(
    '分享的报告',
    html`${banner}
${reportContent({ ...shown, disclosure: { basis: 'report-share', text: { zh: '患者本人（或代办人）出示', en: 'Shown by the patient' } } }, report.marks[0] ?? null)}
${view.images !== null && html`<p class="acts"><a class="button" href="${view.images}">看影像</a></p>`}
${masked && HAS_IMAGES.has(report.kind) && html`<p class="sub">隐去姓名的分享不含影像：原始图像里带有姓名。要看影像，请对方重新分享并显示姓名。</p>`}
<p class="sub">打开时间 ${civilTimeText(view.at)}；还可打开 ${view.left} 次，至 ${civilTimeText(view.expiresAt)}。离开本页后不再保留。</p>`,
    view.drill,
  );
};
