import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileObjects } from '../../src/adapters/objects/file-objects.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { publishLists, snapshotSource } from '../../src/adapters/postgres/lists.ts';
import { lookupPerson } from '../../src/adapters/postgres/person-lookup.ts';
import { senderDirectory } from '../../src/adapters/postgres/senders.ts';
import { type CastMember, demonstrationCast, orderFormOf } from '../../src/apps/demonstration/cast.ts';
import { demonstrationLists } from '../../src/apps/demonstration/lists.ts';
import { demonstrationMessages } from '../../src/apps/demonstration/messages.ts';
import type { DemonstrationMessage } from '../../src/apps/demonstration/sending.ts';
import { demonstrationSenders } from '../../src/apps/demonstration/senders.ts';
import { findCandidates } from '../../src/apps/flows/checks/candidates.ts';
import { ingestMessage } from '../../src/apps/flows/ingest/ingest.ts';
import type { IngestOutcome } from '../../src/apps/flows/ingest/ingest-outcome.ts';
import { registerHl7Sender } from '../../src/apps/flows/ingest/ingest-senders.ts';
import type { IngestDependencies } from '../../src/apps/flows/ingest/ingest-work.ts';
import { publicIdMaker } from '../../src/apps/installation.ts';
import type { ItemCode } from '../../src/catalogue/index.ts';
import { type Clock, instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { StatedIdentifier } from '../../src/person/index.ts';
import { evaluate, FOLD, type Verdict } from '../../src/recognition/index.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { testKeys } from './ingest-fixtures.ts';

const now = instant(Date.UTC(2026, 10, 23, 3));
const HOME = 'YX-COUNTY' as InstitutionCode;
const PEOPLE = 100;

let opened: TestDatabase;
let folder: string;
let dependencies: IngestDependencies;
const outcomes: { readonly message: DemonstrationMessage; readonly outcome: IngestOutcome }[] = [];

beforeAll(async () => {
  opened = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'demonstration-'));
  const { database } = opened;
  let moment = now as number;
  const clock: Clock = () => instant(moment++);
  await publishLists(database, demonstrationLists(now), { by: 'test', at: clock(), reason: 'test' });
  for (const sender of demonstrationSenders())
    await registerHl7Sender(database, {
      ...sender,
      institution: sender.institution as string as InstitutionCode,
    });
  dependencies = {
    database,
    keys: testKeys,
    objects: fileObjects(folder, testKeys),
    clock,
    newPublicId: publicIdMaker(clock, 7),
    snapshots: snapshotSource(database),
    senders: senderDirectory(database, clock),
  };
  for (const message of demonstrationMessages({ seed: 'test', people: PEOPLE, now }))
    outcomes.push({
      message,
      outcome: await ingestMessage(dependencies, { bytes: message.bytes, peer: 'test' }),
    });
});

