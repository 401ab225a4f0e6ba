import { describe, expect, it } from 'vitest';
import type { CodeMapEntry, ItemCode, ItemDefinition } from '../catalogue/index.ts';
import type { IncomingReport, IncomingSpecimen } from './incoming-report.ts';
import { readReport, type ReadingLookups } from './reading.ts';
import type { ResultReading } from './reading-types.ts';
import { reportContent } from './report-content.ts';
import { nextReportState } from './report-state.ts';
import { resultRows } from './result-rows.ts';
import { code, moment, observation, report, stated, words } from './samples.ts';

const item = (itemCode: string, changes: Partial<ItemDefinition> = {}): ItemDefinition => ({
  code: itemCode as ItemCode,
  nameZh: itemCode,
  nameEn: itemCode,
  category: 'lab-chem',
  grain: 'analyte',
  specimens: ['serum', 'plasma', 'heparin-plasma'],
  hasSide: false,
  tags: [],
  ...changes,
});

const ITEMS: readonly ItemDefinition[] = [
  item('LC-K', { unit: 'mmol/L' }),
  item('LC-CREA', { unit: 'umol/L' }),
  item('MR-KNEE', {
    category: 'img-mr',
    grain: 'procedure',
    specimens: [],
    hasSide: true,
    bodyPartZh: '膝关节',
  }),
];

const ENTRIES: readonly CodeMapEntry[] = [
  { localCode: 'K', localNameZh: '钾', item: 'LC-K' as ItemCode },
  {
    localCode: 'CREA',
    localNameZh: '肌酐',
    item: 'LC-CREA' as ItemCode,
    unit: 'umol/L',
    methodClass: 'sarcosine-oxidase',
  },
  { localCode: 'XK', localNameZh: '血清钾', item: 'LC-K' as ItemCode, specimen: 'serum' },
  { localCode: 'MRXG', localNameZh: '膝关节MR', item: 'MR-KNEE' as ItemCode },
];

const lookups: ReadingLookups = {
  entryOf: (local) => ENTRIES.find(({ localCode }) => localCode === local),
  itemOf: (wanted) => ITEMS.find((one) => one.code === wanted),
};

const readOne = (incoming: IncomingReport): ResultReading => {
  const [reading] = readReport(incoming, lookups).readings;
  if (!reading) throw new Error('no reading');
  return reading;
};

const specimen = (changes: Partial<IncomingSpecimen> = {}): IncomingSpecimen => ({
  code: code('SER', '血清'),
  states: [],
  barcode: null,
  collectedAt: null,
  receivedAt: null,
  fasting: null,
  timePoint: null,
  pointOfCare: false,
  ...changes,
});

describe('reading a laboratory line', () => {
  it('maps the local code and keeps what was printed beside what was understood', () => {
    const line = observation({ unitText: 'mmol／L', flags: ['H'], method: code('ISE', '离子选择电极法') });
    expect(readOne(report({ observations: [line], specimens: [specimen()] }))).toMatchObject({
      item: 'LC-K',
      specimen: 'serum',
      valueText: '4.1',
      valueNumber: 4.1,
      unitText: 'mmol／L',
      unit: 'mmol/L',
      referenceText: '3.5-5.3',
      flag: 'high',
      methodClass: 'ise',
      findings: [],
    });
  });

  it('leaves an unknown local code waiting, visibly, with everything else read', () => {
    const reading = readOne(report({ observations: [observation({ code: code('ZZ9', '新项目') })] }));
    expect(reading).toMatchObject({
      item: null,
      localCode: 'ZZ9',
      localName: '新项目',
      unit: 'mmol/L',
      findings: ['unmapped'],
    });
  });

  it('takes the alternate code of the sender when only that one is mapped', () => {
    const coded = { ...code('999', '钾'), alternate: { code: 'K', text: '', system: 'L2' } };
    expect(readOne(report({ observations: [observation({ code: coded })] })).item).toBe('LC-K');
  });

  it('never makes a number out of words', () => {
    for (const text of ['1+', '阴性', '']) {
      expect(readOne(report({ observations: [observation({ value: words(text) })] }))).toMatchObject({
        valueText: text,
        valueNumber: null,
      });
    }
  });

  it.each([
    ['umol/L', 'umol/L', []],
    ['mg/dL', 'mg/dL', []],
    ['', 'umol/L', []],
    ['gibberish', null, ['unit-not-understood']],
    ['U/L', 'U/L', ['unit-unfit']],
  ])('reads creatinine in %j as %j with findings %j', (unitText, unit, findings) => {
    const reading = readOne(report({ observations: [observation({ code: code('CREA'), unitText })] }));
    expect([reading.unit, reading.findings, reading.unitText]).toEqual([unit, findings, unitText]);
  });

  it('says so when a number comes without a unit and the code map gives none', () => {
    expect(readOne(report({ observations: [observation({ unitText: '' })] }))).toMatchObject({
      unit: '',
      findings: ['unit-not-stated'],
    });
  });
});

