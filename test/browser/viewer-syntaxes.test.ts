import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyFrame } from '../../src/adapters/dicom/copy-frame.ts';
import { closeStudies } from '../../src/apps/demonstration/studies/send-studies.ts';
import { part10Of, type SyntheticInstance } from '../../src/apps/demonstration/studies/synthetic-study.ts';
import { VIEW_COPY_SYNTAX } from '../../src/imaging/index.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { missingTool, runTool } from '../contract/dimse-tools.ts';
import { type Attributes, instanceOf } from '../system/imaging-bench.ts';
import { type RealSystem, realSystem } from '../system/real-system.ts';
import { memberOf } from '../system/region-bench.ts';
import {
  A_SLOW_BROWSER_AGAIN,
  browserMissing,
  inspection,
  openBrowser,
  openPage,
  policyViolations,
  type SCREENS,
} from './browser.ts';
import { signInDoctor } from './county-doctor.ts';
import { heldValues, ROOM } from './held-values.ts';
import { encapsulated, instanceOfFile, sendInstances, studiesOf } from './sent-studies.ts';

// Images are stored in whatever syntax their device sent. Here a browser decodes each of them, to the last value.

interface Sent {
  readonly name: string;
  readonly imageId: string;
  /** SHA-256 of the values that the original has. */
  readonly values: string;
}

/** What each syntax is made with; the last one is made by our own encoder. */
const LOSSLESS: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
  ['JPEG Lossless', 'dcmcjpeg', ['+e1']],
  ['JPEG-LS', 'dcmcjpls', []],
  ['JPEG 2000', 'gdcmconv', ['--j2k']],
  ['RLE', 'dcmcrle', []],
];
const JPEG_BASELINE = 'JPEG Baseline';
const MPEG2 = '1.2.840.10008.1.2.4.100';
const H264 = '1.2.840.10008.1.2.4.102';
/** A white square that moves over black for three seconds: H.264 in an MP4. */
const MOVING_SQUARE = readFileSync(new URL('../fixtures/moving-square.mp4', import.meta.url));
/** Begins as an MP4, and holds nothing that can be played. */
const EMPTY_MP4 = Buffer.from('000000186674797069736f6d', 'hex');
/** A sequence header of MPEG-2, without a container. */
const BARE_MPEG2 = Buffer.from('000001b30a0078', 'hex');

let system: RealSystem;
let browser: Browser;
let folder: string;
let report: PublicId;
const sent: Sent[] = [];
let baseline: string | undefined;
const missing: string[] = [];

/** Values of a slice as 32-bit numbers, hashed: what is stored times the slope and with the intercept. */
const valuesOf = (instance: SyntheticInstance): string => {
  const file = part10Of(instance);
  const header = dicomParser.parseDicom(file);
  const pixels = header.elements['x7fe00010'];
  if (!pixels) throw new RangeError('no pixels');
  const [slope, intercept] = ['x00281053', 'x00281052'].map((tag) => Number(header.string(tag)));
  const isSigned = header.uint16('x00280103') === 1;
  const values = Int32Array.from({ length: pixels.length / 2 }, (_, at) => {
    const offset = pixels.dataOffset + at * 2;
    const stored = isSigned ? file.readInt16LE(offset) : file.readUInt16LE(offset);
    return stored * (slope as number) + (intercept as number);
  });
  return createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
};

/** A Part 10 file through a program that writes it in another syntax. */
const converted = async (
  instance: SyntheticInstance,
  program: string,
  args: readonly string[],
): Promise<SyntheticInstance> => {
  const [from, to] = [join(folder, 'from.dcm'), join(folder, 'to.dcm')] as const;
  writeFileSync(from, part10Of(instance));
  const { code, text } = await runTool(program, [...args, from, to]);
  if (code !== 0) throw new Error(`${program}: ${text}`);
  const made = instanceOfFile(readFileSync(to));
  // Some programs give what they made a UID of its own.
  if (made.sopInstanceUid !== instance.sopInstanceUid) throw new Error(`${program} changed the UID`);
  return made;
};

