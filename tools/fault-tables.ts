import { globSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { FaultDefinition } from '../src/kernel/fault.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The fault codes of one file. */
export interface FaultTable {
  /** Path in the repository. */
  readonly path: string;
  readonly faults: Readonly<Record<string, FaultDefinition>>;
}

const isTable = (value: unknown): value is Readonly<Record<string, FaultDefinition>> =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((entry) => typeof entry?.status === 'number' && typeof entry?.zh === 'string');

/** Every table of fault codes in the source, by path. */
export const readFaultTables = async (): Promise<FaultTable[]> => {
  const paths = globSync('src/**/*faults.ts', { cwd: root }).toSorted();
  const tables: FaultTable[] = [];
  for (const path of paths) {
    const exports = (await import(pathToFileURL(join(root, path)).href)) as Record<string, unknown>;
    for (const table of Object.values(exports).filter(isTable)) tables.push({ path, faults: table });
  }
  return tables;
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The text of `docs/errors.md`. */
export const errorsDocument = (tables: readonly FaultTable[]): string => {
  const sections = tables.map(({ path, faults }) => {
    const rows = Object.entries(faults)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, { status, zh, en }]) => `| \`${code}\` | ${status} | ${cell(zh)} | ${cell(en)} |`);
    return `## ${path}\n\n| code | HTTP | 中文 | English |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Errors

Every fault has a stable code. Our own API reports it as an RFC 9457 problem, whose \`code\` member is the code; the
command line prints it before the sentence. A fault never contains a name, a document number or a phone number.
This file is written by \`npm run errors\` from the \`faults.ts\` files; a test compares the two in both directions.

${sections.join('\n')}`;
};
