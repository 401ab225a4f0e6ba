import { codeItem, type DataSet, dataSet } from '../../../adapters/dicom/write-part10.ts';
import { type Random, randomStream } from '../random.ts';
import {
  makeInstance,
  SYNTHETIC_MARK,
  type StudyContext,
  type SyntheticStudy,
  uidOf,
} from './synthetic-study.ts';

const TWELVE_LEAD_ECG = '1.2.840.10008.5.1.4.1.1.9.1.1';
const RATE_HZ = 500;
const SECONDS = 10;
const SAMPLES = RATE_HZ * SECONDS;
/** Microvolts per stored unit. */
const UNIT_UV = 2.5;

/** A wave of a beat: when, how long (standard deviation), how high. Seconds from the R wave; millivolts. */
type Wave = readonly [at: number, width: number, millivolts: number];

/** P, Q, R, S and T of the leads that are measured; III and the augmented ones follow from I and II. */
const WAVES: Readonly<Record<'I' | 'II' | 'V1' | 'V2' | 'V3' | 'V4' | 'V5' | 'V6', readonly Wave[]>> = {
  I: [
    [-0.17, 0.022, 0.09],
    [-0.026, 0.008, -0.06],
    [0, 0.012, 0.72],
    [0.028, 0.009, -0.12],
    [0.27, 0.05, 0.22],
  ],
  II: [
    [-0.17, 0.022, 0.15],
    [-0.026, 0.008, -0.08],
    [0, 0.012, 1.1],
    [0.028, 0.009, -0.18],
    [0.27, 0.05, 0.3],
  ],
  V1: [
    [-0.18, 0.014, 0.06],
    [-0.155, 0.014, -0.05],
    [-0.008, 0.009, 0.22],
    [0.018, 0.014, -0.85],
    [0.27, 0.05, -0.06],
  ],
  V2: [
    [-0.17, 0.022, 0.08],
    [-0.008, 0.01, 0.42],
    [0.02, 0.015, -1.25],
    [0.26, 0.055, 0.36],
  ],
  V3: [
    [-0.17, 0.022, 0.09],
    [-0.004, 0.011, 0.78],
    [0.024, 0.014, -0.82],
    [0.26, 0.055, 0.42],
  ],
  V4: [
    [-0.17, 0.022, 0.1],
    [-0.026, 0.008, -0.06],
    [0, 0.012, 1.35],
    [0.028, 0.012, -0.5],
    [0.26, 0.052, 0.42],
  ],
  V5: [
    [-0.17, 0.022, 0.1],
    [-0.026, 0.008, -0.09],
    [0, 0.012, 1.3],
    [0.028, 0.01, -0.24],
    [0.27, 0.05, 0.34],
  ],
  V6: [
    [-0.17, 0.022, 0.09],
    [-0.026, 0.008, -0.09],
    [0, 0.012, 0.98],
    [0.028, 0.01, -0.1],
    [0.27, 0.05, 0.26],
  ],
};

/** The twelve leads in the order of the standard with their codes (MDC). */
const LEADS = [
  ['I', '2:1', 'MDC_ECG_LEAD_I'],
  ['II', '2:2', 'MDC_ECG_LEAD_II'],
  ['III', '2:61', 'MDC_ECG_LEAD_III'],
  ['aVR', '2:62', 'MDC_ECG_LEAD_AVR'],
  ['aVL', '2:63', 'MDC_ECG_LEAD_AVL'],
  ['aVF', '2:64', 'MDC_ECG_LEAD_AVF'],
  ['V1', '2:3', 'MDC_ECG_LEAD_V1'],
  ['V2', '2:4', 'MDC_ECG_LEAD_V2'],
  ['V3', '2:5', 'MDC_ECG_LEAD_V3'],
  ['V4', '2:6', 'MDC_ECG_LEAD_V4'],
  ['V5', '2:7', 'MDC_ECG_LEAD_V5'],
  ['V6', '2:8', 'MDC_ECG_LEAD_V6'],
] as const;

/** How an ECG is made. */
export interface RestingEcgPlan {
  readonly context: StudyContext;
  readonly modelName: string;
  readonly studyDescription: string;
  readonly beatsPerMinute: number;
  /** Millivolts added to the ST segment of V1 to V4; 0: none. */
  readonly stElevation: number;
}

const beatTimes = (random: Random, beatsPerMinute: number): readonly number[] => {
  const times: number[] = [];
  const cycle = 60 / beatsPerMinute;
  for (let at = -0.4 + random.next() * 0.3; at < SECONDS + 1; at += cycle * (1 + 0.03 * random.normal()))
    times.push(at);
  return times;
};

