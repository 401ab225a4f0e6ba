import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { type DimseListener, startDimseListener } from '../../src/adapters/dimse/listener.ts';
import { openAssociation } from '../../src/adapters/dimse/requestor.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';
import type { ContentHash } from '../../src/adapters/objects/image-objects.ts';
import { applicationEntityCommand } from '../../src/apps/cli/application-entity.ts';
import { EXIT } from '../../src/apps/cli/command.ts';
import {
  commitmentLedger,
  dimseReceiver,
  entityDirectory,
} from '../../src/apps/flows/imaging/dimse-doors.ts';
import { instanceSource, studyFinder } from '../../src/apps/flows/imaging/dimse-query.ts';
import { identifierCodec } from '../../src/apps/flows/imaging/identifier-codec.ts';
import { dataSetOfFile, exampleFiles, type ExampleFile } from '../contract/dimse-files.ts';
import { missingTool, runTool } from '../contract/dimse-tools.ts';
import { CT } from '../contract/dimse-wire.ts';
import { type ImagingBench, imagingBench } from './imaging-bench.ts';

let bench: ImagingBench;
let folder: string;
let listener: DimseListener;
let files: ExampleFile[];
const errors: unknown[] = [];

beforeAll(async () => {
  bench = await imagingBench();
  folder = mkdtempSync(join(tmpdir(), 'huren-dimse-'));
  files = exampleFiles(join(folder, 'ct'), 20);
  const { database, clock } = bench.imaging;
  // Entities are read again at every question here: the tests change them.
  let asked = 0;
  const entities = entityDirectory(database, () => (clock() + (asked += 10_000)) as ReturnType<typeof clock>);
  listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: entities,
    receiver: dimseReceiver(bench.receiving, entities, (error) => void errors.push(error)),
    beyondStorage: {
      codec: identifierCodec,
      ledger: commitmentLedger(bench.imaging),
      finder: studyFinder(bench.imaging, entities),
      source: instanceSource(bench.imaging, entities),
    },
    onEvent: (event) => {
      if (event.kind === 'failed') errors.push(event.cause);
    },
  });
});
afterAll(async () => {
  await listener.close();
  await bench.drop();
  rmSync(folder, { recursive: true });
});

