import { createServer } from 'node:http';
import { readCandidates, surveyCheck } from '../src/adapters/postgres/candidate-rows.ts';
import { keepOrderCheck } from '../src/adapters/postgres/order-checks.ts';
import { lookupPerson } from '../src/adapters/postgres/person-lookup.ts';
import { HOME_INSTITUTION } from '../src/apps/demonstration/region.ts';
import { orderSessionOf, patientOf } from '../src/apps/flows/checks/order-session.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { openInstallation } from '../src/apps/installation.ts';
import { DAY_MS, instant } from '../src/kernel/instant.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import { itemsAsked, readOrder } from '../src/recognition/index.ts';
import type { OrderCheckRequest } from '../src/web/wire/order-check-request.ts';

/**
 * The statements of an order check behind the smallest HTTP server there is: who it is, what is known of him, his earlier
 * results, and a decision with its audit row kept. The caller is not asked who he is, the request not read by its shape,
 * nothing is decided, and the answer is always the same: what is left is what database, driver and sockets take of a check.
 */
const HOME = HOME_INSTITUTION as InstitutionCode;
const LOOK_BACK_DAYS = 90;
/** As long as the product's records and answer for five items of which nothing is there. */
const FACTS = 'x'.repeat(400);
const VERDICTS = 'x'.repeat(240);
const ANSWER = Buffer.from(JSON.stringify({ status: 'checked', lines: '检'.repeat(900) }));

const installation = await openInstallation(readConfiguration(process.env));
const { database, keys, clock, newPublicId, snapshots } = installation;
const { snapshot, registry } = await snapshots.current();
const institutionKey = registry.institutionKey(HOME) ?? '0';

const takeCheck = async (request: OrderCheckRequest): Promise<void> => {
  const { name = null, sex = 'unknown', birthDate = null } = request.patient;
  const { identifiers } = patientOf(request, HOME);
  const person = await lookupPerson(database, keys, { identifiers, name, sex, birthDate });
  if (!person) throw new Error('the bench asked about somebody who is not there');
  const { personId, clusterVersion } = person;
  const persons = person.members.map((member) => member.personId);
  const at = clock();
  const lines = readOrder(orderSessionOf(request, HOME, []), snapshot.rulesAt(at));
  const items = itemsAsked(lines).flatMap((item) => registry.itemKey(item) ?? []);
  await Promise.all([
    surveyCheck(database, personId, persons),
    readCandidates(database, persons, items, instant(at - LOOK_BACK_DAYS * DAY_MS)),
  ]);
  const publicId = newPublicId();
  const agent = { actor: 'bench', department: null, institutionKey };
  const encounterNumber = request.encounter.number ?? publicId;
  await keepOrderCheck(
    database,
    {
      ...agent,
      personId,
      publicId,
      doctor: request.doctor?.staffNumber ?? null,
      encounterClass: request.encounter.class,
      encounterNumber,
      requestNumber: request.request?.number ?? null,
      checkedAt: at,
      evaluator: 0,
      snapshotId: 'bench',
      clusterVersion,
      facts: FACTS,
      verdicts: VERDICTS,
      encounterKey: encounterNumber,
      follows: null,
    },
    {
      ...agent,
      publicId: newPublicId(),
      role: 'client',
      staffNumber: null,
      action: 'order.check',
      resource: `order-check/${publicId}`,
      purpose: 'treatment',
      basis: 'bench',
      outcome: 'disclosed',
      peer: 'bench',
    },
    [],
  );
};

const server = createServer((request, response) => {
  const answer = (status: number, body: Buffer): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  };
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    if (request.url === '/readyz') return answer(200, ANSWER);
    const sent = JSON.parse(Buffer.concat(pieces).toString('utf8')) as OrderCheckRequest;
    return void takeCheck(sent).then(
      () => answer(200, ANSWER),
      (error: unknown) => answer(500, Buffer.from(String(error))),
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') console.log(`Huren is ready: http://127.0.0.1:${address.port}`);
});
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
  void installation.close();
});
