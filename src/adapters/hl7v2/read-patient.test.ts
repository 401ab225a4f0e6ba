import { describe, expect, it } from 'vitest';
import {
  msh,
  obr,
  obx,
  pid,
  readPid,
  readReports,
  refusalOf,
} from '../../../test/contract/hl7v2-messages.ts';

const ids = (line: string, dialect = {}) =>
  readPid(line, { dialect }).identifiers.map(({ type, issuer, number }) => `${type}|${issuer}|${number}`);

describe('Identifiers of PID-3', () => {
  it.each([
    ['1001^^^XYRMYY^MR', 'medical-record|H001|1001'],
    ['1001^^^^PI', 'medical-record|H001|1001'],
    ['1001^^^LIS^PT', 'medical-record|H001|1001'],
    ['1001', 'medical-record|H001|1001'],
    ['1001^^^^MZH', 'medical-record|H001/outpatient|1001'],
    ['1001^^^LIS^住院号', 'medical-record|H001/inpatient|1001'],
    ['1001^^^省平台^MR', 'medical-record|H001/省平台|1001'],
    ['11010519491231002X^^^^NI', 'national-id|CN|11010519491231002X'],
    ['11010519491231002X^^^CHN^NNCHN', 'national-id|CN|11010519491231002X'],
    ['11010519491231002X^^^GA^SFZ', 'national-id|CN|11010519491231002X'],
    ['11010519491231002X^^^^01', 'national-id|CN|11010519491231002X'],
    ['11010519491231002X^^^^idcard', 'national-id|CN|11010519491231002X'],
    ['123^^^^NI', 'national-id|CN|123'],
    ['943476591^^^USSSA^NI', 'other|H001/NI/USSSA|943476591'],
    ['E12345678^^^^PPN^^^^CHN', 'passport|CHN|E12345678'],
    ['E12345678^^^USA^PPN', 'passport|USA|E12345678'],
    ['E12345678^^^^03', 'passport||E12345678'],
    ['H00000001^^^^06', 'hk-macao-permit|CN|H00000001'],
    ['00000001^^^^07', 'taiwan-permit|CN|00000001'],
    ['A1^^^^SS', 'insurance-number|CN|A1'],
    ['A1^^^^HC', 'health-card-index|CN|A1'],
    ['A1^^^^XYZ', 'other|H001/XYZ|A1'],
  ])('%s', (field, expected) => {
    expect(ids(`PID|1||${field}||张三`)).toEqual([expected]);
  });

  it('are all read, each one once', () => {
    expect(ids('PID|1||1001^^^^MR~1001^^^LIS^MR~2^^^^SS||张三')).toEqual([
      'medical-record|H001|1001',
      'insurance-number|CN|2',
    ]);
  });

  it('of a visit are no identifiers of the person but the number of the visit', () => {
    const message = [msh('ORU^R01', 'M1'), 'PID|1||1001^^^^MR~V77^^^^VN||张三', obr('R1'), obx(1, '1')];
    const { patient, encounterNumber } = readReports(message);
    expect(patient.identifiers).toHaveLength(1);
    expect(encounterNumber).toBe('V77');
  });

  it('follow the habits that the sender is registered with', () => {
    expect(
      ids('PID|1||1001^^^省平台^K9||张三', {
        authorities: { 省平台: 'P' },
        identifierTypes: { K9: 'medical-record' },
      }),
    ).toEqual(['medical-record|P|1001']);
    expect(ids('PID|1||11010519491231002X||张三', { untypedIdentifier: 'national-id' })).toEqual([
      'national-id|CN|11010519491231002X',
    ]);
  });
});

describe('Older places of identifiers', () => {
  it('PID-2 counts as the record number only when PID-3 is empty', () => {
    expect(ids('PID|1|77|||张三')).toEqual(['medical-record|H001|77']);
    expect(ids('PID|1|77|1001||张三')).toEqual(['medical-record|H001|1001', 'other|H001/PID-2|77']);
  });

  it('PID-4 is kept apart', () => {
    expect(ids('PID|1||1001|88|张三')).toEqual(['medical-record|H001|1001', 'other|H001/PID-4|88']);
  });

  it('PID-19 is the citizen number when it has its shape', () => {
    expect(ids('PID|1||1001||张三||||||||||||||11010519491231002X')).toContain(
      'national-id|CN|11010519491231002X',
    );
    expect(ids('PID|1||1001||张三||||||||||||||943-47-6591')).toContain('other|H001/PID-19|943-47-6591');
  });
});

