import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerEntity } from '../../src/adapters/postgres/application-entities.ts';
import { sendDueReports } from '../../src/apps/flows/imaging/commitment-reports.ts';
import { commitmentLedger, entityDirectory } from '../../src/apps/flows/imaging/dimse-doors.ts';
import { identifierCodec } from '../../src/apps/flows/imaging/identifier-codec.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { reportedDevice } from '../contract/dimse-device.ts';
import { freePort } from '../contract/dimse-tools.ts';
import { CT_STORAGE, type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

const MINUTE_MS = 60_000;
let bench: ImagingBench;
beforeAll(async () => {
  bench = await imagingBench();
});
afterAll(() => bench.drop());

const institution = 'JIANG-1' as InstitutionCode;
const waiting = () => bench.rows<{ attempts: number }>('select attempts from commitment_reports');

/** Registers a device that listens there, and asks for the report of one kept and one unknown instance. */
const ask = async (aeTitle: string, port: number): Promise<string> => {
  await registerEntity(bench.imaging.database, {
    institution,
    aeTitle,
    services: ['store', 'commit'],
    networks: ['127.0.0.1'],
    certificateFingerprint: null,
    listensAt: { host: '127.0.0.1', port, tls: false },
    assumedCharset: null,
  });
  const study = `2.25.${fresh('77')}`;
  const kept = { StudyInstanceUID: study, SeriesInstanceUID: `${study}.1`, SOPInstanceUID: `${study}.1.1` };
  await bench.send(instanceOf({ ...kept, PatientID: fresh('M') }));
  const ledger = commitmentLedger(bench.imaging);
  const requester = {
    institution,
    callingAeTitle: aeTitle,
    calledAeTitle: 'HUREN',
    remoteAddress: '127.0.0.1',
  };
  const commitment = await ledger.commit(requester, [
    { sopClassUid: CT_STORAGE, sopInstanceUid: kept.SOPInstanceUID },
    { sopClassUid: CT_STORAGE, sopInstanceUid: '2.25.404' },
  ]);
  await ledger.keepReport({ requester, transactionUid: `${study}.9`, commitment });
  return kept.SOPInstanceUID;
};

/** A process that was started so many minutes later, and knows nothing of the one that was asked. */
const processAfter = (minutes: number) => {
  const { database } = bench.imaging;
  const clock = () => instant(bench.imaging.clock() + minutes * MINUTE_MS);
  const errors: unknown[] = [];
  const sender = {
    entities: entityDirectory(database, clock),
    codec: identifierCodec,
    onError: (error: unknown) => void errors.push(error),
  };
  return { errors, sendDue: () => sendDueReports({ database, clock }, sender) };
};

test('a report outlives the process that was asked for it, and goes out again until the device takes it', async () => {
  const port = await freePort();
  const sopInstanceUid = await ask('CT31', port);
  const first = processAfter(0);
  expect(await first.sendDue()).toBe(1);
  expect(first.errors).toHaveLength(1);
  expect(await first.sendDue()).toBe(0);
  expect(await waiting()).toEqual([{ attempts: 1 }]);

  const device = await reportedDevice([0x0110, 0], port);
  try {
    const second = processAfter(1);
    expect(await second.sendDue()).toBe(1);
    expect(await waiting()).toEqual([{ attempts: 2 }]);
    const third = processAfter(7);
    expect(await third.sendDue()).toBe(1);
    expect(await waiting()).toEqual([]);
    expect(device.reports).toHaveLength(2);
    expect(device.reports[1]).toMatchObject({
      eventTypeId: 2,
      identifier: {
        '00081199': { Value: [{ '00081155': { Value: [sopInstanceUid] } }] },
        '00081198': { Value: [{ '00081155': { Value: ['2.25.404'] }, '00081197': { Value: [0x0112] } }] },
      },
    });
    expect([...second.errors, ...third.errors]).toEqual([]);
  } finally {
    await device.close();
  }
});

test('a report that nobody takes is given up after its last attempt, and one for a device that is gone at once', async () => {
  await ask('CT32', await freePort());
  for (const minutes of [0, 1, 7, 40]) expect(await processAfter(minutes).sendDue()).toBe(1);
  expect(await waiting()).toEqual([]);

  await ask('CT33', await freePort());
  await bench.rows(`update application_entities set active = false where ae_title = 'CT33'`);
  expect(await processAfter(0).sendDue()).toBe(1);
  expect(await waiting()).toEqual([]);
});
