import type { RegionBench } from '../system/region-bench.ts';

/** What the operations of the console are driven with. */
export interface ConsoleSubject {
  /** Two messages of the technician's institution that lie in quarantine. */
  readonly waiting: readonly [string, string];
  /** Version of the institution's code map. */
  readonly mapVersion: string;
}

/** Puts two messages of the county hospital into quarantine. */
export const consoleSubject = async (bench: RegionBench): Promise<ConsoleSubject> => {
  const { senders, snapshots } = bench.dependencies;
  const sender = await senders.findByCode('YX-COUNTY-LIS');
  if (!sender) throw new Error('the county hospital sends messages');
  const header = `MSH|^~\\&|${sender.application}|${sender.facility}|HUREN|HR|20261123100000||ORU^R01|`;
  const waiting: string[] = [];
  for (const controlId of ['CONTRACT1', 'CONTRACT2']) {
    const taken = await bench.take(Buffer.from(`${header}${controlId}|P|2.5.1\rOBR|1||L${controlId}|K`));
    waiting.push(taken.quarantine ?? '');
  }
  const { snapshot } = await snapshots.current();
  const [map] = snapshot.rulesAt(bench.now).codeMapListsOf('YX-COUNTY');
  return { waiting: waiting as [string, string], mapVersion: map?.version ?? '' };
};

const MAPPING = { localCode: 'CONTRACT-K', localName: '血钾', item: 'LC-K' };

/** How each operation of the console is driven, by its name in the document. */
export const consoleExamples = ({ waiting: [first, second], mapVersion }: ConsoleSubject) => {
  const as = 'technician';
  return {
    listConsoleInstitutions: { as, status: 200 },
    readConsoleOverview: { as, query: '?span=day', status: 200 },
    listConsoleMessages: { as, query: '?state=open&limit=5', status: 200 },
    listUnknownSenders: { as: 'operator', status: 200 },
    readConsoleMessage: { as, id: first, status: 200 },
    replayConsoleMessage: { as, id: first, json: { reason: '再试一次' }, status: 200 },
    discardConsoleMessage: { as, id: second, json: { reason: '测试消息' }, status: 200 },
    testConsoleMessage: { as, json: { text: 'MSH|^~\\&|X|Y|||20261123||ORU^R01|T1|P|2.5.1' }, status: 200 },
    listUnmappedCodes: { as, status: 200 },
    searchConsoleItems: { as, query: '?search=potassium', status: 200 },
    previewMapping: { as, json: { mapping: MAPPING }, status: 200 },
    mapCodes: { as, json: { mappings: [MAPPING], basedOn: mapVersion }, status: 200 },
    // The version that the operation before this one published, at the region's day.
    restoreCodeMap: { as, json: { basedOn: '2026-11-23.001' }, status: 200 },
  } as const;
};
