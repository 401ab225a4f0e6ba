import { openStudyOnce } from '../../../adapters/postgres/imaging-openings.ts';
import { personsOfStudyUid } from '../../../adapters/postgres/imaging-study-lists.ts';
import type { ApplicationActor, CallOrigin } from '../../server/flows-port.ts';
import { auditOf } from '../dependencies.ts';
import { imagingFault } from '../imaging/imaging-faults.ts';
import type { ImagingDependencies } from '../imaging/imaging-work.ts';
import { type OpenedStudy, openingKeyOf, rememberingDoor, type StudyDoor } from '../imaging/study-reader.ts';
import { fhirReader, readsOwn } from './fhir-reader.ts';
import { fhirReading } from './fhir-reading.ts';
import { shownStudies } from './person-studies.ts';

/** An app that looks at images. */
export interface ApplicationReader {
  readonly actor: ApplicationActor;
  readonly origin: CallOrigin;
}

const readerOf = ({ actor }: ApplicationReader) => fhirReader(actor, 'ImagingStudy', 'read');

/**
 * Opens studies for apps: those that the same token is answered as ImagingStudy, and no others, so that what the resource says
 * can be done, and nothing beside it.
 */
export const applicationDoor = (dependencies: ImagingDependencies): StudyDoor<ApplicationReader> => {
  const { database, snapshots, clock } = dependencies;
  const { openPerson } = fhirReading(dependencies);

  /** The study of this UID that the app may see; of several institutions' the reader's own first. */
  const visibleTo = async (one: ApplicationReader, studyUid: string) => {
    const reader = readerOf(one);
    const ruling = await snapshots.current();
    const whose = (await personsOfStudyUid(database, studyUid)).map(({ person }) => person);
    const persons = whose.length > 0 && reader.only !== null ? [reader.only] : new Set(whose);
    const visible = [];
    for (const person of persons) {
      const { found, mayRead } = await openPerson(reader, person, ruling);
      if (!found || !mayRead) continue;
      const { shown } = await shownStudies(database, reader, found.members, ruling, clock());
      visible.push(...shown.filter(({ study }) => study.studyUid === studyUid));
    }
    return visible.find(({ institution }) => institution === reader.institution) ?? visible[0];
  };

  const decide = async (one: ApplicationReader, studyUid: string): Promise<OpenedStudy> => {
    const visible = await visibleTo(one, studyUid);
    if (!visible) throw imagingFault('STUDY_UNKNOWN');
    const reader = readerOf(one);
    const { institution } = reader;
    const { registry } = await snapshots.current();
    const { study, basis } = visible;
    const isOwnData = readsOwn(reader);
    const audit = auditOf(
      dependencies,
      one.actor,
      { ...one.origin, purpose: isOwnData ? 'own-data' : one.origin.purpose },
      {
        action: 'study.read',
        resource: `study/${study.publicId}`,
        basis,
        institutionKey: institution === null ? null : (registry.institutionKey(institution) ?? null),
        outcome: 'disclosed',
      },
    );
    const at = clock();
    await openStudyOnce(database, study, openingKeyOf(one, at), audit, at);
    const way = isOwnData ? 'patient' : visible.institution === institution ? 'own' : 'elsewhere';
    return { ...visible, way };
  };
  // Two tokens of one app and one person may be about different patients.
  return rememberingDoor(clock, decide, (one) => `${one.actor.name}|${readerOf(one).only ?? ''}`);
};
