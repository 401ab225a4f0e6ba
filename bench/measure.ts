import { readdirSync, readFileSync } from 'node:fs';

/** One line of the table. `floor` is the bare figure of the same run, `ratio` how we stand to it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number | null;
  readonly ratio: number | null;
  /** The budget of DESIGN §8 in words, e.g. `≤ 10`; null when the figure is only told. */
  readonly budget: string | null;
  readonly met: boolean | null;
}

/** A figure before it is held against its budget. */
interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor?: number;
  readonly ratio?: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** What the budget limits: the value (the default) or the ratio to the floor. */
  readonly limits?: 'value' | 'ratio';
}

/** Holds a figure against its budget. */
export const figure = (measured: Measured): Figure => {
  const { name, value, unit, floor, ratio, atMost, atLeast } = measured;
  const limited = measured.limits === 'ratio' ? (ratio ?? Number.NaN) : value;
  const budget = atMost !== undefined ? `≤ ${atMost}` : atLeast !== undefined ? `≥ ${atLeast}` : null;
  return {
    name,
    value,
    unit,
    floor: floor ?? null,
    ratio: ratio ?? null,
    budget: budget === null ? null : measured.limits === 'ratio' ? `ratio ${budget}` : budget,
    met: budget === null ? null : atMost !== undefined ? limited <= atMost : limited >= (atLeast as number),
  };
};

/** What a timed loop did. */
export interface LoopReport {
  readonly count: number;
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

/** The value below which the share `quantile` of the sorted samples lies. */
const quantileOf = (sorted: Float64Array, quantile: number): number =>
  sorted.length === 0
    ? Number.NaN
    : (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] as number);

/**
 * Runs `work` over and over from `clients` loops at once for `seconds`, after `warmUpSeconds` that do not count.
 * `work` says whether its answer was the right one.
 */
export const runLoop = async (options: {
  readonly clients: number;
  readonly seconds: number;
  readonly warmUpSeconds?: number;
  /** Called when the warm-up is over, to read CPU clocks. */
  readonly onStart?: () => void;
  readonly work: (client: number, turn: number) => Promise<boolean>;
}): Promise<LoopReport> => {
  const warmUntil = performance.now() + (options.warmUpSeconds ?? 1) * 1000;
  const samples: number[] = [];
  let failures = 0;
  let startedAt = 0;
  let until = Number.POSITIVE_INFINITY;
  const begin = () => {
    if (startedAt !== 0) return;
    startedAt = performance.now();
    until = startedAt + options.seconds * 1000;
    options.onStart?.();
  };
  await Promise.all(
    Array.from({ length: options.clients }, async (_, client) => {
      for (let turn = 0; ; turn++) {
        const from = performance.now();
        if (from >= warmUntil) begin();
        if (from >= until) return;
        const right = await options.work(client, turn);
        if (startedAt !== 0 && from >= startedAt) {
          samples.push(performance.now() - from);
          if (!right) failures++;
        }
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const sorted = Float64Array.from(samples).sort();
  return {
    count: samples.length,
    seconds,
    ratePerSecond: samples.length / seconds,
    p50Ms: quantileOf(sorted, 0.5),
    p95Ms: quantileOf(sorted, 0.95),
    p99Ms: quantileOf(sorted, 0.99),
    failures,
  };
};

/** What an open loop did: requests came at their times, whether or not the ones before were answered. */
export interface OpenLoopReport extends LoopReport {
  /** Most requests that were under way at once. */
  readonly underWayMax: number;
}

/**
 * Sends `ratePerSecond` requests a second for `seconds`, after `warmUpSeconds` that do not count. A wait is counted from
 * the moment at which its request was due, so a server that stalls is charged for all that came meanwhile.
 */
export const runOpenLoop = async (options: {
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Called when the warm-up is over, to read CPU clocks. */
  readonly onStart?: () => void;
  readonly work: (turn: number) => Promise<boolean>;
}): Promise<OpenLoopReport> => {
  const { ratePerSecond, seconds, warmUpSeconds, work } = options;
  const warmTurns = Math.round(ratePerSecond * warmUpSeconds);
  const turns = warmTurns + Math.round(ratePerSecond * seconds);
  const samples: number[] = [];
  const under: Promise<void>[] = [];
  let failures = 0;
  let underWay = 0;
  let underWayMax = 0;
  const startedAt = performance.now();
  const send = async (turn: number, due: number): Promise<void> => {
    underWayMax = Math.max(underWayMax, ++underWay);
    const right = await work(turn).catch(() => false);
    underWay--;
    if (turn < warmTurns) return;
    samples.push(performance.now() - due);
    if (!right) failures++;
  };
  for (let turn = 0; turn < turns; turn++) {
    const due = startedAt + (turn / ratePerSecond) * 1000;
    const ahead = due - performance.now();
    if (ahead > 1) await new Promise((resolve) => setTimeout(resolve, ahead));
    if (turn === warmTurns) options.onStart?.();
    under.push(send(turn, due));
  }
  await Promise.all(under);
  const sorted = Float64Array.from(samples).sort();
  const measuredSeconds = (performance.now() - startedAt) / 1000 - warmUpSeconds;
  return {
    count: samples.length,
    seconds: measuredSeconds,
    ratePerSecond: samples.length / measuredSeconds,
    p50Ms: quantileOf(sorted, 0.5),
    p95Ms: quantileOf(sorted, 0.95),
    p99Ms: quantileOf(sorted, 0.99),
    failures,
    underWayMax,
  };
};

const TICKS_PER_SECOND = 100;

const statOf = (pid: number): { parent: number; ticks: number; ticksOfEnded: number } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and brackets; the fields begin after its last bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
      ticksOfEnded: Number(fields[13]) + Number(fields[14]),
    };
  } catch {
    return undefined;
  }
};

/** CPU seconds that a process and its children, living and ended, have used (Linux only). */
export const cpuSecondsOfTree = (root: number): number => {
  const own = statOf(root);
  if (!own) return Number.NaN;
  let ticks = own.ticks + own.ticksOfEnded;
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const child = statOf(pid);
    if (child?.parent === root) ticks += child.ticks;
  }
  return ticks / TICKS_PER_SECOND;
};

/** Resident memory of a process in megabytes (Linux only). */
export const residentMb = (pid: number): number => {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return (pages * 4096) / 1e6;
};

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - [...text].length));

const rounded = (value: number): string =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Math.round(value * 100) / 100);

/** The table that `npm run bench` prints. */
export const figureTable = (figures: readonly Figure[]): string => {
  const rows = [
    ['figure', 'value', 'unit', 'floor', 'ratio', 'budget', 'met'],
    ...figures.map(({ name, value, unit, floor, ratio, budget, met }) => [
      name,
      rounded(value),
      unit,
      floor === null ? '–' : rounded(floor),
      ratio === null ? '–' : rounded(ratio),
      budget ?? '–',
      met === null ? '–' : met ? 'yes' : 'NO',
    ]),
  ];
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => [...(row[column] as string)].length)),
  );
  return rows
    .map((row) => row.map((cell, column) => pad(cell, widths[column] as number)).join('  '))
    .join('\n');
};
