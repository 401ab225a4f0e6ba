import type { Instant } from '../kernel/instant.ts';
import { checkLines } from './card/line.ts';
import { type OpenEmergency, personEmergencyStrip } from './emergency-strip.ts';
import { type Html, html } from './html.ts';
import { layout, type Viewer } from './layout.ts';
import { personBanner } from './patient-pages.ts';
import type { OrderCheckAnswer, PersonSummary } from './wire/order-check-answer.ts';
import { timeText } from './words.ts';

/** What the page of one order check shows to a doctor who signed in. */
export interface CheckView {
  readonly viewer: Viewer;
  readonly formToken: string;
  readonly at: Instant;
  readonly check: OrderCheckAnswer;
  /** Whose results these are; null when the patient could not be established. */
  readonly person: PersonSummary | null;
  /** Why the last answer was refused, for which line, and what was written with it. */
  readonly refusal: { readonly line: number; readonly zh: string; readonly text: string } | null;
  /** Makes the key by which sending the same form twice is one answer. */
  readonly newKey: () => string;
  /** False for those who may look but not answer. */
  readonly mayAnswer: boolean;
  /** True for a child under fourteen. */
  readonly needsGuardian: boolean;
  /** Why the last consent was not recorded. */
  readonly consentRefusal: string | null;
  /** The emergency access that the viewer has open to the patient; null for those who cannot open one. */
  readonly emergency: OpenEmergency | null;
}

/** One order check: the lines of the card in the frame of the signed-in pages. */
export const checkPage = (view: CheckView): Html => {
  const { check } = view;
  const base = `/checks/${check.id}`;
  const addresses = {
    responses: `${base}/responses`,
    consents: `${base}/consents`,
    report: (report: string) => `/reports/${report}`,
    images: (report: string) => `/reports/${report}/images`,
    explanation: `${base}/explanation`,
    notice: (line: number) => `${base}/notices?line=${line}`,
  };
  return layout({
    title: '核查结果',
    viewer: view.viewer,
    formToken: view.formToken,
    drill: check.drill,
    watermark: { purpose: '诊疗', at: view.at },
    content: html`<h1>${check.status === 'not-checked' ? '本次未核查' : check.title.zh}</h1>
${view.person && personBanner(view.person)}
${view.person && personEmergencyStrip(view.emergency, view.person.person, { formToken: view.formToken, back: base })}
<p class="sub">核查时间 ${timeText(check.checkedAt)}　<a href="${addresses.explanation}">查看依据</a>${
      check.person &&
      html`　<a class="nowrap" href="/patients/${check.person}/order">继续为该患者开单</a>　<a class="nowrap" href="/clinician/persons/${check.person}?check=${check.id}">结果历史</a>　<a class="nowrap" href="/patients/${check.person}/consent">授权登记</a>　<a class="nowrap" href="/persons/${check.person}/emergency-access">紧急调阅</a>`
    }</p>
${checkLines({ ...view, addresses })}`,
  });
};
