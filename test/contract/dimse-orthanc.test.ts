import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startDimseListener } from '../../src/adapters/dimse/listener.ts';
import { openAssociation } from '../../src/adapters/dimse/requestor.ts';
import { TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';
import { exampleFiles } from './dimse-files.ts';
import { exampleAe, memoryReceiver, memoryRegistry } from './dimse-memory.ts';
import { freePort, missingTool, startTool } from './dimse-tools.ts';
import { CT } from './dimse-wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'dimse-orthanc-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('Orthanc as neighbour', () => {
  it('sends and receives ten of ten data sets byte for byte', async ({ skip }) => {
    const missing = missingTool('Orthanc');
    if (missing) skip(missing);
    const files = exampleFiles(join(folder, 'ct'), 10);
    const expected = files.map(({ dataSet }) => sha256(dataSet)).sort();
    const receiver = memoryReceiver();
    const listener = await startDimseListener({
      host: '127.0.0.1',
      port: 0,
      aeTitle: 'HUREN',
      registry: memoryRegistry(exampleAe('ORTHANC')),
      receiver,
    });
    const [dicomPort, httpPort] = [await freePort(), await freePort()];
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
        DicomModalities: { huren: ['HUREN', '127.0.0.1', listener.port] },
      }),
    );
    const orthanc = await startTool('Orthanc', [configuration], httpPort);
    const ask = async (path: string, body?: Uint8Array | string): Promise<Response> => {
      const answer = await fetch(
        `http://127.0.0.1:${httpPort}${path}`,
        body === undefined ? {} : { method: 'POST', body },
      );
      expect(answer.status).toBe(200);
      return answer;
    };
    const instances = async (): Promise<string[]> => (await ask('/instances')).json() as Promise<string[]>;
    try {
      // Out of Orthanc into us.
      for (const { path } of files) await ask('/instances', readFileSync(path));
      await ask('/modalities/huren/store', JSON.stringify(await instances()));
      expect(receiver.received.map(({ sha256: digest }) => digest).sort()).toEqual(expected);
      // And back, after it has forgotten them.
      for (const id of await instances())
        await fetch(`http://127.0.0.1:${httpPort}/instances/${id}`, { method: 'DELETE' });
      const association = await openAssociation({
        host: '127.0.0.1',
        port: dicomPort,
        tls: false,
        calledAeTitle: 'ORTHANC',
        callingAeTitle: 'HUREN',
        proposals: [{ abstractSyntax: CT, transferSyntaxes: [TRANSFER_SYNTAX.explicitLittleEndian] }],
      });
      for (const { dataSet, sopInstanceUid, transferSyntaxUid } of files)
        expect(
          await association.store({ sopClassUid: CT, sopInstanceUid, transferSyntaxUid }, dataSet),
        ).toEqual({ status: 0 });
      await association.release();
      const arrived: string[] = [];
      for (const id of await instances()) {
        const file = Buffer.from(await (await ask(`/instances/${id}/file`)).arrayBuffer());
        arrived.push(sha256(file.subarray(144 + file.readUInt32LE(140))));
      }
      expect(arrived.sort()).toEqual(expected);
    } finally {
      await orthanc.stop();
      await listener.close();
    }
  });
});
