import { sha256Hex } from '../../kernel/content-hash.ts';
import { describe, expect, it } from 'vitest';
import { msh, obr, pid, readObx, refusalOf } from '../../../test/contract/hl7v2-messages.ts';

const value = (type: string, text: string, unit = '', reference = '') =>
  readObx(`OBX|1|${type}|X^Y||${text}|${unit}|${reference}||||F`).value;

describe('NM values', () => {
  it.each([
    ['4.10', { kind: 'numeric', text: '4.10', number: 4.1 }],
    ['-0.5', { kind: 'numeric', text: '-0.5', number: -0.5 }],
    ['1e3', { kind: 'numeric', text: '1e3', number: 1000 }],
    ['<0.01', { kind: 'compared', text: '<0.01', number: 0.01, comparator: '<' }],
    ['>1000', { kind: 'compared', text: '>1000', number: 1000, comparator: '>' }],
    ['<=5', { kind: 'compared', text: '<=5', number: 5, comparator: '<=' }],
    ['≥5', { kind: 'compared', text: '≥5', number: 5, comparator: '>=' }],
    ['＜0.5', { kind: 'compared', text: '＜0.5', number: 0.5, comparator: '<' }],
    ['1+', { kind: 'text', text: '1+' }],
    ['+1', { kind: 'text', text: '+1' }],
    ['+', { kind: 'text', text: '+' }],
    ['±', { kind: 'text', text: '±' }],
    ['阴性', { kind: 'text', text: '阴性' }],
    ['1,000', { kind: 'text', text: '1,000' }],
    ['0x10', { kind: 'text', text: '0x10' }],
    ['Infinity', { kind: 'text', text: 'Infinity' }],
    ['1e999', { kind: 'text', text: '1e999' }],
    ['<阴性', { kind: 'text', text: '<阴性' }],
    ['', { kind: 'empty', text: '' }],
    ['""', { kind: 'empty', text: '' }],
  ])('%s is never coerced', (text, expected) => {
    expect(value('NM', text)).toEqual(expected);
  });
});

describe('SN values', () => {
  it.each([
    ['<^0.01', { kind: 'compared', text: '<0.01', number: 0.01, comparator: '<' }],
    ['>=^10', { kind: 'compared', text: '>=10', number: 10, comparator: '>=' }],
    ['^4.1', { kind: 'numeric', text: '4.1', number: 4.1 }],
    ['=^4.1', { kind: 'numeric', text: '=4.1', number: 4.1 }],
    ['^1^:^128', { kind: 'ratio', text: '1:128' }],
    ['^0^-^5', { kind: 'range', text: '0-5' }],
    ['^2^+', { kind: 'text', text: '2+' }],
    ['>^1^:^128', { kind: 'text', text: '>1:128' }],
    ['<>^5', { kind: 'text', text: '<>5' }],
    ['^阴性', { kind: 'text', text: '阴性' }],
    ['<0.01', { kind: 'compared', text: '<0.01', number: 0.01, comparator: '<' }],
  ])('%s', (text, expected) => {
    expect(value('SN', text)).toEqual(expected);
  });
});

describe('Coded values', () => {
  it('keep code, words, system and the alternate coding', () => {
    expect(value('CWE', '260385009^阴性^SCT^N^neg^L')).toEqual({
      kind: 'coded',
      text: '阴性',
      code: {
        code: '260385009',
        text: '阴性',
        system: 'SCT',
        alternate: { code: 'N', text: 'neg', system: 'L' },
      },
    });
  });

  it('have a code without the blanks of a fixed-width column, and words as they are', () => {
    expect(value('CE', ' NEG  ^ 阴性^L^N ')).toMatchObject({
      text: ' 阴性',
      code: { code: 'NEG', text: ' 阴性', alternate: { code: 'N' } },
    });
    expect(readObx('OBX|1|NM|  K^钾||4||||||F').code.code).toBe('K');
  });

  it('show the code when there are no words', () => {
    expect(value('CE', 'NEG')).toMatchObject({ kind: 'coded', text: 'NEG' });
  });

  it('several in one field are text with every one of them', () => {
    expect(value('CWE', 'A^大肠埃希菌~B^肺炎克雷伯菌')).toEqual({
      kind: 'text',
      text: '大肠埃希菌; 肺炎克雷伯菌',
    });
  });

  it('are empty when nothing is in them', () => {
    expect(value('CNE', '^^')).toEqual({ kind: 'empty', text: '' });
  });
});

