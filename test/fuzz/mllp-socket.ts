import { startProgram } from '../crash/program.ts';
import { newSite } from '../crash/site.ts';
import { fuzzSocket } from './socket-fuzzer.ts';

// `node test/fuzz/mllp-socket.ts [count] [seed]`: by default ten thousand messages through the socket of a real server
// with its database behind it. Ends with code 1 on a finding.
const messages = Number(process.argv[2] ?? '10000');
const seed = Number(process.argv[3] ?? '1');
const site = await newSite();
const program = await startProgram(site);
try {
  const startedAt = performance.now();
  const report = await fuzzSocket(site, program, { messages, seed });
  const seconds = Math.round(performance.now() - startedAt) / 1000;
  await program.stop();
  process.stdout.write(`${JSON.stringify({ seed, seconds, ...report }, null, 2)}\n`);
  if (report.wrong.length > 0) {
    process.stderr.write(program.log().slice(-5_000));
    process.exitCode = 1;
  }
} finally {
  await program.kill();
  await site.remove();
}
