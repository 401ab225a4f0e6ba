import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { licencesDocument, readPackages } from './licences.ts';

const packages = readPackages();
const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');

/** Licences under which a hospital may run and change what we give it, with no duty beyond the notice. */
const PERMISSIVE =
  /^\(?(MIT|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|BlueOak-1\.0\.0|WTFPL|CC0-1\.0|Unlicense|Python-2\.0|BSL-1\.0)( (OR|AND) (MIT|ISC|Apache-2\.0|CC0-1\.0|BSD-3-Clause|WTFPL|Zlib))*\)?$/;

/** Read by a person, because the package declares no SPDX name. */
const READ_BY_US = new Map([
  ['@lhncbc/ucum-lhc', 'a BSD-like licence with the notices of LOINC and UCUM, reproduced in NOTICE'],
  ['@embedpdf/fonts-sc', 'OFL-1.1: a font may be bundled and embedded; NOTICE names it'],
  ['caniuse-lite', 'CC-BY-4.0: data about browsers that a build tool reads; nothing of it is delivered'],
  ['png-js', 'MIT, by its LICENSE file'],
  ['rechoir', 'MIT, by its LICENSE file'],
]);

test('docs/licences.md lists what the lockfile holds (npm run licences writes it)', () => {
  expect(read('docs/licences.md')).toBe(licencesDocument(packages));
});

test('everything installed for use is under a permissive licence', () => {
  const others = packages.filter(
    ({ name, licence, development }) => !development && !PERMISSIVE.test(licence) && !READ_BY_US.has(name),
  );
  expect(others).toEqual([]);
});

test('LICENSE is the whole Apache licence, and NOTICE says what LOINC and UCUM ask for', () => {
  const licence = read('LICENSE');
  expect(licence).toContain('Version 2.0, January 2004');
  expect(licence).toContain('END OF TERMS AND CONDITIONS');
  const notice = read('NOTICE').replaceAll(/\s+/g, ' ');
  expect(notice).toContain('This material contains content from LOINC (http://loinc.org)');
  expect(notice).toContain('http://loinc.org/license');
  expect(notice).toContain('This product includes all or a portion of the UCUM table');
  expect(notice).toContain('https://ucum.org/license');
});
