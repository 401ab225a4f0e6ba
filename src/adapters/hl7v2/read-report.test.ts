import { describe, expect, it } from 'vitest';
import { isoInstant, type StatedTime } from '../../kernel/instant.ts';
import {
  laboratoryMessage,
  line,
  msh,
  obr,
  obx,
  pid,
  readObx,
  readOneReport,
  readReports,
  refusalOf,
} from '../../../test/contract/hl7v2-messages.ts';

const oru = (...lines: string[]) => [msh('ORU^R01^ORU_R01', 'M1'), pid(1), ...lines];
const shanghai = (time: StatedTime | null | undefined) =>
  time ? isoInstant((time.at + 8 * 3_600_000) as typeof time.at).slice(0, 16) : null;

describe('A laboratory report', () => {
  it('carries what a laboratory doctor asks for', () => {
    const [first, ...rest] = laboratoryMessage('M1', 1, 1);
    const report = readOneReport([
      first as string,
      ...rest.slice(0, 2),
      line('ORC', {
        1: 'RE',
        2: 'O-9',
        3: 'R-9',
        12: 'D01^李^医生',
        17: 'XNK^心内科',
        21: '县人民医院^^^^^^^^^H001',
      }),
      line('OBR', {
        2: 'O-9',
        3: 'R-9',
        4: 'GGSX^肝功能十二项^L',
        7: '202611010800',
        14: '202611010815',
        15: 'SER&血清',
        22: '202611010900',
        24: 'LAB',
        25: 'F',
        31: 'K76^脂肪肝',
        32: '1001&李&审核^202611010850^202611010855',
        33: '1002&王',
        34: '1003&赵',
      }),
      'OBX|1|NM|ALT^丙氨酸氨基转移酶^L^1742-6^ALT^LN||35|U/L|7-40|N|||F|||202611010830|LAB2^外送检验所|2001^钱^检验|IFCC^速率法|AU5800^贝克曼|||||某独立实验室^^^^^^^^^L900',
    ]);
    expect(report).toMatchObject({
      place: 'OBR[1]',
      kind: 'laboratory',
      reportNumber: 'R-9',
      orderNumber: 'O-9',
      orderControl: 'RE',
      status: 'final',
      service: { code: 'GGSX', text: '肝功能十二项', system: 'L' },
      orderingInstitution: 'H001',
      orderingDoctor: '李医生',
      orderingDepartment: '心内科',
      reporter: '王',
      verifier: '李审核',
      diagnosisText: '脂肪肝',
      modality: null,
      findings: null,
    });
    expect(
      ['collectedAt', 'receivedAt', 'reportedAt', 'verifiedAt'].map((key) =>
        shanghai(report[key as 'collectedAt']),
      ),
    ).toEqual(['2026-11-01T08:00', '2026-11-01T08:15', '2026-11-01T09:00', '2026-11-01T08:55']);
    expect(report.observations[0]).toMatchObject({
      place: 'OBX[1]',
      code: { code: 'ALT', alternate: { code: '1742-6', system: 'LN' } },
      unitText: 'U/L',
      referenceText: '7-40',
      flags: ['N'],
      status: 'final',
      method: { code: 'IFCC', text: '速率法' },
      instrument: 'AU5800',
      performer: 'L900',
    });
    expect(report.specimens).toMatchObject([{ code: { code: 'SER', text: '血清' } }]);
  });

  it('takes the specimen from SPM: type, barcode, states, times', () => {
    const [specimen] = readOneReport(
      oru(
        line('OBR', { 3: 'R1', 4: 'K^钾', 7: '202611010700', 13: 'F^空腹^HL70916', 24: 'LAB', 25: 'F' }),
        obx(1, '4.1'),
        line('SPM', {
          1: '1',
          2: 'P1&LIS^BC778&LIS',
          4: 'SER^血清^HL70487',
          11: 'P',
          17: '202611010755',
          18: '202611010810',
          24: 'HEM^溶血~LIP^脂血',
        }),
      ),
    ).specimens;
    expect(specimen).toMatchObject({
      code: { code: 'SER', text: '血清', system: 'HL70487' },
      barcode: 'BC778',
      states: ['HEM', 'LIP'],
      fasting: true,
      pointOfCare: false,
    });
    expect([shanghai(specimen?.collectedAt), shanghai(specimen?.receivedAt)]).toEqual([
      '2026-11-01T07:55',
      '2026-11-01T08:10',
    ]);
  });

  it.each([
    ['空腹', { fasting: true, timePoint: null, pointOfCare: false }],
    ['非空腹', { fasting: false, timePoint: null, pointOfCare: false }],
    ['餐后2小时', { fasting: false, timePoint: '120 min', pointOfCare: false }],
    ['服糖后60分钟', { fasting: null, timePoint: '60 min', pointOfCare: false }],
    ['床旁POCT', { fasting: null, timePoint: null, pointOfCare: true }],
    ['NF', { fasting: false, timePoint: null, pointOfCare: false }],
  ])('reads the collection condition %s', (text, expected) => {
    const report = readOneReport(
      oru(
        line('OBR', { 3: 'R1', 4: 'GLU^葡萄糖', 13: text, 15: 'SER&血清', 24: 'LAB', 25: 'F' }),
        obx(1, '5'),
      ),
    );
    expect(report.specimens[0]).toMatchObject(expected);
  });

  it('knows neither specimen nor time when nobody stated them', () => {
    const report = readOneReport(oru(line('OBR', { 3: 'R1', 4: 'K^钾', 24: 'LAB', 25: 'F' }), obx(1, '4.1')));
    expect([report.collectedAt, report.receivedAt, report.specimens]).toEqual([null, null, []]);
  });

  it('of a point-of-care device (ORU^R30) says so', () => {
    const report = readOneReport([msh('ORU^R30^ORU_R30', 'M1'), pid(1), obr('R1'), obx(1, '5')]);
    expect(report.specimens[0]?.pointOfCare).toBe(true);
  });

  it('refuses a control specimen', () => {
    const message = oru(obr('R1'), obx(1, '4.1'), 'SPM|1|Q1||SER|||||||Q');
    expect(refusalOf(message)).toBe('AR HL7_NOT_A_PATIENT_SPECIMEN SPM[1]-11');
  });

  it('names the performer of v2.7 and later from PRT, and the reagent from SID', () => {
    const [observation] = readOneReport(
      oru(obr('R1'), obx(1, '4.1'), 'PRT|1|UC||PO||||独立所^^^^^^^^^L900', 'SID|M1^试剂甲|LOT7||罗氏'),
    ).observations;
    expect(observation).toMatchObject({ performer: 'L900', reagent: '试剂甲 LOT7 罗氏' });
  });
});

