import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { patientSuppliedFlows } from '../../src/apps/flows/patient-supplied/patient-supplied.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { correctionRequestShape } from '../../src/web/wire/correction.ts';
import type { ReportAnswer } from '../../src/web/wire/order-check-answer.ts';
import { patientSuppliedRequestShape } from '../../src/web/wire/patient-supplied.ts';
import { itemCode, listDocument } from '../example-region.ts';
import { ATTACHED_PDF } from './attached-report.ts';
import { doctorOf, type RegionBench, regionBench } from './region-bench.ts';

const SOURCE = 'WX-CENTRAL';

let bench: RegionBench;
let sequence = 0;
beforeAll(async () => {
  bench = await regionBench();
  await bench.present('480225196308190571');
});
afterAll(() => bench.drop());

interface Sent {
  readonly service: string;
  /** OBX-2 to OBX-7, and OBX-11 of each line. */
  readonly lines: readonly string[];
  readonly status?: string;
  readonly number?: string;
}

/** A laboratory report of the central hospital about one patient. */
const send = async ({
  service,
  lines,
  status = 'F',
  number = `HN${++sequence}`,
}: Sent): Promise<PublicId> => {
  const message = [
    `MSH|^~\\&|IEP|WXSZXYY|HUREN|HR|20261122100000+0800||ORU^R01^ORU_R01|M${++sequence}|P|2.5.1|||||CHN|UNICODE UTF-8`,
    'PID|1||M000100020^^^WXSZXYY^MR~480225196308190571^^^CHN^NNCHN||许国栋||19630819|M',
    'PV1|1|O|心血管内科||||||||||||||||M2611220000501',
    `OBR|1|A${number}|L${number}|${service}|||20261122083000+0800|||||||20261122083000+0800||||||||2026112209${String(++sequence).padStart(2, '0')}00+0800||LAB|${status}`,
    ...lines.map((line, index) => `OBX|${index + 1}|${line}|||20261122083000+0800`),
    `SPM|1|${number}||SER^血清^HL70487|||||||||||||20261122083000+0800|20261122084000+0800`,
    '',
  ].join('\r');
  const { reports, code } = await bench.take(Buffer.from(message, 'utf8'));
  const [report] = reports;
  if (!report) throw new Error(`the message was not taken: ${code}`);
  return report.report;
};

const read = async (id: PublicId, reader: Actor = bench.doctor): Promise<ReportAnswer | string> => {
  const report = await bench.flows.report(reader, id, bench.origin);
  return report.ok ? report.value : report.reason.code;
};
const namesIn = (report: ReportAnswer | string): readonly string[] =>
  typeof report === 'string' ? [report] : report.observations.map(({ name }) => name);

const historyText = async (report: ReportAnswer | string, reader: Actor = bench.doctor): Promise<string> => {
  if (typeof report === 'string') throw new Error(report);
  const history = await bench.flows.resultHistory(reader, report.person as PublicId, bench.origin);
  if (!history.ok) throw history.reason;
  return JSON.stringify(history.value);
};

const POTASSIUM = 'NM|2823-3^钾^LN||4.40|mmol/L|3.50～5.30||||F';

