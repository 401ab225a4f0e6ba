import { afterAll, beforeAll, expect, test } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import {
  findStudyPlace,
  storeArrivals,
  type StudyPlace,
} from '../../src/adapters/postgres/imaging-arrivals.ts';
import { arrivedOf } from '../../src/apps/flows/imaging/receive.ts';
import type { ContentHash } from '../../src/adapters/objects/image-objects.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

let bench: ImagingBench;
beforeAll(async () => {
  bench = await imagingBench();
});
afterAll(() => bench.drop());

const CLAIM = statement(
  'test.claim',
  `insert into instance_keys (sop_uid, institution_id, content, sop_class_uid, person_id, series_id, received_at)
   select $1, institution_id, content, sop_class_uid, person_id, series_id, received_at from instance_keys where sop_uid = $2`,
);
const HOLD = statement(
  'test.hold-series',
  'update series set bytes = bytes where person_id = $1 and study_id = $2 returning series_id',
);
const WAITING = `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;

test('who asks what an instance is holds no series while he waits for its UID: two processes never wait for each other', async () => {
  const study = `2.25.${fresh('87')}`;
  const sent = (index: number) =>
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.${index}`,
      PatientID: study.slice(-12),
    });
  await bench.send(sent(1));
  const { registry } = await bench.dependencies.snapshots.current();
  const institution = registry.institutionKey('JIANG-1' as InstitutionCode);
  if (!institution) throw new Error('it is registered');
  const place = (await findStudyPlace(bench.database, institution, study)) as StudyPlace;
  const next = sent(2);
  const read = await bench.imaging.headers.read({
    head: next.bytes,
    isWhole: true,
    transferSyntaxUid: next.transferSyntaxUid,
    sopClassUid: next.sopClassUid,
    assumedCharset: null,
  });
  if (!read.ok) throw new Error(read.reason);
  const at = bench.dependencies.clock();
  const instance = arrivedOf(
    read.value,
    { sender: 'test' },
    { content: 'f'.repeat(64) as ContentHash, size: 1 },
    0,
    at,
  );
  let attempts = 0;
  const asking = () =>
    bench.database.transaction((session) => {
      attempts += 1;
      const there = { known: new Map<string, string>(), readListed: async () => new Map() };
      return storeArrivals(session, institution, place, [instance], there, at);
    });
  const asked = await bench.database.transaction(async (session) => {
    attempts += 1;
    // As who takes it for new: the UID first, its series after.
    await session.run(CLAIM, [`${study}.1.2`, `${study}.1.1`]);
    const answer = asking();
    answer.catch(() => undefined);
    while ((await bench.rows(WAITING)).length === 0);
    await session.run(HOLD, [place.personId, place.studyId]);
    return { answer };
  });
  const { outcomes } = await asked.answer;
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['other-content']);
  // A deadlock would have been tried again.
  expect(attempts).toBe(2);
});
