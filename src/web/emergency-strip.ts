import { type Html, html } from './html.ts';
import { formTokenField } from './layout.ts';
import type { EmergencyAnswer } from './wire/emergency-access.ts';
import { timeText } from './words.ts';

const MINUTE_MS = 60_000;

/** The emergency access that a doctor has open to the patient of a page: when it ends by itself, null while none is open. */
export interface OpenEmergency extends Pick<EmergencyAnswer, 'until'> {
  /** When that was asked; says how long is left. Absent where the page may stay open for long. */
  readonly at?: string;
}

/** How the strip's button ends it. */
interface Ending {
  readonly action: string;
  readonly formToken: string;
  /** The page to come back to, where the action does not know it by itself. */
  readonly back?: string;
}

const leftText = (until: string, at: string): string => {
  const minutes = Math.floor((Date.parse(until) - Date.parse(at)) / MINUTE_MS);
  return minutes < 1 ? '还剩不到 1 分钟' : `还剩 ${minutes} 分钟`;
};

/** Says on a page that what consent would hide is shown for now, and until when, with the way to end it. Works without script. */
export const emergencyStrip = (
  { until, at }: OpenEmergency,
  { action, formToken, back }: Ending,
): Html | false =>
  until !== null &&
  html`<form class="alert" method="post" action="${action}" aria-label="紧急调阅">${formTokenField(formToken)}
${back !== undefined && html`<input type="hidden" name="back" value="${back}">`}
<p role="status"><b>紧急调阅已开启</b>，${at !== undefined && html`<span class="nowrap">${leftText(until, at)}</span>，`}<span class="nowrap">${timeText(until)}</span> 自动结束　<button type="submit">结束紧急调阅</button></p></form>`;

/** The same on the pages of a doctor who signed in. */
export const personEmergencyStrip = (
  open: OpenEmergency | null,
  person: string,
  ending: Omit<Ending, 'action'>,
): Html | false =>
  open !== null && emergencyStrip(open, { ...ending, action: `/persons/${person}/emergency-access/ending` });
