import type { FhirSeries, FhirStudy } from '../../../adapters/fhir/imaging-study.ts';
import { consentStateOf } from '../../../adapters/postgres/consents.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { ANY_STUDY, searchStudies, type SeriesReading } from '../../../adapters/postgres/imaging-reading.ts';
import { seriesOfStudies } from '../../../adapters/postgres/imaging-study-lists.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { PersonLookup } from '../../../adapters/postgres/person-lookup.ts';
import { readReportsByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { surveyResults } from '../../../adapters/postgres/result-search.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { basisText } from '../../../recognition/index.ts';
import { careBasisOf } from '../care.ts';
import { judgeStudy, UNKNOWN_SOURCE, type VisibleStudy } from '../imaging/study-reader.ts';
import { type FhirReader, lineReaderOf } from './fhir-reader.ts';

/** Studies of a person that a reader may see, the newest first. */
export interface PersonStudies {
  readonly studies: readonly FhirStudy[];
  /** On what they are shown, as the audit row carries it. */
  readonly basis: string;
}

/** The same before their series are read. */
interface ShownStudies {
  readonly shown: readonly VisibleStudy[];
  /** Records that are surely this person's. */
  readonly sure: readonly string[];
  readonly basis: string;
}

const STUDIES_MAX = 500;

/**
 * Finds the studies of a person that a reader may see: of records that are surely this person's, as much as the report of
 * each shows, and none whose report somebody says is another's. Whatever becomes of them, the same statements are run.
 */
export const shownStudies = async (
  session: Session,
  reader: FhirReader,
  members: PersonLookup['members'],
  ruling: RulingSnapshot,
  at: Instant,
): Promise<ShownStudies> => {
  const sure = members.filter(({ grade }) => grade !== 'weak').map(({ personId }) => personId);
  const everybody = members.map(({ personId }) => personId);
  const [found, { disputed, consent: records }, care] = await Promise.all([
    searchStudies(session, { persons: sure }, ANY_STUDY, { limit: STUDIES_MAX, offset: 0 }),
    surveyResults(session, everybody),
    careBasisOf(session, reader.institution, everybody, ruling, at),
  ]);
  const { registry, snapshot } = ruling;
  const rules = snapshot.rulesAt(at);
  const lineReader = lineReaderOf(reader);
  // A program opens nothing in an emergency: that is a doctor's act, confirmed twice on a page.
  const consent = consentStateOf(records, registry, at, null);
  const reports = await readReportsByPublicId(
    session,
    sure,
    found.flatMap(({ report }) => (report === null ? [] : [report])),
  );
  const judging = { reader: lineReader, consent, care, disputed, ruling, at };
  const shown = found.flatMap((study) => {
    const institution = registry.institutionCode(study.institutionKey) ?? UNKNOWN_SOURCE;
    const isDisputed = study.report !== null && disputed.has(study.report);
    const grounds = isDisputed ? null : judgeStudy(study, institution, reports, judging);
    return grounds ? [{ study, institution, basis: grounds.basis }] : [];
  });
  return {
    shown,
    sure,
    basis:
      shown.length > 0
        ? [...new Set(shown.map(({ basis }) => basis))].sort().join(', ')
        : basisText([], lineReader, consent, rules),
  };
};

/** A study as a resource tells it. */
export const fhirStudy = (
  { study, institution }: VisibleStudy,
  series: readonly FhirSeries[],
): FhirStudy => ({
  id: study.publicId,
  uid: study.studyUid,
  accession: study.accession,
  institution,
  description: study.description,
  modalities: study.modalities,
  studyDate: study.studyDate,
  studyTime: study.studyTime,
  instances: study.instanceCount,
  updatedAt: study.lastAt,
  series,
});

/** A series as a resource tells it. */
export const fhirSeries = (
  series: Pick<
    SeriesReading,
    'seriesUid' | 'seriesNumber' | 'modality' | 'description' | 'bodyPart' | 'laterality' | 'instanceCount'
  >,
): FhirSeries => ({
  uid: series.seriesUid,
  number: series.seriesNumber,
  modality: series.modality,
  description: series.description,
  bodyPart: series.bodyPart,
  laterality: series.laterality,
  instances: series.instanceCount,
});

/** Reads the studies of a person that a reader may see, with the number of images in each series. */
export const readPersonStudies = async (
  session: Session,
  reader: FhirReader,
  members: PersonLookup['members'],
  ruling: RulingSnapshot,
  at: Instant,
): Promise<PersonStudies> => {
  const { shown, sure, basis } = await shownStudies(session, reader, members, ruling, at);
  const series = await seriesOfStudies(
    session,
    sure,
    shown.map(({ study: { studyId } }) => studyId),
  );
  return {
    studies: shown.map((one) => fhirStudy(one, (series.get(one.study.studyId) ?? []).map(fhirSeries))),
    basis,
  };
};
