import { readCdsRegistration } from '../../adapters/cds-hooks/registration.ts';
import { registerCdsClient } from '../../adapters/postgres/cds-clients.ts';
import { registerLaunch } from '../../adapters/postgres/client-launches.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Installation } from '../installation.ts';
import { cdsFace, newCdsKey } from './cds-face.ts';
import { HIS_SYSTEMS, hisPatients } from './patients.ts';
import { type ImitationHis, startImitationHis } from './server.ts';
import { soapFace } from './soap-face.ts';

/** The client of the demonstration that the imitated hospital calls as. */
export interface HisClient {
  readonly code: string;
  readonly key: string;
}

/**
 * Starts the imitated hospital and registers it with this installation the way an operator would a real one: its public
 * key and FHIR server for CDS Hooks; its launch secret, frame origin and callback address for the card. Keys and
 * secrets are new at every start and lie in no file.
 */
export const connectImitationHis = async (
  installation: Pick<Installation, 'database' | 'keys' | 'clock' | 'newPublicId'>,
  client: HisClient,
  { hurenUrl, port, now }: { readonly hurenUrl: string; readonly port: number; readonly now: Instant },
): Promise<ImitationHis> => {
  const his = await startImitationHis(port);
  try {
    const { database, keys, clock, newPublicId } = installation;
    const act = { at: clock(), newId: newPublicId, by: 'demonstration', peer: 'local' };
    const key = await newCdsKey();
    const registration = await readCdsRegistration({
      issuer: his.url,
      keys: [key.publicKey as never],
      keysAddress: null,
      fhirBase: `${his.url}/fhir`,
      orderCodeSystems: [HIS_SYSTEMS.orderCode],
      recordSystem: HIS_SYSTEMS.record,
      outpatientSystem: HIS_SYSTEMS.outpatient,
      inpatientSystem: null,
      staffSystem: HIS_SYSTEMS.staff,
      origins: [his.url],
    });
    await registerCdsClient(database, client.code, registration, act);
    const change = {
      frameOrigins: [his.url],
      way: 'callback',
      answerUrl: `${his.url}/callbacks/huren`,
      newSecrets: true,
    } as const;
    const { launchSecret, answerSecret } = await registerLaunch(database, keys, client.code, change, act);
    if (launchSecret === null || answerSecret === null) throw new TypeError('new secrets were asked for');
    his.connect({
      patients: hisPatients(now),
      hurenUrl,
      cds: cdsFace({ hurenUrl, issuer: his.url, clientKey: client.key, key }),
      soap: soapFace(hurenUrl, { client: client.code, key: client.key, launchSecret, answerSecret }),
    });
    return his;
  } catch (error) {
    await his.close();
    throw error;
  }
};
