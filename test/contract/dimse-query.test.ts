import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TRANSFER_SYNTAXES } from '../../src/adapters/dicom/write-part10.ts';
import { type BeyondStorage, type DimseEvent } from '../../src/adapters/dimse/provider.ts';
import { type DimseListener, startDimseListener } from '../../src/adapters/dimse/listener.ts';
import type { RegisteredAe, StoredInstance } from '../../src/adapters/dimse/ports.ts';
import { openAssociation, type RequestorAssociation } from '../../src/adapters/dimse/requestor.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';
import { identifierCodec } from '../../src/apps/flows/imaging/identifier-codec.ts';
import { memoryFinder, memorySource, studyRow } from './dimse-archive.ts';
import { dataSetOfFile, type ExampleFile, exampleFiles } from './dimse-files.ts';
import { exampleAe, memoryReceiver, memoryRegistry } from './dimse-memory.ts';
import { freePort, missingTool, runTool } from './dimse-tools.ts';
import { CT } from './dimse-wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'dimse-query-'));
let files: ExampleFile[];
const listeners: DimseListener[] = [];
beforeAll(() => {
  files = exampleFiles(join(folder, 'ct'), 50);
});
afterAll(async () => {
  await Promise.all(listeners.map((listener) => listener.close()));
  rmSync(folder, { recursive: true, force: true });
});

const start = async (beyondStorage: Partial<BeyondStorage>, ...entities: readonly RegisteredAe[]) => {
  const events: DimseEvent[] = [];
  const listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: memoryRegistry(exampleAe('WS'), ...entities),
    receiver: memoryReceiver(),
    beyondStorage: { codec: identifierCodec, ...beyondStorage },
    onEvent: (event) => void events.push(event),
  });
  listeners.push(listener);
  return { port: listener.port, events };
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const expected = () => files.map(({ dataSet }) => sha256(dataSet)).sort();
const arrivedIn = (target: string) =>
  readdirSync(target)
    .map((name) => sha256(dataSetOfFile(join(target, name))))
    .sort();

const explicit = [TRANSFER_SYNTAX.explicitLittleEndian];
const call = (port: number, ...classes: readonly string[]): Promise<RequestorAssociation> =>
  openAssociation({
    host: '127.0.0.1',
    port,
    tls: false,
    calledAeTitle: 'HUREN',
    callingAeTitle: 'WS',
    proposals: classes.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: explicit })),
  });

/** Asks and gives the final status, its counts, and every pending identifier. */
const ask = async (
  association: RequestorAssociation,
  sopClassUid: string,
  commandField: number,
  identifier: Parameters<typeof identifierCodec.write>[0],
  more = {},
) => {
  const pending: unknown[] = [];
  const { command, dataSet } = await association.call(
    association.contextOf(sopClassUid) as number,
    { affectedSopClassUid: sopClassUid, commandField, priority: 0, ...more },
    identifierCodec.write(identifier, TRANSFER_SYNTAX.explicitLittleEndian),
    (response) => {
      if (response.dataSet)
        pending.push(identifierCodec.read(response.dataSet, TRANSFER_SYNTAX.explicitLittleEndian));
    },
  );
  const last = dataSet && identifierCodec.read(dataSet, TRANSFER_SYNTAX.explicitLittleEndian);
  return { status: command.status, command, pending, last };
};
const level = (text: string) => ({ '00080052': { vr: 'CS', Value: [text] } });
const ui = (...values: string[]) => ({ vr: 'UI', Value: values });

