import type { Browser, BrowserContext } from 'playwright-core';
import { type HttpServer, startHttpServer } from '../../src/apps/server/server.ts';
import { DOCTOR, runningServer } from '../system/http-server.ts';
import { openBrowser, openPage, sendSignIn } from './browser.ts';
import { type ExampleStudies, exampleStudies } from './example-studies.ts';

/** A server of the example studies, and a browser that draws them. */
export interface ViewerBench {
  readonly server: HttpServer;
  readonly studies: ExampleStudies;
  readonly browser: Browser;
  /** Of a doctor who signed in once for all tests. */
  readonly session: Awaited<ReturnType<BrowserContext['storageState']>>;
  stop(): Promise<void>;
}

/** Opens a fresh one. */
export const viewerBench = async (): Promise<ViewerBench> => {
  const running = await runningServer();
  await running.addStaff({});
  const studies = exampleStudies();
  const server = await startHttpServer(
    { ...running.dependencies, studies: studies.viewing },
    { host: '127.0.0.1', port: 0 },
  );
  const browser = await openBrowser({ drawing: true });
  const { page, context } = await openPage(browser, 'desk');
  await sendSignIn(page, `${server.url}/`, DOCTOR.login, DOCTOR.password);
  await page.getByRole('heading', { name: '找患者' }).waitFor();
  const session = await context.storageState();
  await context.close();
  return {
    server,
    studies,
    browser,
    session,
    async stop() {
      await browser.close();
      await server.close();
      await running.stop();
    },
  };
};