describe('Names', () => {
  it.each([
    ['张三', '张三'],
    ['张^三', '张三'],
    ['欧阳^娜娜', '欧阳娜娜'],
    ['张三^ZHANGSAN', '张三'],
    ['ZHANGSAN^张三', '张三'],
    ['^张三', '张三'],
    ['LI^明', 'LI明'],
    ['𠮷田^𬱖', '𠮷田𬱖'],
    ['SMITH^JOHN^Q', 'SMITH JOHN Q'],
    ['ZHANG^SAN^^^^^L^A~张^三^^^^^L^I', '张三'],
    ['张^三^^^^^N~张^三丰^^^^^L', '张三丰'],
    ['Müller&von^Anna', 'Müller Anna'],
    ['迪丽热巴·迪力木拉提', '迪丽热巴·迪力木拉提'],
  ])('%s is %s', (field, expected) => {
    expect(readPid(`PID|1||1||${field}`).name).toBe(expected);
  });

  it('is null when not stated', () => {
    expect(readPid('PID|1||1').name).toBeNull();
    expect(readPid('PID|1||1|| ').name).toBeNull();
    expect(readPid('PID|1||1|| ^ ').name).toBeNull();
  });
});

describe('Other particulars', () => {
  it.each([
    ['M', 'male'],
    ['1', 'male'],
    ['男', 'male'],
    ['Male', 'male'],
    ['f', 'female'],
    ['Female', 'female'],
    ['2', 'female'],
    ['女', 'female'],
    ['U', 'unknown'],
    ['0', 'unknown'],
    ['O', 'unknown'],
    ['9', 'not-stated'],
    ['', 'not-stated'],
  ])('sex %s is %s', (code, sex) => {
    expect(readPid(`PID|1||1||张三|||${code}`).sex).toBe(sex);
  });

  it('phones come from the places of old and new versions, each one once', () => {
    expect(readPid('PID|1||1||张三||||||||13800000000~^PRN^PH^^86^020^81234567|13800000000').phones).toEqual([
      '13800000000',
      '8602081234567',
    ]);
  });

  it('mother, order of birth, multiple birth and death', () => {
    const child = readPid(
      'PID|1||1||张三之子||20261101|M|||||||||||||M55^^^^MR~110105198001010029^^^^NI|||Y|2|||||Y',
    );
    expect(child.motherIdentifiers.map(({ type, number }) => [type, number])).toEqual([
      ['medical-record', 'M55'],
      ['national-id', '110105198001010029'],
    ]);
    expect([child.multipleBirth, child.birthOrder, child.deceased]).toEqual([true, 2, true]);
    expect(child.identifiers).toHaveLength(1);
  });

  it('address', () => {
    expect(readPid('PID|1||1||张三||||||某路1号^^某市^某省^100000').address).toBe('某路1号 某市 某省 100000');
  });
});

describe('A message', () => {
  it('without a patient is refused', () => {
    expect(refusalOf([msh('ORU^R01', 'M1'), obr('R1'), obx(1, '1')])).toBe('AE HL7_PATIENT_MISSING PID');
    expect(refusalOf([msh('ORU^R01', 'M1'), 'PID|1', obr('R1'), obx(1, '1')])).toBe(
      'AE HL7_PATIENT_EMPTY PID[1]-3',
    );
    expect(refusalOf([msh('ORU^R01', 'M1'), 'PID|1||||  |||U', obr('R1'), obx(1, '1')])).toBe(
      'AE HL7_PATIENT_EMPTY PID[1]-3',
    );
  });

  it('with two different people is refused whole', () => {
    const message = [msh('ORU^R01', 'M1'), pid(1), obr('R1'), obx(1, '1'), pid(2), obr('R2'), obx(1, '2')];
    expect(refusalOf(message)).toBe('AE HL7_TWO_PATIENTS PID[2]');
  });

  it('that repeats the same person is taken', () => {
    const message = [msh('ORU^R01', 'M1'), pid(1), obr('R1'), obx(1, '1'), pid(1), obr('R2'), obx(1, '2')];
    expect(readReports(message).reports.map((report) => report.reportNumber)).toEqual(['R1', 'R2']);
  });

  it('with an impossible birth date is refused with its place', () => {
    expect(refusalOf([msh('ADT^A08', 'M1'), 'PID|1||1||张三||19990230'])).toBe(
      'AE HL7_TIME_IMPOSSIBLE PID[1]-7',
    );
  });
});
