import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  A_SLOW_BROWSER_AGAIN,
  SCREENS,
  browserMissing,
  inspection,
  openPage,
  policyViolations,
  uncaughtErrors,
} from './browser.ts';
import { dragged, fingersOn, HOLD_CONTEXTS, LOSE_CONTEXTS, turnWheelOver } from './viewer-hands.ts';
import { ALL_DRAWN, CROSSED, WRITTEN_OVER } from './pane-questions.ts';
import { type ExampleStudies, STUDIES } from './example-studies.ts';
import { type ViewerBench, viewerBench } from './viewer-bench.ts';

let bench: ViewerBench;
let { server, studies, browser, session } = {} as ViewerBench;
beforeAll(async () => {
  if (browserMissing) return;
  bench = await viewerBench();
  ({ server, studies, browser, session } = bench);
});
afterAll(() => bench?.stop());
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

/** A busy machine draws slowly. */
const PATIENCE = { timeout: 30_000 };
const drawn = (page: Page) => page.locator('.pane[data-drawn=true]');

const open = async (
  screen: keyof typeof SCREENS,
  study: keyof typeof STUDIES,
  options: Parameters<ExampleStudies['serve']>[1] & {
    readonly bypassCSP?: boolean;
    readonly hasTouch?: boolean;
    /** Script that runs before the page's own. */
    readonly before?: string;
  } = {},
): Promise<{ page: Page; context: BrowserContext; refused: readonly string[] }> => {
  const { page, context } = await openPage(browser, screen, {
    bypassCSP: options.bypassCSP ?? true,
    storageState: session,
    hasTouch: options.hasTouch ?? false,
  });
  if (options.before !== undefined) await page.addInitScript(options.before);
  const refused = policyViolations(page);
  await studies.serve(page, options);
  await page.goto(`${server.url}/studies/${STUDIES[study]}/view`);
  return { page, context, refused };
};