describe('Notes', () => {
  it('stay with the OBR or the OBX that they follow', () => {
    const report = readOneReport(
      oru(obr('R1'), 'NTE|1||报告备注', obx(1, '1'), 'NTE|1||第一项备注', 'NTE|2||再一条~续行', obx(2, '2')),
    );
    expect(report.notes).toEqual(['报告备注']);
    expect(report.observations.map(({ notes }) => notes)).toEqual([['第一项备注', '再一条\n续行'], []]);
  });

  it('after ORC belong to the order, after PID to nobody', () => {
    const report = readOneReport(
      oru('NTE|1||患者备注', 'ORC|RE|1|R1', 'NTE|1||申请备注', obr('R1'), obx(1, '1')),
    );
    expect(report.notes).toEqual(['申请备注']);
  });
});

describe('Several OBR', () => {
  it('are several reports, each with its own observations and its own ORC', () => {
    const { reports } = readReports(
      oru('ORC|RE|O1|R1', obr('R1'), obx(1, '1'), 'ORC|CA|O2|R2', obr('R2', 'X'), obx(1, '2'), obx(2, '3')),
    );
    expect(
      reports.map(({ reportNumber, orderControl, status, observations }) => [
        reportNumber,
        orderControl,
        status,
        observations.length,
      ]),
    ).toEqual([
      ['R1', 'RE', 'final', 1],
      ['R2', 'CA', 'cancelled', 2],
    ]);
  });

  it('under one report number are one report, as final as its least final part', () => {
    const report = readOneReport(oru(obr('R1'), obx(1, '1'), obr('R1', 'P'), obx(1, '2')));
    expect([report.status, report.observations.map(({ place }) => place)]).toEqual([
      'preliminary',
      ['OBX[1]', 'OBX[2]'],
    ]);
    expect(readOneReport(oru(obr('R1'), obx(1, '1'), obr('R1', 'C'), obx(1, '2'))).status).toBe('corrected');
  });

  it('under one report number, one of them cancelled, are refused', () => {
    expect(refusalOf(oru(obr('R1'), obx(1, '1'), obr('R1', 'X'), obx(1, '2')))).toBe(
      'AE HL7_REPORT_STATUS_MIXED OBR[2]',
    );
  });

  it('without numbers stay apart', () => {
    expect(readReports(oru(obr(''), obx(1, '1'), obr(''), obx(1, '2'))).reports).toHaveLength(2);
  });

  it('an OBX before any OBR is refused, and so is a message without OBR', () => {
    expect(refusalOf(oru(obx(1, '1'), obr('R1')))).toBe('AE HL7_RESULT_OUTSIDE_REPORT OBX[1]');
    expect(refusalOf(oru('ORC|RE|1|R1', obx(1, '1')))).toBe('AE HL7_RESULT_OUTSIDE_REPORT OBX[1]');
    expect(refusalOf(oru())).toBe('AE HL7_REPORT_MISSING OBR');
  });

  it('an OBX of the patient, which v2.7 and later have before the visit, is of no report', () => {
    const weight = 'OBX|1|NM|WT^体重||62|kg|||||F';
    const sent = (version: string, ...lines: string[]) => [
      msh('ORU^R01^ORU_R01', 'M1', version),
      pid(1),
      ...lines,
    ];
    const { reports } = readReports(sent('2.8', weight, 'NTE|1||晨起', 'PV1|1|I', obr('R1'), obx(1, '1')));
    expect(reports).toHaveLength(1);
    expect(reports[0]?.observations.map(({ place }) => place)).toEqual(['OBX[2]']);
    expect(reports[0]?.notes).toEqual([]);
    expect(refusalOf(sent('2.6', weight, obr('R1'), obx(1, '1')))).toBe(
      'AE HL7_RESULT_OUTSIDE_REPORT OBX[1]',
    );
    expect(refusalOf(sent('2.8', 'ORC|RE|1|R1', weight, obr('R1'), obx(1, '1')))).toBe(
      'AE HL7_RESULT_OUTSIDE_REPORT OBX[1]',
    );
    expect(refusalOf(sent('2.8', weight))).toBe('AE HL7_REPORT_MISSING OBR');
  });
});

