import { setTimeout as delay } from 'node:timers/promises';
import { timeAuditVerify } from './audit.ts';
import { loadCards } from './card.ts';
import { type FhirTimes, timeFhir } from './fhir.ts';
import { type HistoryTimes, timeHistory } from './history.ts';
import { type HookLoop, loadHooks } from './hooks.ts';
import { type Arrivals, loadIngest, loadIngestFloor } from './ingest.ts';
import { type Figure, figure, type LoopReport } from './measure.ts';
import { type NeighbourRound, timeNeighbours, type Waits } from './neighbours.ts';
import { type CheckLoop, type CostedLoop, loadCheckFloor, loadOrderChecks } from './order-check.ts';
import { BARE, BARE_STATEMENTS, type RunningServer, startServer } from './server-process.ts';
import { openSite, type Site } from './site.ts';
import { timeVerdict } from './verdict.ts';
import { imagingFigures } from './imaging-figures.ts';
import { viewerFigures } from './viewer-figures.ts';

/** Groups of figures that can be asked for alone. */
export const NAMES = [
  'order-check',
  'hooks',
  'card',
  'ingest',
  'neighbours',
  'verdict',
  'restart',
  'memory',
  'history',
  'fhir',
  'audit',
  'viewer',
  'imaging',
] as const;

/** Groups that need no site with results. */
const WITHOUT_RESULTS: ReadonlySet<string | undefined> = new Set(['verdict', 'audit', 'viewer', 'imaging']);

/** What a run of the bench is to do. */
export interface Plan {
  /** Where the data is built. */
  readonly folder: string;
  /** Rows of the access log that is verified; 0 for none. */
  readonly auditRows: number;
  readonly sizes: readonly number[];
  /** Length of each timed loop. */
  readonly seconds: number;
  readonly only: (typeof NAMES)[number] | undefined;
  readonly profileFolder: string | undefined;
  readonly say: (text: string) => void;
}

const millions = (results: number): string => `${Math.round(results / 1e6)} M`;

const cost = ({ nodeMicroseconds, databaseMicroseconds }: CostedLoop): number =>
  nodeMicroseconds + databaseMicroseconds;

/** A loop whose answers were wrong has measured nothing. */
const requireRight = (what: string, { failures, count }: LoopReport): void => {
  if (failures > 0 || count === 0) throw new Error(`${what}: ${failures} of ${count} answers were wrong`);
};

const checkFigures = (size: string, ours: CheckLoop, floor: CostedLoop): readonly Figure[] => [
  figure({
    name: `order check of 5 items, ${size}: rate`,
    value: ours.ratePerSecond,
    unit: '/s',
    floor: floor.ratePerSecond,
    ratio: ours.ratePerSecond / floor.ratePerSecond,
    atLeast: 2_000,
  }),
  figure({ name: `order check, ${size}: p50`, value: ours.p50Ms, unit: 'ms', floor: floor.p50Ms }),
  figure({
    name: `order check, ${size}: p99`,
    value: ours.p99Ms,
    unit: 'ms',
    floor: floor.p99Ms,
    atMost: 10,
  }),
  figure({
    name: `order check, ${size}: CPU of server and database`,
    value: cost(ours),
    unit: 'µs',
    floor: cost(floor),
    ratio: cost(ours) / cost(floor),
    atMost: 4,
    limits: 'ratio',
  }),
  figure({
    name: `order check, ${size}: of it Node`,
    value: ours.nodeMicroseconds,
    unit: 'µs',
    floor: floor.nodeMicroseconds,
    ratio: ours.nodeMicroseconds / floor.nodeMicroseconds,
  }),
  figure({
    name: `order check, ${size}: of it PostgreSQL`,
    value: ours.databaseMicroseconds,
    unit: 'µs',
    floor: floor.databaseMicroseconds,
    ratio: ours.databaseMicroseconds / floor.databaseMicroseconds,
  }),
  figure({
    name: `order check, ${size}: checks with an earlier result`,
    value: ours.withResults * 100,
    unit: '%',
  }),
];

