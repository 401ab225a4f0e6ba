import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Planted {
  readonly breaks: string;
  readonly path: string;
  readonly source: string;
  /** Rule and, where one rule holds several borders, the words by which it tells them apart. */
  readonly rule: string;
  readonly says?: string;
}

/** One violation of each rule that the house relies on. */
const violations: readonly Planted[] = [
  {
    breaks: 'the kernel importing a domain',
    path: 'src/kernel/a.ts',
    source: `export { x } from '../person/index.ts';`,
    rule: 'huren(imports)',
    says: 'the kernel imports nothing',
  },
  {
    breaks: 'a domain importing an adapter',
    path: 'src/person/a.ts',
    source: `export { x } from '../adapters/postgres/x.ts';`,
    rule: 'huren(imports)',
    says: 'neither adapters',
  },
  {
    breaks: 'a domain importing an app, as a type, from a folder of its own',
    path: 'src/person/deep/a.ts',
    source: `import type { X } from '../../apps/server/x.ts';\nexport type Y = X;`,
    rule: 'huren(imports)',
    says: 'neither adapters',
  },
  {
    breaks: 'a domain importing web',
    path: 'src/result/a.ts',
    source: `export const x = () => import('../web/x.ts');`,
    rule: 'huren(imports)',
    says: 'neither adapters',
  },
  {
    breaks: 'a domain importing a deeper file of another domain',
    path: 'src/recognition/a.ts',
    source: `export { x } from '../catalogue/window.ts';`,
    rule: 'huren(imports)',
    says: 'through its index.ts',
  },
  {
    breaks: 'a domain importing against the direction of the domains',
    path: 'src/catalogue/a.ts',
    source: `export { x } from '../recognition/index.ts';`,
    rule: 'huren(imports)',
    says: 'catalogue may not depend on recognition',
  },
  ...[
    'node:fs',
    'node:fs/promises',
    'node:net',
    'node:http',
    'node:child_process',
    'node:crypto',
    'pg',
    'fastify',
  ].map((name) => ({
    breaks: `a domain importing ${name}`,
    path: `src/quality/${name.replaceAll(/[:/]/g, '-')}.ts`,
    source: `import * as outside from '${name}';\nexport const x = outside;`,
    rule: 'huren(imports)',
    says: `no ${name}`,
  })),
  {
    breaks: 'an adapter importing an app',
    path: 'src/adapters/hl7v2/a.ts',
    source: `export { x } from '../../apps/server/x.ts';`,
    rule: 'huren(imports)',
    says: 'does not import apps',
  },
  {
    breaks: 'an adapter importing another adapter',
    path: 'src/adapters/fhir/a.ts',
    source: `export { x } from '../hl7v2/x.ts';`,
    rule: 'huren(imports)',
    says: 'no other adapter',
  },
  {
    breaks: 'a web app importing another web app',
    path: 'src/web/card/a.ts',
    source: `export { x } from '../patient/x.ts';`,
    rule: 'huren(imports)',
    says: 'another web app',
  },
  {
    breaks: 'web importing an adapter',
    path: 'src/web/patient/a.ts',
    source: `export { x } from '../../adapters/postgres/x.ts';`,
    rule: 'huren(imports)',
    says: 'talks HTTP',
  },
  {
    breaks: 'a domain asking for the time with Date.now',
    path: 'src/consent/now.ts',
    source: 'export const x = () => Date.now();',
    rule: 'huren(purity)',
    says: 'Date.now',
  },
  {
    breaks: 'a domain asking for the time with new Date()',
    path: 'src/consent/date.ts',
    source: 'export const x = () => new Date();',
    rule: 'huren(purity)',
    says: 'present time',
  },
  {
    breaks: 'a domain rolling dice',
    path: 'src/consent/random.ts',
    source: 'export const x = () => Math.random();',
    rule: 'huren(purity)',
    says: 'Math.random',
  },
  ...[
    'process.env',
    'fetch',
    'performance.now()',
    'crypto.randomUUID()',
    'console.log',
    'setTimeout',
    'globalThis',
  ].map((expression, index) => ({
    breaks: `a domain using ${expression}`,
    path: `src/kernel/global-${index}.ts`,
    source: `export const x = () => ${expression};`,
    rule: 'eslint(no-restricted-globals)',
  })),
  {
    breaks: 'a cycle of imports',
    path: 'src/result/cycle-a.ts',
    source: `import { b } from './cycle-b.ts';\nexport const a = (): number => b();`,
    rule: 'import(no-cycle)',
  },
  {
    breaks: 'a cycle of imports, seen from its other end',
    path: 'src/result/cycle-b.ts',
    source: `import { a } from './cycle-a.ts';\nexport const b = (): number => a();`,
    rule: 'import(no-cycle)',
  },
  {
    breaks: 'a promise that nobody waits for',
    path: 'src/apps/server/floating.ts',
    source: 'const save = async (): Promise<void> => undefined;\nexport const x = () => {\n  save();\n};',
    rule: 'typescript(no-floating-promises)',
  },
  {
    breaks: 'a switch that forgets a case',
    path: 'src/result/switch.ts',
    source: `export const x = (kind: 'a' | 'b') => {\n  switch (kind) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n};`,
    rule: 'typescript(switch-exhaustiveness-check)',
  },
];

