import { pinyin } from 'pinyin-pro';
import { TRANSFER_SYNTAXES } from '../../../adapters/dicom/write-part10.ts';
import { civilTimeText } from '../../../kernel/civil-day.ts';
import { DAY_MS, type Instant } from '../../../kernel/instant.ts';
import type { CastExamination } from '../cast-messages.ts';
import { castExaminations } from '../cast-messages.ts';
import { type DemonstrationInstitution, institutionDirectory } from '../region.ts';
import { type ChestCtPlan, chestCt, type CtSeries } from './chest-ct.ts';
import { chestDr } from './chest-dr.ts';
import { kneeMr } from './knee-mr.ts';
import { restingEcg } from './resting-ecg.ts';
import type { StudyContext, SyntheticStudy } from './synthetic-study.ts';
import type { Nodule } from './thorax.ts';
import { ultrasoundClip } from './ultrasound-clip.ts';

/** A study on its way from an imitation hospital. */
export interface DemonstrationStudy {
  readonly institution: DemonstrationInstitution;
  /** Application entity title of the device or archive that sends it. */
  readonly callingAeTitle: string;
  readonly study: SyntheticStudy;
}

const NAMES = new Map(
  institutionDirectory().institutions.map(({ code, nameZh }) => [code as string, nameZh]),
);

/** Hospitals whose devices write Chinese in GB18030; the others write UTF-8 (ISO_IR 192). */
const WRITES_GB18030: ReadonlySet<DemonstrationInstitution> = new Set(['WX-CENTRAL', 'YX-QINGSHI']);

const titleOf = (institution: DemonstrationInstitution): string => `${institution.replace('-', '_')}_PACS`;

/** Family and given name of a Chinese name, with the compound family names there are here. */
const partsOf = (name: string): readonly [string, string] => {
  const length = /^(欧阳|上官|司马|诸葛|万俟)/.test(name) ? 2 : 1;
  return [name.slice(0, length), name.slice(length)];
};

const latin = (text: string): string => {
  const letters = pinyin(text, { toneType: 'none', type: 'array' }).join('');
  return letters.charAt(0).toUpperCase() + letters.slice(1);
};

/** An examination of which images are wanted, or only their headers. */
interface Wanted extends CastExamination {
  readonly isBlank: boolean;
}

const compact = (at: Instant): readonly [date: string, time: string] => {
  const text = civilTimeText(at).replaceAll(/\D/g, '').padEnd(14, '0');
  return [text.slice(0, 8), text.slice(8, 14)];
};

const contextOf = ({ record, report, isBlank }: Wanted, station: string): StudyContext => {
  const { institution } = record;
  const [family, given] = partsOf(record.name);
  const [date, time] = compact(report.collectedAt ?? report.reportedAt);
  return {
    seed: `${institution}/${report.orderNumber}`,
    patient: {
      alphabetic: `${latin(family)}^${latin(given)}`,
      ideographic: `${family}^${given}`,
      patientId: record.recordNumber,
      birthDate: record.birthDate.replaceAll('-', ''),
      sex: record.sex === 'male' ? 'M' : 'F',
    },
    accessionNumber: report.orderNumber,
    date,
    time,
    institutionName: NAMES.get(institution) ?? institution,
    stationName: station,
    charset: WRITES_GB18030.has(institution) ? 'GB18030' : 'ISO_IR 192',
    transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
    isBlank,
  };
};

/** The nodule of the two stories: 7 mm, half ground glass, in the right upper lobe. */
const NODULE: Nodule = { at: [-78, -14, 48], diameterMm: 7, core: -80, halo: -560 };
const EARLIER: Nodule = { ...NODULE, diameterMm: 6 };

const THIN: readonly CtSeries[] = [
  { description: '肺窗 1.25mm', thicknessMm: 1.25, spacingMm: 1.25, kernel: 'B60f', noise: 22 },
  { description: '纵隔窗 5mm', thicknessMm: 5, spacingMm: 5, kernel: 'B31f', noise: 9 },
];
const THICK: readonly CtSeries[] = [
  { description: '胸部 5mm', thicknessMm: 5, spacingMm: 5, kernel: 'FC50', noise: 15 },
];

