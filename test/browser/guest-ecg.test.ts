import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { closeStudies } from '../../src/apps/demonstration/studies/send-studies.ts';
import type { OwnResults } from '../../src/web/wire/own-data.ts';
import type { FormBrowser } from '../system/http-server.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { signedInPatient } from '../system/own-data-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
  uncaughtErrors,
} from './browser.ts';
import { sendInstances, studiesOf } from './sent-studies.ts';

// Somebody to whom the patient shows an ECG: guests get no whole instance but this one, from which the curves are drawn.

const PATIENT = 'emergency';

let system: RealSystem;
let browser: Browser;
let patient: FormBrowser;
/** The report of the ECG. */
let report: string | undefined;

beforeAll(async () => {
  if (browserMissing) return;
  [system, browser] = await Promise.all([realSystem(), openBrowser()]);
  const [sent] = studiesOf(system, PATIENT);
  if (!sent) throw new RangeError('the cast has no ECG');
  await sendInstances(system, sent.institution, sent.study.instances());
  await closeStudies(system.imaging);
  patient = await signedInPatient(system, PATIENT);
  const { history } = (await (await patient.get('/api/own/results')).json()) as OwnResults;
  report = history.reports.find(({ kind }) => kind === 'electrocardiogram')?.id;
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const TWELVE = ['I', 'aVR', 'V1', 'V4', 'II', 'aVL', 'V2', 'V5', 'III', 'aVF', 'V3', 'V6'];

it('a guest of a share sees the leads of an ECG', A_SLOW_BROWSER_AGAIN, async () => {
  const { page, context } = await openPage(browser, 'phone');
  const uncaught = uncaughtErrors(page);
  const made = await patient.postJson('/api/own/shares', { report, masked: false });
  const { url } = (await made.json()) as { url: string };
  await page.goto(url);
  await page.getByRole('button', { name: '打开报告' }).click();
  await page.getByRole('link', { name: '看影像' }).click();
  await page.locator('svg.ecg').waitFor();
  expect(await page.getByText('持分享码查看').count()).toBe(1);
  // Twelve leads and the rhythm.
  expect(await page.locator('svg.ecg text').allTextContents()).toEqual([...TWELVE, 'II']);
  const curves = (await page.evaluate(
    "[...document.querySelectorAll('svg.ecg g path')].map((path) => path.getAttribute('d') ?? '')",
  )) as string[];
  expect(curves).toHaveLength(TWELVE.length + 1);
  for (const [at, curve] of curves.entries()) {
    const heights = curve
      .slice(1)
      .split('L')
      .map((point) => Number(point.split(' ')[1]));
    expect(heights.length, TWELVE[at]).toBeGreaterThan(500);
    // A heart beats in each of them: a tenth of a millivolt is a millimetre.
    expect(Math.max(...heights) - Math.min(...heights), TWELVE[at]).toBeGreaterThan(2);
  }
  await inspection('guest-phone')(page, 'ecg');
  expect(uncaught).toEqual([]);
  await context.close();
});