describe('specimens', () => {
  it.each([
    ['SER', '血清', 'serum', []],
    ['', '血浆', 'plasma', []],
    ['血清', '', 'serum', []],
    ['BLDV', '静脉血', 'venous-blood', ['specimen-unclear']],
    ['UR', '尿液', 'urine', ['specimen-unfit']],
    ['X', '说不清', null, ['specimen-not-understood']],
  ])('%j %j is %j with findings %j', (local, text, expected, findings) => {
    const reading = readOne(report({ specimens: [specimen({ code: code(local, text) })] }));
    expect([reading.specimen, reading.findings]).toEqual([expected, findings]);
  });

  it('come from the code map when the message says nothing, and the finer of the two counts', () => {
    const line = observation({ code: code('XK', '血清钾') });
    expect(readOne(report({ observations: [line] })).specimen).toBe('serum');
    expect(
      readOne(report({ observations: [line], specimens: [specimen({ code: code('BLD', '血液') })] }))
        .specimen,
    ).toBe('serum');
  });

  it('that contradict the code map are not chosen between', () => {
    const line = observation({ code: code('XK', '血清钾') });
    const reading = readOne(
      report({ observations: [line], specimens: [specimen({ code: code('UR', '尿') })] }),
    );
    expect([reading.specimen, reading.findings]).toEqual([null, ['specimen-contradicted']]);
  });

  it('of different kinds in one report are not chosen between', () => {
    const two = report({ specimens: [specimen(), specimen({ code: code('UR', '尿') })] });
    expect(readOne(two)).toMatchObject({ specimen: null, findings: ['specimen-contradicted'] });
  });

  it('keep their states, also those nobody understands', () => {
    const reading = readOne(
      report({ specimens: [specimen({ states: ['轻度溶血、脂血', '合格', '颜色异样'] })] }),
    );
    expect(reading.specimenStates).toEqual(['haemolysed', 'lipaemic', 'other:颜色异样']);
  });
});