afterAll(async () => {
  await opened.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** How the story's person is known: by the national ID, else by the record of the hospital where they were born. */
const identifiersOf = ({ person }: CastMember): readonly StatedIdentifier[] =>
  person.nationalId === null
    ? [
        {
          type: 'medical-record',
          issuer: 'WX-MCH',
          number: `FY${String(100_000 + person.number * 4).padStart(8, '0')}`,
        },
      ]
    : [{ type: 'national-id', issuer: 'CN', number: person.nationalId }];

/** The most favourable verdict about one item for somebody, ordered now at the county hospital; undefined when nothing is known. */
const verdictFor = async (
  member: CastMember,
  item: string,
  side?: 'left' | 'right',
): Promise<Verdict | undefined> => {
  const { person, order } = member;
  const cluster = await lookupPerson(opened.database, testKeys, {
    identifiers: identifiersOf(member),
    name: person.name,
    sex: person.sex,
    birthDate: person.birthDate.replace(/(\d{4})(\d{2})(\d{2})/, '$1-$2-$3'),
  });
  if (!cluster) return undefined;
  const ruling = await dependencies.snapshots.current();
  const { facts } = await findCandidates(
    opened.database,
    ruling,
    cluster,
    HOME,
    { items: [item as ItemCode], toldUnlessRefused: [item as ItemCode] },
    now,
    async () => ({ disputed: new Set(), consent: { acts: [] }, mayBeTold: null }),
  );
  const methodClass = [...ruling.snapshot.codeMapOf(HOME, now).values()].find(
    (entry) => entry.item === item,
  )?.methodClass;
  const verdicts = facts.map((candidate) =>
    evaluate(
      {
        institution: HOME,
        encounterClass: order.encounterClass,
        purpose: order.purpose,
        diagnoses: order.diagnoses,
        item: item as ItemCode,
        ...(side === undefined ? {} : { side }),
        ...(methodClass === undefined ? {} : { methodClass }),
      },
      candidate,
      ruling.snapshot,
      { interventions: [] },
      now,
    ),
  );
  const rank = ({ row }: Verdict): number => FOLD.findIndex((each) => each.row === row);
  return verdicts.toSorted((left, right) => rank(right) - rank(left))[0];
};

const memberOf = (key: string): CastMember => {
  const member = demonstrationCast(now).find((each) => each.key === key);
  if (!member) throw new Error(`no ${key} in the cast`);
  return member;
};

describe('the demonstration region, ingested', () => {
  it('is taken message by message by the ordinary way; only what cannot be read is set aside', () => {
    const unexpected = outcomes.filter(
      ({ message, outcome }) => (outcome.outcome === 'accepted') !== (message.meant === 'readable'),
    );
    expect(
      unexpected.map(({ message, outcome }) => [
        message.sender,
        outcome.outcome,
        outcome.code,
        outcome.place,
      ]),
    ).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(300);
  });

  it('shows the cast what the stories promise', async () => {
    const seen: string[] = [];
    const promised: string[] = [];
    for (const member of demonstrationCast(now))
      for (const { item, side, grade } of member.expected) {
        const verdict = await verdictFor(member, item, side);
        const name = `${member.key} ${item}${side ? ` ${side}` : ''}`;
        seen.push(`${name}: ${verdict?.grade ?? 'none'}`);
        promised.push(`${name}: ${grade}`);
      }
    expect(seen).toEqual(promised);
  });

  it('shows every grade there is among the stories', async () => {
    const grades = new Set(
      demonstrationCast(now).flatMap(({ expected }) => expected.map(({ grade }) => grade)),
    );
    expect([...grades].toSorted()).toEqual([
      'excluded',
      'may-consider',
      'must-consider',
      'none',
      'not-covered',
      'view-only',
    ]);
  });

  it('examines hepatitis B again before an operation under situation N3', async () => {
    const verdict = await verdictFor(memberOf('pre-operative'), 'LI-HBSAG');
    expect(verdict?.row).toBe('exempt');
    const exempt = verdict?.checks.find(({ finding }) => finding === 'exempt');
    expect(exempt?.data['national']).toBe('N3');
  });

  it('recognises the liver panel without collection time by the received time, where the list allows it', async () => {
    const member = memberOf('liver-panel');
    const anchored = (await verdictFor(member, 'LC-ALT'))?.checks.find(
      ({ check }) => check === 'within-window',
    );
    expect(anchored?.data['basis']).toBe('received');
    expect((await verdictFor(member, 'LC-TBIL'))?.row).toBe('unknown');
  });

  it('keeps results of unmapped local codes, waiting', async () => {
    const rows = await opened.database.run<{ local_code: string }>(
      statement('demonstration.unmapped', 'select distinct local_code from results where item_id is null'),
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  it('offers at the county hospital an order form whose codes are in its own lists', async () => {
    const { snapshot } = await dependencies.snapshots.current();
    for (const member of demonstrationCast(now))
      for (const { code } of orderFormOf(member)) {
        const known = snapshot.panelOf(HOME, code, now) ?? snapshot.codeMapOf(HOME, now).get(code);
        expect(known, `${member.key} ${code}`).toBeDefined();
      }
  });
});