describe('Text values', () => {
  it('join repetitions as lines and resolve escapes', () => {
    expect(value('FT', String.raw`第一行\.br\第二行~第三行 A\T\B`).text).toBe('第一行\n第二行\n第三行 A&B');
    expect(value('TX', '所见~意见').text).toBe('所见\n意见');
  });

  it('typed ST are numbers only beside a unit or a reference interval', () => {
    expect(value('ST', '4.1', 'mmol/L')).toMatchObject({ kind: 'numeric', number: 4.1 });
    expect(value('ST', '7.35', '', '7.35-7.45')).toMatchObject({ kind: 'numeric', number: 7.35 });
    expect(value('ST', '<0.01', 'IU/mL')).toMatchObject({ kind: 'compared' });
    expect(value('ST', '4.1')).toEqual({ kind: 'text', text: '4.1' });
    expect(value('ST', '0012', 'U')).toEqual({ kind: 'text', text: '0012' });
    expect(value('ST', '1+', 'mg/dL')).toEqual({ kind: 'text', text: '1+' });
  });

  it('of dates, pointers and unknown types keep the characters', () => {
    expect(value('DT', '20261101')).toEqual({ kind: 'text', text: '20261101' });
    expect(value('RP', 'http://pacs/1^PACS^IM^DICOM')).toEqual({ kind: 'text', text: 'http://pacs/1' });
    expect(value('NA', '1^2^3')).toEqual({ kind: 'text', text: '1^2^3' });
  });
});

describe('Attachments', () => {
  const pdf = Buffer.from('%PDF-1.4 报告').toString('base64');
  const image = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2]).toString('hex');

  it.each([
    ['in the order of the standard', `LIS^AP^PDF^Base64^${pdf}`],
    ['with a full media type', `^application^pdf^Base64^${pdf}`],
    ['with components missing', `PDF^Base64^${pdf}`],
    ['with the encoding in capitals', `^AP^^BASE64^${pdf}`],
    ['as bare Base64 of a PDF', pdf],
    ['with the data in the last place only', `^^^^${pdf}`],
    ['with line breaks escaped inside', `^AP^PDF^Base64^${pdf.slice(0, 8)}\\.br\\${pdf.slice(8)}`],
  ])('are taken %s', (_, field) => {
    expect(value('ED', field)).toMatchObject({
      kind: 'attachment',
      attachment: {
        mediaType: 'application/pdf',
        bytes: Buffer.from('%PDF-1.4 报告'),
        sha256: sha256Hex('%PDF-1.4 报告'),
      },
    });
  });

  it('are known by their first bytes when the sender names another type', () => {
    expect(value('ED', `^AP^PDF^Hex^${image}`).attachment?.mediaType).toBe('image/jpeg');
  });

  it('may name their media type in one component', () => {
    expect(value('ED', '^text/plain^^Base64^aGVsbG8=').attachment?.mediaType).toBe('text/plain');
  });

  it('of plain text are encoded as A', () => {
    expect(value('ED', '^TEXT^plain^A^hello').attachment).toEqual({
      mediaType: 'text/plain',
      size: 5,
      sha256: sha256Hex('hello'),
      bytes: Buffer.from('hello'),
    });
  });

  it('of XML may call that encoding ASCII', () => {
    const xml = '<report title="A &amp; B"/>';
    expect(value('ED', `^Text^text/xml^ASCII^${xml}`).attachment).toMatchObject({
      mediaType: 'text/xml',
      bytes: Buffer.from(xml),
    });
  });

  it.each([
    ['broken Base64', `^AP^PDF^Base64^${pdf.slice(0, 9)}*${pdf.slice(9)}`],
    ['half a hexadecimal byte', '^IM^JPEG^Hex^FFD'],
    ['no data', '^AP^PDF^Base64^'],
    ['two encodings', `^Base64^Hex^Base64^${pdf}`],
    ['data of an unnamed encoding', '^AP^PDF^^c29tZXRoaW5n'],
  ])('are refused with their place: %s', (_, field) => {
    const message = [msh('ORU^R01', 'A1'), pid(1), obr('R1'), `OBX|1|ED|PDF^报告||${field}||||||F`];
    expect(refusalOf(message)).toBe('AE HL7_ATTACHMENT_UNREADABLE OBX[1]-5');
  });
});

describe('Units and reference intervals as printed', () => {
  it.each([
    ['mmol/L', 'mmol/L'],
    ['mmol/L^毫摩尔每升^UCUM', 'mmol/L'],
    ['^毫摩尔每升', '毫摩尔每升'],
    ['10^9/L', '10^9/L'],
    ['×10^12/L', '×10^12/L'],
    [String.raw`10\S\9/L`, '10^9/L'],
    ['10*9/L', '10*9/L'],
    ['', ''],
  ])('unit %s', (field, expected) => {
    expect(readObx(`OBX|1|NM|X^Y||1|${field}|||||F`).unitText).toBe(expected);
  });

  it('reference intervals stay whole, tilde and caret included', () => {
    expect(readObx('OBX|1|NM|X^Y||1||3.5~5.5|||||F').referenceText).toBe('3.5~5.5');
    expect(readObx('OBX|1|NM|X^Y||1||3.5^5.5|||||F').referenceText).toBe('3.5^5.5');
  });

  it('flags are a list', () => {
    expect(readObx('OBX|1|NM|X^Y||1|||H~POS|||F').flags).toEqual(['H', 'POS']);
  });
});
