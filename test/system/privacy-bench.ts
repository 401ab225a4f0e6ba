import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type FormBrowser, formBrowser } from './http-server.ts';
import type { RealSystem } from './real-system.ts';

const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

/** The county hospital's privacy officer. */
export const COUNTY_PRIVACY = { login: 'county.privacy', password: 'Correct-horse-88' } as const;

/** Makes a privacy officer of an institution and signs a browser in. */
export const signedInOfficer = async (
  system: RealSystem,
  login: string = COUNTY_PRIVACY.login,
  institution = 'YX-COUNTY',
): Promise<FormBrowser> => {
  const { database, clock, newPublicId } = system.bench.dependencies;
  await createAccount(
    database,
    {
      login,
      password: COUNTY_PRIVACY.password,
      role: 'privacy-officer',
      institution: institution as InstitutionCode,
      staffNumber: `P${login.length}`,
      department: '隐私保护办公室',
      displayName: '演练隐私官',
    },
    { at: clock(), newId: newPublicId, by: 'test', peer: 'test' },
    TEST_COST,
  );
  const browser = formBrowser(system.url);
  await browser.signIn(login, COUNTY_PRIVACY.password);
  return browser;
};