describe('a local code without an item', () => {
  it('is hidden like the item whose name it bears, in the report, the history and what is attached', async () => {
    const id = await send({
      service: 'L09001^术前筛查^L',
      lines: [
        POTASSIUM,
        'ST|ZZ77^ＨＩＶ 抗体初筛^L||待确证阳性||||||F',
        `ED|PDF^报告单^L||^application^pdf^Base64^${ATTACHED_PDF.toString('base64')}||||||F`,
      ],
    });
    const outside = await read(id);
    expect(namesIn(outside)).toEqual(['钾']);
    expect(outside).toMatchObject({ attachments: [] });
    expect(await historyText(outside)).not.toMatch(/待确证|ＨＩＶ/);
    expect(await bench.flows.attachment(bench.doctor, id, 1, bench.origin)).toMatchObject({ ok: false });
    const own = await read(id, doctorOf(SOURCE));
    expect(namesIn(own)).toContain('ＨＩＶ 抗体初筛');
    expect(await historyText(own, doctorOf(SOURCE))).toContain('待确证阳性');
  });

  it('is hidden where the title of its report says what it is, and the title with it', async () => {
    const id = await send({
      service: 'L09002^艾滋病相关检验^L',
      lines: [POTASSIUM, 'ST|ZZ78^初筛结果^L||有反应||||||F'],
    });
    const outside = await read(id);
    expect(outside).toMatchObject({ title: '检验报告' });
    expect(namesIn(outside)).toEqual(['钾']);
    expect(await historyText(outside)).not.toMatch(/有反应|艾滋/);
    expect(await read(id, doctorOf(SOURCE))).toMatchObject({ title: '艾滋病相关检验' });
    const ticket = await correctionFlows(bench.dependencies).submit(
      bench.doctor,
      correctionRequestShape.parse({ report: id, kind: 'other', text: '标本类型与所见不符' }),
      null,
      bench.origin,
    );
    expect(ticket).toMatchObject({ ok: true, value: { title: '检查检验报告' } });
    const alone = await send({
      service: 'L09003^艾滋病确证^L',
      lines: ['ST|ZZ79^确证结果^L||有反应||||||F'],
    });
    expect(await read(alone)).toBe('REPORT_UNKNOWN');
  });

  it('of paper that a patient brought is hidden by the words on it', async () => {
    const flows = patientSuppliedFlows(bench.dependencies);
    const shown = await read(await send({ service: 'L00218^电解质^L', lines: [POTASSIUM] }));
    const person = (shown as ReportAnswer).person as PublicId;
    const paper = patientSuppliedRequestShape.parse({
      institution: '疾控中心（手写）',
      item: 'HIV 确证试验',
      photo: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 8]),
    });
    const kept = await flows.record(bench.doctor, person, paper, null, bench.origin);
    if (!kept.ok) throw kept.reason;
    const listedFor = async (reader: Actor) => {
      const listed = await flows.list(reader, person, bench.origin);
      return listed.ok ? listed.value.supplied.map(({ id }) => id) : [];
    };
    expect(await listedFor(bench.doctor)).toContain(kept.value.id);
    expect(await listedFor(doctorOf('WX-MCH'))).not.toContain(kept.value.id);
    const photo = await flows.photo(doctorOf('WX-MCH'), kept.value.id as PublicId, bench.origin);
    expect(photo).toMatchObject({ ok: false, reason: { code: 'PATIENT_SUPPLIED_UNKNOWN' } });
  });
});

describe('a line whose code map was corrected to a restricted item', () => {
  it('is hidden in the report that was read before the correction', async () => {
    const id = await send({
      service: 'L00218^电解质^L',
      lines: [POTASSIUM, 'ST|QX1^感染筛查三^L||弱阳性||||||F'],
    });
    const publish = (version: string, item: string) =>
      publishLists(
        bench.opened.database,
        [
          listDocument(
            'code-map',
            SOURCE,
            {
              institution: SOURCE as InstitutionCode,
              entries: [{ localCode: 'QX1', localNameZh: '感染筛查三', item: itemCode(item) }],
            },
            { version, effectiveFrom: '2026-11-22' },
          ),
        ],
        { by: 'test', at: bench.dependencies.clock(), reason: 'test' },
      );
    await publish('z1', 'LI-HBSAG');
    const again = await send({
      service: 'L00218^电解质^L',
      lines: [POTASSIUM, 'ST|QX1^感染筛查三^L||弱阳性||||||F'],
    });
    expect(namesIn(await read(again))).toContain('感染筛查三');
    await publish('z2', 'LI-HIV');
    for (const report of [id, again]) expect(namesIn(await read(report))).toEqual(['钾']);
  });
});

describe('a report entered in error', () => {
  it('tells that it was, and nothing of what may be another person’s', async () => {
    const lines = ['NM|2823-3^钾^LN||6.66|mmol/L|3.50～5.30|H|||F'];
    const attached = `ED|PDF^报告单^L||^application^pdf^Base64^${ATTACHED_PDF.toString('base64')}||||||F`;
    const sent = { service: 'L00218^电解质^L', number: 'WRONG1' };
    await send({ ...sent, lines: [...lines, attached] });
    const id = await send({
      ...sent,
      lines: [...lines, attached].map((line) => line.replace(/F$/, 'W')),
      status: 'F',
    });
    const report = await read(id);
    expect(report).toMatchObject({ standing: 'entered-in-error', attachments: [] });
    expect(JSON.stringify(report)).not.toContain('6.66');
    expect((report as ReportAnswer).versions).toHaveLength(2);
    expect(await bench.flows.attachment(bench.doctor, id, 1, bench.origin)).toMatchObject({ ok: false });
  });
});