const ingestFigures = (size: string, ours: CostedLoop, floor: CostedLoop): readonly Figure[] => [
  figure({
    name: `ORU with 20 OBX, ${size}, known persons: rate`,
    value: ours.ratePerSecond,
    unit: '/s',
    floor: floor.ratePerSecond,
    ratio: ours.ratePerSecond / floor.ratePerSecond,
    atLeast: 500,
  }),
  figure({
    name: `ORU with 20 OBX, ${size}, known persons: share of the floor's rate`,
    value: (ours.ratePerSecond / floor.ratePerSecond) * 100,
    unit: '%',
    atLeast: 40,
  }),
  figure({ name: `ORU, ${size}, known persons: p50`, value: ours.p50Ms, unit: 'ms', floor: floor.p50Ms }),
  figure({ name: `ORU, ${size}, known persons: p99`, value: ours.p99Ms, unit: 'ms', floor: floor.p99Ms }),
  figure({
    name: `ORU, ${size}, known persons: CPU of server and database`,
    value: cost(ours),
    unit: 'µs',
    floor: cost(floor),
    ratio: cost(ours) / cost(floor),
  }),
  figure({
    name: `ORU, ${size}, known persons: of it Node`,
    value: ours.nodeMicroseconds,
    unit: 'µs',
    floor: floor.nodeMicroseconds,
    ratio: ours.nodeMicroseconds / floor.nodeMicroseconds,
  }),
];

const newPersonFigures = (size: string, ours: CostedLoop): readonly Figure[] => [
  figure({ name: `ORU with 20 OBX, ${size}, new persons: rate`, value: ours.ratePerSecond, unit: '/s' }),
  figure({ name: `ORU, ${size}, new persons: CPU of server and database`, value: cost(ours), unit: 'µs' }),
];

const NEIGHBOUR_ROUNDS = 3;

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

const neighbourFigures = (rounds: readonly NeighbourRound[]): readonly Figure[] => {
  const of = (which: 'alone' | 'beside', wait: keyof Waits): number =>
    median(rounds.map((round) => round[which][wait]));
  const compared = (wait: 'p50Ms' | 'p99Ms' | 'slowestMs', name: string) => ({
    name: `small reports beside large ones, floor alone: ${name}`,
    value: of('beside', wait),
    unit: 'ms',
    floor: of('alone', wait),
    ratio: median(rounds.map(({ alone, beside }) => beside[wait] / alone[wait])),
  });
  return [
    figure(compared('p50Ms', 'p50')),
    figure({ ...compared('p99Ms', 'p99'), atMost: 2, limits: 'ratio' }),
    figure(compared('slowestMs', 'slowest')),
    figure({
      name: 'report with a document of 20 MB, p50',
      value: median(rounds.flatMap(({ largeMs }) => largeMs)),
      unit: 'ms',
    }),
  ];
};

const fhirFigures = (size: string, { ours, floor }: FhirTimes): readonly Figure[] => [
  figure({
    name: `FHIR search by patient, code and date, ${size}: rate`,
    value: ours.ratePerSecond,
    unit: '/s',
    floor: floor.ratePerSecond,
    ratio: ours.ratePerSecond / floor.ratePerSecond,
    atLeast: 2_000,
  }),
  figure({ name: `FHIR search, ${size}: p50`, value: ours.p50Ms, unit: 'ms', floor: floor.p50Ms }),
  figure({
    name: `FHIR search, ${size}: p99`,
    value: ours.p99Ms,
    unit: 'ms',
    floor: floor.p99Ms,
    atMost: 15,
  }),
  figure({ name: `FHIR search, ${size}: of CPU Node`, value: ours.nodeMicroseconds, unit: 'µs' }),
  figure({ name: `FHIR search, ${size}: of CPU PostgreSQL`, value: ours.databaseMicroseconds, unit: 'µs' }),
];

const historyFigures = (size: string, { alone, ours, floor, drawnMs }: HistoryTimes): readonly Figure[] => [
  figure({
    name: `history of 1,000 results of 200 items, ${size}: data, p95`,
    value: alone.p95Ms,
    unit: 'ms',
    atMost: 30,
  }),
  figure({ name: `history, ${size}: data, p50`, value: alone.p50Ms, unit: 'ms' }),
  figure({ name: `history, ${size}: CPU of server and database`, value: cost(alone), unit: 'µs' }),
  figure({
    name: `history, ${size}: two at the same moment, data, p95`,
    value: ours.p95Ms,
    unit: 'ms',
    floor: floor.p95Ms,
    ratio: ours.p95Ms / floor.p95Ms,
  }),
  figure({
    name: `history, ${size}: drawn after the data is there, slowest of ${drawnMs.length}`,
    value: drawnMs.at(-1) ?? Number.NaN,
    unit: 'ms',
    atMost: 300,
  }),
  figure({
    name: `history, ${size}: drawn after the data is there, median`,
    value: drawnMs[Math.floor(drawnMs.length / 2)] ?? Number.NaN,
    unit: 'ms',
  }),
];

