import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { unreadableMessages } from '../../src/apps/demonstration/unreadable.ts';
import { systemClock } from '../../src/apps/installation.ts';
import type { InstitutionCode, StaffRole } from '../../src/organisation/index.ts';
import { formBrowser } from './http-server.ts';
import { realSystem } from './real-system.ts';
import type { RegionBench } from './region-bench.ts';

/** Cheap enough for tests; the real parameters are tested in `accounts-password.test.ts`. */
const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

/** Everybody's password in these tests. */
export const CONSOLE_PASSWORD = 'Correct-horse-42';

/** The sign-ins: engineers of two hospitals, the platform's operator, and three who have no business here. */
export const CONSOLE_STAFF = {
  central: ['institution-it', 'WX-CENTRAL'],
  county: ['institution-it', 'YX-COUNTY'],
  operator: ['operator', null],
  doctor: ['doctor', 'YX-COUNTY'],
  hospital: ['medical-affairs', 'YX-COUNTY'],
  regulator: ['regulator', null],
} as const satisfies Record<string, readonly [StaffRole, string | null]>;

/** Who signs in. */
export type ConsoleStaff = keyof typeof CONSOLE_STAFF;

/** How one of them signs in. */
export const consoleLogin = (staff: ConsoleStaff): string => `console.${staff}`;

/** The demonstration region with its unreadable messages behind a real server. */
export interface ConsoleSystem {
  readonly bench: RegionBench;
  readonly url: string;
  /** Calls the API with the session of one of the staff. */
  call(staff: ConsoleStaff, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

/** Starts it. */
export const consoleSystem = async (): Promise<ConsoleSystem> => {
  const { bench, url, stop } = await realSystem();
  const { database, newPublicId } = bench.dependencies;
  for (const { bytes } of unreadableMessages(bench.now)) await bench.take(bytes);
  for (const [staff, [role, institution]] of Object.entries(CONSOLE_STAFF))
    await createAccount(
      database,
      {
        login: consoleLogin(staff as ConsoleStaff),
        password: CONSOLE_PASSWORD,
        role,
        institution: institution as InstitutionCode | null,
        displayName: `演练${staff}`,
      },
      { at: systemClock(), newId: newPublicId, by: 'test', peer: 'test' },
      TEST_COST,
    );
  const sessions = new Map<ConsoleStaff, string>();
  const cookieOf = async (staff: ConsoleStaff): Promise<string> => {
    let cookie = sessions.get(staff);
    if (cookie === undefined) {
      const browser = formBrowser(url);
      await browser.signIn(consoleLogin(staff), CONSOLE_PASSWORD);
      cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      sessions.set(staff, cookie);
    }
    return cookie;
  };
  return {
    bench,
    url,
    async call(staff, path, body) {
      const answer = await fetch(url + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          cookie: await cookieOf(staff),
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    },
    stop,
  };
};