/** Points of the picture, as parts of its width and height. */
const within = async (page: Page) => {
  const box = await page.locator('.canvas').boundingBox();
  if (!box) throw new Error('no canvas');
  return (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
};

/** Number of the picture in the first, second … pane. */
const place = async (page: Page, pane = 0): Promise<number> =>
  Number((await page.locator('.top-right b').nth(pane).innerText()).split(' ')[0]);

describe.each(Object.keys(SCREENS) as (keyof typeof SCREENS)[])(
  'the viewer at a %s',
  A_SLOW_BROWSER_AGAIN,
  (screen) => {
    const inspect = inspection(`viewer-${screen}`);

    it('shows a CT beside its report, and says what the screen is not', async () => {
      const { page, context } = await open(screen, 'today');
      await drawn(page).waitFor();
      await page.getByText('右肺上叶见结节影。').waitFor();
      expect(await page.title()).not.toContain('示例');
      expect(page.url()).not.toContain('1.2');
      expect(await page.getByText('本显示未经诊断校准').innerText()).toContain('诊断请用经校准的显示器');
      expect(await page.locator('.bottom-left').innerText()).toContain('窗宽 1500 窗位 -600');
      await inspect(page, 'ct');
      await context.close();
    });

    it('draws an ECG to scale', async () => {
      const { page, context } = await open(screen, 'ecg');
      await page.locator('svg.ecg').waitFor();
      const box = {
        widthMm: Number((await page.locator('svg.ecg').getAttribute('viewBox'))?.split(' ')[2]),
        pieces: await page.locator('svg.ecg text').count(),
      };
      // Ten seconds of 25 mm and a margin on either side; twelve leads and the rhythm.
      expect(box).toEqual({ widthMm: 270, pieces: 13 });
      await inspect(page, 'ecg');
      await context.close();
    });

    it('lets a clip run that was started before its first picture had come', async () => {
      const { page, context } = await openPage(browser, screen, { storageState: session });
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await studies.serve(page);
      await page.route('**/frames/**', async (route) => {
        await held;
        await route.fallback();
      });
      await page.goto(`${server.url}/studies/${STUDIES.clip}/view`);
      if (screen === 'phone') await page.getByText('更多工具').click(PATIENCE);
      await page.getByRole('button', { name: '播放' }).click(PATIENCE);
      // The room is there, and its pane without pictures.
      await page
        .locator('.pane canvas')
        .first()
        .waitFor({ ...PATIENCE, state: 'attached' });
      await page.evaluate('new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))');
      const pane = await page.locator('.pane').boundingBox();
      const preview = await page.locator('.preview img').boundingBox();
      expect(preview?.height, 'the preview is whole').toBeLessThan(pane?.height ?? 0);
      release();
      await drawn(page).waitFor(PATIENCE);
      await expect.poll(() => place(page), PATIENCE).toBeGreaterThan(1);
      await context.close();
    });

    it('shows a clip that runs', async () => {
      const { page, context } = await open(screen, 'clip');
      await drawn(page).waitFor();
      expect(await place(page)).toBe(1);
      if (screen === 'phone') await page.getByText('更多工具').click();
      await page.getByRole('button', { name: '播放' }).click();
      await expect.poll(() => place(page), PATIENCE).toBeGreaterThan(1);
      await page.getByRole('button', { name: '播放' }).click();
      await inspect(page, 'clip');
      await context.close();
    });

    it('goes on telling which frame is shown where every frame of the screen brings a change', async () => {
      const { page, context } = await open(screen, 'clip');
      await drawn(page).waitFor();
      await page.evaluate(`(() => {
        const box = document.querySelector('.pane .canvas');
        const again = () => {
          requestAnimationFrame(again);
          box.dispatchEvent(new Event('CORNERSTONE_IMAGE_RENDERED'));
        };
        requestAnimationFrame(again);
      })()`);
      await page.locator('.pane .canvas').focus();
      await page.keyboard.press('ArrowDown');
      await expect.poll(() => place(page), PATIENCE).toBe(2);
      await context.close();
    });

    it('tells images that are coming from none, and what could not be opened from both', async () => {
      studies.arrive(0);
      const coming = await open(screen, 'coming');
      await coming.page.getByText(`影像上传中 0/${studies.coming}`).waitFor();
      await inspect(coming.page, 'coming');
      await coming.context.close();
      let isBroken = true;
      const { page, context } = await open(screen, 'today', { broken: () => isBroken });
      const uncaught = uncaughtErrors(page);
      await page.getByRole('alert').getByText('未能打开，不代表没有图像').waitFor();
      await inspect(page, 'failed');
      isBroken = false;
      await page.getByRole('alert').getByRole('button', { name: '重试' }).click();
      await drawn(page).waitFor();
      expect(uncaught).toEqual([]);
      await context.close();
    });
  },
);

describe('reading with the viewer', A_SLOW_BROWSER_AGAIN, () => {
  it('works by keyboard alone: pictures, windows, help', async () => {
    const { page, context } = await open('desk', 'today');
    await drawn(page).waitFor();
    const middle = await place(page);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => place(page), PATIENCE).toBe(middle + 1);
    await page.keyboard.press('PageUp');
    await expect.poll(() => place(page), PATIENCE).toBe(middle - 9);
    await page.keyboard.press('Home');
    await expect.poll(() => place(page), PATIENCE).toBe(1);
    await page.keyboard.press('3');
    await expect
      .poll(() => page.locator('.bottom-left').innerText(), PATIENCE)
      .toContain('窗宽 2000 窗位 500');
    await page.keyboard.press('i');
    await expect.poll(() => page.locator('.bottom-left').innerText(), PATIENCE).toContain('反相');
    await page.keyboard.press('0');
    await expect
      .poll(() => page.locator('.bottom-left').innerText(), PATIENCE)
      .toContain('窗宽 1500 窗位 -600');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('下一幅关键图像').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await context.close();
  });

  it('measures lengths in millimetres and regions in HU', async () => {
    const { page, context } = await open('desk', 'today');
    await drawn(page).waitFor();
    const at = await within(page);
    await page.getByRole('button', { name: '测长' }).click();
    await dragged(page, at(0.4, 0.5), at(0.55, 0.5));
    await page
      .locator('.canvas svg text')
      .getByText(/^\d+\.\d 毫米$/)
      .waitFor();
    await page.getByRole('button', { name: '区域' }).click();
    await dragged(page, at(0.5, 0.55), at(0.53, 0.58));
    await page
      .locator('.canvas svg text')
      .getByText(/CT 值 -?\d+ ± \d+ HU/)
      .waitFor();
    await page.getByRole('button', { name: '清除测量' }).click();
    await expect.poll(() => page.locator('.canvas svg text').count(), PATIENCE).toBe(0);
    await context.close();
  });

  it('measures angles, and takes what was measured off again', async () => {
    const { page, context } = await open('desk', 'today');
    await drawn(page).waitFor();
    const at = await within(page);
    await page.getByRole('button', { name: '测角' }).click();
    // Two lines: from one end over the vertex to the other end. A right angle on square pixels.
    await dragged(page, at(0.3, 0.5), at(0.5, 0.5));
    const box = await page.locator('.canvas').boundingBox();
    const rise = ((box?.width ?? 0) * 0.2) / (box?.height ?? 1);
    await page.mouse.move(...at(0.5, 0.5 - rise), { steps: 8 });
    await page.mouse.click(...at(0.5, 0.5 - rise));
    const text = page.locator('.canvas svg text').getByText(/°/);
    await text.waitFor();
    const degrees = Number(/([\d.]+)\s*°/.exec((await text.textContent()) ?? '')?.[1]);
    expect(degrees).toBeGreaterThan(85);
    expect(degrees).toBeLessThan(95);
    await page.getByRole('button', { name: '清除测量' }).click();
    await expect.poll(() => page.locator('.canvas svg text').count(), PATIENCE).toBe(0);
    await context.close();
  });

  it('turns a picture over, and the letters at its edges follow', async () => {
    const { page, context } = await open('desk', 'today');
    await drawn(page).waitFor();
    const edges = () => page.locator('.edge').allInnerTexts();
    expect(await edges()).toEqual(['R', 'L', 'A', 'P']);
    await page.getByRole('button', { name: '左右翻转' }).click();
    await expect.poll(edges, PATIENCE).toEqual(['L', 'R', 'A', 'P']);
    await page.getByRole('button', { name: '上下翻转' }).click();
    await expect.poll(edges, PATIENCE).toEqual(['L', 'R', 'P', 'A']);
    await page.getByRole('button', { name: '恢复原样' }).click();
    await expect.poll(edges, PATIENCE).toEqual(['R', 'L', 'A', 'P']);
    await context.close();
  });

  it('moves a picture with the mouse, with the tool and with the middle button, and changes nothing else', async () => {
    const { page, context } = await open('desk', 'today');
    await drawn(page).waitFor();
    const canvas = page.locator('.canvas canvas').first();
    const said = () => page.locator('.over').innerText();
    await expect.poll(said, PATIENCE).not.toContain('已载入');
    const at = await within(page);
    const before = await said();
    for (const button of ['left', 'middle'] as const) {
      if (button === 'left') await page.getByRole('button', { name: '移动' }).click();
      else await page.getByRole('button', { name: '调窗' }).click();
      const there = await canvas.screenshot();
      await dragged(page, at(0.5, 0.5), at(0.6, 0.6), button);
      await expect.poll(async () => Buffer.compare(there, await canvas.screenshot()), PATIENCE).not.toBe(0);
      expect(await said()).toBe(before);
      await page.getByRole('button', { name: '恢复原样' }).click();
      await expect.poll(async () => Buffer.compare(there, await canvas.screenshot()), PATIENCE).toBe(0);
    }
    await context.close();
  });

  it.each([
    ['knee', 'an MR with two planes side by side', ['矢状位 PDWI FS', '矢状位 T1WI']],
    ['frontal', 'a radiograph with both projections', ['胸部正位', '胸部侧位']],
    ['breasts', 'a mammography with four views, right before left', ['R CC', 'L CC', 'R MLO', 'L MLO']],
  ] as const)('hangs %s as %s', async (study, _, hung) => {
    const { page, context } = await open('desk', study);
    await expect.poll(() => drawn(page).count(), PATIENCE).toBe(hung.length);
    const names = await page.locator('.pane .top-right span:first-child').allInnerTexts();
    expect(names).toEqual([...hung]);
    expect(await page.evaluate(CROSSED)).toEqual([]);
    await inspection('viewer-desk')(page, `hung-${study}`);
    await context.close();
    const phone = await open('phone', study);
    await drawn(phone.page).waitFor();
    expect(await phone.page.locator('.pane').count()).toBe(1);
    await inspection('viewer-phone')(phone.page, `hung-${study}`);
    expect(await phone.page.evaluate(CROSSED)).toEqual([]);
    // Devices burn a side or a name into a corner: on a phone nothing of ours may stand there.
    await expect.poll(() => phone.page.evaluate(WRITTEN_OVER), PATIENCE).toEqual([]);
    await phone.context.close();
  });

  it('says how far a recall from the far tier has come, and shows the images when they are near', async () => {
    for (const screen of ['desk', 'phone'] as const) {
      studies.recall(0);
      const { page, context } = await open(screen, 'far');
      const notice = page.getByRole('status').getByText('正在从远端调回');
      await expect.poll(() => notice.innerText(), PATIENCE).toContain(`调回 0/${studies.far}`);
      const preview = page.locator('.preview img');
      await expect
        .poll(
          () => preview.evaluate((each) => (each as unknown as { naturalWidth: number }).naturalWidth),
          PATIENCE,
        )
        .toBeGreaterThan(0);
      expect(await preview.getAttribute('src')).toContain('/thumbnail');
      await inspection(`viewer-${screen}`)(page, 'far');
      studies.recall(5);
      await expect.poll(() => notice.innerText(), PATIENCE).toContain(`调回 5/${studies.far}`);
      studies.recall(studies.far);
      await drawn(page).waitFor();
      expect(await notice.count()).toBe(0);
      await context.close();
    }
  });

  it('compares with the prior of another hospital, scrolling both by place', async () => {
    const { page, context } = await open('desk', 'today');
    await drawn(page).waitFor();
    await page.getByLabel('对比').selectOption(STUDIES.prior);
    await expect.poll(() => drawn(page).count(), PATIENCE).toBe(2);
    expect(studies.opened.get(STUDIES.prior)).toBeGreaterThan(0);
    // The first step brings both to one place; each opened in its own middle.
    const middle = await place(page, 1);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => place(page, 1), PATIENCE).toBe(middle + 1);
    await expect.poll(() => page.evaluate(ALL_DRAWN), PATIENCE).toBe(true);
    const [prior, today] = [await place(page, 0), await place(page, 1)];
    for (let step = 0; step < 8; step++) await page.keyboard.press('ArrowDown');
    await expect.poll(() => place(page, 1), PATIENCE).toBe(today + 8);
    await expect.poll(() => place(page, 0), PATIENCE).toBe(prior + 4); // Eight slices of 2.5 mm are four of 5 mm.
    await inspection('viewer-desk')(page, 'compare');
    // Whoever turns the wheel over the other pane leads from there.
    await turnWheelOver(page, '.pane');
    await expect.poll(() => place(page, 1), PATIENCE).toBeGreaterThan(today + 8);
    await page.locator('.pane .canvas').nth(1).focus();
    // Linked anew with the end of one beside the middle of the other: that one has no beginning beside the first.
    for (const key of ['b', 'End']) await page.keyboard.press(key);
    await expect.poll(() => place(page, 1), PATIENCE).toBe(139);
    for (const key of ['b', 'Home']) await page.keyboard.press(key);
    await page.locator('.pane').first().getByText('无对应层面').waitFor(PATIENCE);
    await inspection('viewer-desk')(page, 'unmatched');
    await page.keyboard.press('End');
    await page.getByText('无对应层面').waitFor({ ...PATIENCE, state: 'detached' });
    await context.close();
  });

  it('keeps to the policy of its page, whatever is opened', async () => {
    const { page, context, refused } = await open('desk', 'today', { bypassCSP: false });
    await drawn(page).waitFor();
    await page.getByRole('button', { name: '测长' }).click();
    await page.mouse.move(500, 400);
    await page.mouse.down();
    await page.mouse.move(600, 400, { steps: 5 });
    await page.mouse.up();
    await page.getByLabel('对比').selectOption(STUDIES.prior);
    await drawn(page).nth(1).waitFor();
    expect(refused).toEqual([]);
    await context.close();
  });
});