const ct = (
  examination: Wanted,
  nodules: readonly Nodule[],
  series: readonly CtSeries[],
  isTownship: boolean,
): SyntheticStudy => {
  const plan: ChestCtPlan = {
    context: contextOf(examination, isTownship ? 'QSCT16' : 'CT64-2'),
    variant: { seed: examination.member.key, nodules, build: 1 },
    modelName: isTownship ? 'CT-16' : 'CT-64',
    protocolName: isTownship ? 'CHEST ROUTINE' : '胸部平扫',
    studyDescription: '胸部CT平扫',
    bodyPartExamined: isTownship ? '胸部' : 'CHEST',
    // Of slices that nobody looks at as few do as leave no gaps.
    series: examination.isBlank
      ? series.map((one) => ({ ...one, spacingMm: 1.25 * one.thicknessMm }))
      : series,
    ctdiVolMGy: isTownship ? 8.4 : 5.1,
    matrix: examination.isBlank ? 16 : 512,
  };
  return chestCt(plan);
};

type Maker = (examination: Wanted) => SyntheticStudy | null;

/** Who in the cast has images, by story: the examination decides which. */
const STUDIES: Readonly<Record<string, Maker>> = {
  'nodule-thick': (examination) => ct(examination, [NODULE], THICK, true),
  'nodule-thin': (examination) =>
    examination.record.institution === 'YX-QINGSHI'
      ? ct(examination, [EARLIER], THICK, true)
      : ct(examination, [NODULE], THIN, false),
  'three-orders': (examination) => ct(examination, [], THICK, false),
  child: (examination) =>
    chestDr({
      context: contextOf(examination, 'DR1'),
      variant: { seed: 'child', nodules: [], build: 1 },
      modelName: 'DR',
      studyDescription: '胸部正位',
      bodyPartExamined: 'CHEST',
    }),
  'other-side': (examination) =>
    kneeMr({
      context: contextOf(examination, 'MR1'),
      side: 'left',
      tear: true,
      effusion: true,
      modelName: 'MR-1.5T',
      bodyPartExamined: 'KNEE',
      statesLaterality: true,
    }),
  'right-knee': (examination) =>
    kneeMr({
      context: contextOf(examination, 'MR02'),
      side: 'right',
      tear: true,
      effusion: true,
      modelName: 'MR-3.0T',
      // This device has no Laterality; the technician's words say it.
      bodyPartExamined: '右膝',
      statesLaterality: false,
    }),
  emergency: (examination) =>
    examination.report.item === 'EC-12'
      ? restingEcg({
          context: contextOf(examination, 'ECG03'),
          modelName: 'ECG-12',
          studyDescription: '常规心电图',
          beatsPerMinute: 88,
          stElevation: 0,
        })
      : null,
  'lower-tier': (examination) =>
    ultrasoundClip({
      context: contextOf(examination, 'US1'),
      modelName: '彩超',
      studyDescription: '肝胆胰脾超声',
      bodyPartExamined: 'ABDOMEN',
      frames: 30,
      stones: false,
    }),
};

/**
 * A radiograph whose patient number nobody at the hospital has, under the accession number of the child's report: whose it
 * is somebody has to say.
 */
const strayStudy = (examination: Wanted): SyntheticStudy => {
  const context = contextOf(examination, 'DR1');
  const { report } = examination;
  return chestDr({
    context: {
      ...context,
      seed: `stray/${report.reportNumber}`,
      accessionNumber: report.reportNumber,
      patient: { ...context.patient, patientId: 'TMP0009917' },
    },
    variant: { seed: 'stray', nodules: [], build: 1 },
    modelName: 'DR',
    studyDescription: '胸部正位（补照）',
    bodyPartExamined: 'CHEST',
  });
};

/** Days back that images of the cast reach. */
const REACH_DAYS = 90;

/**
 * The studies that the imitation hospitals send, small ones first.
 *
 * @param isBlank true where only the headers matter
 */
export const demonstrationStudies = (now: Instant, isBlank = false): readonly DemonstrationStudy[] => {
  const studies: DemonstrationStudy[] = [];
  for (const found of castExaminations(now)) {
    const examination = { ...found, isBlank };
    const { member, record, report } = examination;
    if (now - report.reportedAt > REACH_DAYS * DAY_MS) continue;
    const study = STUDIES[member.key]?.(examination);
    const { institution } = record;
    if (study) studies.push({ institution, callingAeTitle: titleOf(institution), study });
    if (member.key === 'child')
      studies.push({ institution, callingAeTitle: titleOf(institution), study: strayStudy(examination) });
  }
  return studies.toSorted((one, other) => one.study.instanceCount - other.study.instanceCount);
};
