import { civilTimeText } from '../../kernel/civil-day.ts';
import type { Instant } from '../../kernel/instant.ts';
import { emergencyStrip } from '../emergency-strip.ts';
import { type Html, html } from '../html.ts';
import { personFacts } from '../patient-pages.ts';
import type { PersonSummary } from '../wire/order-check-answer.ts';
import { timeText, WORDS } from '../words.ts';
import { checkLines, type LineView } from './line.ts';

/** Addresses of the card's own style sheet and script. */
export interface CardAssets {
  readonly style: string;
  readonly script: string;
}

/** The frame of every page that a card's token opens. No session, no menu: the page stands inside somebody else's system. */
export interface CardFrame {
  /** Never names a patient. */
  readonly title: string;
  readonly assets: CardAssets;
  readonly content: Html;
  /** Demonstration data (演练). */
  readonly drill: boolean;
  /** Who looks, as the client states it, and when; null where there is nothing of a patient on the page. */
  readonly watermark: {
    readonly staffNumber: string;
    readonly department: string | null;
    readonly at: Instant;
  } | null;
  /** What the page around the frame is told, and the origins of such pages. */
  readonly parent?: { readonly origins: readonly string[]; readonly message: string };
}

/** A whole page of the card in zh-CN. It uses nothing that browsers learnt after 2015 and works without script. */
export const cardFrame = ({
  title,
  assets,
  content,
  drill,
  watermark,
  parent,
}: CardFrame): Html => html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${assets.style}">
</head>
<body${parent && html` data-origins="${parent.origins.join(' ')}" data-message="${parent.message}"`}>
${drill && html`<p class="drill" role="note">演练数据：目录、机构与患者均为虚构</p>`}
<main id="main">
${content}
</main>
${
  watermark &&
  html`<footer class="watermark">查看人：工号 ${watermark.staffNumber}${watermark.department && `（${watermark.department}）`}　用途：诊疗　时间：${civilTimeText(watermark.at)}</footer>`
}
<script src="${assets.script}"></script>
</body>
</html>
`;

/** Whose results a page under a card's token shows: one line, because the system around it has a banner of its own. */
export const cardPerson = (person: PersonSummary): Html =>
  html`<p class="person"><strong>${person.name ?? '未登记姓名'}</strong>　${personFacts(person)}</p>`;

/** What the card shows. */
export interface CardView
  extends Omit<CardFrame, 'title' | 'content' | 'drill'>,
    Omit<LineView, 'mayAnswer'> {
  /** null when the patient could not be established. */
  readonly person: PersonSummary | null;
  /** Where the answers are handed over by a form, once the doctor has finished; null where they go another way. */
  readonly finish: string | null;
  /** Where emergency access is opened; the same for every patient. */
  readonly emergency: string;
  /** When the emergency access that this doctor has open ends, ISO 8601; null while none is open. */
  readonly emergencyUntil: string | null;
}

/** The card of one order check. */
export const cardPage = (view: CardView): Html => {
  const { check, person, addresses, finish, emergency } = view;
  const unchecked = check.status === 'not-checked';
  return cardFrame({
    title: `互认提醒 · ${WORDS.product}`,
    assets: view.assets,
    drill: check.drill,
    watermark: view.watermark,
    ...(view.parent === undefined ? {} : { parent: view.parent }),
    content: html`<h1${unchecked && html` class="unchecked"`}>${unchecked ? '本次未核查' : check.title.zh}</h1>
${person && cardPerson(person)}
${emergencyStrip({ until: view.emergencyUntil }, { action: `${emergency}/ending`, formToken: view.formToken })}
${checkLines({ ...view, mayAnswer: true })}
<p class="sub foot">核查时间 ${timeText(check.checkedAt)}　<a href="${addresses.explanation}">查看依据</a>${person && html`　<a href="${emergency}">紧急调阅</a>`}${
      finish && html`　<a class="finish" href="${finish}">完成并返回开单系统</a>`
    }</p>
<p class="sub keys">${WORDS.keys}</p>`,
  });
};