describe('reading by touch', A_SLOW_BROWSER_AGAIN, () => {
  const corner = (page: Page) => page.locator('.bottom-left').innerText();
  const zoomOf = async (page: Page): Promise<number> =>
    Number(/缩放 (\d+)%/.exec(await corner(page))?.[1] ?? 0);

  it('scrolls and windows with one finger, zooms and moves with two', async () => {
    const { page, context } = await open('phone', 'today', { hasTouch: true });
    await drawn(page).waitFor();
    const box = await page.locator('.canvas').boundingBox();
    if (!box) throw new Error('no canvas');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const { drag } = await fingersOn(page);
    const middle = await place(page);
    await drag([
      [
        [x, y],
        [x, y + 80],
      ],
    ]);
    await expect.poll(() => place(page), PATIENCE).not.toBe(middle);
    await page.getByRole('button', { name: '调窗' }).tap();
    await drag([
      [
        [x, y],
        [x + 60, y + 30],
      ],
    ]);
    await expect.poll(() => corner(page), PATIENCE).not.toContain('窗宽 1500 窗位 -600');
    const slice = await place(page);
    await drag([
      [
        [x - 30, y],
        [x - 110, y],
      ],
      [
        [x + 30, y],
        [x + 110, y],
      ],
    ]);
    // From 60 to 220 pixels apart, less what the browser takes to know a drag: what lies between grows as the fingers part.
    await expect.poll(() => zoomOf(page), PATIENCE).toBeGreaterThan(200);
    expect(await zoomOf(page)).toBeLessThan(440);
    const [zoom, window] = [await zoomOf(page), (await corner(page)).split('\n')[0]];
    const canvas = page.locator('.canvas canvas').first();
    const before = await canvas.screenshot();
    await drag([
      [
        [x - 40, y],
        [x - 40, y + 90],
      ],
      [
        [x + 40, y],
        [x + 40, y + 90],
      ],
    ]);
    await expect.poll(async () => Buffer.compare(before, await canvas.screenshot()), PATIENCE).not.toBe(0);
    expect(Math.abs((await zoomOf(page)) - zoom)).toBeLessThan(zoom * 0.1);
    // Two fingers change neither the slice nor the window, whatever one finger is set to.
    expect(await place(page)).toBe(slice);
    expect(await corner(page)).toContain(window);
    // Chromium may take a tap that follows two fingers at once for one of theirs.
    await page.getByText('更多工具').click();
    await page.getByRole('button', { name: '恢复原样' }).waitFor();
    await inspection('viewer-phone')(page, 'more');
    await page.getByRole('button', { name: '恢复原样' }).tap();
    await expect.poll(() => zoomOf(page), PATIENCE).toBe(100);
    await context.close();
  });
});

