import { fuzzHl7 } from './hl7v2-fuzzer.ts';

// `node test/fuzz/hl7v2-parser.ts [count] [seed]`: by default a million messages. Ends with code 1 on a finding.
const count = Number(process.argv[2] ?? '1000000');
const seed = Number(process.argv[3] ?? '1');
const step = 50_000;
let done = 0;
const totals: Record<string, number> = {};
for (let round = 0; done < count; round++) {
  const outcome = fuzzHl7(Math.min(step, count - done), seed + round);
  done += outcome.messages;
  totals['accepted'] = (totals['accepted'] ?? 0) + outcome.accepted;
  for (const [code, times] of Object.entries(outcome.refused)) totals[code] = (totals[code] ?? 0) + times;
  process.stderr.write(`${done} of ${count}\n`);
}
process.stdout.write(`${JSON.stringify({ messages: done, seed, outcomes: totals }, null, 2)}\n`);