describe('OUL^R22, by specimen', () => {
  it('gives each order the specimen before it, and keeps specimen observations out of the results', () => {
    const { reports } = readReports([
      msh('OUL^R22^OUL_R22', 'M1'),
      pid(1),
      'SPM|1|BC1||SER^血清',
      'OBX|1|NM|VOL^体积||3|mL|||||F',
      'SAC|||BC1',
      obr('R1'),
      'ORC|RE|O1|R1',
      obx(1, '1'),
      'NTE|1||备注',
      obr('R2'),
      obx(1, '2'),
      'SPM|2|BC2||UR^尿',
      obr('R3'),
      'ORC|RE|O3|R3',
      obx(1, '3'),
    ]);
    expect(
      reports.map((report) => [
        report.reportNumber,
        report.orderNumber,
        report.specimens.map(({ barcode }) => barcode),
        report.observations.length,
      ]),
    ).toEqual([
      ['R1', 'O-R1', ['BC1'], 1],
      ['R2', 'O-R2', ['BC1'], 1],
      ['R3', 'O-R3', ['BC2'], 1],
    ]);
    expect(reports.map(({ orderControl }) => orderControl)).toEqual(['RE', '', 'RE']);
    expect(reports[0]?.observations[0]?.notes).toEqual(['备注']);
  });
});

