import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { frameCopier } from '../src/adapters/dicom/frame-copier.ts';
import { TRANSFER_SYNTAXES } from '../src/adapters/dicom/write-part10.ts';
import { keyFileSource } from '../src/adapters/keys/key-file.ts';
import { keyRing } from '../src/adapters/keys/key-ring.ts';
import { createClient } from '../src/adapters/postgres/accounts-clients.ts';
import { statement } from '../src/adapters/postgres/database.ts';
import { forgetViewCopy, seriesToCopy, viewCopyOf } from '../src/adapters/postgres/imaging-view-copies.ts';
import { demonstrationClients } from '../src/apps/demonstration/accounts.ts';
import { prepareRegion } from '../src/apps/demonstration/load.ts';
import { chestCt } from '../src/apps/demonstration/studies/chest-ct.ts';
import { THORAX_BOTTOM_MM, THORAX_TOP_MM } from '../src/apps/demonstration/studies/thorax-shape.ts';
import { type Configuration, readConfiguration } from '../src/apps/configuration.ts';
import { closeQuietSeries } from '../src/apps/flows/imaging/close-series.ts';
import { receiving } from '../src/apps/flows/imaging/receive.ts';
import { copyOneSeries } from '../src/apps/flows/imaging/view-copies.ts';
import { viewingPasses } from '../src/apps/flows/imaging/viewing-pass.ts';
import { type Installation, openInstallation, systemClock } from '../src/apps/installation.ts';
import { instant } from '../src/kernel/instant.ts';
import type { PublicId } from '../src/kernel/uuid.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import { environmentOf } from './site.ts';

/** Slices of the CT that is looked at. */
export const SLICES = 500;

/** An installation with one CT in it, closed and not copied yet. */
export interface ViewerSite {
  readonly folder: string;
  /** Path of a viewer that opens it without a sign-in, good for half an hour. */
  pass(): string;
  /** Its pixels as stored and its metadata as they lie there, for the floor. */
  readonly series: string;
  /** Makes its view copy, after forgetting one that an earlier run made; gives seconds and bytes. */
  copy(): Promise<{ readonly seconds: number; readonly bytes: number }>;
  /** Leaves it without a view copy. */
  forget(): Promise<void>;
}

interface Built {
  readonly study: PublicId;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly client: string;
  readonly institution: InstitutionCode;
}

const FILE = 'viewer.json';

const FOUND = statement(
  'bench.viewer-study',
  `select t.public_id, t.study_uid, s.series_uid from studies t join series s on s.person_id = t.person_id and s.study_id = t.study_id`,
);

const build = async (folder: string, say: (text: string) => void): Promise<Built> => {
  mkdirSync(folder, { recursive: true });
  const installation = await openInstallation(readConfiguration(environmentOf(folder)));
  try {
    const { database, clock, newPublicId } = installation;
    await prepareRegion(installation, clock());
    const [client] = demonstrationClients();
    if (!client) throw new TypeError('the demonstration has no client');
    const institution = client.institution as string as InstitutionCode;
    await createClient(
      database,
      { ...client, institution },
      { at: clock(), newId: newPublicId, by: 'bench', peer: 'local' },
    );
    const spacingMm = (THORAX_TOP_MM - THORAX_BOTTOM_MM) / (SLICES - 0.5);
    const study = chestCt({
      context: {
        seed: 'bench-viewer',
        patient: {
          alphabetic: 'Bench',
          ideographic: '演练',
          patientId: 'BENCH-VIEWER',
          birthDate: '19620308',
          sex: 'M',
        },
        accessionNumber: 'BENCH-1',
        date: '20261120',
        time: '081500',
        institutionName: '演练医院',
        stationName: 'CT01',
        charset: 'GB18030',
        transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
      },
      variant: { seed: 'bench', nodules: [], build: 1 },
      modelName: 'BENCH',
      protocolName: 'BENCH',
      studyDescription: '胸部CT平扫',
      bodyPartExamined: 'CHEST',
      ctdiVolMGy: 6,
      series: [{ description: '0.6 mm', thicknessMm: 0.625, spacingMm, kernel: 'B60f', noise: 25 }],
    });
    const doors = receiving(installation);
    let stored = 0;
    for (const { sopClassUid, sopInstanceUid, transferSyntaxUid, bytes } of study.instances()) {
      const instance = await doors.begin({
        institution,
        sender: 'bench',
        assumedCharset: null,
        sopClassUid,
        sopInstanceUid,
        transferSyntaxUid,
      });
      await instance.write(bytes);
      await instance.finish();
      stored += 1;
      if (stored % 100 === 0) say(`viewer: ${stored} of ${study.instanceCount} slices stored`);
    }
    await closeQuietSeries(installation, instant(clock() + 3_600_000));
    const [found] = await database.run<{ public_id: PublicId; study_uid: string; series_uid: string }>(FOUND);
    if (!found) throw new Error('the CT was not kept');
    const built: Built = {
      study: found.public_id,
      studyUid: found.study_uid,
      seriesUid: found.series_uid,
      client: client.code,
      institution,
    };
    writeFileSync(join(folder, FILE), JSON.stringify(built));
    return built;
  } finally {
    await installation.close();
  }
};

const opened = async <Value>(
  configuration: Configuration,
  work: (installation: Installation) => Promise<Value>,
): Promise<Value> => {
  const installation = await openInstallation(configuration);
  try {
    return await work(installation);
  } finally {
    await installation.close();
  }
};

const SERIES = statement('bench.viewer-series', 'select person_id, series_id from series');

const forgetCopy = async ({ database }: Installation): Promise<void> => {
  const [row] = await database.run<{ person_id: string; series_id: string }>(SERIES);
  if (!row) throw new Error('the CT was not kept');
  await database.transaction((session) =>
    forgetViewCopy(session, { personId: row.person_id, seriesId: row.series_id }),
  );
};

/** Builds it under `parent`, or takes what an earlier run built there. */
export const openViewerSite = async (parent: string, say: (text: string) => void): Promise<ViewerSite> => {
  mkdirSync(parent, { recursive: true });
  chmodSync(parent, 0o711);
  const folder = join(parent, 'viewer');
  const file = join(folder, FILE);
  const built = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Built)
    : await build(folder, say);
  const configuration = readConfiguration(environmentOf(folder));
  const passes = viewingPasses({
    keys: keyRing(keyFileSource(configuration.keyFile, systemClock)),
    clock: systemClock,
  });
  const { study, studyUid, seriesUid, client, institution } = built;
  return {
    folder,
    pass: () =>
      `/viewing/${passes.make({ via: 'client', study, client, institution, staffNumber: 'B-1', department: null })}`,
    series: `/studies/${studyUid}/series/${seriesUid}`,
    forget: () => opened(configuration, (installation) => forgetCopy(installation)),
    copy: () =>
      opened(configuration, async (installation) => {
        await forgetCopy(installation);
        const copier = frameCopier();
        try {
          const [waiting] = await seriesToCopy(installation.database, 1);
          if (!waiting) throw new Error('the CT does not wait for a copy');
          const from = performance.now();
          await copyOneSeries({ ...installation, copier }, waiting);
          const seconds = (performance.now() - from) / 1000;
          const made = await viewCopyOf(installation.database, waiting);
          if (made?.copied !== SLICES) throw new Error('not every slice was copied');
          return { seconds, bytes: made.bytes };
        } finally {
          await copier.close();
        }
      }),
  };
};