/** What is allowed, beside each border: the linter must stay silent here. */
const allowed: readonly { readonly path: string; readonly source: string }[] = [
  {
    path: 'src/kernel/content-hash.ts',
    source: `import { createHash } from 'node:crypto';\nexport const x = createHash;`,
  },
  { path: 'src/person/index.ts', source: `export { x } from '../kernel/content-hash.ts';` },
  { path: 'src/catalogue/index.ts', source: `export const y = new Date(0);` },
  { path: 'src/recognition/index.ts', source: `export { x } from '../person/index.ts';` },
  {
    path: 'src/recognition/index.test.ts',
    source: `import { readFileSync } from 'node:fs';\nexport const x = readFileSync;`,
  },
  { path: 'src/adapters/postgres/x.ts', source: `export { x } from '../../person/index.ts';` },
  { path: 'src/adapters/hl7v2/x.ts', source: `export { x } from '../postgres/x.ts';` },
  { path: 'src/adapters/cda/x.ts', source: `export { x } from '../keys/x.ts';` },
  { path: 'src/adapters/keys/x.ts', source: 'export const x = Date.now();' },
  { path: 'src/apps/server/x.ts', source: `export { x } from '../../adapters/hl7v2/x.ts';` },
  { path: 'src/web/kit/x.ts', source: 'export const x = 1;' },
  { path: 'src/web/card/x.ts', source: `export { x } from '../kit/x.ts';` },
  { path: 'src/web/patient/x.ts', source: `export { y } from '../../catalogue/index.ts';` },
];

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly filename: string;
}

let folder: string;
let findings: readonly Finding[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'huren-borders-'));
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'tools/lint'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { path, source } of [...violations, ...allowed]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${source}\n`);
  }
  let output: string;
  try {
    output = execFileSync(join(root, 'node_modules/.bin/oxlint'), ['--type-aware', '--format=json', 'src'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  findings = (JSON.parse(output) as { diagnostics: Finding[] }).diagnostics;
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(violations)('the linter catches $breaks', ({ path, rule, says = '' }) => {
  const found = findings.filter((finding) => finding.filename === path && finding.code === rule);
  expect(found.map((finding) => finding.message)).toContainEqual(expect.stringContaining(says));
});

test.each(allowed)('the linter lets pass what is allowed in $path', ({ path }) => {
  expect(findings.filter((finding) => finding.filename === path)).toEqual([]);
});

test('every folder of src is one whose borders the linter knows', () => {
  const listed = /"src\/\{([a-z,]+)\}[^"]*",\s*"src\/\{([a-z,]+)\}/.exec(
    readFileSync(join(root, '.oxlintrc.json'), 'utf8'),
  );
  const known = [
    ...(listed?.[1] ?? '').split(','),
    ...(listed?.[2] ?? '').split(','),
    'adapters',
    'apps',
    'web',
  ];
  expect(known).toEqual(expect.arrayContaining(readdirSync(join(root, 'src'))));
});