describe('ORU with SPM between ORC and OBR', () => {
  it('keeps the specimens of two orders apart', () => {
    const { reports } = readReports(
      oru(
        'ORC|RE|O1|R1',
        'SPM|1|BC1||SER',
        obr('R1'),
        obx(1, '1'),
        'ORC|RE|O2|R2',
        'SPM|1|BC2||UR',
        obr('R2'),
        obx(1, '2'),
      ),
    );
    expect(reports.map(({ specimens }) => specimens.map(({ barcode }) => barcode))).toEqual([
      ['BC1'],
      ['BC2'],
    ]);
  });
});

describe('ORU with SPM directly after OBR', () => {
  it('keeps the observations that follow as results', () => {
    const report = readOneReport(oru(obr('R1'), 'SPM|1|BC1||SER', obx(1, '1')));
    expect([report.observations.length, report.specimens[0]?.barcode]).toEqual([1, 'BC1']);
  });
});

describe('Status', () => {
  it.each([
    ['O', 'registered'],
    ['I', 'registered'],
    ['S', 'registered'],
    ['A', 'preliminary'],
    ['P', 'preliminary'],
    ['R', 'preliminary'],
    ['F', 'final'],
    ['C', 'corrected'],
    ['X', 'cancelled'],
    ['D', 'deleted'],
    ['W', 'wrong'],
    ['', 'not-stated'],
    ['f', 'final'],
  ])('OBR-25 %s is %s (table 0123)', (code, status) => {
    expect(readOneReport(oru(obr('R1', code), obx(1, '1'))).status).toBe(status);
  });

  it.each([
    ['O', 'registered'],
    ['I', 'registered'],
    ['N', 'registered'],
    ['P', 'preliminary'],
    ['R', 'preliminary'],
    ['S', 'preliminary'],
    ['F', 'final'],
    ['U', 'final'],
    ['C', 'corrected'],
    ['D', 'deleted'],
    ['W', 'wrong'],
    ['X', 'not-obtained'],
    ['', 'not-stated'],
  ])('OBX-11 %s is %s (table 0085)', (code, status) => {
    expect(readObx(obx(1, '1', code)).status).toBe(status);
  });

  it('outside its table is refused, and so is U without its value', () => {
    expect(refusalOf(oru(obr('R1', 'Q'), obx(1, '1')))).toBe('AE HL7_STATUS_UNKNOWN OBR[1]-25');
    expect(refusalOf(oru(obr('R1'), obx(1, '1', 'Y')))).toBe('AE HL7_STATUS_UNKNOWN OBX[1]-11');
    expect(refusalOf(oru(obr('R1'), obx(1, '', 'U')))).toBe('AE HL7_STATUS_WITHOUT_VALUE OBX[1]-11');
  });
});

describe('A report that replaces another', () => {
  const replaces = (control: string, status: string, parent: string, parentResult = '') =>
    readOneReport(
      oru(
        `ORC|${control}|O1|R2`,
        line('OBR', { 2: 'O1', 3: 'R2', 4: 'K^钾', 24: 'LAB', 25: status, 26: parentResult, 29: parent }),
        obx(1, '1'),
      ),
    ).replaces;

  it('is named by OBR-29 when ORC-1 or the status says so', () => {
    expect(replaces('RU', 'F', '^R1')).toBe('R1');
    expect(replaces('RE', 'C', 'O1&HIS^R1&LIS')).toBe('R1');
    expect(replaces('RE', 'C', 'R1')).toBe('R1');
    expect(replaces('RE', 'C', '^R2')).toBeNull();
  });

  it('is not the parent of a reflex test', () => {
    expect(replaces('RE', 'F', '^R1')).toBeNull();
    expect(replaces('RE', 'C', '^R1', 'ORG&细菌^1')).toBeNull();
  });

  it('may stand in a place of the sender', () => {
    const message = oru(obr('R2'), obx(1, '1'), 'ZRE|1|R1');
    expect(readOneReport(message, { dialect: { fields: { replaces: 'ZRE-2' } } }).replaces).toBe('R1');
  });
});

