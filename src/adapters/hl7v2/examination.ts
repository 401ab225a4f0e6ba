import { type Side, sideInName, understandSide } from '../../catalogue/index.ts';
import type { IncomingObservation, ReportKind, StatedCode } from '../../result/index.ts';
import type { Segment } from './parse.ts';
import { codeIn, type Reading } from './reading.ts';
import type { ReportGroup } from './report-groups.ts';

/** OBR-24, HL7 table 0074, with the DICOM modalities that radiology systems write instead. */
const KINDS: Readonly<Record<string, ReportKind>> = {
  LAB: 'laboratory',
  BG: 'laboratory',
  BLB: 'laboratory',
  CG: 'laboratory',
  CH: 'laboratory',
  HM: 'laboratory',
  ICU: 'laboratory',
  IMM: 'laboratory',
  MB: 'laboratory',
  MCB: 'laboratory',
  MYC: 'laboratory',
  SR: 'laboratory',
  TX: 'laboratory',
  URN: 'laboratory',
  VR: 'laboratory',
  RAD: 'imaging',
  RX: 'imaging',
  RUS: 'imaging',
  CUS: 'imaging',
  OUS: 'imaging',
  VUS: 'imaging',
  XRC: 'imaging',
  NMR: 'imaging',
  NMS: 'imaging',
  IMG: 'imaging',
  CT: 'imaging',
  MR: 'imaging',
  MRI: 'imaging',
  US: 'imaging',
  CR: 'imaging',
  DR: 'imaging',
  DX: 'imaging',
  MG: 'imaging',
  XA: 'imaging',
  RF: 'imaging',
  NM: 'imaging',
  PT: 'imaging',
  PET: 'imaging',
  EC: 'electrocardiogram',
  ECG: 'electrocardiogram',
  EKG: 'electrocardiogram',
  CTH: 'other',
  PF: 'other',
  EN: 'other',
  SP: 'other',
};

/** Codes of OBR-24 that name a modality, as DICOM writes it. */
const MODALITIES: Readonly<Record<string, string>> = {
  CT: 'CT',
  MR: 'MR',
  MRI: 'MR',
  NMR: 'MR',
  US: 'US',
  RUS: 'US',
  CUS: 'US',
  OUS: 'US',
  VUS: 'US',
  CR: 'CR',
  DR: 'DX',
  DX: 'DX',
  MG: 'MG',
  XA: 'XA',
  RF: 'RF',
  NM: 'NM',
  NMS: 'NM',
  PT: 'PT',
  PET: 'PT',
  EC: 'ECG',
  ECG: 'ECG',
  EKG: 'ECG',
};

/** LOINC codes and HL7 suffixes of the two halves of an imaging report. */
const FINDINGS_CODES = new Set(['59776-5', '18782-3', 'GDT']);
const IMPRESSION_CODES = new Set(['19005-8', '59773-2', 'IMP']);
const FINDINGS_WORDS = /所见|描述|\bfindings?\b/i;
const IMPRESSION_WORDS = /意见|结论|印象|诊断|提示|\bimpression\b|\bconclusion\b/i;

type Part = 'findings' | 'impression' | null;

/** Which half of the report an observation is, by code, then by words; 诊断所见 and the like count as findings. */
const partOf = ({ code }: IncomingObservation): Part => {
  for (const one of [code.code, code.alternate?.code ?? '', code.code.split('&')[1] ?? '']) {
    if (FINDINGS_CODES.has(one)) return 'findings';
    if (IMPRESSION_CODES.has(one)) return 'impression';
  }
  const words = `${code.text} ${code.alternate?.text ?? ''} ${code.code}`;
  if (FINDINGS_WORDS.test(words)) return 'findings';
  return IMPRESSION_WORDS.test(words) ? 'impression' : null;
};

