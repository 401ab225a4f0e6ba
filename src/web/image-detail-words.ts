import type { StudyDescriptionAnswer } from './wire/order-check-answer.ts';

/** Says a phrase in the reader's language; `{n}` marks a value. */
export type Phrase = (text: string, values?: Readonly<Record<string, string | number>>) => string;

/** The phrase as it stands, in Chinese, with its values. */
export const inChinese: Phrase = (text, values = {}) =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]));

/** One thing that headers state of images. */
export interface ImageDetail {
  readonly label: string;
  readonly text: string;
}

const PHASE_WORDS: Readonly<Record<StudyDescriptionAnswer['phases'][number]['phase'], string>> = {
  plain: '平扫',
  arterial: '动脉期',
  venous: '静脉期',
  delayed: '延迟期',
  enhanced: '增强',
};
const VIEW_WORDS: Readonly<Record<StudyDescriptionAnswer['views'][number], string>> = {
  frontal: '正位',
  lateral: '侧位',
  oblique: '斜位',
  'cranio-caudal': '头尾位（CC）',
  'mediolateral-oblique': '内外侧斜位（MLO）',
};
const SEQUENCE_WORDS: Readonly<Record<StudyDescriptionAnswer['sequences'][number], string>> = {
  t1: 'T1',
  t2: 'T2',
  flair: 'FLAIR',
  dwi: 'DWI',
  swi: 'SWI',
  angio: '血管成像',
};
const PROJECTIONS: ReadonlySet<string> = new Set(['CR', 'DR', 'DX', 'MG']);

const lossText = ({ isLossy, lossyRatio }: StudyDescriptionAnswer, say: Phrase): string => {
  if (isLossy === false) return say('无损');
  if (isLossy === null) return say('是否有损未注明');
  return lossyRatio === null ? say('有损，压缩比未注明') : say('有损 {ratio}:1', { ratio: lossyRatio });
};

const doseText = (study: StudyDescriptionAnswer): string | null => {
  const { ctdiVolMGy, doseLengthMGyCm, areaDoseProductDGyCm2 } = study;
  const parts = [
    ctdiVolMGy === null ? null : `CTDIvol ${ctdiVolMGy} mGy`,
    doseLengthMGyCm === null ? null : `DLP ${doseLengthMGyCm} mGy·cm`,
    areaDoseProductDGyCm2 === null ? null : `DAP ${areaDoseProductDGyCm2} dGy·cm²`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join('，');
};

/**
 * What headers state of the images of one study, as a doctor weighs them: in the order in which he asks. What is not stated is said
 * where its absence tells something (未注明): the thickness of slices, the phase and dose of a CT, the view of a projection, the device.
 */
export const imageDetails = (study: StudyDescriptionAnswer, say: Phrase): readonly ImageDetail[] => {
  const details: ImageDetail[] = [];
  /** @param text null: not stated */
  const tell = (label: string, text: string | null, isMissed: boolean): void => {
    if (text !== null || isMissed) details.push({ label: say(label), text: text ?? say('未注明') });
  };
  const joined = (words: readonly string[]): string | null => (words.length === 0 ? null : words.join('、'));
  const isComputed = study.modalities.includes('CT');
  const kinds = study.modalities.join('、');
  tell(
    '图像',
    `${kinds} ${
      study.missing > 0
        ? say('{n} 幅，缺 {missing} 幅', { n: study.instances, missing: study.missing })
        : say(study.hasSlices && study.arePlacesKnown ? '{n} 幅，层间未见缺幅' : '{n} 幅', {
            n: study.instances,
          })
    }`.trim(),
    false,
  );
  const thicknesses = joined(study.thicknessesMm.map(String));
  tell('层厚', study.hasSlices && thicknesses !== null ? `${thicknesses} mm` : null, study.hasSlices);
  tell('矩阵', study.matrix === null ? null : String(study.matrix), false);
  const areSeveral = study.phases.length > 1;
  const phases = study.phases.map(({ phase, thicknessesMm }) =>
    areSeveral && thicknessesMm.length > 0
      ? `${say(PHASE_WORDS[phase])} ${thicknessesMm.join('/')} mm`
      : say(PHASE_WORDS[phase]),
  );
  tell('期相', joined(phases), isComputed);
  tell('序列类型', joined(study.sequences.map((sequence) => say(SEQUENCE_WORDS[sequence]))), false);
  const isProjected = study.modalities.some((modality) => PROJECTIONS.has(modality));
  tell('体位', joined(study.views.map((view) => say(VIEW_WORDS[view]))), isProjected);
  tell('重建核', joined(study.kernels), false);
  tell('导联', study.leads === null ? null : String(study.leads), study.modalities.includes('ECG'));
  const devices = study.devices.map(({ manufacturer, modelName }) =>
    [manufacturer, modelName].filter((part) => part !== null).join(' '),
  );
  tell('设备', joined(devices), true);
  tell('剂量', doseText(study), isComputed);
  tell('压缩', study.matrix === null ? null : lossText(study, say), false);
  return details;
};
