import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import {
  setFacts,
  type StudyReadBefore,
  studiesReadBefore,
} from '../../../adapters/postgres/imaging-facts.ts';
import { seriesOfStudy } from '../../../adapters/postgres/imaging-reading.ts';
import { FACTS_READING, type InstanceHeader, studyFacts } from '../../../imaging/index.ts';
import { eachApart } from '../../../kernel/each-apart.ts';
import { keptHeaders } from './close-series.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { noteSide } from './study-side.ts';

const AT_ONCE = 20;

/** Headers of all closed series; null where those of one are gone, or were never kept. */
const headersOf = async (
  dependencies: ImagingDependencies,
  study: StudyReadBefore,
): Promise<readonly InstanceHeader[] | null> => {
  const headers: InstanceHeader[] = [];
  for (const series of await seriesOfStudy(dependencies.database, study)) {
    if (series.closedAt === null) continue;
    try {
      const kept = await keptHeaders(dependencies, series);
      if (kept === null) return null;
      headers.push(...kept);
    } catch (error) {
      if (isObjectLost(error)) return null;
      throw error;
    }
  }
  return headers;
};

/**
 * Makes the facts of studies anew that an older reading of headers made, from the headers that were kept when their series were
 * closed: no image is read but those of many frames whose places were not kept. Where headers are gone the facts stay as they are. Decisions of before keep theirs.
 *
 * @returns how many studies were looked at
 */
export const readFactsAnew = async (dependencies: ImagingDependencies): Promise<number> => {
  const { database } = dependencies;
  const studies = await studiesReadBefore(database, FACTS_READING, AT_ONCE);
  await eachApart(studies, async (study) => {
    const headers = await headersOf(dependencies, study);
    const facts = headers === null ? study.facts : JSON.stringify(studyFacts(headers));
    await database.transaction(async (session) => {
      if (await setFacts(session, study, { facts, reading: FACTS_READING }))
        await noteSide(dependencies, session, study);
    });
  });
  return studies.length;
};