const lead = (
  waves: readonly Wave[],
  beats: readonly number[],
  random: Random,
  stElevation: number,
): Float32Array => {
  const line = new Float32Array(SAMPLES);
  const drift = random.next() * 6;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const t = sample / RATE_HZ;
    line[sample] = 0.03 * Math.sin(t * 1.6 + drift) + 0.008 * random.normal();
  }
  for (const beat of beats)
    for (const [at, width, height] of [
      ...waves,
      ...(stElevation === 0 ? [] : ([[0.11, 0.05, stElevation]] as const)),
    ]) {
      const from = Math.max(0, Math.floor((beat + at - 4 * width) * RATE_HZ));
      const to = Math.min(SAMPLES - 1, Math.ceil((beat + at + 4 * width) * RATE_HZ));
      for (let sample = from; sample <= to; sample++) {
        const x = (sample / RATE_HZ - beat - at) / width;
        line[sample] = (line[sample] as number) + height * Math.exp(-x * x * 0.5);
      }
    }
  return line;
};

const channel = (name: string, code: string, meaning: string): DataSet =>
  dataSet({
    ChannelSourceSequence: [codeItem(code, 'MDC', meaning)],
    ChannelSensitivity: UNIT_UV,
    ChannelSensitivityUnitsSequence: [codeItem('uV', 'UCUM', 'microvolt')],
    ChannelSensitivityCorrectionFactor: 1,
    ChannelBaseline: 0,
    ChannelSampleSkew: 0,
    WaveformBitsStored: 16,
    FilterLowFrequency: 0.05,
    FilterHighFrequency: 150,
    ChannelLabel: name,
  });

/** A resting ECG of ten seconds in twelve leads, as a waveform. Waveforms have no pixels: the mark is an annotation. */
export const restingEcg = (plan: RestingEcgPlan): SyntheticStudy => {
  const { context } = plan;
  return {
    studyUid: uidOf(`${context.seed}/study`),
    instanceCount: 1,
    *instances() {
      const random = randomStream(`ecg/${context.seed}`);
      const beats = beatTimes(random, plan.beatsPerMinute);
      const measured = (name: keyof typeof WAVES): Float32Array =>
        lead(
          WAVES[name],
          beats,
          random.fork(name),
          ['V1', 'V2', 'V3', 'V4'].includes(name) ? plan.stElevation : 0,
        );
      const one = measured('I');
      const two = measured('II');
      const from = (of: (i: number, ii: number) => number): Float32Array =>
        one.map((value, at) => of(value, two[at] as number));
      const lines: Readonly<Record<(typeof LEADS)[number][0], Float32Array>> = {
        I: one,
        II: two,
        III: from((i, ii) => ii - i),
        aVR: from((i, ii) => -(i + ii) / 2),
        aVL: from((i, ii) => i - ii / 2),
        aVF: from((i, ii) => ii - i / 2),
        V1: measured('V1'),
        V2: measured('V2'),
        V3: measured('V3'),
        V4: measured('V4'),
        V5: measured('V5'),
        V6: measured('V6'),
      };
      const samples = new Int16Array(SAMPLES * LEADS.length);
      for (const [index, [name]] of LEADS.entries())
        for (let sample = 0; sample < SAMPLES; sample++)
          samples[sample * LEADS.length + index] = Math.round(
            ((lines[name][sample] as number) * 1000) / UNIT_UV,
          );
      yield makeInstance(context, {
        sopClassUid: TWELVE_LEAD_ECG,
        series: 'ecg',
        instanceNumber: 1,
        attributes: {
          BurnedInAnnotation: undefined,
          Modality: 'ECG',
          StudyDescription: plan.studyDescription,
          SeriesDescription: '静息12导联',
          SeriesNumber: 1,
          AcquisitionDateTime: context.date + context.time,
          ManufacturerModelName: plan.modelName,
          AcquisitionContextSequence: [],
          WaveformAnnotationSequence: [
            dataSet({ UnformattedTextValue: SYNTHETIC_MARK, ReferencedWaveformChannels: [1, 0] }),
          ],
          WaveformSequence: [
            dataSet({
              WaveformOriginality: 'ORIGINAL',
              NumberOfWaveformChannels: LEADS.length,
              NumberOfWaveformSamples: SAMPLES,
              SamplingFrequency: RATE_HZ,
              MultiplexGroupLabel: 'RHYTHM',
              ChannelDefinitionSequence: LEADS.map(([name, code, meaning]) => channel(name, code, meaning)),
              WaveformBitsAllocated: 16,
              WaveformSampleInterpretation: 'SS',
              WaveformData: new Uint8Array(samples.buffer),
            }),
          ],
        },
      });
    },
  };
};
