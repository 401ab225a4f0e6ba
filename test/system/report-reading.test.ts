import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statement } from '../../src/adapters/postgres/database.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { type ReportAnswer, reportAnswerShape } from '../../src/web/wire/order-check-answer.ts';
import { ATTACHED_PDF, takeAttachedReport } from './attached-report.ts';
import { doctorOf, memberOf, type RegionBench, regionBench } from './region-bench.ts';

let bench: RegionBench;
beforeAll(async () => {
  bench = await regionBench();
});
afterAll(() => bench.drop());

const firstReportOf = async (key: string, reader = bench.doctor): Promise<ReportAnswer> => {
  const text = memberOf(bench, key).person.nationalId ?? '';
  const found = await bench.flows.searchPersons(reader, { by: 'national-id', text }, bench.origin);
  if (!found.ok) throw found.reason;
  const person = found.value.persons[0]?.person as PublicId;
  const history = await bench.flows.resultHistory(reader, person, bench.origin);
  if (!history.ok) throw history.reason;
  const read = await bench.flows.report(reader, history.value.reports[0]?.id as PublicId, bench.origin);
  if (!read.ok) throw read.reason;
  return reportAnswerShape.parse(read.value);
};

/** Documents that wait for a mapping as if they were values. */
const DOCUMENT_ROWS = statement(
  'test.document-rows',
  `select count(*)::integer as n from results where local_code = 'PDF'`,
);
const AUDITED = statement(
  'test.audited-attachments',
  "select resource from audit_events where action = 'report-attachment.read'",
);

describe('a report that was corrected', () => {
  it('shows both versions and what the second says otherwise', async () => {
    const { versions, version } = await firstReportOf('corrected');
    expect(version).toBe(2);
    expect(versions.map((each) => [each.version, each.standing])).toEqual([
      [2, 'corrected'],
      [1, 'final'],
    ]);
    const [latest, first] = versions;
    expect(first?.changes).toEqual([]);
    const changed = latest?.changes.filter(({ field }) => field === 'value') ?? [];
    expect(changed.map(({ name }) => name).join()).toMatch(/肌酐|CREA/i);
    expect(Number(changed[0]?.to)).toBe(Math.round(Number(changed[0]?.from) * 1.3));
  });

  it('and one withdrawn says so in its newest version', async () => {
    const { versions, standing } = await firstReportOf('withdrawn');
    expect(standing).toBe('withdrawn');
    expect(versions[0]?.changes.some(({ field, to }) => field === 'standing' && to === 'withdrawn')).toBe(
      true,
    );
  });

  it('names the marks that the laboratory held at collection', async () => {
    expect((await firstReportOf('potassium-five')).marks).toContain('望溪HR');
  });
});

describe('a report with a document', () => {
  it('gives the document as it came, to the byte, and writes down who read it', async () => {
    const report = await takeAttachedReport(bench);
    const read = await bench.flows.report(bench.doctor, report, bench.origin);
    expect(read.ok && read.value.attachments).toEqual([
      { n: 1, mediaType: 'application/pdf', bytes: ATTACHED_PDF.length },
    ]);
    expect(read.ok && read.value.observations.map(({ code }) => code)).toEqual(['2823-3']);
    expect(await bench.opened.database.run(DOCUMENT_ROWS)).toEqual([{ n: 0 }]);
    const document = await bench.flows.attachment(bench.doctor, report, 1, bench.origin);
    expect(document.ok && Buffer.from(document.value.bytes)).toEqual(ATTACHED_PDF);
    const rows = await bench.opened.database.run<{ resource: string }>(AUDITED);
    expect(rows.map(({ resource }) => resource)).toEqual([`report/${report}/v1/attachment/1`]);
    const missing = await bench.flows.attachment(bench.doctor, report, 2, bench.origin);
    expect(missing).toMatchObject({ ok: false, reason: { code: 'REPORT_UNKNOWN' } });
  });
});

describe('a report with lines that stay hidden', () => {
  it('shows neither them nor what changed in them', async () => {
    const outside = await firstReportOf('pre-operative');
    const own = await firstReportOf('pre-operative', doctorOf('WX-CENTRAL'));
    expect(own.observations.length).toBeGreaterThan(outside.observations.length);
    const shown = new Set(outside.observations.map(({ ordinal }) => ordinal));
    const changed = outside.versions.flatMap(({ changes }) => changes.map(({ ordinal }) => ordinal));
    expect(changed.every((ordinal) => ordinal !== null && shown.has(ordinal))).toBe(true);
    expect(outside.attachments).toEqual([]);
  });
});
