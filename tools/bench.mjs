// `npm run bench`: installs what is missing, builds the browser apps (one figure is the viewer's), then measures under Node 24.
import { ensureWebApps } from './build-web.mjs';
import { ensureInstalled, run, runtime } from './toolchain.mjs';

ensureInstalled();
const built = await ensureWebApps();
process.exitCode = built === 0 ? await run(runtime(), ['bench/main.ts', ...process.argv.slice(2)]) : built;
