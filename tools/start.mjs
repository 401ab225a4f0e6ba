// `npm start`: installs what is missing, builds the browser apps, then hands over to the program under Node 24.
import { ensureWebApps } from './build-web.mjs';
import { ensureInstalled, run, runtime } from './toolchain.mjs';

ensureInstalled();
const built = await ensureWebApps();
process.exitCode =
  built === 0 ? await run(runtime(), ['src/apps/cli/main.ts', 'start', ...process.argv.slice(2)]) : built;
