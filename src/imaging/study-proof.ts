import type { Instant } from '../kernel/instant.ts';

/** What came of reading one object to its end and comparing it with its hash. */
export type ObjectState = 'whole' | 'missing' | 'changed';

/** What came of opening the middle picture of a series. */
export type OpeningState =
  | 'drawn'
  /** Nothing in it has pixels (reports, documents, waveforms). */
  | 'no-pixels'
  /** Its compression is one that the server does not draw; the stored bytes are whole. */
  | 'not-drawable-here'
  /** Its pixels cannot be decoded, or its object is not there. */
  | 'failed';

/** One instance as it was found. */
export interface ProvedInstance {
  readonly sopInstanceUid: string;
  readonly size: number;
  readonly receivedAt: Instant | null;
  readonly state: ObjectState;
}

/** One series as it was found. */
export interface ProvedSeries {
  readonly seriesUid: string;
  readonly modality: string | null;
  /** SHA-256 of the manifest, which lists the SHA-256 of every instance: by it this proof stands for each of them. */
  readonly manifest: string;
  /** What was made of the series and did not pass: manifest, metadata, headers, picture. */
  readonly derivedFindings: number;
  readonly instances: readonly ProvedInstance[];
  readonly opening: OpeningState;
}

/** The proof of one study: that its images were stored and could be opened, when that was looked at, and what was found. */
export interface StudyProof {
  readonly format: 1;
  readonly institution: string;
  /** Public id of the study. */
  readonly study: string;
  readonly studyUid: string;
  /** ISO 8601: when the first and the last of its images were stored; null where no manifest says it. */
  readonly storedFrom: string | null;
  readonly storedUntil: string | null;
  /** ISO 8601: when every object was read to its end. */
  readonly provedAt: string;
  readonly instances: number;
  readonly bytes: number;
  /** Objects that were missing or changed, and pictures that could not be opened. */
  readonly findings: number;
  readonly series: readonly {
    readonly seriesUid: string;
    readonly modality: string | null;
    readonly manifest: string;
    readonly instances: number;
    readonly bytes: number;
    readonly whole: number;
    readonly missing: readonly string[];
    readonly changed: readonly string[];
    readonly derivedFindings: number;
    readonly opening: OpeningState;
  }[];
}

const uidsIn = (instances: readonly ProvedInstance[], state: ObjectState): readonly string[] =>
  instances.filter((one) => one.state === state).map(({ sopInstanceUid }) => sopInstanceUid);

const bytesOf = (instances: readonly ProvedInstance[]): number =>
  instances.reduce((sum, { size }) => sum + size, 0);

const iso = (epochMs: number): string | null =>
  Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : null;

/** Sums up what was found of a study's series. */
export const studyProof = (
  of: Pick<StudyProof, 'institution' | 'study' | 'studyUid'>,
  found: readonly ProvedSeries[],
  provedAt: Instant,
): StudyProof => {
  const instances = found.flatMap((series) => series.instances);
  const received = instances.flatMap(({ receivedAt }) => (receivedAt === null ? [] : [receivedAt]));
  const series = found.map((one) => ({
    seriesUid: one.seriesUid,
    modality: one.modality,
    manifest: one.manifest,
    instances: one.instances.length,
    bytes: bytesOf(one.instances),
    whole: uidsIn(one.instances, 'whole').length,
    missing: uidsIn(one.instances, 'missing'),
    changed: uidsIn(one.instances, 'changed'),
    derivedFindings: one.derivedFindings,
    opening: one.opening,
  }));
  return {
    format: 1,
    institution: of.institution,
    study: of.study,
    studyUid: of.studyUid,
    storedFrom: iso(received.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY)),
    storedUntil: iso(received.reduce((most, at) => Math.max(most, at), Number.NEGATIVE_INFINITY)),
    provedAt: new Date(provedAt).toISOString(),
    instances: instances.length,
    bytes: bytesOf(instances),
    findings: series.reduce(
      (sum, one) =>
        sum +
        one.missing.length +
        one.changed.length +
        one.derivedFindings +
        (one.opening === 'failed' ? 1 : 0),
      0,
    ),
    series,
  };
};
