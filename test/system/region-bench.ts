import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { fileObjects } from '../../src/adapters/objects/file-objects.ts';
import { publishLists, snapshotSource } from '../../src/adapters/postgres/lists.ts';
import { senderDirectory } from '../../src/adapters/postgres/senders.ts';
import { type CastMember, demonstrationCast, orderFormOf } from '../../src/apps/demonstration/cast.ts';
import { castMessages } from '../../src/apps/demonstration/cast-messages.ts';
import { demonstrationLists } from '../../src/apps/demonstration/lists.ts';
import { demonstrationSenders } from '../../src/apps/demonstration/senders.ts';
import { checkFlows } from '../../src/apps/flows/check-flows.ts';
import { ingestMessage } from '../../src/apps/flows/ingest/ingest.ts';
import type { IngestOutcome } from '../../src/apps/flows/ingest/ingest-outcome.ts';
import { registerHl7Sender } from '../../src/apps/flows/ingest/ingest-senders.ts';
import type { IngestDependencies } from '../../src/apps/flows/ingest/ingest-work.ts';
import { publicIdMaker } from '../../src/apps/installation.ts';
import type { Actor, CallOrigin } from '../../src/apps/server/flows-port.ts';
import type { ServerFlows } from '../../src/apps/server/routes/table.ts';
import { type Clock, type Instant, instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { OrderCheckAnswer } from '../../src/web/wire/order-check-answer.ts';
import { orderCheckRequestShape } from '../../src/web/wire/order-check-request.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { testKeys } from './ingest-fixtures.ts';

/** The demonstration region with the cast of stories in a database of its own, and the flows over it. */
export interface RegionBench {
  readonly opened: TestDatabase;
  readonly now: Instant;
  readonly dependencies: IngestDependencies;
  readonly flows: ServerFlows;
  readonly cast: readonly CastMember[];
  readonly doctor: Actor;
  readonly origin: CallOrigin;
  /** The body by which the county hospital's HIS checks a story's order. */
  orderOf(member: CastMember, over?: object): object;
  /** Checks a body as the county hospital's doctor. */
  check(body: object): Promise<OrderCheckAnswer>;
  take(bytes: Uint8Array): Promise<IngestOutcome>;
  /** Somebody comes to the desk with an identity card, of the county hospital unless another reader is named. */
  present(number: string, reader?: Actor): Promise<void>;
  drop(): Promise<void>;
}

const HOME = 'YX-COUNTY' as InstitutionCode;

/** A doctor of an institution, as the server hands him to the flows. */
export const doctorOf = (institution: string): Actor => ({
  kind: 'staff',
  name: 'staff:doctor',
  login: 'doctor',
  role: 'doctor',
  institution: institution as InstitutionCode,
  staffNumber: '100118',
  department: '儿科',
  displayName: '顾清和',
});

/**
 * Opens the region: lists published, senders registered, the cast's messages taken by the ordinary way in.
 *
 * @param hear gives the flows another view of the database, by which a test hears what they send to it
 */
export const regionBench = async (
  hear: (database: Database) => Database = (database) => database,
): Promise<RegionBench> => {
  const opened = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'region-'));
  const now = instant(Date.UTC(2026, 10, 23, 3));
  let moment = now as number;
  const clock: Clock = () => instant(moment++);
  const database = hear(opened.database);
  await publishLists(database, demonstrationLists(now), { by: 'test', at: clock(), reason: 'test' });
  for (const sender of demonstrationSenders())
    await registerHl7Sender(database, {
      ...sender,
      institution: sender.institution as string as InstitutionCode,
    });
  const dependencies: IngestDependencies = {
    database,
    keys: testKeys,
    objects: fileObjects(folder, testKeys),
    clock,
    newPublicId: publicIdMaker(clock, 7),
    snapshots: snapshotSource(database),
    senders: senderDirectory(database, clock),
  };
  const take = (bytes: Uint8Array) => ingestMessage(dependencies, { bytes, peer: 'test' });
  for (const { bytes } of castMessages(now)) await take(bytes);
  const flows = checkFlows(dependencies);
  const doctor = doctorOf(HOME);
  const origin: CallOrigin = { requestId: 'test', peer: 'test', purpose: 'treatment' };
  let encounters = 0;
  return {
    opened,
    now,
    dependencies,
    flows,
    cast: demonstrationCast(now),
    doctor,
    origin,
    orderOf: ({ person, order, ...member }, over = {}) => ({
      patient: {
        identifiers: [{ type: 'national-id', number: person.nationalId }],
        name: person.name,
        sex: person.sex,
        birthDate: person.birthDate.replace(/^(\d{4})-?(\d{2})-?(\d{2})$/, '$1-$2-$3'),
      },
      encounter: { class: order.encounterClass, number: `E${++encounters}` },
      purpose: order.purpose,
      diagnoses: order.diagnoses.map((code) => ({ code })),
      items: orderFormOf({ person, order, ...member }).map(({ code, nameZh, side }, index) => ({
        line: index + 1,
        code,
        name: nameZh,
        ...(side === undefined ? {} : { side }),
      })),
      ...over,
    }),
    async check(body) {
      const checked = await flows.check(doctor, orderCheckRequestShape.parse(body), origin);
      if (!checked.ok) throw checked.reason;
      return checked.value;
    },
    take,
    async present(number, reader = doctor) {
      await flows.searchPersons(reader, { by: 'national-id', text: number }, origin);
    },
    async drop() {
      await opened.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** The member of the cast with this key. */
export const memberOf = (bench: RegionBench, key: string): CastMember => {
  const member = bench.cast.find((each) => each.key === key);
  if (!member) throw new RangeError(`nobody in the cast is called ${key}`);
  return member;
};
