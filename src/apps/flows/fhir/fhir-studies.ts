import { scopeLevelFor } from '../../../access/index.ts';
import {
  accessionSystem,
  ENDPOINT_ID,
  type FhirStudy,
  imagingEndpoint,
  imagingStudyOf,
  startedOf,
  STUDY_UID_SYSTEM,
  studyStatus,
} from '../../../adapters/fhir/imaging-study.ts';
import { type FhirResource, searchBundle } from '../../../adapters/fhir/result-resources.ts';
import { personOfStudy, personsOfStudyUid } from '../../../adapters/postgres/imaging-study-lists.ts';
import { raiser } from '../../../kernel/fault.ts';
import { type Instant, parseInstant } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import { isUuid, type PublicId } from '../../../kernel/uuid.ts';
import type {
  FhirActor,
  FhirFlows,
  SearchedSpan,
  SearchedToken,
  StudySearch,
} from '../../server/routes/fhir-port.ts';
import { FHIR_FAULTS } from './fhir-faults.ts';
import { type FhirReader, fhirReader } from './fhir-reader.ts';
import { fhirReading, mayHave, nextOf, NOBODY, patientResource } from './fhir-reading.ts';
import { readPersonStudies, shownStudies } from './person-studies.ts';
import { type ContentDependencies, studyContents } from './study-contents.ts';

const raise = raiser(FHIR_FAULTS);

/** Whether a reader may read the images of what it is shown: an app that may only search is told no address. */
export const opensImages = (actor: FhirActor): boolean =>
  actor.kind !== 'application' ||
  scopeLevelFor(
    { scopes: actor.scopes, hasPatient: actor.patient !== null, hasUser: actor.user !== null },
    'ImagingStudy',
    'read',
  ) !== null;

const endpointAt = (base: string): FhirResource => imagingEndpoint(base.replace(/\/fhir$/, '/dicom-web'));

const PATIENT_INCLUDES: readonly string[] = ['ImagingStudy:subject', 'ImagingStudy:patient'];

const isWithin = (at: Instant | undefined, spans: readonly SearchedSpan[]): boolean =>
  spans.every(
    ({ from, before }) =>
      at !== undefined && (from === null || at >= from) && (before === null || at < before),
  );

/** Whether a study began within these spans; one of which only the day is known began with it. */
export const isWithinStart = (study: FhirStudy, spans: readonly SearchedSpan[]): boolean => {
  const started = startedOf(study);
  const text = started !== null && started.length === 10 ? `${started}T00:00:00+08:00` : started;
  return isWithin(text === null ? undefined : parseInstant(text), spans);
};

const uidIn = (code: string): string => code.replace(/^urn:oid:/, '');

const hasIdentifier = (study: FhirStudy, { system, code }: SearchedToken): boolean =>
  ((system === null || system === STUDY_UID_SYSTEM) && uidIn(code) === study.uid) ||
  ((system === null || system === accessionSystem(study.institution)) && code === study.accession);

const isWanted = (study: FhirStudy, search: StudySearch): boolean =>
  (search.ids === null || search.ids.includes(study.id)) &&
  (search.identifiers.length === 0 || search.identifiers.some((each) => hasIdentifier(study, each))) &&
  (search.statuses.length === 0 || search.statuses.includes(studyStatus(study))) &&
  (search.modalities.length === 0 || study.modalities.some((each) => search.modalities.includes(each))) &&
  isWithinStart(study, search.spans) &&
  isWithin(study.updatedAt, search.updated);

/** Studies by FHIR. What is not the actor's to see is answered exactly like what is not there. */
export const studyFlows = (
  dependencies: ContentDependencies & Parameters<typeof fhirReading>[0],
): Pick<FhirFlows, 'readStudy' | 'readEndpoint' | 'searchStudies'> => {
  const { database, snapshots, clock } = dependencies;
  const contentsOf = studyContents(dependencies);
  const { alone, keep, openPerson } = fhirReading(dependencies);

  /** Whose study a UID is: of several institutions' the reader's own first. Nobody for one that no institution has. */
  const personOfUid = async (reader: FhirReader, uid: string): Promise<PublicId> => {
    const { registry } = await snapshots.current();
    const own = reader.institution === null ? undefined : registry.institutionKey(reader.institution);
    const found = await personsOfStudyUid(database, uid);
    return (found.find(({ institution }) => institution === own) ?? found[0])?.person ?? NOBODY;
  };

  return {
    async readStudy(actor, id, origin) {
      const reader = fhirReader(actor, 'ImagingStudy', 'read');
      const study = isUuid(id) ? (id as PublicId) : NOBODY;
      const ruling = await snapshots.current();
      const whose = await personOfStudy(database, study);
      // An app of one person finds a study of any of that person's records, and of nobody else's.
      const { found, mayRead } = await openPerson(reader, reader.only ?? whose ?? NOBODY, ruling);
      const members = found && mayRead ? found.members : [];
      const { shown, basis } = await shownStudies(database, reader, members, ruling, clock());
      const visible = shown.find((each) => each.study.publicId === study);
      if (!found || !visible) return fail(raise('FHIR_UNKNOWN'));
      const told = await contentsOf(visible);
      await keep(alone, reader, origin, ruling, found.personId, {
        action: 'studies.search',
        resource: `study/${study}`,
        basis,
      });
      return ok(imagingStudyOf(told, found.publicId, opensImages(actor)));
    },
    readEndpoint: (id, base) => (id === ENDPOINT_ID ? ok(endpointAt(base)) : fail(raise('FHIR_UNKNOWN'))),
    async searchStudies(actor, search, origin) {
      const reader = fhirReader(actor, 'ImagingStudy', 'search');
      const ruling = await snapshots.current();
      const [identifier] = search.identifiers;
      const whose = search.patient ?? (await personOfUid(reader, uidIn(identifier?.code ?? '')));
      const person = search.patient ?? reader.only ?? whose;
      const { found, mayRead } = await openPerson(reader, person, ruling);
      const isOpen = found !== undefined && mayRead;
      if (!isOpen && search.patient !== null) return fail(raise('FHIR_UNKNOWN'));
      const members = isOpen ? found.members : [];
      const { studies, basis } = await readPersonStudies(database, reader, members, ruling, clock());
      const all = studies.filter((study) => isWanted(study, search));
      const page = all.slice(search.offset, search.offset + search.count);
      const asksForPatient = search.includes.some((each) => PATIENT_INCLUDES.includes(each));
      const bringsPatient = isOpen && asksForPatient && mayHave(actor, 'Patient', found.publicId);
      const patient = bringsPatient ? await patientResource(dependencies, database, found.publicId) : null;
      // Who asks by a UID alone and finds nothing learns of nobody, so there is nobody in whose log it could stand.
      if (isOpen && (search.patient !== null || all.length > 0))
        await keep(alone, reader, origin, ruling, found.personId, {
          action: 'studies.search',
          resource: `person/${found.publicId}/studies`,
          basis,
        });
      const opens = opensImages(actor);
      const bringsEndpoint = opens && search.includes.includes('ImagingStudy:endpoint');
      return ok(
        searchBundle({
          matches: isOpen ? page.map((study) => imagingStudyOf(study, found.publicId, opens)) : [],
          included:
            page.length > 0
              ? [...(patient ? [patient] : []), ...(bringsEndpoint ? [endpointAt(search.base)] : [])]
              : [],
          total: all.length,
          self: search.address,
          next: nextOf(search.address, search.offset + page.length, all.length),
          base: search.base,
        }),
      );
    },
  };
};