describe('key images', A_SLOW_BROWSER_AGAIN, () => {
  it('are marked by key, kept with the study, listed, found again in another browser and taken back', async () => {
    const { page, context } = await open('desk', 'today');
    await drawn(page).waitFor();
    const marked = await place(page);
    await page.keyboard.press('m');
    await page.locator('.top-right .key').waitFor();
    await page.getByRole('button', { name: '标记关键图像', pressed: true }).waitFor();
    await page.keyboard.press('Home');
    await expect.poll(() => place(page), PATIENCE).toBe(1);
    expect(await page.locator('.top-right .key').count()).toBe(0);
    await page.keyboard.press('k');
    await expect.poll(() => place(page), PATIENCE).toBe(marked);
    await page.keyboard.press('End');
    await expect.poll(() => place(page), PATIENCE).not.toBe(marked);
    const list = page.getByRole('region', { name: '关键图像', exact: true });
    await list.getByText('标记随检查保存，只有您自己看得到').waitFor();
    await inspection('viewer-desk')(page, 'key-images');
    await context.close();

    const again = await open('desk', 'today');
    await drawn(again.page).waitFor();
    await again.page.keyboard.press('Home');
    const kept = again.page.getByRole('region', { name: '关键图像', exact: true });
    await kept.getByRole('button', { name: /★/ }).click();
    await expect.poll(() => place(again.page), PATIENCE).toBe(marked);
    await again.page.locator('.top-right .key').waitFor();
    const taken = again.page.waitForResponse(/key-images$/);
    await again.page.keyboard.press('m');
    await kept.waitFor({ state: 'hidden' });
    await taken;
    await again.page.reload();
    await drawn(again.page).waitFor();
    expect(await kept.count()).toBe(0);
    await again.context.close();
  });

  it('that could not be kept are said to hold on the page alone', async () => {
    const { page, context } = await open('desk', 'today');
    await page.route('**/key-images', (route) => route.fulfill({ status: 503, body: '' }));
    await drawn(page).waitFor();
    await page.keyboard.press('m');
    const said = page.getByRole('region', { name: '关键图像', exact: true }).getByRole('alert');
    await expect.poll(() => said.innerText(), PATIENCE).toBe('标记未能保存，只在本页有效。');
    expect(await page.locator('.top-right .key').count()).toBe(1);
    await context.close();
  });
});

