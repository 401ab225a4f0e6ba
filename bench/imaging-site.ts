import { chmodSync, mkdirSync } from 'node:fs';
import pg from 'pg';
import { dataSet, TRANSFER_SYNTAXES, writeDataSet } from '../src/adapters/dicom/write-part10.ts';
import { createClient } from '../src/adapters/postgres/accounts-clients.ts';
import { registerEntity } from '../src/adapters/postgres/application-entities.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { demonstrationClients } from '../src/apps/demonstration/accounts.ts';
import { prepareRegion } from '../src/apps/demonstration/load.ts';
import { closeQuietSeries } from '../src/apps/flows/imaging/close-series.ts';
import { receiving } from '../src/apps/flows/imaging/receive.ts';
import { receiveFile } from '../src/apps/flows/imaging/store-instances.ts';
import { type Installation, openInstallation } from '../src/apps/installation.ts';
import { HOUR_MS, instant } from '../src/kernel/instant.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import { CT } from '../test/contract/dimse-wire.ts';
import type { ImageFiles } from './image-files.ts';
import { SENDING_TITLES } from './image-memory.ts';
import { environmentOf, runPlainly, type Site } from './site.ts';

/** An installation with images. */
export interface ImagingSite extends Site {
  readonly patients: number;
  readonly instances: number;
}

/** The study of the slices that are looked at, as the files name it. */
export const CT_STUDY = '2.25.77';
export const CT_SERIES = '2.25.77.1';
const INSTITUTION = 'YX-COUNTY' as InstitutionCode;
const STUDIES_OF_A_PATIENT = 2;
const INSTANCES_OF_A_STUDY = 50;
/** Instances of a patient. */
const INSTANCES_OF_A_PATIENT = STUDIES_OF_A_PATIENT * INSTANCES_OF_A_STUDY;
const SENDERS = 16;

/** The number of a patient at the sending hospital. */
export const patientNumber = (patient: number): string => `B${String(patient).padStart(6, '0')}`;

const once = async function* (bytes: Uint8Array) {
  yield bytes;
};

const withInstallation = async <Value>(
  folder: string,
  work: (installation: Installation) => Promise<Value>,
): Promise<Value> => {
  const installation = await openInstallation(readConfiguration(environmentOf(folder)));
  try {
    return await work(installation);
  } finally {
    await installation.close();
  }
};

/** A fresh installation with one closed study of these slices and a device that may send. */
export const buildImagingSite = async (folder: string, files: ImageFiles): Promise<ImagingSite> => {
  const startedAt = performance.now();
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  return withInstallation(folder, async (installation) => {
    const { database, clock, newPublicId, connectionString } = installation;
    await prepareRegion(installation, clock());
    for (const aeTitle of ['BENCH', ...SENDING_TITLES])
      await registerEntity(database, {
        institution: INSTITUTION,
        aeTitle,
        services: ['store'],
        networks: ['127.0.0.1'],
        certificateFingerprint: null,
        listensAt: null,
        assumedCharset: null,
      });
    const [client] = demonstrationClients();
    if (!client) throw new TypeError('the demonstration has no client');
    const { key } = await createClient(
      database,
      { ...client, institution: INSTITUTION },
      { at: clock(), newId: newPublicId, by: 'bench', peer: 'local' },
    );
    const door = receiving(installation);
    const of = { institution: INSTITUTION, sender: 'bench', study: null };
    for (const bytes of files.contents) {
      const { failure } = await receiveFile(door, of, once(bytes));
      if (failure !== null) throw new Error(`a slice was not taken: ${failure}`);
    }
    await closeQuietSeries(installation, instant(clock() + HOUR_MS));
    return {
      folder,
      connectionString,
      clientKey: key,
      persons: 0,
      results: 0,
      patients: 0,
      instances: files.count,
      buildSeconds: (performance.now() - startedAt) / 1000,
    };
  });
};

const smallInstance = (studyUid: string, patient: number): Buffer =>
  writeDataSet(
    dataSet({
      SpecificCharacterSet: 'GB18030',
      SOPClassUID: CT,
      SOPInstanceUID: `${studyUid}.1.1`,
      StudyDate: '20261101',
      StudyTime: '101500',
      StudyDescription: '胸部CT平扫',
      Modality: 'CT',
      PatientName: `Bing^Ren=病^人${patient % 100}`,
      PatientID: patientNumber(patient),
      StudyInstanceUID: studyUid,
      SeriesInstanceUID: `${studyUid}.1`,
      SeriesNumber: '1',
      InstanceNumber: '1',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: 4,
      Columns: 4,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      PixelData: new Uint8Array(32),
    }),
    { transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian, charset: 'GB18030' },
  );

/**
 * Makes it as large as wanted: patients with two studies each, whose first instance comes in as any does. The other
 * forty-nine of a study are rows alone, copies of the first one's with UIDs of their own over the same object.
 */
export const growImagingSite = (site: ImagingSite, instances: number): Promise<ImagingSite> =>
  withInstallation(site.folder, async (installation) => {
    const patients = Math.ceil((instances - site.instances) / INSTANCES_OF_A_PATIENT) + site.patients;
    const door = receiving(installation);
    let next = site.patients * STUDIES_OF_A_PATIENT;
    const sender = async (): Promise<void> => {
      for (let at = next++; at < patients * STUDIES_OF_A_PATIENT; at = next++) {
        const studyUid = `2.25.88.${at + 1}`;
        const instance = await door.begin({
          institution: INSTITUTION,
          sender: 'bench',
          assumedCharset: null,
          sopClassUid: CT,
          sopInstanceUid: `${studyUid}.1.1`,
          transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
        });
        await instance.write(smallInstance(studyUid, Math.floor(at / STUDIES_OF_A_PATIENT)));
        await instance.finish();
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    const database = new pg.Client({ connectionString: site.connectionString });
    await database.connect();
    try {
      const { rows } = await database.query<{ column_name: string }>(
        `select column_name from information_schema.columns where table_name = 'instances' and column_name <> 'sop_uid'`,
      );
      const columns = rows.map(({ column_name: name }) => name).join(', ');
      const from = `from series c join instances i using (person_id, series_id), generate_series(2, ${INSTANCES_OF_A_STUDY}) n
        where c.closed_at is null and c.series_uid like '2.25.88.%'`;
      await database.query(
        `insert into instances (sop_uid, ${columns})
         select c.series_uid || '.' || n, ${columns.replaceAll(/(\w+)/g, 'i.$1')} ${from}`,
      );
      await database.query(
        `insert into instance_keys (sop_uid, institution_id, content, sop_class_uid, person_id, series_id, received_at)
         select i.sop_uid, s.institution_id, i.content, i.sop_class_uid, i.person_id, i.series_id, i.received_at
         from series c join studies s using (person_id, study_id) join instances i using (person_id, series_id)
         where c.closed_at is null and c.series_uid like '2.25.88.%' on conflict do nothing`,
      );
      await database.query(
        `update studies s set instance_count = ${INSTANCES_OF_A_STUDY}, open_series = 0 from series c
         where c.person_id = s.person_id and c.study_id = s.study_id and c.closed_at is null and c.series_uid like '2.25.88.%'`,
      );
      await database.query(
        `update series set instance_count = ${INSTANCES_OF_A_STUDY}, closed_at = now()
         where closed_at is null and series_uid like '2.25.88.%'`,
      );
    } finally {
      await database.end();
    }
    await runPlainly(site.connectionString, ['vacuum (analyze)', 'checkpoint']);
    const added = (patients - site.patients) * INSTANCES_OF_A_PATIENT;
    return { ...site, patients, instances: site.instances + added };
  });
