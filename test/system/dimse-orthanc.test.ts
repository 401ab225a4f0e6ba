import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerEntity } from '../../src/adapters/postgres/application-entities.ts';
import { startDimseRole } from '../../src/apps/cli/dimse-role.ts';
import type { Installation } from '../../src/apps/installation.ts';
import { createMetrics } from '../../src/apps/server/metrics.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { exampleFiles } from '../contract/dimse-files.ts';
import { freePort, missingTool, runTool, startTool } from '../contract/dimse-tools.ts';
import { type ImagingBench, imagingBench } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

let bench: ImagingBench;
let folder: string;
beforeAll(async () => {
  bench = await imagingBench();
  folder = mkdtempSync(join(tmpdir(), 'huren-orthanc-'));
});
afterAll(async () => {
  await bench.drop();
  rmSync(folder, { recursive: true });
});

const IMAGES = 6;
/** Of 16 × 16 pixels of two bytes, which stand at the end. */
const PIXEL_BYTES = 512;
const pixelsOf = (file: Buffer): string => file.subarray(-PIXEL_BYTES).toString('hex');

/** The platform's own DICOM role, with these entities of one institution. */
const platform = async (orthancPort: number) => {
  const entity = (aeTitle: string, services: ('store' | 'find' | 'retrieve')[], port: number | null) =>
    registerEntity(bench.database, {
      institution: 'JIANG-1' as InstitutionCode,
      aeTitle,
      services,
      networks: ['127.0.0.1'],
      certificateFingerprint: null,
      listensAt: port === null ? null : { host: '127.0.0.1', port, tls: false },
      assumedCharset: null,
    });
  await entity('ORTHANC', ['store', 'find', 'retrieve'], orthancPort);
  await entity('WS51', ['find', 'retrieve'], null);
  const dimse = {
    port: 0,
    tlsPort: 0,
    aeTitle: 'HUREN',
    privateStorageRoots: [],
    maxAssociations: 64,
    maxAssociationsPerAe: 8,
  };
  const errors: unknown[] = [];
  const role = await startDimseRole(
    { ...bench.imaging, configuration: { dimse } } as unknown as Installation,
    {
      tls: undefined,
      metrics: createMetrics(),
      onError: (error) => void errors.push(error),
      note: () => undefined,
    },
  );
  return { role, errors, port: Number(/:(\d+)$/.exec(role.addresses[0] ?? '')?.[1]) };
};

const orthancAt = async (dicomPort: number, platformPort: number) => {
  const httpPort = await freePort();
  const configuration = join(folder, 'orthanc.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      StorageDirectory: join(folder, 'store'),
      IndexDirectory: join(folder, 'store'),
      DicomAet: 'ORTHANC',
      DicomPort: dicomPort,
      HttpPort: httpPort,
      AuthenticationEnabled: false,
      RemoteAccessAllowed: false,
      DicomModalities: { huren: ['HUREN', '127.0.0.1', platformPort] },
    }),
  );
  const orthanc = await startTool('Orthanc', [configuration], httpPort);
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const answer = await fetch(`http://127.0.0.1:${httpPort}${path}`, init);
    expect(answer.status, path).toBe(200);
    return answer;
  };
  const instances = async () => (await ask('/instances')).json() as Promise<string[]>;
  return { orthanc, ask, instances };
};

describe('Orthanc as a neighbour of the platform', () => {
  test('sends it a study, asks for it back and is sent it by others: the pixels are what they were', async ({
    skip,
  }) => {
    const missing = missingTool('Orthanc', 'movescu');
    if (missing) skip(missing);
    const study = `2.25.${fresh('51')}`;
    const files = exampleFiles(join(folder, 'ct'), IMAGES, undefined, 16, study);
    const sent = files.map(({ dataSet }) => pixelsOf(dataSet)).sort();
    const dicomPort = await freePort();
    const { role, errors, port } = await platform(dicomPort);
    const { orthanc, ask, instances } = await orthancAt(dicomPort, port);
    const held = async () =>
      Promise.all(
        (await instances()).map(async (id) =>
          pixelsOf(Buffer.from(await (await ask(`/instances/${id}/file`)).arrayBuffer())),
        ),
      );
    const forget = async () => {
      for (const id of await instances()) await ask(`/instances/${id}`, { method: 'DELETE' });
      expect(await instances()).toEqual([]);
    };
    try {
      for (const { path } of files) await ask('/instances', { method: 'POST', body: readFileSync(path) });
      await ask('/modalities/huren/store', { method: 'POST', body: JSON.stringify(await instances()) });
      const rows = await bench.rows<{ sender: string }>(
        'select i.sender from instances i join series s using (person_id, series_id) where s.series_uid = $1',
        [`${study}.1`],
      );
      expect(rows.map(({ sender }) => sender)).toEqual(files.map(() => 'dimse:ORTHANC'));
      await forget();

      // It asks for it itself.
      await ask('/modalities/huren/move', {
        method: 'POST',
        body: JSON.stringify({
          Level: 'Study',
          Resources: [{ StudyInstanceUID: study }],
          TargetAet: 'ORTHANC',
        }),
      });
      expect((await held()).sort()).toEqual(sent);
      await forget();

      // Another asks for it to be sent there.
      const move = ['-S', '-aet', 'WS51', '-aec', 'HUREN', '-aem', 'ORTHANC', '-k', '0008,0052=STUDY'];
      const to = ['-k', `0020,000D=${study}`, '127.0.0.1', String(port)];
      expect(await runTool('movescu', [...move, ...to])).toMatchObject({ code: 0 });
      expect((await held()).sort()).toEqual(sent);
      const acts = await bench.rows<{ actor: string }>(
        "select actor from audit_events where action = 'study.transfer' and resource like '%/to/ORTHANC%' order by actor",
      );
      expect(acts.map(({ actor }) => actor)).toEqual(['dimse:ORTHANC', 'dimse:WS51']);
      expect(errors).toEqual([]);
    } finally {
      await orthanc.stop();
      await role.stop();
    }
  });
});
