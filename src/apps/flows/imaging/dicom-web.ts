import type { DicomWeb } from '../../server/routes/dicom-web-port.ts';
import { correctedInstances, correctedMetadataFlow } from './corrected-instances.ts';
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
  const { located, ...retrieval } = retrieveFlows(dependencies, door, contents);
  const counted = countedRetrieval(dependencies, door, recalledRetrieval(dependencies, door, retrieval));
  return {
    search: searchFlow(dependencies, door, contents),
    ...counted,
    corrected: correctedInstances(dependencies, { located }),
    correctedMetadata: correctedMetadataFlow(dependencies, door, counted),
    store: storeFlow(receiving),
  };
};
