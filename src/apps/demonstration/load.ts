import {
  accountByLogin,
  createAccount,
  listAccounts,
  setAccountPassword,
} from '../../adapters/postgres/accounts.ts';
import { setSecondFactor } from '../../adapters/postgres/second-factors.ts';
import { newSecret } from '../../adapters/second-factor/totp.ts';
import { createClient, listClients, setClientDisabled } from '../../adapters/postgres/accounts-clients.ts';
import { publishLists } from '../../adapters/postgres/lists.ts';
import { senderDirectory } from '../../adapters/postgres/senders.ts';
import { registerHl7Sender } from '../flows/ingest/ingest-senders.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { ingestMessage } from '../flows/ingest/ingest.ts';
import type { IngestDependencies } from '../flows/ingest/ingest-work.ts';
import type { Installation } from '../installation.ts';
import { demonstrationAccounts, demonstrationClients } from './accounts.ts';
import { demonstrationLists } from './lists.ts';
import { type MadePatient, makePatients } from './patients.ts';
import { DEMONSTRATION_PEOPLE, demonstrationMessages } from './messages.ts';
import { demonstrationSenders } from './senders.ts';
import { closeStudies, sendStudies } from './studies/send-studies.ts';

/** The seed of the shipped region: everybody who starts Huren meets the same people. */
const SEED = 'yanxi';

/** A sign-in that was made, with what it takes. */
export interface MadeAccount {
  readonly login: string;
  readonly password: string;
  /** Of the second factor, in base 32. */
  readonly secret: string;
  readonly role: string;
  readonly institution: string | null;
  readonly displayName: string;
}

/** What the loading made. */
export interface LoadedRegion {
  readonly now: Instant;
  readonly accounts: readonly MadeAccount[];
  readonly patients: readonly MadePatient[];
  readonly client: { readonly code: string; readonly institution: string; readonly key: string };
  readonly outcomes: Readonly<Record<string, number>>;
  /** Images sent by the imitation hospitals, and how many of them were stored. */
  readonly images: { readonly sent: number; readonly stored: number };
}

/** Publishes the region's lists and registers its sending systems: what messages need to be understood. */
export const prepareRegion = async (installation: Installation, now: Instant): Promise<void> => {
  const { database } = installation;
  await publishLists(database, [...demonstrationLists(now)], {
    by: 'demonstration',
    at: now,
    reason: '演练区域 demonstration region',
  });
  for (const sender of demonstrationSenders())
    await database.transaction((session) =>
      registerHl7Sender(session, {
        ...sender,
        institution: sender.institution as unknown as InstitutionCode,
      }),
    );
};

const actOf = ({ newPublicId }: Installation, now: Instant) => ({
  at: now,
  newId: newPublicId,
  by: 'demonstration',
  peer: 'local',
});

const makeAccounts = async (
  installation: Installation,
  now: Instant,
  newPassword: () => string,
): Promise<MadeAccount[]> => {
  const act = actOf(installation, now);
  const known = new Set((await listAccounts(installation.database)).map(({ login }) => login));
  const made: MadeAccount[] = [];
  for (const account of demonstrationAccounts()) {
    const password = newPassword();
    const institution = account.institution as unknown as InstitutionCode | null;
    // Of a loading that was cut short the passwords are lost; its sign-ins get new ones.
    if (known.has(account.login))
      await setAccountPassword(installation.database, account.login, { password, isGiven: false }, act);
    else await createAccount(installation.database, { ...account, institution, password }, act);
    const secret = newSecret();
    const enrolled = await accountByLogin(installation.database, account.login);
    if (enrolled)
      await setSecondFactor(
        installation.database,
        installation.keys,
        enrolled,
        { secret, lastPeriod: 0 },
        act,
      );
    made.push({
      login: account.login,
      password,
      secret,
      role: account.role,
      institution,
      displayName: account.displayName,
    });
  }
  return made;
};

/** Messages handled at once. Those of one sender stay in order, as over one connection. */
const LANES = 12;

/** Sends the region's messages through the ordinary way in, each sender's in order, several senders at once. */
export const sendRegion = async (
  installation: Installation,
  plan: { readonly now: Instant; readonly people: number },
  onProgress: (done: number) => void,
): Promise<Record<string, number>> => {
  const dependencies: IngestDependencies = {
    ...installation,
    senders: senderDirectory(installation.database, installation.clock),
  };
  const outcomes: Record<string, number> = {};
  const lanes = new Map<string, Promise<void>>();
  let waiting = 0;
  let done = 0;
  let release: () => void = () => undefined;
  for (const { sender, bytes } of demonstrationMessages({ seed: SEED, ...plan })) {
    const lane = (lanes.get(sender) ?? Promise.resolve()).then(async () => {
      const { outcome } = await ingestMessage(dependencies, { bytes, peer: 'demonstration' });
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      waiting--;
      if (++done % 250 === 0) onProgress(done);
      release();
    });
    lanes.set(sender, lane);
    if (++waiting > LANES * 16)
      await new Promise<void>((resolve) => {
        release = resolve;
      });
  }
  await Promise.all(lanes.values());
  return outcomes;
};

/**
 * Loads the demonstration region: lists, senders, sign-ins, a system client, and every message and image by the ordinary
 * way in.
 * May be run again after it was cut short: what is there stays as it is.
 */
export const loadRegion = async (
  installation: Installation,
  now: Instant,
  newPassword: () => string,
  onProgress: (done: number) => void,
  onImages: (stored: number) => void,
): Promise<LoadedRegion> => {
  await prepareRegion(installation, now);
  const outcomes = await sendRegion(installation, { now, people: DEMONSTRATION_PEOPLE }, onProgress);
  const images = await sendStudies(installation, { now }, onImages);
  await closeStudies(installation);
  const accounts = await makeAccounts(installation, now, newPassword);
  const patients = await makePatients(installation, now, newPassword);
  const act = actOf(installation, now);
  const [wanted] = demonstrationClients();
  if (!wanted) throw new TypeError('the demonstration has no client');
  const institution = wanted.institution as unknown as InstitutionCode;
  // A loading that was cut short may have left a client whose key nobody has; it keeps its name and is shut.
  const taken = (await listClients(installation.database)).filter(({ code }) => code.startsWith(wanted.code));
  for (const { code } of taken) await setClientDisabled(installation.database, code, true, act);
  const suffix = taken.length === 0 ? '' : `-${taken.length + 1}`;
  const { key } = await createClient(
    installation.database,
    { code: `${wanted.code}${suffix}`, name: wanted.name, institution, purposes: wanted.purposes },
    act,
  );
  return {
    now,
    accounts,
    patients,
    client: { code: `${wanted.code}${suffix}`, institution, key },
    outcomes,
    images,
  };
};
