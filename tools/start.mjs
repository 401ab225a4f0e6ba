// `npm start`: installs what is missing, then hands over to the program under Node 24.
import { ensureInstalled, run, runtime } from './toolchain.mjs';

ensureInstalled();
process.exitCode = await run(runtime(), ['src/apps/cli/main.ts', 'start', ...process.argv.slice(2)]);
