import type { DicomWeb } from '../../server/routes/dicom-web-port.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import type { Receiving } from './receive.ts';
import { countedRetrieval } from './counted-retrieval.ts';
import { recalledRetrieval } from './recalled-retrieval.ts';
import { retrieveFlows } from './retrieve.ts';
import { searchFlow } from './search-studies.ts';
import { contentsCache } from './series-contents.ts';
import { storeFlow } from './store-instances.ts';
import { studyDoor } from './study-reader.ts';

/** What DICOMweb does. */
export const dicomWeb = (dependencies: ImagingDependencies, receiving: Receiving): DicomWeb => {
  const door = studyDoor(dependencies);
  const contents = contentsCache(dependencies);
  return {
    search: searchFlow(dependencies, door, contents),
    ...countedRetrieval(
      dependencies,
      door,
      recalledRetrieval(dependencies, door, retrieveFlows(dependencies, door, contents)),
    ),
    store: storeFlow(receiving),
  };
};