describe('An imaging report', () => {
  const imaging = (service: string, ...lines: string[]) =>
    readOneReport(
      oru(
        line('OBR', {
          2: 'O1',
          3: 'R1',
          4: service,
          7: '202611010800',
          22: '202611010900',
          24: 'RAD',
          25: 'F',
        }),
        ...lines,
      ),
    );

  it('parts 检查所见 from 诊断意见 by the words of OBX-3', () => {
    const report = imaging(
      'CT01^胸部CT平扫',
      'OBX|1|FT|SJ^检查所见||双肺纹理清晰。\\.br\\纵隔居中。||||||F',
      'OBX|2|FT|YJ^诊断意见||未见明显异常。||||||F',
    );
    expect(report).toMatchObject({
      kind: 'imaging',
      findings: '双肺纹理清晰。\n纵隔居中。',
      impression: '未见明显异常。',
    });
  });

  it('parts them by LOINC and by HL7 suffix', () => {
    expect(imaging('CT', 'OBX|1|TX|59776-5^^LN||A||||||F', 'OBX|2|TX|19005-8^^LN||B||||||F')).toMatchObject({
      findings: 'A',
      impression: 'B',
    });
    expect(imaging('CT', 'OBX|1|TX|71020&GDT||A||||||F', 'OBX|2|TX|71020&IMP||B||||||F')).toMatchObject({
      findings: 'A',
      impression: 'B',
    });
  });

  it('joins several lines of one part in their order', () => {
    expect(
      imaging(
        'CT',
        'OBX|1|TX|A^影像所见||一||||||F',
        'OBX|2|TX|B^影像诊断||甲||||||F',
        'OBX|3|TX|A^影像所见||二||||||F',
      ),
    ).toMatchObject({
      findings: '一\n二',
      impression: '甲',
    });
  });

  it.each([
    ['MR1^左膝关节MR平扫', 'left'],
    ['MR1^右肩MR', 'right'],
    ['DR1^双手DR正位', 'both'],
    ['US1^左心功能测定', null],
    ['CT1^胸部CT', null],
  ])('side of %s', (service, side) => {
    expect(imaging(service, 'OBX|1|TX|SJ^检查所见||-||||||F').side).toBe(side);
  });

  it('takes body part and side from OBR-15, the study from OBX, IPC or ZDS', () => {
    const uid = '1.2.156.112536.1.1';
    const withSite = readOneReport(
      oru(
        line('OBR', { 3: 'R1', 4: 'MR1^膝关节MR', 15: '^^^T-15720&膝^R', 24: 'MR', 25: 'F' }),
        `OBX|1|ST|113014^Study Instance UID^DCM||${uid}||||||F`,
      ),
    );
    expect(withSite).toMatchObject({
      bodyPart: { code: 'T-15720', text: '膝' },
      side: 'right',
      modality: 'MR',
      studyUid: uid,
    });
    expect(imaging('CT', `ZDS|${uid}^^Application^DICOM`, 'OBX|1|TX|SJ^所见||-||||||F').studyUid).toBe(uid);
    expect(imaging('CT', 'OBX|1|TX|SJ^所见||-||||||F', `IPC|A1|P1|${uid}|S1|CT`).studyUid).toBe(uid);
    expect(imaging('CT', 'ZDS|not.a.uid').studyUid).toBeNull();
  });

  it('is recognised without OBR-24 by its words', () => {
    const report = readOneReport(
      oru(line('OBR', { 3: 'R1', 4: 'C1^腹部彩超', 25: 'F' }), 'OBX|1|TX|SJ^超声所见||-||||||F'),
    );
    expect(report.kind).toBe('imaging');
  });
});

