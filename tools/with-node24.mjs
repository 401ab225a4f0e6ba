// Runs one of our sources under Node 24, installing what is missing: `node tools/with-node24.mjs FILE ARGUMENT…`.
import { ensureInstalled, run, runtime } from './toolchain.mjs';

ensureInstalled();
process.exitCode = await run(runtime(), process.argv.slice(2));
