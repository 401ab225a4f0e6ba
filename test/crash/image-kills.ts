import { join } from 'node:path';
import { writeMeta, TRANSFER_SYNTAXES } from '../../src/adapters/dicom/write-part10.ts';
import { keyFileSource } from '../../src/adapters/keys/key-file.ts';
import { keyRing } from '../../src/adapters/keys/key-ring.ts';
import { type ContentHash, fileImages } from '../../src/adapters/objects/image-objects.ts';
import { registerEntity } from '../../src/adapters/postgres/application-entities.ts';
import { readConfiguration } from '../../src/apps/configuration.ts';
import { openInstallation, systemClock } from '../../src/apps/installation.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { CT } from '../contract/dimse-wire.ts';
import { DEVICE, type ImageLanes, type SentInstance } from './image-lanes.ts';
import type { KillFollower, KillOutcome } from './kill-rounds.ts';
import { startProgram } from './program.ts';
import { environmentOf, killDatabase, queryRows, type Site } from './site.ts';

/** Answers of a round before its end comes. */
const ROUND_ANSWERS = 6;
const CHECKED_EVERY_ROUNDS = 10;
const WAIT_MS = 60_000;

/** Lets the device in, that the lanes are. */
export const registerDevice = async (site: Site): Promise<void> => {
  const installation = await openInstallation(readConfiguration(environmentOf(site.folder)));
  try {
    await registerEntity(installation.database, {
      institution: 'YX-COUNTY' as InstitutionCode,
      aeTitle: DEVICE,
      services: ['store'],
      networks: ['127.0.0.1'],
      certificateFingerprint: null,
      listensAt: null,
      assumedCharset: null,
    });
  } finally {
    await installation.close();
  }
};

interface StoredInstance {
  readonly sop_uid: string;
  readonly content: ContentHash;
  readonly size: string;
}

/**
 * Compares what is stored with what was answered: every answered instance has one row and its object, byte for byte; of the
 * others each has both or neither; studies and series count their rows.
 *
 * @returns a sentence for each thing that is wrong
 */
export const wrongImages = async (site: Site, sent: readonly SentInstance[]): Promise<readonly string[]> => {
  const configuration = readConfiguration(environmentOf(site.folder));
  const keys = keyRing(keyFileSource(configuration.keyFile, systemClock));
  const images = fileImages(join(configuration.objectsDirectory, 'images'), keys);
  const rows = await queryRows<StoredInstance>(site, 'select sop_uid, content, size from instances');
  const wrong: string[] = [];
  const known = new Map(sent.map((one) => [one.sopInstanceUid, one]));
  const stored = new Set<string>();
  for (const { sop_uid: uid, content } of rows) {
    const instance = known.get(uid);
    if (!instance) wrong.push(`${uid}: never sent`);
    if (stored.has(uid)) wrong.push(`${uid}: two rows`);
    stored.add(uid);
    const bytes = await images.get(content).catch((error: unknown) => {
      wrong.push(`${uid}: ${String(error)}`);
    });
    if (!bytes || !instance) continue;
    const meta = writeMeta({
      sopClassUid: CT,
      sopInstanceUid: uid,
      transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
    });
    if (!Buffer.concat([meta, instance.dataSet]).equals(bytes)) wrong.push(`${uid}: other bytes`);
  }
  for (const { sopInstanceUid, isAnswered } of sent)
    if (isAnswered && !stored.has(sopInstanceUid)) wrong.push(`${sopInstanceUid}: answered and not there`);
  const miscounted = await queryRows<{ uid: string }>(
    site,
    `select s.study_uid as uid from studies s where s.instance_count <> (select count(*) from instances i
       join series e using (person_id, series_id) where e.person_id = s.person_id and e.study_id = s.study_id)
     union all select e.series_uid from series e where e.instance_count <> (select count(*) from instances i
       where i.person_id = e.person_id and i.series_id = e.series_id)
     union all select k.sop_uid from instance_keys k left join instances i
       on i.person_id = k.person_id and i.series_id = k.series_id and i.sop_uid = k.sop_uid where i.sop_uid is null
     union all select q.sop_uid from quarantined_instances q union all select c.sop_uid from imaging_conflicts c`,
  );
  wrong.push(...miscounted.map(({ uid }) => `${uid}: counted wrongly, without its row, or set aside`));
  return wrong;
};

const afterMore = (lanes: ImageLanes, count: number, log: () => string): Promise<void> => {
  const goal = lanes.answeredCount() + count;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no ${count} answers in ${WAIT_MS} ms: ${log().slice(-3_000)}`));
    }, WAIT_MS);
    lanes.onAnswered = () => {
      if (lanes.answeredCount() < goal) return;
      lanes.onAnswered = () => undefined;
      clearTimeout(timer);
      resolve();
    };
  });
};

/**
 * Kills the program while images come, so many times, every third time with its database, and compares what is stored with
 * what was answered after every tenth round and the last.
 *
 * @throws with what is lost, doubled or stored by half, and after which round
 */
export const killWhileImagesCome = async (
  site: Site,
  lanes: ImageLanes,
  rounds: number,
  { running, checked }: KillFollower,
): Promise<KillOutcome> => {
  let unacknowledged = 0;
  for (let round = 0; round < rounds; round++) {
    const program = await startProgram(site);
    running(program);
    lanes.start(program.dimsePort);
    await afterMore(lanes, ROUND_ANSWERS + (round % 5), program.log);
    if (round % 2 === 1) await new Promise((resolve) => setTimeout(resolve, (round * 7) % 30));
    await program.kill();
    if (round % 3 === 2) await killDatabase(site.cluster);
    running(undefined);
    await lanes.stop();
    unacknowledged += lanes.sent.filter(({ isAnswered }) => !isAnswered).length;
    if (round % CHECKED_EVERY_ROUNDS !== CHECKED_EVERY_ROUNDS - 1 && round !== rounds - 1) continue;
    const next = await startProgram(site);
    running(next);
    const wrong = await wrongImages(site, lanes.sent);
    if (wrong.length > 0) throw new Error(`after round ${round}: ${JSON.stringify(wrong)}`);
    checked?.(round + 1);
    await next.kill();
    running(undefined);
  }
  return { rounds, unacknowledged };
};