const htj2k = async (instance: SyntheticInstance): Promise<SyntheticInstance> => {
  const file = part10Of(instance);
  const header = dicomParser.parseDicom(file);
  const pixels = header.elements['x7fe00010'];
  if (!pixels) throw new RangeError('no pixels');
  const number = (tag: string) => header.uint16(tag) ?? 0;
  const made = await copyFrame({
    frame: file.subarray(pixels.dataOffset, pixels.dataOffset + pixels.length),
    transferSyntaxUid: instance.transferSyntaxUid,
    pixels: {
      rows: number('x00280010'),
      columns: number('x00280011'),
      frames: 1,
      samplesPerPixel: 1,
      bitsAllocated: 16,
      bitsStored: number('x00280101'),
      pixelRepresentation: number('x00280103'),
      photometricInterpretation: 'MONOCHROME2',
    } as never,
  });
  if (!made.ok) throw new Error(made.reason);
  return encapsulated(instance, VIEW_COPY_SYNTAX, made.value);
};

beforeAll(async () => {
  if (browserMissing) return;
  folder = mkdtempSync(join(tmpdir(), 'syntaxes-'));
  [system, browser] = await Promise.all([realSystem(), openBrowser({ drawing: true })]);
  const { bench } = system;
  const found = studiesOf(system, 'nodule-thin').find(({ institution }) => institution === 'WX-CENTRAL');
  if (!found) throw new RangeError('no study');
  const { institution, study } = found;
  const slices = [...study.instances()];
  const [first] = slices as [SyntheticInstance];
  const header = dicomParser.parseDicom(part10Of(first), { untilTag: 'x0020000f' });
  const text = (tag: string) => header.string(tag) ?? '';
  const series = text('x0020000e');
  const address = (of: string, uid: string) =>
    `wadors:/dicom-web/studies/${study.studyUid}/series/${of}/instances/${uid}/frames/1`;
  const send = async (name: string, instance: SyntheticInstance, original: SyntheticInstance) => {
    await sendInstances(system, institution, [instance]);
    sent.push({ name, imageId: address(series, instance.sopInstanceUid), values: valuesOf(original) });
  };
  for (const [name, program, args] of LOSSLESS) {
    const reason = missingTool(program);
    const slice = slices.shift() as SyntheticInstance;
    if (reason) missing.push(`${name}: ${reason}`);
    else await send(name, await converted(slice, program, args), slice);
  }
  for (const [name, made] of [
    ['HTJ2K', htj2k],
    ['none', (slice: SyntheticInstance) => slice],
  ] as const) {
    const slice = slices.shift() as SyntheticInstance;
    await send(name, await made(slice), slice);
  }
  /** An image of eight bits, brighter from left to right, in a series of its own. */
  const grey = (
    number: number,
    name: string,
    frames = 1,
    instance = 1,
    besides: Partial<Attributes> = {},
  ): SyntheticInstance => {
    const { bytes, ...of } = instanceOf({
      PatientName: text('x00100010').split('=')[0],
      PatientID: text('x00100020'),
      PatientBirthDate: text('x00100030'),
      PatientSex: text('x00100040'),
      AccessionNumber: text('x00080050'),
      StudyDate: text('x00080020'),
      StudyTime: text('x00080030'),
      StudyInstanceUID: study.studyUid,
      SeriesInstanceUID: `2.25.77${number}`,
      SOPInstanceUID: `2.25.77${number}.${instance}`,
      Modality: 'US',
      SeriesNumber: 70 + number,
      SeriesDescription: name,
      InstanceNumber: instance,
      NumberOfFrames: frames,
      Rows: 64,
      Columns: 64,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelData: Uint8Array.from({ length: 64 * 64 * frames }, (_, at) => (at % 64) * 4),
      ...besides,
    });
    return { ...of, bytes: Buffer.from(bytes) };
  };
  const reason = missingTool('dcmcjpeg');
  if (reason) missing.push(`${JPEG_BASELINE}: ${reason}`);
  else {
    // Without +un it is another image from then on.
    const made = await converted(grey(1, JPEG_BASELINE), 'dcmcjpeg', ['+eb', '+q', '95', '+un']);
    await sendInstances(system, institution, [made]);
    baseline = address('2.25.771', made.sopInstanceUid);
  }
  await sendInstances(system, institution, [
    encapsulated(grey(2, 'MPEG-4 in vain'), H264, EMPTY_MP4),
    encapsulated(grey(3, 'MPEG-2', 30), MPEG2, BARE_MPEG2),
    encapsulated(grey(4, 'MPEG-4 to play', 30), H264, MOVING_SQUARE),
    // Stills and clips of one examination come in one series.
    grey(5, 'stills and clip'),
    encapsulated(grey(5, 'stills and clip', 30, 2), H264, MOVING_SQUARE),
    grey(6, 'palette left out', 1, 1, { PhotometricInterpretation: 'PALETTE COLOR' }),
    grey(7, 'plane of zeros', 1, 1, {
      ImagePositionPatient: [0, 0, 1e30],
      ImageOrientationPatient: [0, 0, 0, 0, 0, 0],
    }),
  ]);
  await closeStudies(system.imaging);
  const { lines } = await bench.check(bench.orderOf(memberOf(bench, 'nodule-thin')));
  report = lines[0]?.candidates.find(({ institution: { code } }) => code === institution)?.report as PublicId;
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

const PATIENCE = { timeout: 60_000 };

const open = async (
  screen: keyof typeof SCREENS = 'desk',
  options: { readonly bypassCSP?: boolean } = {},
): Promise<{ page: Page; context: BrowserContext }> => {
  const { page, context } = await openPage(browser, screen, options);
  await signInDoctor(page, system);
  await page.goto(`${system.url}/reports/${report}/images`);
  await page.locator('.pane[data-drawn=true]').waitFor();
  return { page, context };
};

/** Whether this browser was built with the codec; a build without it can say so and no more. */
const playsH264 = async (): Promise<boolean> => {
  const { page, context } = await openPage(browser, 'desk');
  const found = await page.evaluate(
    `document.createElement('video').canPlayType('video/mp4; codecs="avc1.64000A"')`,
  );
  await context.close();
  return found !== '';
};

describe('images in the syntax that their device sent', { ...A_SLOW_BROWSER_AGAIN, timeout: 180_000 }, () => {
  it('are decoded to the values of the original, each syntax', async (context) => {
    const { page, context: visit } = await open();
    for (const { name, imageId, values } of sent)
      await expect.poll(() => heldValues(page, imageId), { ...PATIENCE, message: name }).toBe(values);
    await inspection('syntaxes-desk')(page, 'stack');
    await visit.close();
    expect(sent.map(({ name }) => name)).toEqual(expect.arrayContaining(['HTJ2K', 'none']));
    // What could not be made here is named, not passed.
    if (missing.length > 0) context.skip(missing.join('; '));
  });

  it('are drawn from baseline JPEG, and say that they were compressed with loss', async (context) => {
    if (baseline === undefined) context.skip(missing.join('; '));
    const { page, context: visit } = await open();
    await page.getByRole('button', { name: new RegExp(JPEG_BASELINE) }).click();
    await page.getByText('来源有损压缩').waitFor();
    const row = (await page.evaluate(
      `import('/assets/app/${ROOM}').then(({ pixelsOf }) => [...pixelsOf(${JSON.stringify(baseline)}).slice(0, 64)])`,
    )) as number[];
    for (const [at, value] of row.entries()) expect(Math.abs(value - at * 4)).toBeLessThan(8);
    await visit.close();
  });

  it.each([
    ['MPEG-4 in vain', /MPEG 视频.*请在工作站上查看原件/],
    ['MPEG-2', /MPEG-2.*请在工作站上查看原件/],
  ])(
    'are refused with what they are where no browser plays them here, and the rest stays usable: %s',
    async (name, words) => {
      const { page, context } = await open();
      await page.getByRole('button', { name }).click();
      const alert = page.getByRole('alert');
      await alert.getByText('未能打开，不代表没有图像').waitFor();
      await alert.getByText(words).waitFor();
      await inspection('syntaxes-desk')(page, `refused ${name}`);
      await page.locator('.series').first().click();
      await page.locator('.pane[data-drawn=true]').waitFor();
      await context.close();
    },
  );

  it('that cannot be drawn say so instead of loading for ever, and the rest stays usable', async () => {
    const { page, context } = await open();
    await page.getByRole('button', { name: 'palette left out' }).click();
    await page.getByRole('alert').getByText('未能打开，不代表没有图像').waitFor(PATIENCE);
    await inspection('syntaxes-desk')(page, 'palette left out');
    await page.locator('.series').first().click();
    await page.locator('.pane[data-drawn=true]').waitFor();
    await context.close();
  });

  it('whose plane is none are drawn without one', async () => {
    const { page, context } = await open();
    await page.getByRole('button', { name: 'plane of zeros' }).click();
    await page.locator('.pane[data-drawn=true]').waitFor();
    const text = page.locator('.bottom-left');
    await expect.poll(() => text.innerText(), PATIENCE).toMatch(/缩放 \d+%/);
    // Brighter from left to right, as it was sent.
    const [left, right] = (await page.evaluate(`(() => {
      const canvas = document.querySelector('.pane canvas');
      const copy = document.createElement('canvas');
      [copy.width, copy.height] = [canvas.width, canvas.height];
      const drawing = copy.getContext('2d');
      drawing.drawImage(canvas, 0, 0);
      return [0.4, 0.6].map((x) => drawing.getImageData(copy.width * x, copy.height / 2, 1, 1).data[0]);
    })()`)) as [number, number];
    expect(right).toBeGreaterThan(left);
    await inspection('syntaxes-desk')(page, 'plane of zeros');
    await context.close();
  });

  it.for(['desk', 'phone'] as const)(
    'are played where they are an MP4 that the browser knows, at a %s',
    async (screen, { skip }) => {
      if (!(await playsH264())) skip('this browser has no H.264');
      const { page, context } = await open(screen);
      await page.getByRole('button', { name: 'MPEG-4 to play' }).click();
      const played = page.locator('.clip[data-played=true]');
      await played.waitFor();
      const inspect = inspection(`syntaxes-${screen}`);
      await inspect(page, 'video');
      const said = (what: string) =>
        page.evaluate(`(() => { const clip = document.querySelector('.clip video'); return ${what}; })()`);
      expect(await said('[clip.videoWidth, clip.videoHeight, Math.round(clip.duration)]')).toEqual([
        96, 72, 3,
      ]);
      await said('clip.play()');
      await expect.poll(() => said('clip.currentTime > 0.5'), PATIENCE).toBe(true);

      await page.getByRole('button', { name: 'stills and clip' }).click();
      await page.locator('.pane[data-drawn=true]').waitFor();
      expect(await page.locator('.clip').count()).toBe(0);
      await page.getByRole('button', { name: '视频 1' }).click();
      await played.waitFor();
      await inspect(page, 'stills-and-clip');
      await page.getByRole('button', { name: '图像', exact: true }).click();
      await page.locator('.clip').waitFor({ state: 'detached' });
      await context.close();
    },
  );

  it('are played under the page’s own policy', async ({ skip }) => {
    if (!(await playsH264())) skip('this browser has no H.264');
    const { page, context } = await open('desk', { bypassCSP: false });
    const refused = policyViolations(page);
    await page.getByRole('button', { name: 'MPEG-4 to play' }).click();
    await page.locator('.clip[data-played=true]').waitFor();
    expect(refused).toEqual([]);
    await context.close();
  });
});
