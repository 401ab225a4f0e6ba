import type { IncomingSpecimen, StatedCode } from '../../result/index.ts';
import type { Segment } from './parse.ts';
import { codeIn, firstText, type Reading } from './reading.ts';

/** Circumstances of collection that decide whether a value can stand in for another. */
export interface CollectionCondition {
  readonly fasting: boolean | null;
  readonly timePoint: string | null;
  readonly pointOfCare: boolean;
}

const MINUTES: Readonly<Record<string, number>> = { h: 60, 小时: 60, min: 1, 分钟: 1, 分: 1 };

/**
 * Reads the words and codes that stand for the collection condition: HL7 table 0916 (F fasting, NF not fasting) and
 * the usual Chinese phrases: 空腹, 餐后2小时, 服糖后60分钟, 随机, 床旁, POCT.
 */
export const readCollectionCondition = (texts: readonly string[]): CollectionCondition => {
  let fasting: boolean | null = null;
  let timePoint: string | null = null;
  let pointOfCare = false;
  for (const text of texts) {
    const code = text.trim().toUpperCase();
    const later = /(?:餐后|饭后|服糖后|用药后)\s*(\d+(?:\.\d+)?)\s*(小时|分钟|分|h|min)/i.exec(text);
    if (later)
      timePoint ??= `${Number(later[1]) * (MINUTES[(later[2] as string).toLowerCase()] as number)} min`;
    if (code === 'NF' || /非空腹|未空腹|餐后|饭后|随机|\bnon-?fasting\b/i.test(text)) fasting ??= false;
    else if (code === 'F' || /空腹|\bfasting\b/i.test(text)) fasting ??= true;
    if (/POCT|床旁|床边|\bpoint of care\b/i.test(text)) pointOfCare = true;
  }
  return { fasting, timePoint, pointOfCare };
};

const SPECIMEN_WORD = /血|尿|便|液|浆|痰|拭子|组织|骨髓|分泌物/;

/**
 * OBR-15 (SPS) of older versions: the specimen's code in subcomponents of component 1, or the local habit of
 * `code^words`.
 */
const legacySpecimenCode = (obr: Segment): StatedCode | null => {
  const [source] = obr.repetitions(15);
  if (source === undefined) return null;
  const sub = (index: number) => obr.sub(source, 1, index);
  const words =
    [2, 3].map((index) => obr.componentOf(source, index)).find((text) => SPECIMEN_WORD.test(text)) ?? '';
  const code = { code: sub(1), text: sub(2) || (SPECIMEN_WORD.test(sub(1)) ? '' : words), system: sub(3) };
  return code.code === '' && code.text === '' ? null : code;
};

/** CWE repetitions as codes, or as words where no code was sent. */
const codesOrWords = (segment: Segment, field: number): readonly string[] =>
  segment
    .repetitions(field)
    .map((one) => segment.componentOf(one, 1) || segment.componentOf(one, 2))
    .filter((text) => text !== '');

/** Specimen id (EIP): what the filler assigned, else the placer; local systems write a bare number. */
const barcodeOf = (spm: Segment): string | null => {
  const [id = ''] = spm.repetitions(2);
  return firstText(spm.sub(id, 2, 1), spm.sub(id, 1, 1));
};

/** What stands around a specimen in its group. */
export interface SpecimenContext {
  /** The report's OBR, for the older places of the same facts. */
  readonly obr: Segment;
  /** Segments of the group, searched for the sender's own places. */
  readonly segments: readonly Segment[];
  readonly condition: CollectionCondition;
}

/** Reads one SPM (HL7 v2 chapter 7); quality control, calibrator and blank specimens refuse the message. */
export const readSpecimen = (spm: Segment, context: SpecimenContext, reading: Reading): IncomingSpecimen => {
  const role = spm.get(11).trim().toUpperCase();
  // Table 0369: P is the patient, G a group of patients' specimens, L a pool of them; the rest is quality control.
  if (/^[BCEFOQRV]$/.test(role)) reading.refuse('HL7_NOT_A_PATIENT_SPECIMEN', spm.placeOf(11), role);
  return {
    code: codeIn(spm, 4),
    states: [...codesOrWords(spm, 24), ...codesOrWords(spm, 21)],
    barcode: barcodeOf(spm),
    collectedAt: reading.time(spm, 17) ?? reading.time(context.obr, 7),
    receivedAt: reading.time(spm, 18) ?? reading.time(context.obr, 14),
    ...context.condition,
  };
};

/** The specimen of a group without SPM, from OBR-15 and the sender's own places; null when nothing is known of it. */
export const legacySpecimen = (context: SpecimenContext, reading: Reading): IncomingSpecimen | null => {
  const { obr, segments, condition } = context;
  const own = reading.ownField('specimen', segments);
  const code = own ? { code: own.text, text: '', system: '' } : legacySpecimenCode(obr);
  const container = segments.find((segment) => segment.name === 'SAC')?.get(3) ?? '';
  const barcode = firstText(reading.ownField('barcode', segments)?.text ?? '', container);
  const isKnown =
    code !== null || barcode !== null || condition.fasting !== null || condition.timePoint !== null;
  if (!isKnown && !condition.pointOfCare) return null;
  return {
    code,
    states: [],
    barcode,
    collectedAt: reading.ownTime('collectedAt', segments) ?? reading.time(obr, 7),
    receivedAt: reading.ownTime('receivedAt', segments) ?? reading.time(obr, 14),
    ...condition,
  };
};
