import { join } from 'node:path';
import { loadKeyFile } from '../src/adapters/keys/key-file.ts';
import { keyRing } from '../src/adapters/keys/key-ring.ts';
import { demonstrationClients } from '../src/apps/demonstration/accounts.ts';
import { HOME_INSTITUTION } from '../src/apps/demonstration/region.ts';
import { cardLinks } from '../src/apps/flows/card/card-link.ts';
import { systemClock } from '../src/apps/installation.ts';
import type { PublicId } from '../src/kernel/uuid.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import { leanClient } from './http-client.ts';
import { runLoop } from './measure.ts';
import { type CostedLoop, prepareRequests } from './order-check.ts';
import type { RunningServer } from './server-process.ts';
import type { Site } from './site.ts';

const CLIENTS = 8;
/** Cards that are opened over and over, each by a doctor of its own. */
const CARDS = 800;

/** Has orders checked and gives the addresses of their cards, as the hospital's doctors would open them. */
const prepareCards = async (site: Site, server: RunningServer): Promise<readonly string[]> => {
  const client = await leanClient('127.0.0.1', server.httpPort);
  const headers = { authorization: `Bearer ${site.clientKey}`, 'content-type': 'application/json' };
  const links = cardLinks({
    keys: keyRing(loadKeyFile(join(site.folder, 'keys.json'))),
    clock: systemClock,
    publicUrl: () => '',
  });
  const addresses: string[] = [];
  for (const [index, body] of prepareRequests(site, CARDS, `C${Date.now().toString(36)}`).entries()) {
    const answer = await client.request('POST', '/api/order-checks', headers, body);
    addresses.push(
      links.addressOf({
        check: (JSON.parse(answer.body) as { id: PublicId }).id,
        institution: HOME_INSTITUTION as InstitutionCode,
        client: demonstrationClients()[0]?.code ?? '',
        staffNumber: String(100_000 + index),
        department: '消化内科',
      }),
    );
  }
  client.close();
  return addresses;
};

/** Opens cards of five items from eight connections at once. A turn is right when the whole card came with its lines. */
export const loadCards = async (site: Site, server: RunningServer, seconds: number): Promise<CostedLoop> => {
  const addresses = await prepareCards(site, server);
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => leanClient('127.0.0.1', server.httpPort)),
  );
  let next = 0;
  let before = server.cpu();
  const report = await runLoop({
    clients: CLIENTS,
    seconds,
    warmUpSeconds: 3,
    onStart: () => {
      before = server.cpu();
    },
    work: async (client) => {
      const address = addresses[next++ % addresses.length] as string;
      const answer = await (clients[client] as (typeof clients)[number]).request('GET', address, {}, '');
      return answer.status === 200 && answer.body.includes('id="line-5"');
    },
  });
  const after = server.cpu();
  for (const client of clients) client.close();
  return {
    ...report,
    nodeMicroseconds: ((after.program - before.program) / report.count) * 1e6,
    databaseMicroseconds: ((after.database - before.database) / report.count) * 1e6,
  };
};
