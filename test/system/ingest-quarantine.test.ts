import { createCipheriv } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { countQuarantined, listQuarantined } from '../../src/adapters/postgres/quarantine.ts';
import { waitingCodes } from '../../src/adapters/postgres/results.ts';
import { messageSeal, openBody } from '../../src/apps/flows/ingest/ingest-body.ts';
import { remapInstitution, remapWaiting } from '../../src/apps/flows/ingest/ingest-remap.ts';
import { replayQuarantine, showQuarantine } from '../../src/apps/flows/ingest/ingest-replay.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { itemCode, listDocument } from '../example-region.ts';
import { fresh, type IngestBench, ingestBench, reportMessage } from './ingest-fixtures.ts';

let bench: IngestBench;
beforeEach(async () => {
  bench = await ingestBench();
});
afterEach(() => bench.drop());

const open = () => listQuarantined(bench.database, { state: 'open' }, 100);
const reports = () =>
  bench.rows<{ report_number: string }>('select report_number from reports order by report_id');

describe('the quarantine', () => {
  test('shows a message whole: its segments with their places beside the bytes as they came', async () => {
    const message = reportMessage({ application: 'STRANGER', reportNumber: 'R-SHOWN' });
    const { quarantine } = await bench.take(message);
    const shown = await showQuarantine(bench.dependencies, quarantine as PublicId);
    expect(Buffer.from(shown.bytes).toString()).toBe(message);
    expect(shown.unreadable).toBeNull();
    const obx = shown.segments.find(({ place }) => place === 'OBX[2]');
    expect(obx?.fields[3]).toBe('ALT^ALT');
    expect(shown.message).toMatchObject({ reasonCode: 'SENDER_UNKNOWN', place: 'MSH[1]-3', state: 'open' });
  });

  test('says why a message cannot be taken apart', async () => {
    const bytes = Buffer.concat([
      Buffer.from(reportMessage({}).replace('周明轩', 'X')),
      Buffer.from([0xff, 0xfe]),
    ]);
    const { quarantine, code } = await bench.takeBytes(bytes);
    expect(code).toBe('HL7_BYTES_UNDECODABLE');
    const shown = await showQuarantine(bench.dependencies, quarantine as PublicId);
    expect(shown.unreadable?.code).toBe('HL7_BYTES_UNDECODABLE');
    expect(Buffer.from(shown.bytes).equals(bytes)).toBe(true);
  });

  test('keeps every byte of its messages sealed', async () => {
    await bench.take(reportMessage({ application: 'STRANGER', name: '南宫密语' }));
    const [row] = await bench.rows<{ body: Buffer }>('select body from quarantined_messages');
    expect(row?.body.includes(Buffer.from('南宫密语'))).toBe(false);
    expect(row?.body.includes(Buffer.from('STRANGER'))).toBe(false);
  });

  test('is mended by registering the sender and replaying; a second replay finds nothing to do', async () => {
    const message = reportMessage({ application: 'NEWLIS', reportNumber: 'R-MENDED' });
    await bench.take(message);
    await bench.register({ code: 'NEWLIS', application: 'NEWLIS', facility: 'JIANG1' });
    const filter = { reasonCode: 'SENDER_UNKNOWN' };
    expect(await replayQuarantine(bench.dependencies, { filter, limit: 10 })).toEqual({
      tried: 1,
      resolved: 1,
      stillOpen: 0,
      reasons: {},
      stopped: false,
    });
    expect(await reports()).toEqual([{ report_number: 'R-MENDED' }]);
    expect(await open()).toEqual([]);
    expect((await replayQuarantine(bench.dependencies, { filter, limit: 10 })).tried).toBe(0);
    expect((await bench.take(message)).outcome).toBe('duplicate');
    expect(await reports()).toHaveLength(1);
  });

  test('closes a message that its sender has brought in by itself meanwhile, without a second effect', async () => {
    const message = reportMessage({ application: 'NEWLIS' });
    await bench.take(message);
    await bench.register({ code: 'NEWLIS', application: 'NEWLIS', facility: 'JIANG1' });
    expect((await bench.take(message)).outcome).toBe('accepted');
    const report = await replayQuarantine(bench.dependencies, {
      filter: { reasonCode: 'SENDER_UNKNOWN' },
      limit: 10,
    });
    expect(report.resolved).toBe(1);
    expect(await reports()).toHaveLength(1);
  });

  test('replays in the order of arrival, so that a correction does not overtake its original', async () => {
    const parts = {
      application: 'NEWLIS',
      record: fresh('P'),
      reportNumber: 'R-ORDER',
      reportedAt: '',
      sentAt: '',
    };
    const values = ['4.1', '5.2', '6.3'];
    for (const [index, value] of values.entries())
      await bench.take(
        reportMessage({ ...parts, status: index === 0 ? 'F' : 'C', lines: [['K', 'NM', value, 'mmol/L']] }),
      );
    await bench.register({ code: 'NEWLIS', application: 'NEWLIS', facility: 'JIANG1' });
    await replayQuarantine(bench.dependencies, { filter: { reasonCode: 'SENDER_UNKNOWN' }, limit: 10 });
    const versions = await bench.rows<{ version: number }>(
      'select version from report_versions order by version',
    );
    expect(versions.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(await bench.rows('select value_text from results')).toEqual([{ value_text: '6.3' }]);
  });

  test('a message that still cannot be taken stays where it lies, with the newest reason and the attempt', async () => {
    await bench.take(reportMessage({ application: 'NEWLIS', reportNumber: '', orderNumber: '' }));
    await bench.register({ code: 'NEWLIS', application: 'NEWLIS', facility: 'JIANG1' });
    const report = await replayQuarantine(bench.dependencies, {
      filter: { reasonCode: 'SENDER_UNKNOWN' },
      limit: 10,
    });
    expect(report).toMatchObject({
      tried: 1,
      resolved: 0,
      stillOpen: 1,
      reasons: { REPORT_NUMBER_MISSING: 1 },
    });
    const lying = await open();
    expect(lying).toMatchObject([{ reasonCode: 'REPORT_NUMBER_MISSING', attempts: 1 }]);
    expect(lying[0]?.senderKey).not.toBeNull();
  });

  test('replays no more than asked, can be stopped between two messages, and needs a selection', async () => {
    for (let index = 0; index < 5; index++) await bench.take(reportMessage({ application: 'NEWLIS' }));
    await bench.register({ code: 'NEWLIS', application: 'NEWLIS', facility: 'JIANG1' });
    const filter = { reasonCode: 'SENDER_UNKNOWN' };
    expect((await replayQuarantine(bench.dependencies, { filter, limit: 2 })).tried).toBe(2);
    const abort = new AbortController();
    const stopped = await replayQuarantine(
      bench.dependencies,
      { filter, limit: 10 },
      { signal: abort.signal, onProgress: () => abort.abort() },
    );
    expect(stopped).toMatchObject({ tried: 1, resolved: 1, stopped: true });
    expect(await open()).toHaveLength(2);
    await expect(replayQuarantine(bench.dependencies, { filter: {}, limit: 10 })).rejects.toMatchObject({
      code: 'QUARANTINE_SELECTION_MISSING',
    });
  });

  test('two replays at once bring each message in once', async () => {
    for (let index = 0; index < 6; index++) await bench.take(reportMessage({ application: 'NEWLIS' }));
    await bench.register({ code: 'NEWLIS', application: 'NEWLIS', facility: 'JIANG1' });
    const filter = { reasonCode: 'SENDER_UNKNOWN' };
    await Promise.all([1, 2].map(() => replayQuarantine(bench.dependencies, { filter, limit: 10 })));
    expect(await reports()).toHaveLength(6);
    expect(await open()).toEqual([]);
    expect(await bench.rows('select 1 from results')).toHaveLength(12);
  });

  test('counts what waits by reason', async () => {
    await bench.take(reportMessage({ application: 'A' }));
    await bench.take(reportMessage({ application: 'B' }));
    await bench.take(reportMessage({ record: '' }));
    expect(await countQuarantined(bench.database)).toEqual({ PERSON_UNIDENTIFIED: 1, SENDER_UNKNOWN: 2 });
  });
});

describe('large messages', () => {
  test('come back whole, and an attachment of 3 MB lies in the object store once, found by its hash', async () => {
    // Incompressible, as real PDF files are.
    const pdf = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
      Buffer.alloc(3_000_000),
    );
    pdf.write('%PDF-1.7 ');
    const message = reportMessage({
      reportNumber: 'R-PDF',
      lines: [['PDF', 'ED', `^application^pdf^Base64^${pdf.toString('base64')}`]],
    });
    expect((await bench.take(message)).outcome).toBe('accepted');
    const [kept] = await bench.rows<{ body: Buffer; sender_id: string; control_id: string; key_id: string }>(
      'select body, sender_id, control_id, key_id from messages',
    );
    if (!kept) throw new TypeError('the message was not kept');
    expect(kept.body.length).toBeLessThan(5_000);
    const whole = await openBody(
      bench.dependencies,
      { bytes: kept.body, object: null, size: Buffer.byteLength(message), keyId: kept.key_id },
      messageSeal(kept.sender_id, kept.control_id),
    );
    expect(Buffer.from(whole).toString()).toBe(message);
    const [version] = await bench.rows<{ content: string }>('select content from report_versions');
    expect(version?.content.length).toBeLessThan(5_000);
    const key = await bench.dependencies.objects.put(pdf);
    expect(Buffer.from(await bench.dependencies.objects.get(key)).equals(pdf)).toBe(true);
    const again = await bench.take(message);
    expect(again.outcome).toBe('duplicate');
  });

  test('of strangers are set aside whole and taken when they are tried again', async () => {
    const pdf = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(
      Buffer.alloc(2_000_000),
    );
    const message = reportMessage({
      application: 'NEWLIS',
      lines: [['PDF', 'ED', `^application^pdf^Base64^${pdf.toString('base64')}`]],
    });
    const { quarantine } = await bench.take(message);
    const shown = await showQuarantine(bench.dependencies, quarantine as PublicId);
    expect(Buffer.from(shown.bytes).toString() === message).toBe(true);
    await bench.register({ code: 'NEWLIS', application: 'NEWLIS', facility: 'JIANG1' });
    const filter = { reasonCode: 'SENDER_UNKNOWN' };
    const replayed = await replayQuarantine(bench.dependencies, { filter, limit: 10 });
    expect(replayed).toMatchObject({ tried: 1, resolved: 1 });
    expect(await open()).toEqual([]);
  });
});