describe('images that come in while somebody looks', A_SLOW_BROWSER_AGAIN, () => {
  it('are counted while they are loaded, until all are there', async () => {
    const { page, context } = await openPage(browser, 'desk', { storageState: session });
    let release = (): void => undefined;
    const others = new Promise<void>((resolve) => {
      release = resolve;
    });
    await studies.serve(page);
    const loaded = new Set<string>();
    await page.route('**/frames/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      if (loaded.size < 3) loaded.add(pathname);
      if (!loaded.has(pathname)) await others;
      await route.fallback();
    });
    await page.goto(`${server.url}/studies/${STUDIES.today}/view`);
    await drawn(page).waitFor(PATIENCE);
    const said = () => page.locator('.bottom-right').innerText();
    await expect.poll(said, PATIENCE).toBe(`已载入 3/${studies.frames('today').length}`);
    await inspection('viewer-desk')(page, 'loading');
    release();
    await expect.poll(said, PATIENCE).toBe('');
    await context.close();
  });

  it('join those on the screen, and nothing jumps', async () => {
    studies.arrive(0);
    const { page, context } = await open('desk', 'coming');
    await page.getByText(`影像上传中 0/${studies.coming}`).waitFor();
    studies.arrive(20);
    await drawn(page).waitFor();
    await page.getByText(`影像上传中 20/${studies.coming}`).waitFor();
    // On the way is not missing: neither where the study is named nor over its pictures.
    expect(await page.locator('#app').innerText()).not.toMatch(/缺/);
    await page.keyboard.press('2');
    await page.keyboard.press('+');
    await page.keyboard.press('Home');
    for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowDown');
    await expect.poll(() => place(page), PATIENCE).toBe(5);
    const corner = await page.locator('.bottom-left').innerText();
    expect(corner).toContain('窗宽 400 窗位 40');
    expect(corner).toContain('缩放 125%');
    studies.arrive(studies.coming);
    // The rest comes before them: the same slice has another number.
    await expect.poll(() => place(page), PATIENCE).toBe(5 + studies.coming - 20);
    expect(await page.locator('.top-right b').innerText()).toContain(`/ ${studies.coming}`);
    await expect.poll(() => page.locator('.bottom-left').innerText(), PATIENCE).toBe(corner);
    await page.locator('.coming').waitFor({ state: 'hidden' });
    await page.keyboard.press('Home');
    await expect.poll(() => place(page), PATIENCE).toBe(1);
    await context.close();
  });
});

