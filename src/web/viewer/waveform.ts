/** One lead: millivolts at equal distances of time. */
export interface Lead {
  /** As on paper: `I`, `aVR`, `V1` … */
  readonly name: string;
  readonly millivolts: Float32Array;
}

/** Leads recorded together. */
export interface Waveform {
  readonly samplesPerSecond: number;
  readonly leads: readonly Lead[];
}

/** One channel as the object states it (PS3.3 C.10.9). */
export interface WaveformChannel {
  /** Meaning of its source, e.g. `Lead I (Einthoven)`, `aVR`. */
  readonly source: string;
  /** Value of one step, in `unit`; null where not stated. */
  readonly sensitivity: number | null;
  readonly correction: number;
  readonly baseline: number;
  /** UCUM: `uV`, `mV`, `V`. */
  readonly unit: string | null;
}

/** Samples of all channels, channel by channel within each moment, as PS3.3 C.10.9.1.5 lays them. */
export interface WaveformSamples {
  readonly samplesPerSecond: number;
  readonly channels: readonly WaveformChannel[];
  readonly samples: Int16Array;
}

const MILLIVOLTS: Readonly<Record<string, number>> = { uV: 0.001, mV: 1, V: 1_000 };

const LEAD = /\b(aV[RLF]|V[1-9]R?|I{1,3}|X|Y|Z)\b/i;

/** `Lead aVR (augmented …)` and `MDC_ECG_LEAD_AVR` → `aVR`. */
export const leadName = (source: string): string => {
  const found = LEAD.exec(source.replaceAll('_', ' ').replace(/^.*lead\s+/i, ''))?.[1];
  if (found === undefined) return source;
  return /^av/i.test(found) ? `aV${found[2]?.toUpperCase()}` : found.toUpperCase();
};

/**
 * Samples as millivolts. Null where a channel states no sensitivity or a unit we do not know: a curve without a scale looks
 * like one with the usual scale.
 */
export const waveformOf = ({ samplesPerSecond, channels, samples }: WaveformSamples): Waveform | null => {
  const count = Math.floor(samples.length / Math.max(1, channels.length));
  const leads: Lead[] = [];
  for (const [place, { source, sensitivity, correction, baseline, unit }] of channels.entries()) {
    const factor = unit === null ? undefined : MILLIVOLTS[unit];
    if (sensitivity === null || factor === undefined) return null;
    const scale = sensitivity * correction * factor;
    const offset = baseline * factor;
    const millivolts = new Float32Array(count);
    for (let moment = 0; moment < count; moment++)
      millivolts[moment] = (samples[moment * channels.length + place] as number) * scale + offset;
    leads.push({ name: leadName(source), millivolts });
  }
  return samplesPerSecond > 0 && leads.length > 0 ? { samplesPerSecond, leads } : null;
};

const BY_COLUMN = [
  ['I', 'aVR', 'V1', 'V4'],
  ['II', 'aVL', 'V2', 'V5'],
  ['III', 'aVF', 'V3', 'V6'],
];

/** A piece of one lead on the paper: from second to second, in its place. */
export interface PaperPiece {
  readonly lead: Lead;
  readonly row: number;
  /** Millimetres from the left edge of the curves. */
  readonly leftMm: number;
  readonly fromSecond: number;
  readonly toSecond: number;
}

/** How the leads lie on paper. */
export interface PaperLayout {
  readonly pieces: readonly PaperPiece[];
  readonly rows: number;
  readonly widthMm: number;
}

/** The usual speed and gain of paper. */
export const MM_PER_SECOND = 25;
/** Millimetres for one millivolt. */
export const MM_PER_MILLIVOLT = 10;

/** Seconds on one sheet. */
const SHEET_SECONDS = 10;

/** How long a recording is, in seconds. */
export const secondsOf = ({ leads, samplesPerSecond }: Waveform): number =>
  (leads[0]?.millivolts.length ?? 0) / samplesPerSecond;

/** Second with which each sheet of a recording begins; the last one ends with the recording and may overlap the one before. */
export const sheetsOf = (waveform: Waveform): readonly number[] => {
  const seconds = secondsOf(waveform);
  const count = Math.max(1, Math.ceil(seconds / SHEET_SECONDS - 0.01));
  return Array.from({ length: count }, (_, sheet) =>
    Math.max(0, Math.min(sheet * SHEET_SECONDS, seconds - SHEET_SECONDS)),
  );
};

/**
 * Twelve leads as on paper: three rows of four columns of 2.5 s, below them lead II for the whole sheet. Fewer or other leads
 * stand one below the other for the whole sheet.
 *
 * @param start second with which the sheet begins
 */
export const paperOf = (waveform: Waveform, start = 0): PaperLayout => {
  const { leads } = waveform;
  const named = new Map(leads.map((lead) => [lead.name, lead]));
  const seconds = Math.min(SHEET_SECONDS, secondsOf(waveform) - start);
  const end = start + seconds;
  const widthMm = seconds * MM_PER_SECOND;
  const isTwelve = BY_COLUMN.flat().every((name) => named.has(name)) && seconds >= 9.9;
  if (!isTwelve)
    return {
      pieces: leads.map((lead, row) => ({ lead, row, leftMm: 0, fromSecond: start, toSecond: end })),
      rows: leads.length,
      widthMm,
    };
  const quarter = seconds / 4;
  const pieces = BY_COLUMN.flatMap((names, row) =>
    names.map((name, column) => ({
      lead: named.get(name) as Lead,
      row,
      leftMm: column * quarter * MM_PER_SECOND,
      fromSecond: start + column * quarter,
      toSecond: start + (column + 1) * quarter,
    })),
  );
  const rhythm = { lead: named.get('II') as Lead, row: 3, leftMm: 0, fromSecond: start, toSecond: end };
  return { pieces: [...pieces, rhythm], rows: 4, widthMm };
};

/** The curve of a piece as SVG path data, in millimetres, with 0 mV at `baseMm`. */
export const pathOf = (
  { lead, fromSecond, toSecond, leftMm }: PaperPiece,
  samplesPerSecond: number,
  baseMm: number,
): string => {
  const from = Math.round(fromSecond * samplesPerSecond);
  const to = Math.min(lead.millivolts.length, Math.round(toSecond * samplesPerSecond));
  const points: string[] = [];
  for (let index = from; index < to; index++) {
    const x = leftMm + ((index - from) / samplesPerSecond) * MM_PER_SECOND;
    const y = baseMm - (lead.millivolts[index] as number) * MM_PER_MILLIVOLT;
    points.push(`${x.toFixed(2)} ${y.toFixed(2)}`);
  }
  return points.length === 0 ? '' : `M${points.join('L')}`;
};
