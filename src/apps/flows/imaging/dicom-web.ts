import type { DicomWeb, DicomWebReader } from '../../server/routes/dicom-web-port.ts';
import { applicationDoor } from '../fhir/application-images.ts';
import { correctedInstances, correctedMetadataFlow } from './corrected-instances.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import type { Receiving } from './receive.ts';
import { countedRetrieval } from './counted-retrieval.ts';
import { recalledRetrieval } from './recalled-retrieval.ts';
import { retrieveFlows } from './retrieve.ts';
import { searchFlow } from './search-studies.ts';
import { contentsCache } from './series-contents.ts';
import { storeFlow } from './store-instances.ts';
import { type StudyDoor, studyDoor } from './study-reader.ts';

/** What DICOMweb does. */
export const dicomWeb = (dependencies: ImagingDependencies, receiving: Receiving): DicomWeb => {
  const people = studyDoor(dependencies);
  const applications = applicationDoor(dependencies);
  const door: StudyDoor<DicomWebReader> = {
    open: ({ actor, origin }, studyUid) =>
      actor.kind === 'application'
        ? applications.open({ actor, origin }, studyUid)
        : people.open({ actor, origin }, studyUid),
  };
  const contents = contentsCache(dependencies);
  const { located, ...retrieval } = retrieveFlows(dependencies, door, contents);
  const counted = countedRetrieval(dependencies, door, recalledRetrieval(dependencies, door, retrieval));
  return {
    search: searchFlow(dependencies, people, contents),
    ...counted,
    corrected: correctedInstances(dependencies, { located }),
    correctedMetadata: correctedMetadataFlow(dependencies, door, counted),
    store: storeFlow(receiving),
  };
};