const huren = async (...args: string[]) => {
  const lines: string[] = [];
  const code = await applicationEntityCommand.run(args, {
    environment: { DATABASE_URL: bench.url, HUREN_DATA_DIR: folder },
    out: (line) => void lines.push(line),
    note: (line) => void lines.push(line),
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  return { code, text: lines.join('\n') };
};

const call = (callingAeTitle: string) =>
  openAssociation({
    host: '127.0.0.1',
    port: listener.port,
    tls: false,
    calledAeTitle: 'HUREN',
    callingAeTitle,
    proposals: [
      { abstractSyntax: SOP_CLASS.verification, transferSyntaxes: [TRANSFER_SYNTAX.implicitLittleEndian] },
      { abstractSyntax: CT, transferSyntaxes: [TRANSFER_SYNTAX.explicitLittleEndian] },
    ],
  });
const rejected = { code: 'DIMSE_ASSOCIATION_REJECTED', detail: '1/1/3' };

describe('huren ae', () => {
  test('lets a device in from its address, and out again, and says so in the log', async () => {
    await expect(call('CT9')).rejects.toMatchObject(rejected);
    const added = await huren(
      'add',
      'CT9',
      '--institution',
      'JIANG-1',
      '--from',
      '127.0.0.0/8',
      '--listens',
      `127.0.0.1:${listener.port}`,
    );
    expect(added.code).toBe(EXIT.done);
    const association = await call('CT9');
    expect(await association.echo()).toBe(0);
    await association.release();
    expect((await huren('list')).text).toContain('CT9\tJIANG-1\tstore,commit\t127.0.0.0/8');
    expect(await huren('remove', 'CT9', '--institution', 'JIANG-1')).toMatchObject({ code: EXIT.done });
    await expect(call('CT9')).rejects.toMatchObject(rejected);
    const acts = await bench.rows<{ action: string; resource: string }>(
      `select action, resource from system_audit_events where action like 'application-entity.%' order by event_id`,
    );
    expect(acts).toEqual([
      { action: 'application-entity.register', resource: 'application-entity:JIANG-1:CT9' },
      { action: 'application-entity.remove', resource: 'application-entity:JIANG-1:CT9' },
    ]);
  });

  test('lets nobody in from elsewhere, nor without the certificate that is registered', async () => {
    await huren('add', 'CT8', '--institution', 'JIANG-1', '--from', '10.1.2.0/24');
    await expect(call('CT8')).rejects.toMatchObject(rejected);
    await huren(
      'add',
      'CT8',
      '--institution',
      'JIANG-1',
      '--certificate',
      'ab'.repeat(32),
      '--from',
      '127.0.0.1',
    );
    await expect(call('CT8')).rejects.toMatchObject(rejected);
  });

  test('echoes a workstation that listens, as Huren', async () => {
    await huren(
      'add',
      'HUREN',
      '--institution',
      'JIANG-1',
      '--from',
      '127.0.0.1',
      '--listens',
      `127.0.0.1:${listener.port}`,
    );
    expect(await huren('echo', 'HUREN', '--institution', 'JIANG-1')).toMatchObject({
      code: EXIT.done,
      text: expect.stringContaining('C-ECHO'),
    });
    await expect(huren('echo', 'CT8', '--institution', 'JIANG-1')).rejects.toMatchObject({
      code: 'AE_UNKNOWN',
    });
  });

  test.each([
    ['a title that is none', ['add', 'A\\B', '--institution', 'JIANG-1', '--from', '127.0.0.1']],
    ['a title alone', ['add', 'CT7', '--institution', 'JIANG-1']],
    ['an address that is none', ['add', 'CT7', '--institution', 'JIANG-1', '--from', '0.0.0.0/0']],
    [
      'a service that is none',
      ['add', 'CT7', '--institution', 'JIANG-1', '--from', '127.0.0.1', '--service', 'all'],
    ],
    ['a certificate that is none', ['add', 'CT7', '--institution', 'JIANG-1', '--certificate', '/nowhere']],
  ])('refuses %s', async (_, args) => {
    await expect(huren(...args)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('refuses an institution that nobody published', async () => {
    await expect(
      huren('add', 'CT7', '--institution', 'NOWHERE', '--from', '127.0.0.1'),
    ).rejects.toMatchObject({
      code: 'INSTITUTION_UNKNOWN',
    });
  });
});

describe('storescu', () => {
  test('sends a study, and the database and the object store have it whole', async ({ skip }) => {
    const missing = missingTool('storescu');
    if (missing) skip(missing);
    await huren('add', 'CT1', '--institution', 'JIANG-1', '--from', '127.0.0.1');
    const to = ['-aet', 'CT1', '-aec', 'HUREN', '127.0.0.1', String(listener.port)];
    expect(await runTool('storescu', [...to, ...files.map(({ path }) => path)])).toMatchObject({ code: 0 });
    const rows = await bench.rows<{ sop_uid: string; content: ContentHash; sender: string }>(
      'select i.sop_uid, i.content, i.sender from instances i join series s using (person_id, series_id) where s.series_uid = $1',
      ['2.25.77.1'],
    );
    expect(rows).toHaveLength(20);
    expect(new Set(rows.map(({ sender }) => sender))).toEqual(new Set(['dimse:CT1']));
    for (const file of files) {
      const row = rows.find(({ sop_uid }) => sop_uid === file.sopInstanceUid);
      const stored = Buffer.from(await bench.imaging.images.get(row?.content as ContentHash));
      const meta = writeMeta({ sopClassUid: CT, ...file });
      expect(stored.subarray(meta.length).equals(file.dataSet)).toBe(true);
    }
    // Once more: success again, and no second row.
    expect(await runTool('storescu', [...to, (files[0] as ExampleFile).path])).toMatchObject({ code: 0 });
    expect(await bench.rows('select 1 from instances where sop_uid = $1', ['2.25.77.1.1'])).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});

describe('A workstation', () => {
  const sent = async (uid: string): Promise<ExampleFile[]> => {
    const at = join(folder, uid);
    const study = exampleFiles(at, 6, undefined, 32, uid);
    await huren('add', 'CT2', '--institution', 'JIANG-1', '--from', '127.0.0.1');
    const to = ['-aet', 'CT2', '-aec', 'HUREN', '+sd', '127.0.0.1', String(listener.port), at];
    expect(await runTool('storescu', to)).toMatchObject({ code: 0 });
    return study;
  };
  const to = () => ['127.0.0.1', String(listener.port)];
  const workstation = (title: string, institution: string) =>
    huren(
      'add',
      title,
      '--institution',
      institution,
      '--from',
      '127.0.0.1',
      '--service',
      'find',
      '--service',
      'retrieve',
    );

  test('finds what a device sent and pulls it byte for byte; both stand in the access log', async ({
    skip,
  }) => {
    const missing = missingTool('storescu', 'findscu', 'getscu', 'dcmdump');
    if (missing) skip(missing);
    const study = await sent('2.25.78');
    await workstation('WS1', 'JIANG-1');
    const found = mkdtempSync(join(folder, 'found-'));
    const keys = ['0008,0052=STUDY', '0020,000D=', '0010,0010=', '0008,0050=A1001', '0020,1208='].flatMap(
      (key) => ['-k', key],
    );
    const find = ['-aet', 'WS1', '-aec', 'HUREN', '-S', '-X', '-od', found, ...keys, ...to()];
    expect(await runTool('findscu', find)).toMatchObject({ code: 0 });
    const answers = await Promise.all(
      readdirSync(found).map((name) => runTool('dcmdump', ['+U8', join(found, name)])),
    );
    const answer = answers.find(({ text }) => text.includes('[2.25.78]'))?.text;
    expect(answer).toContain('曾^镕乗');
    expect(answer).toMatch(/0020,1208\) IS \[6/);
    const many = async (root: '-P' | '-S', ...keys: readonly string[]): Promise<number> => {
      const args = ['-aet', 'WS1', '-aec', 'HUREN', root, ...keys.flatMap((key) => ['-k', key]), ...to()];
      const { code, text } = await runTool('findscu', args);
      expect(code).toBe(0);
      return text.split('Find Response:').length - 1;
    };
    const image = ['0008,0052=IMAGE', '0020,000D=2.25.78', '0020,000E'];
    expect(await many('-S', ...image, '0020,0013=3')).toBe(1);
    const ofStudy = ['0008,0052=STUDY', '0020,000D=2.25.78'];
    for (const [key, count] of [
      ['0010,0010=zeng^*', 1],
      ['0010,0010=Li^*', 0],
      ['0010,0010=*', 1],
      ['0008,0061=*', 1],
      ['0008,0050=A1*', 1],
      ['0010,0020=NONE*', 0],
      ['0008,0030=000000-000001', 0],
    ] as const)
      expect(await many('-S', ...ofStudy, key), key).toBe(count);
    const target = mkdtempSync(join(folder, 'got-'));
    const get = [
      '-aet',
      'WS1',
      '-aec',
      'HUREN',
      '-S',
      '+B',
      '-od',
      target,
      '-k',
      '0008,0052=STUDY',
      '-k',
      '0020,000D=2.25.78',
    ];
    expect(await runTool('getscu', [...get, ...to()])).toMatchObject({ code: 0 });
    const hex = (bytes: Buffer): string => bytes.toString('hex');
    expect(
      readdirSync(target)
        .map((name) => hex(dataSetOfFile(join(target, name))))
        .sort(),
    ).toEqual(study.map(({ dataSet }) => hex(dataSet)).sort());
    const acts = await bench.rows<{ action: string }>(
      `select distinct a.action from audit_events a where a.actor = 'dimse:WS1' order by 1`,
    );
    expect(acts.map(({ action }) => action)).toEqual(['studies.search', 'study.transfer']);
  });

  test('registered for it gets the patient as the person index has it now, and the pixels as they came', async ({
    skip,
  }) => {
    const missing = missingTool('storescu', 'findscu', 'getscu', 'dcmdump');
    if (missing) skip(missing);
    const study = await sent('2.25.80');
    await bench.rows(
      `update persons set name = '曾改名' where person_id in (select person_id from studies where study_uid = '2.25.80')
       returning person_id`,
    );
    const registration = 'add WS3 --institution JIANG-1 --from 127.0.0.1 --service find --service retrieve';
    await huren(...registration.split(' '), '--corrects-patient');
    const find = ['-aet', 'WS3', '-aec', 'HUREN', '-S', '-k', '0008,0052=STUDY', '-k', '0020,000D=2.25.80'];
    const found = await runTool('findscu', [...find, '-k', '0010,0010', ...to()]);
    expect(found.text).toContain('PN [=曾改名]');
    const target = mkdtempSync(join(folder, 'corrected-'));
    const get = ['-aet', 'WS3', '-aec', 'HUREN', '-S', '+B', '-od', target, '-k', '0008,0052=STUDY'];
    expect(await runTool('getscu', [...get, '-k', '0020,000D=2.25.80', ...to()])).toMatchObject({ code: 0 });
    const names = readdirSync(target);
    expect(names).toHaveLength(study.length);
    for (const name of names) {
      const { text } = await runTool('dcmdump', ['+U8', join(target, name)]);
      expect(text).not.toMatch(/^[EW]:/m);
      expect(text).toContain('PN [=曾改名]');
      expect(text).toContain('Zeng^Rong');
      expect(text).toContain('CS [CORRECT]');
    }
    const pixels = (bytes: Buffer): string => bytes.subarray(-512).toString('hex');
    expect(names.map((name) => pixels(dataSetOfFile(join(target, name)))).sort()).toEqual(
      study.map(({ dataSet }) => pixels(dataSet)).sort(),
    );
    const acts = await bench.rows<{ resource: string }>(
      "select resource from audit_events where actor = 'dimse:WS3' and action = 'study.transfer'",
    );
    expect(acts).toEqual([{ resource: expect.stringMatching(/\/to\/WS3\/corrected$/) }]);
  });

  test('of another institution finds nothing of it and pulls nothing', async ({ skip }) => {
    const missing = missingTool('storescu', 'findscu', 'getscu');
    if (missing) skip(missing);
    await sent('2.25.79');
    await workstation('WS2', 'JIANG-2');
    const found = mkdtempSync(join(folder, 'found-'));
    const find = [
      '-aet',
      'WS2',
      '-aec',
      'HUREN',
      '-S',
      '-X',
      '-od',
      found,
      '-k',
      '0008,0052=STUDY',
      '-k',
      '0020,000D=',
    ];
    expect(await runTool('findscu', [...find, ...to()])).toMatchObject({ code: 0 });
    const get = [
      '-aet',
      'WS2',
      '-aec',
      'HUREN',
      '-S',
      '+B',
      '-od',
      found,
      '-k',
      '0008,0052=STUDY',
      '-k',
      '0020,000D=2.25.79',
    ];
    await runTool('getscu', [...get, ...to()]);
    expect(readdirSync(found)).toEqual([]);
  });
});