describe('a code map published later', () => {
  const publish = (entries: readonly (readonly [string, string])[], version: string) =>
    publishLists(
      bench.database,
      [
        listDocument(
          'code-map',
          'JIANG-1-MORE',
          {
            institution: 'JIANG-1' as InstitutionCode,
            entries: entries.map(([localCode, item]) => ({
              localCode,
              localNameZh: localCode,
              item: itemCode(item),
              unit: 'mmol/L',
            })),
          },
          { version },
        ),
      ],
      { by: 'test', at: bench.dependencies.clock(), reason: 'test' },
    );
  const institutionKey = async () =>
    (await bench.dependencies.snapshots.current()).registry.institutionKey('JIANG-1' as InstitutionCode) ??
    '0';

  test('frees the results that waited for it, with what follows from the item, and says so in the outbox', async () => {
    const record = fresh('P');
    await bench.take(
      reportMessage({
        record,
        reportNumber: 'R-1',
        lines: [
          ['GLU-X', 'NM', '5.5', 'mmol/L'],
          ['K', 'NM', '4.1', 'mmol/L'],
        ],
      }),
    );
    await bench.take(
      reportMessage({
        record,
        reportNumber: 'R-2',
        lines: [
          ['GLU-X', 'NM', '6.5', 'mmol/L'],
          ['STILL', 'NM', '1'],
        ],
      }),
    );
    expect(await waitingCodes(bench.database, (await institutionKey()) as never)).toEqual([
      { localCode: 'GLU-X', localName: 'GLU-X', results: 2 },
      { localCode: 'STILL', localName: 'STILL', results: 1 },
    ]);
    await publish([['GLU-X', 'LC-GLU']], '2');
    expect(await remapInstitution(bench.dependencies, 'JIANG-1' as InstitutionCode)).toEqual({
      freed: 2,
      reports: 2,
      unreadable: 0,
    });
    const rows = await bench.rows<{ local_code: string; code: string | null; value_text: string }>(
      `select x.local_code, i.code, x.value_text from results x left join items i using (item_id) where x.local_code <> 'K' order by x.result_id`,
    );
    expect(rows).toEqual([
      { local_code: 'GLU-X', code: 'LC-GLU', value_text: '5.5' },
      { local_code: 'GLU-X', code: 'LC-GLU', value_text: '6.5' },
      { local_code: 'STILL', code: null, value_text: '1' },
    ]);
    expect(await bench.rows("select 1 from outbox where topic = 'results.mapped'")).toHaveLength(2);
    expect(await remapWaiting(bench.dependencies)).toEqual({ freed: 0, reports: 0, unreadable: 0 });
  });
});