/** 检查所见 and 诊断意见 of a report, each of one or several OBX. */
export const reportText = (
  observations: readonly IncomingObservation[],
): { findings: string | null; impression: string | null } => {
  const textOf = (part: Part) => {
    const lines = observations
      .filter((one) => partOf(one) === part && one.value.kind !== 'attachment' && one.value.text !== '')
      .map((one) => one.value.text);
    return lines.length === 0 ? null : lines.join('\n');
  };
  return { findings: textOf('findings'), impression: textOf('impression') };
};

const UID = /^[0-2](?:\.\d+)+$/;

/** Study Instance UID: the sender's own place, IPC-3, ZDS-1 (IHE), or an OBX whose code names it. */
export const studyUidOf = (group: ReportGroup, reading: Reading): string | null => {
  const candidates = [
    reading.ownField('studyUid', group.segments)?.text ?? '',
    ...group.segments.filter(({ name }) => name === 'IPC').map((ipc) => ipc.get(3)),
    ...group.segments.filter(({ name }) => name === 'ZDS').map((zds) => zds.get(1)),
    ...group.observations
      .filter(({ obx }) => /113014|110180|study\s*instance\s*uid/i.test(obx.raw(3)))
      .map(({ obx }) => obx.get(5)),
  ];
  return candidates.map((text) => text.trim()).find((text) => UID.test(text) && text.length <= 64) ?? null;
};

/** 心电图 is an ECG; 心电监护 and 脑电图 are not. */
const ECG_WORDS = /心电图|\b(?:ECG|EKG|electrocardiogram)\b/i;

/** What kind of report it is: OBR-24, then the sender's setting, then the content. */
export const reportKind = (
  group: ReportGroup,
  service: StatedCode,
  observations: readonly IncomingObservation[],
  reading: Reading,
): ReportKind => {
  const section = group.obr.get(24).trim().toUpperCase();
  const stated = KINDS[section] ?? reading.defaults.dialect.reportKind;
  if (stated) return stated;
  if (ECG_WORDS.test(service.text) || ECG_WORDS.test(service.code)) return 'electrocardiogram';
  const hasImages = studyUidOf(group, reading) !== null || group.segments.some(({ name }) => name === 'IPC');
  if (hasImages || observations.some((one) => partOf(one) === 'findings')) return 'imaging';
  const measured = observations.some(
    ({ value, unitText }) => unitText !== '' || /numeric|compared|ratio/.test(value.kind),
  );
  return measured || group.specimens.length > 0 ? 'laboratory' : 'other';
};

/** Modality of an examination: OBR-24 where it names one, else IPC-5. */
export const modalityOf = ({ obr, segments }: ReportGroup): string | null => {
  const section = MODALITIES[obr.get(24).trim().toUpperCase()];
  const procedure = segments.find(({ name }) => name === 'IPC')?.get(5) ?? '';
  return section ?? (procedure === '' ? null : procedure);
};

/** Body part: the sender's own place, OBX-20, the body site of OBR-15 (component 4). */
export const bodyPartOf = (group: ReportGroup, reading: Reading): StatedCode | null => {
  const own = reading.ownField('bodyPart', group.segments);
  if (own) return { code: own.text, text: '', system: '' };
  const site = group.observations.map(({ obx }) => codeIn(obx, 20)).find((code) => code !== null);
  if (site) return site;
  const [source] = group.obr.repetitions(15);
  if (source === undefined) return null;
  const sub = (index: number) => group.obr.sub(source, 4, index);
  return sub(1) === '' && sub(2) === '' ? null : { code: sub(1), text: sub(2), system: sub(3) };
};

/** Side: a modifier where one is coded (OBR-15.5, SPM-9, OBR-45), else the words for body part and service. */
export const sideOf = (
  obr: Segment,
  specimens: readonly Segment[],
  texts: readonly string[],
): Side | null => {
  const [source = ''] = obr.repetitions(15);
  const codes = [obr.sub(source, 5, 1), ...specimens.map((spm) => spm.get(9)), obr.get(45)];
  for (const code of codes) {
    const side = understandSide(code);
    if (side) return side;
  }
  return sideInName(texts.join(' '));
};