const hookFigures = (size: string, ours: HookLoop): readonly Figure[] => [
  figure({
    name: `order-sign with JWT, 5 items, ${size}, 200/s offered: p99`,
    value: ours.p99Ms,
    unit: 'ms',
    atMost: 50,
  }),
  figure({ name: `order-sign, ${size}: p95`, value: ours.p95Ms, unit: 'ms' }),
  figure({ name: `order-sign, ${size}: p50`, value: ours.p50Ms, unit: 'ms' }),
  figure({ name: `order-sign, ${size}: answered`, value: ours.ratePerSecond, unit: '/s' }),
  figure({ name: `order-sign, ${size}: most under way at once`, value: ours.underWayMax, unit: '' }),
  figure({
    name: `order-sign, ${size}: too late to be checked`,
    value: ours.notChecked * 100,
    unit: '%',
    atMost: 0,
  }),
  figure({
    name: `order-sign, ${size}: CPU of Node, beside one check of a signature`,
    value: ours.nodeMicroseconds,
    unit: 'µs',
    floor: ours.signatureMicroseconds,
    ratio: ours.nodeMicroseconds / ours.signatureMicroseconds,
  }),
  figure({ name: `order-sign, ${size}: CPU of PostgreSQL`, value: ours.databaseMicroseconds, unit: 'µs' }),
  figure({
    name: `order-sign, ${size}: calls with an earlier result`,
    value: ours.withResults * 100,
    unit: '%',
  }),
];

const cardFigures = (size: string, ours: CostedLoop): readonly Figure[] => [
  // Of the whole card, which is there later than its first byte.
  figure({ name: `card, ${size}: p95`, value: ours.p95Ms, unit: 'ms', atMost: 30 }),
  figure({ name: `card, ${size}: rate`, value: ours.ratePerSecond, unit: '/s' }),
  figure({ name: `card, ${size}: CPU of server and database`, value: cost(ours), unit: 'µs' }),
];

const restartFigures = async (site: Site, plan: Plan): Promise<readonly Figure[]> => {
  const clean: number[] = [];
  const killed: number[] = [];
  let server = await startServer(site);
  for (let round = 0; round < 3; round++) {
    await server.stop();
    server = await startServer(site);
    clean.push(server.readyMs);
    await server.kill();
    server = await startServer(site);
    killed.push(server.readyMs);
  }
  await server.stop();
  plan.say(
    `restart, ms: clean ${clean.map(Math.round).join(' ')}; killed ${killed.map(Math.round).join(' ')}`,
  );
  const ms = { unit: 'ms', atMost: 3_000 };
  return [
    figure({ name: 'restart to ready, stopped cleanly, slowest of 3', value: Math.max(...clean), ...ms }),
    figure({
      name: 'restart to ready, server and database killed, slowest of 3',
      value: Math.max(...killed),
      ...ms,
    }),
  ];
};

/** Looks at the server's memory again and again while `work` runs. */
const withPeak = async <Value>(server: RunningServer, work: () => Promise<Value>, peak: { mb: number }) => {
  const timer = setInterval(() => {
    peak.mb = Math.max(peak.mb, server.residentMb());
  }, 200);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
};

const IDLE_AFTER_MS = 3_000;

/** The statements of the same checks behind a bare HTTP server: what a check takes before anything is asked, read or decided. */
const statementFigures = async (site: Site, size: string, plan: Plan): Promise<Figure[]> => {
  plan.say(`${size}: the statements of order checks alone`);
  const server = await startServer(site, [], BARE_STATEMENTS);
  try {
    const loop = await loadOrderChecks(site, server, plan.seconds);
    requireRight('statements of an order check', loop);
    const name = `order check, ${size}: its four statements alone behind node:http`;
    return [
      figure({ name: `${name}, rate`, value: loop.ratePerSecond, unit: '/s' }),
      figure({ name: `${name}, p99`, value: loop.p99Ms, unit: 'ms' }),
      figure({ name: `${name}, CPU`, value: cost(loop), unit: 'µs' }),
    ];
  } finally {
    await server.stop();
  }
};

