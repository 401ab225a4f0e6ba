import { z } from 'zod';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import { isLaunchSigned } from '../../../adapters/launch/signature.ts';
import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import {
  type ClientLaunch,
  readClientLaunch,
  useLaunchNonce,
} from '../../../adapters/postgres/client-launches.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import { type Clock, instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { flowFault } from '../dependencies.ts';

/** Who may come in by which client's word. */
export interface LaunchDesk {
  /** What a client registered; undefined when there is no such client or it is shut out. Believed for some seconds. */
  of(client: string): Promise<ClientLaunch | undefined>;
  /** What was known of a client last, without asking: enough to let a failure be read inside the client's frame. */
  lastKnown(client: string): ClientLaunch | undefined;
  /**
   * Checks a signed launch address and uses it up.
   *
   * @param known told as soon as the address is certainly this client's, also where it is refused then
   * @throws LAUNCH_INVALID, LAUNCH_EXPIRED, LAUNCH_REPLAYED
   */
  admit(
    query: Readonly<Record<string, unknown>>,
    known: (launch: ClientLaunch) => void,
  ): Promise<ClientLaunch>;
}

/** How long a launch address may be on its way: the clocks of hospitals differ, an address left lying about is a risk. */
export const LAUNCH_MS = 3 * 60_000;

/** How far a client's clock may be ahead of ours. */
export const LAUNCH_AHEAD_MS = 60_000;

const BELIEVED_MS = 5_000;
const BELIEVED_MAX = 1_000;

const word = (maximum: number) =>
  z
    .string()
    .min(1)
    .max(maximum)
    .regex(/^[^\p{Cc}]*$/u);

/** The parameters of a launch address. Nothing of the patient is among them: the platform knows the order by its number. */
export const launchQueryShape = z
  .strictObject({
    client: word(64).describe('Code of the client'),
    staff: word(32).describe('工号'),
    name: word(100).optional().describe('姓名 of the doctor; only to say who is meant, never stored'),
    department: word(64).optional().describe('科室'),
    campus: word(64).optional().describe('院区'),
    encounter: word(64).optional().describe('就诊流水号'),
    order: word(64).optional().describe('申请单号'),
    requestType: z.enum(['STUDY']).optional().describe('Images: what is asked for (IHE IID)'),
    studyUID: z
      .string()
      .regex(/^[0-9.]{1,64}$/)
      .optional()
      .describe('Images: the study (IHE IID)'),
    accessionNumber: word(64).optional().describe('Images: the study by its accession number (IHE IID)'),
    viewerType: word(64).optional().describe('Images: IHE IID; there is one viewer'),
    diagnosticQuality: z
      .enum(['true', 'false'])
      .optional()
      .describe('Images: IHE IID; the screen is not calibrated in either case'),
    time: z
      .string()
      .regex(/^\d{10}$/)
      .describe('Seconds since 1970-01-01 UTC'),
    nonce: z
      .string()
      .regex(/^[\w-]{16,64}$/)
      .describe('Random, never used before'),
    signature: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/)
      .describe('HMAC of all other parameters, hex'),
  })
  .refine(
    ({ encounter, order, studyUID, accessionNumber }) =>
      [encounter, order, studyUID, accessionNumber].some((each) => each !== undefined),
    { path: ['order'], message: 'order or encounter; for images studyUID or accessionNumber' },
  );

/** A launch as it was asked for. */
export type LaunchQuery = z.output<typeof launchQueryShape>;

/** The desk of one installation. */
export const launchDesk = (options: {
  readonly database: Database;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
}): LaunchDesk => {
  const { database, keys, clock, newPublicId } = options;
  const believed = new Map<string, { launch: ClientLaunch; believedUntil: number }>();

  const of = async (code: string): Promise<ClientLaunch | undefined> => {
    const now = clock();
    const cached = believed.get(code);
    if (cached && cached.believedUntil > now) return cached.launch;
    const launch = await readClientLaunch(database, keys, code);
    believed.delete(code);
    if (!launch) return undefined;
    if (believed.size >= BELIEVED_MAX) believed.clear();
    believed.set(code, { launch, believedUntil: now + BELIEVED_MS });
    return launch;
  };

  const refuse = async (
    code: 'LAUNCH_INVALID' | 'LAUNCH_EXPIRED' | 'LAUNCH_REPLAYED',
    client: string,
  ): Promise<never> => {
    const act = { at: clock(), newId: newPublicId, by: `client:${client}`, peer: '' };
    await recordSystemAct(database, act, 'launch', `client:${client}`, `refused: ${code}`);
    throw flowFault(code);
  };

  const lastKnown = (code: string): ClientLaunch | undefined => believed.get(code)?.launch;

  return {
    of,
    lastKnown,
    async admit(query, known) {
      const read = launchQueryShape.safeParse(query);
      // Whoever sends something else than a launch is not worth a row.
      if (!read.success)
        throw flowFault('LAUNCH_INVALID', { place: read.error.issues[0]?.path.join('.') ?? '' });
      const { signature, ...parameters } = read.data;
      const last = lastKnown(parameters.client);
      if (last?.launchSecret && isLaunchSigned(last.launchSecret, last.digest, parameters, signature))
        known(last);
      const launch = await of(parameters.client);
      if (!launch || launch.launchSecret === null) throw flowFault('LAUNCH_INVALID', { place: 'client' });
      if (!isLaunchSigned(launch.launchSecret, launch.digest, parameters, signature))
        return refuse('LAUNCH_INVALID', parameters.client);
      known(launch);
      const now = clock();
      const sentAt = Number(parameters.time) * 1000;
      if (now - sentAt > LAUNCH_MS || sentAt - now > LAUNCH_AHEAD_MS)
        return refuse('LAUNCH_EXPIRED', parameters.client);
      const expiresAt = instant(sentAt + LAUNCH_MS + LAUNCH_AHEAD_MS);
      if (!(await useLaunchNonce(database, parameters.client, parameters.nonce, { now, expiresAt })))
        return refuse('LAUNCH_REPLAYED', parameters.client);
      return launch;
    },
  };
};