describe('Other kinds of report', () => {
  it.each([
    ['E1^十二导联心电图', '', 'electrocardiogram'],
    ['E1^检查', 'EC', 'electrocardiogram'],
    ['E1^检查', 'CTH', 'other'],
    ['E1^某检查', '', 'other'],
  ])('%s with OBR-24 "%s" is %s', (service, section, kind) => {
    const request = line('OBR', { 3: 'R1', 4: service, 24: section, 25: 'F' });
    expect(readOneReport(oru(request, 'OBX|1|TX|JL^结论||窦性心律||||||F')).kind).toBe(kind);
  });

  it('are the kind that the sender is registered with when the message does not say', () => {
    const message = oru(line('OBR', { 3: 'R1', 4: 'E1^某检查', 25: 'F' }), 'OBX|1|TX|JL^结论||-||||||F');
    expect(readOneReport(message, { dialect: { reportKind: 'imaging' } }).kind).toBe('imaging');
  });

  it('the conclusion of an ECG is its impression', () => {
    const report = readOneReport(
      oru(
        line('OBR', { 3: 'R1', 4: 'E1^心电图', 24: 'EC', 25: 'F' }),
        'OBX|1|TX|JL^心电图诊断||窦性心律||||||F',
      ),
    );
    expect(report.impression).toBe('窦性心律');
  });
});

describe('Versions 2.3 to 2.8', () => {
  it.each([
    '2.1',
    '2.2',
    '2.3',
    '2.3.1',
    '2.4',
    '2.5',
    '2.5.1',
    '2.6',
    '2.7',
    '2.7.1',
    '2.8',
    '2.8.2',
    '2.9',
    '',
  ])('version "%s" is read', (version) => {
    const message = [msh('ORU^R01', 'M1', version), pid(1), obr('R1'), obx(1, '1')];
    expect(readOneReport(message).observations).toHaveLength(1);
  });

  it('v2.2 may leave the trigger event out', () => {
    expect(readOneReport([msh('ORU', 'M1', '2.2'), pid(1), obr('R1'), obx(1, '1')]).reportNumber).toBe('R1');
  });

  it('other versions are refused', () => {
    expect(refusalOf([msh('ORU^R01', 'M1', '3.0'), pid(1), obr('R1'), obx(1, '1')])).toBe(
      'AR HL7_VERSION_UNSUPPORTED MSH[1]-12',
    );
  });
});

describe('the campus that performed', () => {
  const message = (visit: string, facility = '江城第一医院') => [
    `MSH|^~\\&|LIS|${facility}|HUREN|HR|20261101090000||ORU^R01^ORU_R01|M1|P|2.5.1`,
    pid(1),
    visit,
    line('OBR', { 3: 'R1', 4: 'GGSX', 18: 'XQ', 25: 'F' }),
    obx(1, '35'),
  ];
  const VISIT = 'PV1|1|O|内科^^^东院区';

  it('is not read from where the patient is, nor from anywhere else the sender has not named', () => {
    expect(readOneReport(message(VISIT)).campus).toBeNull();
  });

  it.each([
    ['PV1-3.4', '东院区'],
    ['OBR-18', '西区'],
    ['MSH-4', '江城第一医院'],
  ])('is read from %s where the sender names that place', (campus, expected) => {
    const dialect = { fields: { campus }, campuses: { XQ: '西区' } };
    expect(readOneReport(message(VISIT), { dialect }).campus).toBe(expected);
  });

  it('stays unknown where the named place is empty', () => {
    expect(
      readOneReport(message('PV1|1|O'), { dialect: { fields: { campus: 'PV1-3.4' } } }).campus,
    ).toBeNull();
  });
});

describe('a document after SPM', () => {
  const DOCUMENT = 'OBX|2|ED|PDF^报告单||^application^pdf^Base64^JVBERi0xLjQK||||||F';

  it('in an ORU is the report’s, and a remark on the specimen is not', () => {
    const report = readOneReport(
      oru(obr('R1'), obx(1, '35'), 'SPM|1|||SER^血清', 'OBX|1|ST|SPMCOND^标本状态||溶血||||||F', DOCUMENT),
    );
    expect(report.observations.map(({ value }) => value.kind)).toEqual(['numeric', 'attachment']);
    expect(report.observations[1]?.value.attachment?.mediaType).toBe('application/pdf');
  });

  it('that cannot be decoded refuses the message: half a document looks like a whole one', () => {
    const broken = DOCUMENT.replace('JVBERi0xLjQK', '%%%');
    expect(refusalOf(oru(obr('R1'), obx(1, '35'), 'SPM|1|||SER', broken))).toContain(
      'HL7_ATTACHMENT_UNREADABLE',
    );
  });
});
