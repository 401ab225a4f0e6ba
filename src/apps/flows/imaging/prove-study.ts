import type { ProofSigner } from '../../../adapters/audit-checkpoints/proof-signer.ts';
import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import {
  seriesOfStudy,
  type SeriesReading,
  studyByPublicId,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { keepProof, type KeptProof, studyToProve } from '../../../adapters/postgres/study-proofs.ts';
import {
  frameCount,
  type ManifestInstance,
  type OpeningState,
  type ProvedInstance,
  type ProvedSeries,
  type StudyProof,
  studyProof,
} from '../../../imaging/index.ts';
import { sha256Hex } from '../../../kernel/content-hash.ts';
import { DAY_MS, HOUR_MS, type Instant, instant, MINUTE_MS } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { drawFrame } from './draw-frame.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { allInstances } from './series-contents.ts';
import { verifyObject } from './verify-objects.ts';

/** What a proof is made with. */
export interface ProofDependencies extends ImagingDependencies {
  readonly signer: ProofSigner;
}

/** Nothing came for this long: what is proved then seldom grows. */
const QUIET_MS = 10 * MINUTE_MS;
/** How long a study that could not be proved waits. */
const PUT_OFF_MS = HOUR_MS;
/** Every object is read to its end at least this often. */
const PROOF_AGE_MAX_MS = 180 * DAY_MS;

const OPENED = {
  mediaType: 'image/jpeg',
  quality: 80,
  widthMax: 256,
  heightMax: 256,
  window: null,
} as const;

/** Opens the middle picture of a series as a viewer would: reads its header, its frame, and draws it. */
const openMiddle = async (
  dependencies: ImagingDependencies,
  instances: readonly ManifestInstance[],
  assumedCharset: string | null,
): Promise<OpeningState> => {
  const drawable = instances.filter(({ pixelOffset }) => pixelOffset !== null);
  const middle = drawable[Math.floor(drawable.length / 2)];
  if (!middle) return 'no-pixels';
  try {
    const frame = Math.ceil(frameCount(middle) / 2);
    const drawn = await drawFrame(dependencies, middle, frame, assumedCharset, OPENED);
    if (drawn.ok) return 'drawn';
    return drawn.reason === 'malformed' || drawn.reason === 'no-frame' ? 'failed' : 'not-drawable-here';
  } catch (error) {
    if (isObjectLost(error)) return 'failed';
    throw error;
  }
};

const proveSeries = async (
  dependencies: ImagingDependencies,
  series: SeriesReading & { readonly manifest: string },
): Promise<ProvedSeries> => {
  const { seriesUid, modality, manifest, metadata, headers, thumbnail } = series;
  let derivedFindings = 0;
  let canList = true;
  for (const made of [manifest, metadata, headers, thumbnail]) {
    if (made === null) continue;
    const { state } = await verifyObject(dependencies, made);
    if (state === 'whole') continue;
    derivedFindings += 1;
    if (made === manifest) canList = false;
  }
  const found = { seriesUid, modality, manifest, derivedFindings };
  if (!canList) return { ...found, instances: [], opening: 'failed' };
  const listed = await allInstances(dependencies, series);
  const instances: ProvedInstance[] = [];
  for (const { sopInstanceUid, content, size, receivedAt } of listed)
    instances.push({
      sopInstanceUid,
      size,
      receivedAt,
      state: (await verifyObject(dependencies, content)).state,
    });
  const { charsetDerived } = await studyUidOf(dependencies.database, series);
  return { ...found, instances, opening: await openMiddle(dependencies, listed, charsetDerived) };
};

/**
 * Reads every object of a study to its end, opens a picture of each series, and keeps what was found as a signed document.
 *
 * @returns null while a series is open, or when an image came in meanwhile
 */
export const proveStudy = async (
  dependencies: ProofDependencies,
  study: StudyReading,
): Promise<{ readonly proof: StudyProof; readonly kept: KeptProof } | null> => {
  const { database, clock, newPublicId, signer, snapshots } = dependencies;
  const proved: ProvedSeries[] = [];
  for (const series of await seriesOfStudy(database, study)) {
    const { manifest, closedAt } = series;
    if (manifest === null || closedAt === null) return null;
    proved.push(await proveSeries(dependencies, { ...series, manifest }));
  }
  const { registry } = await snapshots.current();
  const provedAt = clock();
  const proof = studyProof(
    {
      institution: registry.institutionCode(study.institutionKey) ?? '',
      study: study.publicId,
      studyUid: study.studyUid,
    },
    proved,
    provedAt,
  );
  const document = JSON.stringify(proof);
  const kept: KeptProof = {
    id: newPublicId(),
    provedAt,
    document,
    digest: sha256Hex(document),
    signature: signer.sign(document),
  };
  const isKept = await database.transaction((session) => keepProof(session, study, kept, proof.findings));
  return isKept ? { proof, kept } : null;
};

/**
 * Proves studies one after another, each a turn, the one that waits longest first. One that cannot be proved is put off: the
 * others do not wait behind it.
 *
 * @returns a turn, which tells whether there was a study
 */
export const studyProver = (dependencies: ProofDependencies): (() => Promise<boolean>) => {
  const { database, clock } = dependencies;
  const putOff = new Map<PublicId, Instant>();
  return async () => {
    const at = clock();
    for (const [study, until] of putOff) if (until <= at) putOff.delete(study);
    const next = await studyToProve(database, {
      quietSince: instant(at - QUIET_MS),
      provedBefore: instant(at - PROOF_AGE_MAX_MS),
      but: [...putOff.keys()],
    });
    if (next === undefined) return false;
    putOff.set(next, instant(at + PUT_OFF_MS));
    const study = await studyByPublicId(database, next);
    if (study && (await proveStudy(dependencies, study))) putOff.delete(next);
    return true;
  };
};
