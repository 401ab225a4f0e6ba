import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDimseListener } from '../../src/adapters/dimse/listener.ts';
import { openAssociation } from '../../src/adapters/dimse/requestor.ts';
import { TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';
import { applicationEntityCommand } from '../../src/apps/cli/application-entity.ts';
import { EXIT } from '../../src/apps/cli/command.ts';
import { type DimseRole, startDimseRole } from '../../src/apps/cli/dimse-role.ts';
import { commitmentLedger } from '../../src/apps/flows/imaging/dimse-doors.ts';
import type { Installation } from '../../src/apps/installation.ts';
import { createMetrics } from '../../src/apps/server/metrics.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { reportedDevice } from '../contract/dimse-device.ts';
import { exampleFiles } from '../contract/dimse-files.ts';
import { exampleAe, memoryReceiver, memoryRegistry } from '../contract/dimse-memory.ts';
import { missingTool, runTool } from '../contract/dimse-tools.ts';
import { CT } from '../contract/dimse-wire.ts';
import { type SelfSigned, selfSigned } from '../contract/hl7v2-self-signed.ts';
import { CT_STORAGE, type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

const fingerprint = ({ cert }: SelfSigned): string =>
  new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();

const own = selfSigned('huren.test', 'localhost');
const device = selfSigned('ct.example', 'localhost');
const stranger = selfSigned('ct.example', 'localhost');

let bench: ImagingBench;
let folder: string;
let role: DimseRole;
let plainPort: number;
let tlsPort: number;
const notes: string[] = [];
const errors: unknown[] = [];
const closing: (() => Promise<unknown>)[] = [];

const at = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const portOf = (address: string | undefined): number => Number(/:(\d+)$/.exec(address ?? '')?.[1]);

const huren = async (...args: string[]) => {
  const lines: string[] = [];
  const code = await applicationEntityCommand.run(args, {
    environment: {
      DATABASE_URL: bench.url,
      HUREN_DATA_DIR: folder,
      HUREN_TLS_CERT: join(folder, 'own.pem'),
      HUREN_TLS_KEY: join(folder, 'own-key.pem'),
    },
    out: (line) => void lines.push(line),
    note: (line) => void lines.push(line),
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  return { code, text: lines.join('\n') };
};

const add = async (aeTitle: string, ...args: string[]): Promise<void> => {
  expect(await huren('add', aeTitle, '--institution', 'JIANG-1', ...args)).toMatchObject({ code: EXIT.done });
};

/** Ends TLS before a device that speaks it not, and notes who called. */
const tlsBefore = async (port: number): Promise<{ readonly port: number; readonly callers: string[] }> => {
  const callers: string[] = [];
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    { key: device.key, cert: device.cert, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      sockets.add(socket);
      callers.push(socket.getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase() ?? '');
      const onward = connect({ host: '127.0.0.1', port });
      for (const [from, into] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        from.on('error', () => into.destroy());
        from.pipe(into);
      }
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as { port: number }).port, callers };
};

/** A workstation that takes instances over TLS. */
const workstation = async () => {
  const registry = memoryRegistry(exampleAe('HUREN'));
  const receiver = memoryReceiver();
  const listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'WS41',
    tls: device,
    registry,
    receiver,
  });
  closing.push(() => listener.close());
  return { port: listener.port, registry, receiver };
};

let taking: Awaited<ReturnType<typeof workstation>>;
let reported: Awaited<ReturnType<typeof reportedDevice>>;
let secured: Awaited<ReturnType<typeof tlsBefore>>;

/** All that call or are called, before the role starts: it reads them again only after a while. */
const registerAll = async (): Promise<void> => {
  taking = await workstation();
  reported = await reportedDevice([0]);
  closing.push(() => reported.close());
  secured = await tlsBefore(reported.port);
  const known = ['--certificate', at('ct.pem', device.cert)];
  const listens = (port: number) => ['--listens', `127.0.0.1:${port}`, '--tls'];
  await add('CT41', ...known);
  await add('CT42', ...known);
  await add('CT43', ...known, ...listens(secured.port));
  await add('WS41', ...known, ...listens(taking.port));
  await add('WS42', '--from', '127.0.0.1', '--service', 'find', '--service', 'retrieve');
  const other = ['--institution', 'JIANG-2', '--from', '127.0.0.1', '--service', 'retrieve'];
  expect(await huren('add', 'WS43', ...other)).toMatchObject({ code: EXIT.done });
  await add('WS44', '--from', '127.0.0.1', '--service', 'find');
  await add('WS45', '--certificate', at('other.pem', stranger.cert), ...listens(taking.port));
};

beforeAll(async () => {
  bench = await imagingBench();
  folder = mkdtempSync(join(tmpdir(), 'huren-dimse-tls-'));
  at('own.pem', own.cert);
  at('own-key.pem', own.key);
  await registerAll();
  const installation = {
    ...bench.imaging,
    configuration: {
      host: '127.0.0.1',
      dimse: {
        port: 0,
        tlsPort: 0,
        aeTitle: 'HUREN',
        privateStorageRoots: [],
        maxAssociations: 64,
        maxAssociationsPerAe: 8,
      },
    },
  } as unknown as Installation;
  role = await startDimseRole(installation, {
    tls: own,
    metrics: createMetrics(),
    onError: (error) => void errors.push(error),
    note: (line) => void notes.push(line),
  });
  plainPort = portOf(role.addresses[0]);
  tlsPort = portOf(role.addresses[1]);
});
afterAll(async () => {
  await role.stop();
  await Promise.all(closing.map((close) => close()));
  await bench.drop();
  rmSync(folder, { recursive: true });
});

const call = (callingAeTitle: string, ownCertificate?: SelfSigned) =>
  openAssociation({
    host: '127.0.0.1',
    port: tlsPort,
    tls: true,
    certificateFingerprint: fingerprint(own),
    ...(ownCertificate ? { ownCertificate } : {}),
    calledAeTitle: 'HUREN',
    callingAeTitle,
    proposals: [{ abstractSyntax: CT, transferSyntaxes: [TRANSFER_SYNTAX.explicitLittleEndian] }],
  });

const sliceOf = (study: string) =>
  instanceOf({
    StudyInstanceUID: study,
    SeriesInstanceUID: `${study}.1`,
    SOPInstanceUID: `${study}.1.1`,
    PatientID: fresh('M'),
  });

describe('a device known by its certificate', () => {
  const rejected = { code: 'DIMSE_ASSOCIATION_REJECTED', detail: '1/1/3' };

  test('is let in with it from anywhere, and with another or none is nobody', async () => {
    const slice = sliceOf(`2.25.${fresh('41')}`);
    const association = await call('CT41', device);
    expect(await association.store(slice, slice.bytes)).toEqual({ status: 0 });
    await association.release();
    expect(
      await bench.rows('select sender from instances where sop_uid = $1', [slice.sopInstanceUid]),
    ).toEqual([{ sender: 'dimse:CT41' }]);
    await expect(call('CT41', stranger)).rejects.toMatchObject(rejected);
    await expect(call('CT41')).rejects.toMatchObject(rejected);
    expect(notes).toContain('dimse: CT41 (127.0.0.1) callingAeTitle');
  });

  test('sends by storescu, which is told why it is rejected with another', async ({ skip }) => {
    const missing = missingTool('storescu');
    if (missing) skip(missing);
    const [file] = exampleFiles(join(folder, 'ct'), 1, undefined, 16, `2.25.${fresh('42')}`);
    const as = (name: string, { key, cert }: SelfSigned) => [
      '+tls',
      at(`${name}-key.pem`, key),
      at(`${name}.pem`, cert),
      '+cf',
      join(folder, 'own.pem'),
    ];
    const to = ['-aet', 'CT42', '-aec', 'HUREN', 'localhost', String(tlsPort), file?.path ?? ''];
    expect(await runTool('storescu', [...as('device', device), ...to])).toMatchObject({ code: 0 });
    const refused = await runTool('storescu', [...as('stranger', stranger), ...to]);
    expect(refused.code).not.toBe(0);
    expect(refused.text).toContain('Calling AE Title Not Recognized');
  });
});

describe('where a device listens over TLS, Huren calls it with its own certificate', () => {
  const callers = () =>
    taking.registry.asked.splice(0).map(({ certificateFingerprint }) => certificateFingerprint);

  test('to echo', async () => {
    expect(await huren('echo', 'WS41', '--institution', 'JIANG-1')).toMatchObject({ code: EXIT.done });
    expect(callers()).toEqual([fingerprint(own)]);
  });

  test('and says nothing to one that shows another certificate than it is registered with', async () => {
    await expect(huren('echo', 'WS45', '--institution', 'JIANG-1')).rejects.toMatchObject({
      code: 'DIMSE_UNREACHABLE',
    });
    expect(callers()).toEqual([]);
  });

  test('to report a storage commitment', async () => {
    const kept = sliceOf(`2.25.${fresh('43')}`);
    await bench.send(kept);
    const ledger = commitmentLedger(bench.imaging);
    const requester = {
      institution: 'JIANG-1' as InstitutionCode,
      callingAeTitle: 'CT43',
      calledAeTitle: 'HUREN',
      remoteAddress: '127.0.0.1',
    };
    const commitment = await ledger.commit(requester, [
      { sopClassUid: CT_STORAGE, sopInstanceUid: kept.sopInstanceUid },
    ]);
    await ledger.keepReport({ requester, transactionUid: '2.25.43', commitment });
    while (reported.reports.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(secured.callers).toEqual([fingerprint(own)]);
    expect(reported.reports).toMatchObject([
      { eventTypeId: 1, identifier: { '00081195': { Value: ['2.25.43'] } } },
    ]);
  });

  test('to move a study there that movescu asks for; that stands in the access log', async ({ skip }) => {
    const missing = missingTool('movescu');
    if (missing) skip(missing);
    const study = `2.25.${fresh('44')}`;
    const slice = sliceOf(study);
    await bench.send(slice);
    const move = (aeTitle: string) =>
      runTool(
        'movescu',
        `-S -aet ${aeTitle} -aec HUREN -aem WS41 -k 0008,0052=STUDY -k 0020,000D=${study} 127.0.0.1 ${plainPort}`.split(
          ' ',
        ),
      );
    expect(await move('WS42')).toMatchObject({ code: 0 });
    const { received } = taking.receiver;
    expect(received).toMatchObject([
      { of: { sopInstanceUid: slice.sopInstanceUid }, bytes: slice.bytes.length },
    ]);
    expect(callers()).toEqual([fingerprint(own)]);
    const acts = () =>
      bench.rows<{ actor: string; resource: string }>(
        "select actor, resource from audit_events where action = 'study.transfer' and resource like '%/to/WS41%'",
      );
    expect(await acts()).toEqual([{ actor: 'dimse:WS42', resource: expect.stringContaining('/to/WS41') }]);
    // One of another institution, and one that was never given the right, move nothing.
    for (const aeTitle of ['WS43', 'WS44']) await move(aeTitle);
    expect(received).toHaveLength(1);
    expect(await acts()).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});