/**
 * The same checks by a server without rights, audit rows and consent (the decision is kept all the same), and right after
 * it by the product, so that both find the database alike.
 */
const safetyFigures = async (site: Site, size: string, plan: Plan): Promise<Figure[]> => {
  plan.say(`${size}: order checks without authorisation, audit and consent, and with them`);
  const costOf = async (program?: readonly string[]): Promise<number> => {
    const server = await startServer(site, [], program);
    try {
      await delay(IDLE_AFTER_MS);
      const loop = await loadOrderChecks(site, server, plan.seconds);
      requireRight('order check', loop);
      return cost(loop);
    } finally {
      await server.stop();
    }
  };
  const bare = await costOf(BARE);
  const ours = await costOf();
  return [
    figure({
      name: `order check, ${size}: CPU with authorisation, audit and consent, beside without`,
      value: ours,
      unit: 'µs',
      floor: bare,
      ratio: ours / bare,
      atMost: 1.3,
      limits: 'ratio',
    }),
  ];
};

const loadFigures = async (site: Site, size: string, isLargest: boolean, plan: Plan): Promise<Figure[]> => {
  const wants = (name: (typeof NAMES)[number]) => plan.only === undefined || plan.only === name;
  const profile = plan.profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${plan.profileFolder}`] : [];
  const server = await startServer(site, profile);
  const figures: Figure[] = [];
  const peak = { mb: 0 };
  try {
    await delay(IDLE_AFTER_MS);
    const idleMb = server.residentMb();
    if (wants('order-check') || wants('memory')) {
      plan.say(`${size}: order checks`);
      const ours = await withPeak(server, () => loadOrderChecks(site, server, plan.seconds), peak);
      requireRight('order check', ours);
      const floor = await loadCheckFloor(site, server, plan.seconds / 2);
      if (wants('order-check')) figures.push(...checkFigures(size, ours, floor));
    }
    if (isLargest && wants('hooks')) {
      plan.say(`${size}: order-sign calls, 200 a second`);
      const ours = await loadHooks(site, server, plan.seconds);
      requireRight('order-sign', ours);
      figures.push(...hookFigures(size, ours));
    }
    if (isLargest && wants('card')) {
      plan.say(`${size}: cards`);
      const cards = await loadCards(site, server, plan.seconds);
      requireRight('card', cards);
      figures.push(...cardFigures(size, cards));
    }
    if (wants('fhir') && size === millions(plan.sizes[0] ?? 0)) {
      plan.say(`${size}: searches by FHIR`);
      const times = await timeFhir(site, server, plan.seconds);
      requireRight('FHIR search', times.ours);
      requireRight('floor of the FHIR search', times.floor);
      figures.push(...fhirFigures(size, times));
    }
    if (isLargest && (wants('ingest') || wants('memory'))) {
      const load = async (arrivals: Arrivals, seconds: number): Promise<CostedLoop> => {
        plan.say(`${size}: reports of ${arrivals} persons`);
        const loop = await withPeak(server, () => loadIngest(site, server, seconds, arrivals), peak);
        requireRight('ingest', loop);
        return loop;
      };
      const ours = await load('known', plan.seconds);
      const floor = await loadIngestFloor(site, server, plan.seconds / 2);
      const fresh = await load('new', plan.seconds / 2);
      if (wants('ingest'))
        figures.push(...ingestFigures(size, ours, floor), ...newPersonFigures(size, fresh));
    }
    if (isLargest && wants('neighbours')) {
      plan.say(`${size}: small reports, alone and beside reports with a document of 20 MB`);
      const seconds = Math.min(plan.seconds, 6);
      const rounds = await timeNeighbours(site, server, { rounds: NEIGHBOUR_ROUNDS, seconds });
      for (const { alone, beside } of rounds)
        plan.say(
          `p50 ${alone.p50Ms.toFixed(1)} and ${beside.p50Ms.toFixed(1)} ms, p99 ${alone.p99Ms.toFixed(1)} and ${beside.p99Ms.toFixed(1)} ms`,
        );
      figures.push(...neighbourFigures(rounds));
    }
    if (isLargest && wants('history')) {
      plan.say(`${size}: the history of a person with a thousand results`);
      const times = await timeHistory(site, server, plan.seconds);
      requireRight('history', times.ours);
      requireRight('floor of the history', times.floor);
      figures.push(...historyFigures(size, times));
    }
    if (isLargest && wants('memory'))
      figures.push(
        figure({ name: 'memory of the program, idle', value: idleMb, unit: 'MB', atMost: 200 }),
        figure({
          name: 'memory of the program, highest under load',
          value: peak.mb,
          unit: 'MB',
          atMost: 600,
        }),
      );
  } finally {
    await server.stop();
  }
  if (isLargest && wants('order-check')) {
    figures.push(...(await statementFigures(site, size, plan)));
    figures.push(...(await safetyFigures(site, size, plan)));
  }
  return figures;
};

const growthFigures = (figures: readonly Figure[], sizes: readonly string[]): readonly Figure[] => {
  const [small, large] = sizes;
  const of = (name: string) => figures.find((each) => each.name === name)?.value;
  return ['p50', 'CPU of server and database'].flatMap((what) => {
    const one = of(`order check, ${small}: ${what}`);
    const other = of(`order check, ${large}: ${what}`);
    if (one === undefined || other === undefined) return [];
    return [
      figure({
        name: `order check, ${large} over ${small}: ${what}`,
        value: other / one,
        unit: '×',
        atMost: 1.5,
      }),
    ];
  });
};

/** Measures what the plan asks for. Every loop's answers are looked at; a wrong one ends the run. */
export const measureAll = async (plan: Plan): Promise<readonly Figure[]> => {
  const wants = (name: (typeof NAMES)[number]) => plan.only === undefined || plan.only === name;
  const figures: Figure[] = [];
  if (wants('verdict')) {
    const { microseconds, grades } = timeVerdict(plan.seconds / 3);
    plan.say(`verdicts: ${JSON.stringify(grades)}`);
    figures.push(figure({ name: 'verdict alone', value: microseconds, unit: 'µs', atMost: 5 }));
  }
  if (wants('audit') && plan.auditRows > 0) {
    const { sha256, sm3 } = await timeAuditVerify(plan.folder, plan.auditRows, plan.say);
    const rows = { unit: 'rows/s', atLeast: 200_000 };
    figures.push(
      figure({ name: 'audit verify, SHA-256', value: sha256, ...rows }),
      figure({ name: 'audit verify, SM3', value: sm3, ...rows }),
    );
  }
  if (wants('viewer')) figures.push(...(await viewerFigures(plan)));
  // They take as long as all the others together.
  if (plan.only === 'imaging') figures.push(...(await imagingFigures(plan)));
  if (WITHOUT_RESULTS.has(plan.only)) return figures;
  const needsAll = wants('order-check');
  // The budget of a search by FHIR is for the first size, and neighbours are the same beside any.
  const isOfFirst = plan.only === 'fhir' || plan.only === 'neighbours';
  const sizes = needsAll ? plan.sizes : isOfFirst ? plan.sizes.slice(0, 1) : plan.sizes.slice(-1);
  for (const [index, wanted] of sizes.entries()) {
    const size = millions(wanted);
    const isLargest = index === sizes.length - 1;
    const site = await openSite(plan.folder, wanted, (text) => plan.say(`${size}: ${text}`));
    plan.say(
      `${size}: ${site.results} results of ${site.persons} persons, built in ${Math.round(site.buildSeconds)} s`,
    );
    const withServer = [
      'order-check',
      'hooks',
      'card',
      'ingest',
      'neighbours',
      'memory',
      'history',
      'fhir',
    ] as const;
    if (withServer.some(wants)) figures.push(...(await loadFigures(site, size, isLargest, plan)));
    if (isLargest && wants('restart')) figures.push(...(await restartFigures(site, plan)));
  }
  figures.push(...growthFigures(figures, sizes.map(millions)));
  return figures;
};
