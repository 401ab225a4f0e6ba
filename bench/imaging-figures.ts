import { join } from 'node:path';
import type { Plan } from './figures.ts';
import { type ImagingTimes, missingForImages, timeImaging } from './imaging.ts';
import { type Figure, figure } from './measure.ts';

const counted = (instances: number): string =>
  instances >= 1e6 ? `${Math.round(instances / 1e6)} M` : `${Math.round(instances / 1e3)} k`;

const storeFigures = (times: ImagingTimes): readonly Figure[] =>
  (['one', 'four'] as const).flatMap((how) => {
    const name = `C-STORE of CT slices, ${how === 'one' ? '1 association' : '4 associations'}`;
    const { ratePerSecond, programMs, databaseMs } = times.storing[how];
    const unit = 'images/s';
    const orthanc = times.orthancStoring?.[how];
    return [
      figure({ name: `${name}: write + fdatasync of the same files`, value: times.writing[how], unit }),
      figure({ name: `${name}: storescp --ignore`, value: times.ignoring[how], unit }),
      orthanc === undefined
        ? figure({ name, value: ratePerSecond, unit })
        : figure({
            name: `${name}, beside Orthanc`,
            value: ratePerSecond,
            unit,
            floor: orthanc,
            ratio: ratePerSecond / orthanc,
            atLeast: how === 'one' ? 1.2 : 1.5,
            limits: 'ratio',
          }),
      figure({ name: `${name}: CPU of the program`, value: programMs, unit: 'ms' }),
      figure({ name: `${name}: CPU of the database`, value: databaseMs, unit: 'ms' }),
      figure({ name: `${name}: CPU of both`, value: programMs + databaseMs, unit: 'ms', atMost: 3 }),
    ];
  });

const searchFigures = ({ searches }: ImagingTimes): readonly Figure[] =>
  searches.flatMap(({ instances, ours, floor }) => {
    const name = `QIDO by patient, 8 clients, ${counted(instances)} instances`;
    const atMost = instances >= 1e6 ? 30 : 20;
    return [
      figure({ name: `${name}: p50`, value: ours.p50Ms, unit: 'ms', floor: floor.p50Ms }),
      figure({ name: `${name}: p99`, value: ours.p99Ms, unit: 'ms', floor: floor.p99Ms, atMost }),
      figure({ name: `${name}: rate`, value: ours.ratePerSecond, unit: '/s', floor: floor.ratePerSecond }),
    ];
  });

const frameFigures = ({ frames, framesFloor, orthancFrames }: ImagingTimes): readonly Figure[] => {
  const [few, many] = frames;
  const unit = 'frames/s';
  const rates = frames.flatMap(({ instances, ours }) => [
    figure({
      name: `WADO frames, 6 connections, ${counted(instances)} instances`,
      value: ours.ratePerSecond,
      unit,
      floor: framesFloor.ratePerSecond,
      ratio: ours.ratePerSecond / framesFloor.ratePerSecond,
    }),
    figure({ name: `WADO frame, ${counted(instances)} instances: p99`, value: ours.p99Ms, unit: 'ms' }),
  ]);
  if (few && orthancFrames)
    rates.push(
      figure({
        name: 'WADO frames, beside Orthanc with the same 500 slices',
        value: few.ours.ratePerSecond,
        unit,
        floor: orthancFrames.ratePerSecond,
        ratio: few.ours.ratePerSecond / orthancFrames.ratePerSecond,
        atLeast: 1.8,
        limits: 'ratio',
      }),
    );
  if (few && many)
    rates.push(
      figure({
        name: `WADO frames, ${counted(many.instances)} over ${counted(few.instances)}`,
        value: many.ours.ratePerSecond / few.ours.ratePerSecond,
        unit: '×',
        atLeast: 0.9,
      }),
    );
  return rates;
};

const memoryFigures = ({ memory }: ImagingTimes): readonly Figure[] => {
  const large = `one object of ${Math.round(memory.largeBytes / 1e9)} GB`;
  return [
    figure({
      name: 'memory of the program that receives, idle',
      value: memory.idleMb,
      unit: 'MB',
      atMost: 200,
    }),
    figure({
      name: `memory above idle, ${memory.associations} associations that send at once`,
      value: memory.manyMb,
      unit: 'MB',
      atMost: 150,
    }),
    figure({ name: `memory above idle, ${large}`, value: memory.largeMb, unit: 'MB', atMost: 150 }),
    figure({
      name: `C-STORE of ${large}`,
      value: memory.largeBytes / 1e6 / memory.largeSeconds,
      unit: 'MB/s',
    }),
  ];
};

const requireRight = (what: string, { failures, count }: { failures: number; count: number }): void => {
  if (failures > 0 || count === 0) throw new Error(`${what}: ${failures} of ${count} answers were wrong`);
};

/** The figures of images, or a word why there are none. */
export const imagingFigures = async (plan: Plan): Promise<readonly Figure[]> => {
  const missing = missingForImages();
  if (missing !== undefined) {
    plan.say(`images: not measured, ${missing}`);
    return [];
  }
  const isQuick = plan.sizes.length === 1;
  const sizes = isQuick ? [20_000, 100_000] : [20_000, 100_000, 1_000_000];
  const times = await timeImaging(
    join(plan.folder, 'imaging'),
    sizes,
    plan.seconds,
    plan.profileFolder,
    plan.say,
  );
  for (const { instances, ours } of times.searches) requireRight(`searches among ${instances}`, ours);
  for (const { instances, ours } of times.frames) requireRight(`frames among ${instances}`, ours);
  requireRight('floor of frames', times.framesFloor);
  if (times.orthancFrames) requireRight('frames of Orthanc', times.orthancFrames);
  else plan.say('images: frames of Orthanc not measured, without it or its plugin for DICOMweb');
  requireRight('metadata', times.metadata);
  return [
    ...storeFigures(times),
    figure({
      name: 'C-STORE, sender with Nagle',
      value: times.withNagle,
      unit: 'images/s',
      atLeast: 70,
    }),
    ...searchFigures(times),
    ...frameFigures(times),
    figure({
      name: `metadata of a 500-slice series, ${Math.round(times.metadataBytes / 1000)} kB gzip: p50`,
      value: times.metadata.p50Ms,
      unit: 'ms',
      atMost: 5,
    }),
    figure({ name: 'memory of the program after sending', value: times.residentMb, unit: 'MB', atMost: 600 }),
    ...memoryFigures(times),
  ];
};
