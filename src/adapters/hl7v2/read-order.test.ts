import { describe, expect, it } from 'vitest';
import { msh, pid, readAdmission, readOrders, refusalOf } from '../../../test/contract/hl7v2-messages.ts';

describe('An order message', () => {
  const orm = [
    msh('ORM^O01', 'M1', '2.4'),
    pid(1),
    'PV1|1|E|急诊科^^^XYRMYY||||||||||||||||V1',
    'ORC|NW|O1|||||||202611010800|||D01^李^医生|||||NK^内科',
    'OBR|1|O1||CT01^左膝CT|||||||||||||||||||||',
    'DG1|1||S83.2^半月板损伤^I10',
    'ORC|CA|O2',
    'OBR|2|O2||GLU^葡萄糖|||||||||||SER&血清',
  ];

  it('has codes without the blanks of a fixed-width column', () => {
    const [line] = readOrders([msh('ORM^O01', 'M1'), pid(1), 'ORC|NW|O1', 'OBR|1|O1|| CT02 ^胸部CT']).lines;
    expect(line?.code).toBe('CT02');
  });

  it('gives its lines with control, number, code, side, specimen, time, doctor and department', () => {
    const message = readOrders(orm);
    expect(message).toMatchObject({
      encounterNumber: 'V1',
      encounterClass: 'emergency',
      diagnoses: ['S83.2'],
    });
    expect(message.lines).toMatchObject([
      {
        place: 'OBR[1]',
        control: 'NW',
        placerNumber: 'O1',
        code: 'CT01',
        text: '左膝CT',
        side: 'left',
        doctor: '李医生',
        department: '内科',
        requestedAt: { text: '202611010800' },
      },
      {
        control: 'CA',
        placerNumber: 'O2',
        code: 'GLU',
        specimenText: '血清',
        department: '急诊科',
        side: null,
      },
    ]);
  });

  it('OML^O21 names specimen and time in SPM and TQ1', () => {
    const [line] = readOrders([
      msh('OML^O21^OML_O21', 'M1'),
      pid(1),
      'ORC|NW|O1',
      'TQ1|1||||||202611020900',
      'OBR|1|O1||GLU^葡萄糖',
      'SPM|1|||SER^血清',
    ]).lines;
    expect(line).toMatchObject({ specimenText: '血清', requestedAt: { text: '202611020900' } });
  });

  it('a second OBR under one ORC inherits it', () => {
    const { lines } = readOrders([
      msh('ORM^O01', 'M1'),
      pid(1),
      'ORC|NW|O1',
      'OBR|1|O1||A^甲',
      'OBR|2|O2||B^乙',
    ]);
    expect(lines.map(({ control, code }) => [control, code])).toEqual([
      ['NW', 'A'],
      ['NW', 'B'],
    ]);
  });

  it('a cancellation may come without its OBR', () => {
    expect(readOrders([msh('ORM^O01', 'M1'), pid(1), 'ORC|CA|O1']).lines).toMatchObject([
      { place: 'ORC[1]', control: 'CA', placerNumber: 'O1', code: '' },
    ]);
  });

  it('without any order is refused', () => {
    expect(refusalOf([msh('ORM^O01', 'M1'), pid(1)])).toBe('AE HL7_ORDER_MISSING ORC');
  });

  it('reads local patient classes as the sender is registered', () => {
    const message = [msh('ORM^O01', 'M1'), pid(1), 'PV1|1|4', 'ORC|NW|O1', 'OBR|1|O1||A^甲'];
    expect(readOrders(message).encounterClass).toBeNull();
    expect(
      readOrders(message, { dialect: { encounterClasses: { '4': 'health-check' } } }).encounterClass,
    ).toBe('health-check');
  });
});

describe('An admission message', () => {
  it.each(['A01', 'A04', 'A08', 'A28', 'A31'])('ADT^%s gives the patient', (event) => {
    const message = readAdmission([msh(`ADT^${event}`, 'M1'), 'EVN||202611010900', pid(1), 'PV1|1|O']);
    expect(message).toMatchObject({ event, patient: { name: '患者1' }, mergedIdentifiers: [] });
  });

  it('A40 names the survivor in PID and what goes out of use in MRG', () => {
    const message = readAdmission([
      msh('ADT^A40^ADT_A39', 'M1'),
      'EVN||202611010900',
      pid(1),
      'MRG|MR2^^^XYRMYY^MR~MR3^^^XYRMYY^MR',
    ]);
    expect(message.mergedIdentifiers.map(({ number }) => number)).toEqual(['MR2', 'MR3']);
    expect(message.patient.identifiers[0]?.number).toBe('MR1');
  });

  it('A40 without MRG, or with several, is refused', () => {
    expect(refusalOf([msh('ADT^A40', 'M1'), pid(1)])).toBe('AE HL7_MERGE_INCOMPLETE MRG[1]-1');
    expect(refusalOf([msh('ADT^A40', 'M1'), pid(1), 'MRG|'])).toBe('AE HL7_MERGE_INCOMPLETE MRG[1]-1');
    expect(refusalOf([msh('ADT^A40', 'M1'), pid(1), 'MRG|2', 'MRG|3'])).toBe(
      'AE HL7_MERGE_INCOMPLETE MRG[2]',
    );
  });
});
