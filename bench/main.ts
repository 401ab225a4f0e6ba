import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, figureTable } from './measure.ts';
import { measureAll, NAMES, type Plan } from './figures.ts';

const USAGE = `npm run bench -- [NAME] [--quick] [--json FILE] [--data FOLDER] [--profile FOLDER]

--quick    1 M results only, short loops, no verification of the access log; under three minutes
NAME       one group of figures, also as --only NAME: ${NAMES.join(', ')}; imaging (with dcmtk, and Orthanc
           beside where it is installed) only when it is named
--json     also write the figures to a file
--data     keep the built data here and use what an earlier run built
--profile  let the server write CPU profiles into this folder (its figures then hold the profiler too)`;

const readPlan = (): Plan & { readonly json: string | undefined; readonly keep: boolean } => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      data: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only ?? positionals[0];
  if (
    values.help ||
    positionals.length > 1 ||
    (only !== undefined && !NAMES.includes(only as (typeof NAMES)[number]))
  ) {
    console.log(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  return {
    folder: values.data ?? mkdtempSync(join(tmpdir(), 'huren-bench-')),
    keep: values.data !== undefined,
    sizes: values.quick ? [1_000_000] : [1_000_000, 20_000_000],
    // A million rows: with fewer the start of the threads is what would be measured.
    auditRows: values.quick && only !== 'audit' ? 0 : 1_000_000,
    seconds: values.quick ? 6 : 15,
    only: only as Plan['only'],
    profileFolder: values.profile,
    say: (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`),
    json: values.json,
  };
};

const plan = readPlan();
let figures: readonly Figure[] = [];
try {
  figures = await measureAll(plan);
} finally {
  if (!plan.keep) rmSync(plan.folder, { recursive: true, force: true });
}
console.log(figureTable(figures));
if (plan.json) writeFileSync(plan.json, `${JSON.stringify(figures, null, 2)}\n`);
// A budget that is not met is a finding, not a failure of the bench.
process.exitCode = figures.some(({ met }) => met === false) ? 1 : 0;
