import {
  accessionSystem,
  type FhirStudy,
  imagingStudyOf,
  startedOf,
  STUDY_UID_SYSTEM,
  studyStatus,
} from '../../../adapters/fhir/imaging-study.ts';
import { searchBundle } from '../../../adapters/fhir/result-resources.ts';
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
import type { FlowDependencies } from '../dependencies.ts';
import { FHIR_FAULTS } from './fhir-faults.ts';
import { type FhirReader, fhirReader } from './fhir-reader.ts';
import { fhirReading, mayHave, nextOf, NOBODY, patientResource } from './fhir-reading.ts';
import { readPersonStudies } from './person-studies.ts';

const raise = raiser(FHIR_FAULTS);

/** Where a reader finds the images; null for apps, whose tokens DICOMweb does not take. */
export const dicomWebFor = (actor: FhirActor, base: string): string | null =>
  actor.kind === 'application' ? null : base.replace(/\/fhir$/, '/dicom-web');

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
  dependencies: FlowDependencies,
): Pick<FhirFlows, 'readStudy' | 'searchStudies'> => {
  const { database, snapshots, clock } = dependencies;
  const { alone, keep, openPerson } = fhirReading(dependencies);

  /** Whose study a UID is: of several institutions' the reader's own first. Nobody for one that no institution has. */
  const personOfUid = async (reader: FhirReader, uid: string): Promise<PublicId> => {
    const { registry } = await snapshots.current();
    const own = reader.institution === null ? undefined : registry.institutionKey(reader.institution);
    const found = await personsOfStudyUid(database, uid);
    return (found.find(({ institution }) => institution === own) ?? found[0])?.person ?? NOBODY;
  };

  return {
    async readStudy(actor, id, base, origin) {
      const reader = fhirReader(actor, 'ImagingStudy', 'read');
      const study = isUuid(id) ? (id as PublicId) : NOBODY;
      const ruling = await snapshots.current();
      const person = (await personOfStudy(database, study)) ?? NOBODY;
      const { found, mayRead } = await openPerson(reader, person, ruling);
      const members = found && mayRead ? found.members : [];
      const { studies, basis } = await readPersonStudies(database, reader, members, ruling, clock());
      const shown = studies.find((each) => each.id === study);
      if (!found || !shown) return fail(raise('FHIR_UNKNOWN'));
      await keep(alone, reader, origin, ruling, found.personId, {
        action: 'studies.search',
        resource: `study/${study}`,
        basis,
      });
      return ok(imagingStudyOf(shown, found.publicId, dicomWebFor(actor, base)));
    },
    async searchStudies(actor, search, origin) {
      const reader = fhirReader(actor, 'ImagingStudy', 'search');
      const ruling = await snapshots.current();
      const [identifier] = search.identifiers;
      const person = search.patient ?? (await personOfUid(reader, uidIn(identifier?.code ?? '')));
      const { found, mayRead } = await openPerson(reader, person, ruling);
      const isOpen = found !== undefined && mayRead;
      if (!isOpen && search.patient !== null) return fail(raise('FHIR_UNKNOWN'));
      const members = isOpen ? found.members : [];
      const { studies, basis } = await readPersonStudies(database, reader, members, ruling, clock());
      const all = studies.filter((study) => isWanted(study, search));
      const page = all.slice(search.offset, search.offset + search.count);
      const bringsPatient = isOpen && search.includes.length > 0 && mayHave(actor, 'Patient', found.publicId);
      const patient = bringsPatient ? await patientResource(dependencies, database, found.publicId) : null;
      // Who asks by a UID alone and finds nothing learns of nobody, so there is nobody in whose log it could stand.
      if (isOpen && (search.patient !== null || all.length > 0))
        await keep(alone, reader, origin, ruling, found.personId, {
          action: 'studies.search',
          resource: `person/${found.publicId}/studies`,
          basis,
        });
      const address = dicomWebFor(actor, search.base);
      return ok(
        searchBundle({
          matches: isOpen ? page.map((study) => imagingStudyOf(study, found.publicId, address)) : [],
          included: patient && page.length > 0 ? [patient] : [],
          total: all.length,
          self: search.address,
          next: nextOf(search.address, search.offset + page.length, all.length),
          base: search.base,
        }),
      );
    },
  };
};
