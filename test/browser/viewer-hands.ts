import type { Page } from 'playwright-core';

/** Draws the mouse from one point to another with a button held down. */
export const dragged = async (
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
  button: 'left' | 'middle' = 'left',
): Promise<void> => {
  await page.mouse.move(...from);
  await page.mouse.down({ button });
  await page.mouse.move(...to, { steps: 8 });
  await page.mouse.up({ button });
};

/** Turns the wheel over the middle of what the selector finds first, a few slices on. */
export const turnWheelOver = async (page: Page, selector: string): Promise<void> => {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not shown`);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let step = 0; step < 3; step++) await page.mouse.wheel(0, 100);
};

/** Fingers on the screen, as the browser's own input gives them. */
export const fingersOn = async (page: Page) => {
  const session = await page.context().newCDPSession(page);
  const send = (type: string, points: readonly (readonly [number, number])[]) =>
    session.send(
      'Input.dispatchTouchEvent' as never,
      {
        type,
        touchPoints: points.map(([x, y], id) => ({ x, y, id })),
      } as never,
    );
  return {
    /** Each finger goes from its first place to its second. */
    async drag(fingers: readonly (readonly [readonly [number, number], readonly [number, number]])[]) {
      await send(
        'touchStart',
        fingers.map(([from]) => from),
      );
      for (let step = 1; step <= 10; step++)
        await send(
          'touchMove',
          fingers.map(([[x, y], [toX, toY]]) => [x + ((toX - x) * step) / 10, y + ((toY - y) * step) / 10]),
        );
      await send('touchEnd', []);
    },
  };
};

/** Lets a test take the graphics away. */
export const HOLD_CONTEXTS = `
  window.contexts = [];
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    const context = getContext.call(this, kind, ...rest);
    if (context && /^webgl/.test(kind)) window.contexts.push(context);
    return context;
  };`;

/** Takes it away from every picture that is drawn. */
export const LOSE_CONTEXTS = `for (const context of window.contexts.splice(0)) context.getExtension('WEBGL_lose_context')?.loseContext()`;
