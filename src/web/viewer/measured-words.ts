/** What a tool worked out, by target, as far as words are made of it. */
export interface Measured {
  readonly cachedStats: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
}

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

const statOf = (data: Measured, target: string, name: string): number | null =>
  numberOf(data.cachedStats[target]?.[name]);

/** Units as the tools name them. What they add of a calibrated region says no more than the unit does. */
const UNITS: Readonly<Record<string, string>> = {
  mm: '毫米',
  'mm²': '平方毫米',
  px: '像素',
  'px²': '像素²',
  cm: '厘米',
  'cm²': '平方厘米',
  percent: '%',
  seconds: '秒',
  hertz: '赫兹',
  'cm/sec': '厘米/秒',
  degrees: '度',
  mV: '毫伏',
};

const unitOf = (data: Measured, target: string, name: string): string => {
  const unit = data.cachedStats[target]?.[name];
  if (typeof unit !== 'string') return '';
  const [plain = ''] = unit.split(/ (?:US|ECG) Region/);
  return UNITS[plain] ?? plain;
};

/** What is to be known of the millimetres, below them; pixels and calibrated regions need no such word. */
const withNote = (line: string, note: string | null): string[] =>
  note !== null && line.includes('毫米') ? [line, note] : [line];

const isHounsfield = (unit: string): boolean => unit.startsWith('HU');

/**
 * Length on the picture, to a tenth of a millimetre.
 *
 * @param note what is to be known of millimetres on this picture
 */
export const lengthLines = (data: Measured, target: string, note: string | null): string[] => {
  const length = statOf(data, target, 'length');
  return length === null ? [] : withNote(`${length.toFixed(1)} ${unitOf(data, target, 'unit')}`, note);
};

/** Angle in degrees. */
export const angleLines = (data: Measured, target: string): string[] => {
  const angle = statOf(data, target, 'angle');
  return angle === null ? [] : [`${angle.toFixed(1)}°`];
};

/** Area and what lies in it: mean, spread, extremes; CT values only where the picture has them. */
export const regionLines = (data: Measured, target: string, note: string | null): string[] => {
  const stat = (name: string): number | null => statOf(data, target, name);
  const unit = unitOf(data, target, 'modalityUnit');
  const lines: string[] = [];
  const area = stat('area');
  if (area !== null)
    lines.push(...withNote(`面积 ${area.toFixed(1)} ${unitOf(data, target, 'areaUnit')}`, note));
  const mean = stat('mean');
  const spread = stat('stdDev');
  if (mean !== null)
    lines.push(
      `${isHounsfield(unit) ? 'CT 值' : '均值'} ${mean.toFixed(0)}${spread === null ? '' : ` ± ${spread.toFixed(0)}`} ${unit}`.trim(),
    );
  const [low, high] = [stat('min'), stat('max')];
  if (low !== null && high !== null) lines.push(`${low.toFixed(0)} ~ ${high.toFixed(0)} ${unit}`.trim());
  return lines;
};

/** The value under one point. */
export const pointLines = (data: Measured, target: string): string[] => {
  const value = statOf(data, target, 'value');
  const unit = unitOf(data, target, 'modalityUnit');
  return value === null ? [] : [`${isHounsfield(unit) ? 'CT 值 ' : ''}${value.toFixed(0)} ${unit}`.trim()];
};