describe('a graphics driver that fails', A_SLOW_BROWSER_AGAIN, () => {
  it('once: the picture is there again, the same one; again: the processor draws, and says so', async () => {
    const { page, context } = await open('desk', 'today', { before: HOLD_CONTEXTS });
    await drawn(page).waitFor();
    const at = (await place(page)) + 10;
    await page.keyboard.press('PageDown');
    await expect.poll(() => place(page), PATIENCE).toBe(at);
    for (const words of [false, true]) {
      // What draws anew is there before anybody could see that it was gone: its first pixels tell.
      await page.evaluate("performance.clearMarks('drawn-by-tools')");
      await page.evaluate(LOSE_CONTEXTS);
      await page.waitForFunction("performance.getEntriesByName('drawn-by-tools').length > 0");
      await expect.poll(() => place(page), PATIENCE).toBe(at);
      expect(await page.getByText('已改由处理器绘制').count()).toBe(words ? 1 : 0);
    }
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => place(page), PATIENCE).toBe(at + 1);
    await inspection('viewer-desk')(page, 'by-processor');
    await context.close();
  });

  it('never worked at all: pictures are drawn without it', async () => {
    const { page, context } = await open('desk', 'today', {
      before: `const { getContext } = HTMLCanvasElement.prototype;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
          return /^webgl/.test(kind) ? null : getContext.call(this, kind, ...rest);
        };`,
    });
    await drawn(page).waitFor();
    const middle = await place(page);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => place(page), PATIENCE).toBe(middle + 1);
    await page.keyboard.press('3');
    await expect
      .poll(() => page.locator('.bottom-left').innerText(), PATIENCE)
      .toContain('窗宽 2000 窗位 500');
    await inspection('viewer-desk')(page, 'without-webgl');
    await context.close();
  });
});

describe('the page before any script', A_SLOW_BROWSER_AGAIN, () => {
  it('has the preview, the series and the report', async () => {
    const { page, context } = await openPage(browser, 'phone', {
      javaScriptEnabled: false,
      storageState: session,
    });
    await studies.serve(page);
    await page.goto(`${server.url}/studies/${STUDIES.today}/view`);
    expect(await page.getByAltText('预览图像').getAttribute('src')).toContain('/rendered');
    await page.getByText('预览', { exact: true }).waitFor();
    await page.getByText('右肺上叶结节，建议复查。').waitFor();
    await page.getByText('本显示未经诊断校准').waitFor();
    await context.close();
  });
});