describe('times', () => {
  it('of collection are taken at their finest where two places agree', () => {
    const day = stated('2026-11-20T00:00:00+08:00', 'day');
    const minute = stated('2026-11-20T08:00:00+08:00');
    const reading = readOne(report({ collectedAt: day, specimens: [specimen({ collectedAt: minute })] }));
    expect(reading.collectedAt).toBe(minute);
    expect(reading.findings).toEqual([]);
  });

  it('of collection that differ give the earlier one, which never extends a window', () => {
    const earlier = stated('2026-11-19T08:00:00+08:00');
    const reading = readOne(report({ specimens: [specimen({ collectedAt: earlier })] }));
    expect(reading.collectedAt).toBe(earlier);
    expect(reading.findings).toEqual(['collection-times-differ']);
  });

  it('become rows with the honest precision, and the report time never stands in for collection', () => {
    const rowOf = (incoming: IncomingReport) => {
      const { report: counted, readings } = readReport(incoming, lookups);
      const content = reportContent(counted, readings, { institution: 'H1', sentAt: null });
      const next = nextReportState(null, { content, arrivedAt: moment('2026-11-20T12:00:00+08:00') });
      return resultRows(next, counted, readings).rows[0];
    };
    expect(rowOf(report({ collectedAt: stated('2026-11-20T00:00:00+08:00', 'day') }))).toMatchObject({
      collectedPrecision: 'd',
    });
    expect(rowOf(report({ collectedAt: stated('2026-11-20T08:00:00+08:00', 'hour') }))).toMatchObject({
      collectedPrecision: 'd',
      collectedAt: moment('2026-11-20T00:00:00+08:00'),
    });
    const without = report({ collectedAt: null, receivedAt: stated('2026-11-20T09:00:00+08:00') });
    expect(rowOf(without)).toMatchObject({
      collectedAt: null,
      collectedPrecision: null,
      anchorAt: moment('2026-11-20T09:00:00+08:00'),
    });
    expect(rowOf(report({ collectedAt: stated('2026-11-01T00:00:00+08:00', 'month') }))).toMatchObject({
      collectedAt: null,
    });
  });
});

describe('an examination', () => {
  const lines = [
    observation({
      place: 'OBX[1]',
      code: code('FIND', '检查所见'),
      value: words('半月板信号增高'),
      unitText: '',
    }),
    observation({ place: 'OBX[2]', code: code('IMP', '诊断意见'), value: words('半月板损伤'), unitText: '' }),
  ];
  const knee = report({
    kind: 'imaging',
    service: code('MRXG', '左膝关节MR平扫'),
    observations: lines,
    findings: '半月板信号增高',
    impression: '半月板损伤',
  });

  it('is one result however many lines its report has', () => {
    const { readings } = readReport(knee, lookups);
    expect(readings).toHaveLength(1);
    expect(readings[0]).toMatchObject({
      item: 'MR-KNEE',
      side: 'left',
      valueText: '半月板损伤',
      findings: [],
    });
  });

  it('keeps its lines in the content, and a change in one of them is a correction', () => {
    const stateOf = (incoming: IncomingReport, current: Parameters<typeof nextReportState>[0]) => {
      const read = readReport(incoming, lookups);
      const content = reportContent(read.report, read.readings, { institution: 'H1', sentAt: null });
      return nextReportState(current, { content, arrivedAt: moment('2026-11-20T12:00:00+08:00') });
    };
    const first = stateOf(knee, null);
    expect(JSON.stringify(first.content)).toContain('半月板信号增高');
    const amended = {
      ...knee,
      reportedAt: stated('2026-11-20T11:00:00+08:00'),
      observations: [observation({ ...lines[0], value: words('半月板撕裂') }), lines[1] as (typeof lines)[0]],
    };
    const second = stateOf(amended, {
      version: 1,
      standing: first.standing,
      content: first.content,
      replaced: false,
    });
    expect([second.decision, second.standing]).toEqual(['correction', 'corrected']);
  });

  it('whose message and name state different sides has none', () => {
    expect(readReport({ ...knee, side: 'right' }, lookups).readings[0]).toMatchObject({
      side: null,
      findings: ['side-contradicted'],
    });
  });

  it('of another part of the body than the mapped item is not believed', () => {
    const part = (local: string) => readReport({ ...knee, bodyPart: code(local, '') }, lookups).readings[0];
    expect(part('SHOULDER')).toMatchObject({ item: null, findings: ['body-part-contradicted'] });
    expect(part('KNEE')).toMatchObject({ item: 'MR-KNEE', findings: [] });
    expect(part('ZZZ')).toMatchObject({ item: 'MR-KNEE', findings: [] });
  });

  it('takes the code of its line when only that one is mapped', () => {
    const byLine = {
      ...knee,
      service: code('RIS', '磁共振'),
      observations: [observation({ code: code('MRXG', '右膝关节MR') })],
    };
    expect(readReport(byLine, lookups).readings[0]).toMatchObject({ item: 'MR-KNEE', side: 'right' });
  });
});
