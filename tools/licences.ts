import { readFileSync } from 'node:fs';

/** One package of the lockfile. */
export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Needed only to develop and test; not part of an installation for use. */
  readonly development: boolean;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/** Every package of package-lock.json with the licence it declares, by name. */
export const readPackages = (): LicensedPackage[] => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  const packages = new Map<string, LicensedPackage>();
  for (const [path, { version = '', license, dev }] of Object.entries(lock.packages)) {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (path === '') continue;
    const key = `${name}@${version}`;
    const known = packages.get(key);
    packages.set(key, {
      name,
      version,
      licence: license ?? 'not declared',
      development: dev === true && (known?.development ?? true),
    });
  }
  return [...packages.values()].toSorted((a, b) =>
    `${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1,
  );
};

const table = (packages: readonly LicensedPackage[]): string =>
  [
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
  ].join('\n');

/** The text of `docs/licences.md`. */
export const licencesDocument = (packages: readonly LicensedPackage[]): string => `# Licences of others

What the lockfile names, with the licence each package declares. Huren itself is under Apache-2.0 (\`LICENSE\`); what
LOINC, UCUM and PostgreSQL ask to be said is in \`NOTICE\`. This file is written by \`npm run licences\`; a test compares.

## Installed for use

${table(packages.filter((each) => !each.development))}

## For development and tests only

${table(packages.filter((each) => each.development))}
`;