describe('C-FIND', () => {
  it('findscu gets rows with their Chinese names, in the character set of its question', async ({ skip }) => {
    const missing = missingTool('findscu', 'dcmdump');
    if (missing) skip(missing);
    const finder = memoryFinder([studyRow('1.2.3'), studyRow('1.2.4')]);
    const { port } = await start({ finder });
    const target = mkdtempSync(join(folder, 'find-'));
    const keys = [
      '0008,0052=STUDY',
      '0010,0010=',
      '0010,0020=P*',
      '0020,000D=',
      '0008,0020=20261101-20261130',
      '0008,1030=',
    ];
    const args = keys.flatMap((key) => ['-k', key]);
    const to = ['-aet', 'WS', '-aec', 'HUREN', '-X', '-od', target, '127.0.0.1', String(port)];
    expect(await runTool('findscu', ['-S', ...args, '-k', '0008,0005=GB18030', ...to])).toMatchObject({
      code: 0,
    });
    expect(finder.asked).toMatchObject([
      { model: 'study-root', level: 'STUDY', requester: { callingAeTitle: 'WS' } },
    ]);
    expect(Object.fromEntries(finder.asked[0]?.matching ?? [])).toEqual({
      '00100020': 'P*',
      '00080020': '20261101-20261130',
    });
    const names = readdirSync(target).sort();
    expect(names).toHaveLength(2);
    const bytes = readFileSync(join(target, names[0] as string));
    expect(bytes.includes(Buffer.from([0xd5, 0xc5, 0x5e, 0xc8, 0xfd]))).toBe(true);
    const dump = await runTool('dcmdump', [join(target, names[0] as string)]);
    expect(dump.text).toContain('GB18030');
    expect(dump.text).toContain('[1.2.3]');
    // A key that is not known comes back empty; one that nobody asked for does not come.
    expect(dump.text).toMatch(/0008,1030\) LO \(no value/);
    expect(dump.text).not.toContain('0020,1208');
  });

  it('answers in UTF-8 where nothing else was asked, and says nothing of it where ASCII does', async () => {
    const finder = memoryFinder([
      studyRow('1.2.3'),
      studyRow('1.2.4', { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Li^Si' }] } }),
    ]);
    const { port } = await start({ finder });
    const association = await call(port, SOP_CLASS.patientRootFind);
    const keys = {
      ...level('STUDY'),
      '00100010': { vr: 'PN' },
      '0020000D': { vr: 'UI' },
      '00080056': { vr: 'CS' },
    };
    const { status, pending } = await ask(association, SOP_CLASS.patientRootFind, 0x20, keys);
    expect(status).toBe(0);
    expect(pending).toMatchObject([
      {
        '00080005': { Value: ['ISO_IR 192'] },
        '00080052': { Value: ['STUDY'] },
        '00080054': { Value: ['HUREN'] },
        '00080056': { Value: ['ONLINE'] },
        '00100010': { Value: [{ Alphabetic: 'Zhang^San', Ideographic: '张^三' }] },
      },
      { '00100010': { Value: [{ Alphabetic: 'Li^Si' }] } },
    ]);
    expect(pending[1]).not.toHaveProperty('00080005');
    await association.release();
  });

  it('refuses a level that the model has not, and what is no data set, and goes on', async () => {
    const { port } = await start({ finder: memoryFinder([]) });
    const association = await call(port, SOP_CLASS.studyRootFind, SOP_CLASS.verification);
    const refused = await ask(association, SOP_CLASS.studyRootFind, 0x20, level('PATIENT'));
    expect(refused.status).toBe(0xa900);
    const broken = await association.call(
      association.contextOf(SOP_CLASS.studyRootFind) as number,
      { affectedSopClassUid: SOP_CLASS.studyRootFind, commandField: 0x20 },
      Buffer.from('not a data set, or none that ends well'),
    );
    expect(broken.command.status).toBe(0xc000);
    expect(await association.echo()).toBe(0);
    await association.release();
  });

  it('stops when it is cancelled, and serves an echo meanwhile', async () => {
    const rows = Array.from({ length: 5000 }, (_, at) => studyRow(`1.2.${at}`));
    const finder = memoryFinder(rows, () => new Promise((resolve) => setImmediate(resolve)));
    const { port } = await start({ finder });
    const association = await call(port, SOP_CLASS.studyRootFind, SOP_CLASS.verification);
    const contextId = association.contextOf(SOP_CLASS.studyRootFind) as number;
    let seen = 0;
    const { command } = await association.call(
      contextId,
      { affectedSopClassUid: SOP_CLASS.studyRootFind, commandField: 0x20 },
      identifierCodec.write(
        { ...level('STUDY'), '0020000D': { vr: 'UI' } },
        TRANSFER_SYNTAX.explicitLittleEndian,
      ),
      () => {
        if (++seen !== 10) return;
        void association.echo().then(() => association.cancel(contextId, 1));
      },
    );
    expect(command.status).toBe(0xfe00);
    expect(seen).toBeLessThan(5000);
    await association.release();
  });

  it('is offered only where there is a finder, and to those who may', async () => {
    const without = await start({});
    expect(
      (await call(without.port, SOP_CLASS.studyRootFind)).contextOf(SOP_CLASS.studyRootFind),
    ).toBeUndefined();
    const { port } = await start({ finder: memoryFinder([]) });
    const known = await startDimseListener({
      host: '127.0.0.1',
      port: 0,
      aeTitle: 'HUREN',
      registry: memoryRegistry(exampleAe('WS', { services: new Set(['store']) })),
      receiver: memoryReceiver(),
      beyondStorage: { codec: identifierCodec, finder: memoryFinder([]) },
    });
    listeners.push(known);
    expect(
      (await call(known.port, SOP_CLASS.studyRootFind)).contextOf(SOP_CLASS.studyRootFind),
    ).toBeUndefined();
    expect((await call(port, SOP_CLASS.studyRootFind)).contextOf(SOP_CLASS.studyRootFind)).toBe(1);
  });
});

const getKeys = ['-k', '0008,0052=STUDY', '-k', '0020,000D=2.25.77'];

describe('C-GET', () => {
  it('getscu pulls 50 of 50 data sets byte for byte', async ({ skip }) => {
    const missing = missingTool('getscu');
    if (missing) skip(missing);
    const source = memorySource(files);
    const { port } = await start({ source });
    const target = mkdtempSync(join(folder, 'get-'));
    const to = ['-aet', 'WS', '-aec', 'HUREN', '+B', '-od', target, '127.0.0.1', String(port)];
    expect(await runTool('getscu', ['-S', ...getKeys, ...to])).toMatchObject({ code: 0 });
    expect(source.asked).toMatchObject([
      { level: 'STUDY', studyInstanceUids: ['2.25.77'], destinationAeTitle: 'WS' },
    ]);
    expect(arrivedIn(target)).toEqual(expected());
  });
});

describe('C-MOVE', () => {
  it('movescu has 50 of 50 data sets sent to itself byte for byte', async ({ skip }) => {
    const missing = missingTool('movescu');
    if (missing) skip(missing);
    const own = await freePort();
    const listensAt = { host: '127.0.0.1', port: own, tls: false };
    const { port } = await start({ source: memorySource(files) }, exampleAe('TARGET', { listensAt }));
    const target = mkdtempSync(join(folder, 'move-'));
    const to = ['-aet', 'WS', '-aec', 'HUREN', '-aem', 'TARGET', '+P', String(own), '+B'];
    // Bit preserving, movescu writes where it runs, whatever its output folder.
    const run = await runTool('movescu', ['-S', ...getKeys, ...to, '127.0.0.1', String(port)], target);
    expect(run).toMatchObject({ code: 0 });
    expect(arrivedIn(target)).toEqual(expected());
  });

  const move = async (
    entities: readonly RegisteredAe[],
    others: readonly StoredInstance[],
    destination: string,
  ) => {
    const { port } = await start({ source: memorySource(files.slice(0, 3), others) }, ...entities);
    const association = await call(port, SOP_CLASS.studyRootMove);
    const identifier = { ...level('STUDY'), '0020000D': ui('2.25.77') };
    const answer = await ask(association, SOP_CLASS.studyRootMove, 0x21, identifier, {
      moveDestination: destination,
    });
    await association.release();
    return answer;
  };

  it('knows destinations of the same institution only, and those that listen', async () => {
    expect((await move([], [], 'NOWHERE')).status).toBe(0xa801);
    expect((await move([], [], 'WS')).status).toBe(0xa801);
    const other = exampleAe('OTHER', {
      institution: 'H-OTHER' as RegisteredAe['institution'],
      listensAt: { host: '127.0.0.1', port: 1, tls: false },
    });
    expect((await move([other], [], 'OTHER')).status).toBe(0xa801);
  });

  it('tells which instances did not arrive, and sends the others', async () => {
    const receiver = memoryReceiver();
    const peer = await startDimseListener({
      host: '127.0.0.1',
      port: 0,
      aeTitle: 'PACS',
      registry: memoryRegistry(exampleAe('HUREN')),
      receiver,
    });
    listeners.push(peer);
    const unreadable: StoredInstance = {
      sopClassUid: CT,
      sopInstanceUid: '1.9.1',
      transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
      async *open() {
        yield Buffer.alloc(10);
        await Promise.resolve();
        throw new Error('damaged');
      },
    };
    const refused: StoredInstance = { ...unreadable, sopInstanceUid: '1.9.2', sopClassUid: '1.2.3' };
    const pacs = exampleAe('PACS', { listensAt: { host: '127.0.0.1', port: peer.port, tls: false } });
    const { status, command, last } = await move([pacs], [refused, unreadable], 'PACS');
    expect(status).toBe(0xb000);
    expect(command).toMatchObject({
      completedSubOperations: 3,
      failedSubOperations: 2,
      warningSubOperations: 0,
    });
    expect(last).toMatchObject({ '00080058': { Value: ['1.9.2', '1.9.1'] } });
    expect(receiver.received).toHaveLength(3);
    expect(receiver.received[0]?.of).toMatchObject({ callingAeTitle: 'HUREN', calledAeTitle: 'PACS' });
  });

  it('fails as a whole where the destination cannot be reached', async () => {
    const pacs = exampleAe('PACS', { listensAt: { host: '127.0.0.1', port: 1, tls: false } });
    const { status, command } = await move([pacs], [], 'PACS');
    expect(status).toBe(0xa702);
    expect(command).toMatchObject({ completedSubOperations: 0, failedSubOperations: 3 });
  });

  it('needs the unique keys down to its level', async () => {
    const source = memorySource(files);
    const { port } = await start({ source });
    const association = await call(port, SOP_CLASS.studyRootGet);
    for (const identifier of [
      level('STUDY'),
      { ...level('SERIES'), '0020000D': ui('1.2') },
      { ...level('IMAGE'), '0020000D': ui('1.2'), '0020000E': ui('1.2.1') },
      { ...level('IMAGE'), '00080018': ui('1.2') },
    ])
      expect((await ask(association, SOP_CLASS.studyRootGet, 0x10, identifier)).status).toBe(0xa900);
    expect(source.asked).toEqual([]);
    await association.release();
  });

  // PS3.4 C.4.2.2.1, C.4.3.2: unique keys are single values, or lists of UIDs.
  it('is of one patient: refuses a pattern in a unique key, and a number that several have', async () => {
    const source = memorySource(files);
    const { port } = await start({ source });
    const association = await call(port, SOP_CLASS.patientRootGet);
    const lo = (text: string) => ({ vr: 'LO', Value: [text] });
    for (const identifier of [
      { ...level('PATIENT'), '00100020': lo('*') },
      { ...level('PATIENT'), '00100020': lo('A10*') },
      { ...level('PATIENT'), '00100020': lo('A10?') },
      { ...level('PATIENT') },
      { ...level('PATIENT'), '00100020': lo('TWO-PERSONS') },
      { ...level('STUDY'), '00100020': lo('*'), '0020000D': ui('1.2') },
      { ...level('STUDY'), '0020000D': ui('*') },
    ])
      expect((await ask(association, SOP_CLASS.patientRootGet, 0x10, identifier)).status).toBe(0xa900);
    expect(source.asked).toEqual([]);
    await association.release();
  });
});
