import type { Session } from '../../../adapters/postgres/database.ts';
import { readImageEvidence, type ReportImages } from '../../../adapters/postgres/imaging-evidence.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { ReportReading } from '../../../adapters/postgres/report-reading.ts';
import {
  type CountedImages,
  describeStudy,
  imageArrival,
  imagesAmong,
  type StudyFacts,
} from '../../../imaging/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ImagesAnswer, StudyDescriptionAnswer } from '../../../web/wire/order-check-answer.ts';

/**
 * Whether the images of a report stay closed for a reader. While somebody says that it is another person's they open for the
 * institution that issued it alone, which has to look into it: pictures carry a name, and nobody knows whose it is. Every way
 * to images asks this here.
 */
export const areImagesClosed = (
  isDisputed: boolean,
  source: InstitutionCode,
  reader: InstitutionCode | null,
): boolean => isDisputed && reader !== source;

/** Images of what was examined: documents and localisers that came with them are none. */
const imagesOfWhole = ({ studies }: Pick<ReportImages, 'studies'>): number =>
  studies.reduce((sum, { facts, received }) => sum + (facts === null ? received : imagesAmong(facts)), 0);

/**
 * How many images have come. What is still awaited is counted as its sender announced it, documents and all; of what is complete the
 * images count, and where there is none it is said that something else came.
 *
 * @param received instances of any kind
 */
export const countedImages = (
  state: ImagesAnswer['state'],
  received: number,
  images: number,
): Pick<ImagesAnswer, 'received' | 'documents'> => {
  if (state !== 'complete') return { received };
  return images > 0
    ? { received: images }
    : { received: 0, ...(received > 0 ? { documents: received } : {}) };
};

/** How far the images of a report have come; null where none are known. */
export const imagesAnswer = (
  images: Pick<ReportImages, keyof CountedImages | 'studies'> | undefined,
  isClosed: boolean,
  at: Instant,
): ImagesAnswer | null => {
  if (!images) return null;
  const state = imageArrival(images, at);
  return {
    state,
    ...countedImages(state, images.received, imagesOfWhole(images)),
    announced: images.announced,
    ...(isClosed ? { closed: true } : {}),
  };
};

/** Facts of a study as whoever weighs its images reads them. */
export const describedStudy = (facts: StudyFacts): StudyDescriptionAnswer => {
  const described = describeStudy(facts);
  return {
    ...described,
    modalities: [...described.modalities],
    thicknessesMm: [...described.thicknessesMm],
    phases: described.phases.map((each) => ({ ...each, thicknessesMm: [...each.thicknessesMm] })),
    views: [...described.views],
    sequences: [...described.sequences],
    kernels: [...described.kernels],
    devices: [...described.devices],
  };
};

/** The same of one report, with what headers state of its images. Its images may have come under another record of its person. */
export const imagesOfReport = async (
  session: Session,
  { personId, publicId }: Pick<ReportReading, 'personId' | 'publicId'>,
  isClosed: boolean,
  at: Instant,
): Promise<ImagesAnswer | null> => {
  const { members } = await clusterOf(session, personId);
  const evidence = await readImageEvidence(
    session,
    members.map((member) => member.personId),
  );
  const images = evidence.get(publicId);
  const answer = imagesAnswer(images, isClosed, at);
  const facts = (images?.studies ?? []).flatMap((study) => study.facts ?? []);
  return answer === null || isClosed || facts.length === 0
    ? answer
    : { ...answer, studies: facts.map(describedStudy) };
};
