import {
  keepMapped,
  lockMappedLines,
  type MappedLine,
  readCodeMaps,
  readMapped,
  readStrayedReports,
} from '../../../adapters/postgres/code-map-moves.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { ItemKey } from '../../../adapters/postgres/registry.ts';
import { readHl7Message } from '../../../adapters/hl7v2/read-message.ts';
import { keptMessage, type MessageKey } from '../../../adapters/postgres/messages.ts';
import { storeEvent } from '../../../adapters/postgres/reports.ts';
import {
  freeResults,
  type ResultRecord,
  waitingCodes,
  waitingInstitutions,
  type WaitingPosition,
  type WaitingReport,
  waitingReports,
} from '../../../adapters/postgres/results.ts';
import type { Sender } from '../../../adapters/postgres/senders.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ListDocument } from '../../../recognition/index.ts';
import {
  type IncomingReport,
  observationKeys,
  readReport,
  type ReportContent,
} from '../../../result/index.ts';
import { messageSeal, openBody } from './ingest-body.ts';
import { lookupsOf, performerLookup, type RecordContext, resultRecords } from './ingest-prepare.ts';
import { senderDefaults } from './ingest-senders.ts';
import type { IngestDependencies } from './ingest-work.ts';
import { markWeighed } from '../checks/weighed-decisions.ts';

/** What publishing a code map set free. */
export interface RemapReport {
  /** Results that now have their item. */
  readonly freed: number;
  readonly reports: number;
  /** Reports whose kept message could not be read again; their lines go on waiting. */
  readonly unreadable: number;
}

/** The topic under which freed results wait in the outbox. */
export const MAPPED_TOPIC = 'results.mapped';

const PAGE = 100;
/** Each page of strayed reports is a look through all results of the institution. */
const MOVES_PAGE = 5_000;

/** The report of a kept message as the sender stated it; undefined when the message cannot be read any more. */
const statedReport = async (
  dependencies: IngestDependencies,
  waiting: WaitingReport,
): Promise<{ readonly report: IncomingReport; readonly sender: Sender } | undefined> => {
  const { database, senders } = dependencies;
  const kept = await keptMessage(
    database,
    waiting.personKey,
    waiting.recordedAt,
    waiting.messageId as MessageKey,
  );
  const sender = kept && (await senders.findByKey(kept.senderKey));
  if (!kept || !sender) return undefined;
  const bytes = await openBody(dependencies, kept.body, messageSeal(kept.senderKey, kept.controlId));
  const read = readHl7Message(bytes, senderDefaults(sender));
  if (!read.ok || read.value.message.kind !== 'reports') return undefined;
  const report = read.value.message.reports.find(({ reportNumber }) => reportNumber === waiting.reportNumber);
  return report && { report, sender };
};

/** The lines of a stored report version, read by the lists that rule now. */
const readAgain = (
  waiting: WaitingReport,
  report: IncomingReport,
  context: RecordContext,
  lookups: ReturnType<typeof lookupsOf>,
): readonly ResultRecord[] => {
  const content = JSON.parse(waiting.content) as ReportContent;
  const reading = readReport(report, lookups);
  const keys = observationKeys(reading.report.observations);
  const observations = content.observations.map(({ key, ordinal, standing }) => {
    const place = keys.indexOf(key);
    return {
      key,
      ordinal: ordinal ?? 0,
      standing: standing ?? waiting.standing,
      incoming: place < 0 ? null : place,
    };
  });
  const state = {
    decision: 'repeat',
    rule: 2,
    standing: waiting.standing,
    version: waiting.version,
    statedAt: waiting.statedAt,
    observations,
    content,
  } as const;
  return resultRecords({ report, reading, content }, state, waiting.publicId, context).results;
};

/** Marks the decisions that weighed a line as the item that an earlier code map took it for. */
const markMoved = (
  session: Session,
  report: WaitingReport,
  moved: readonly MappedLine[],
  { registry }: RulingSnapshot,
  at: Instant,
): Promise<number> => {
  const before = new Map(moved.map(({ ordinal, item_id }) => [ordinal, registry.itemCode(item_id)]));
  return markWeighed(
    session,
    report.personKey,
    {
      report: report.publicId,
      version: report.version,
      kind: 'other-item',
      ordinals: [...before.keys()],
      at,
    },
    ({ ordinal, item }) => before.get(ordinal) === item,
  );
};

/** Gives the lines of one report the items that the ruling code map has for them. */
const mapReport = async (
  dependencies: IngestDependencies,
  waiting: WaitingReport,
  at: Instant,
): Promise<{ readonly freed: number; readonly moved: number } | undefined> => {
  const stated = await statedReport(dependencies, waiting);
  if (!stated) return undefined;
  const { report, sender } = stated;
  const ruling = await dependencies.snapshots.current();
  const context: RecordContext = {
    sender,
    registry: ruling.registry,
    performerOf: performerLookup(sender, ruling, at),
  };
  const records = readAgain(waiting, report, context, lookupsOf(sender.institution, ruling, at));
  const mapped = records.filter(({ itemKey }) => itemKey !== null);
  if (mapped.length === 0) return { freed: 0, moved: 0 };
  const itemOf = new Map(mapped.map(({ ordinal, itemKey }) => [ordinal, itemKey]));
  return dependencies.database.transaction(async (session) => {
    const before = await lockMappedLines(session, waiting);
    const moved = before.filter(
      ({ ordinal, item_id }) => itemOf.has(ordinal) && itemOf.get(ordinal) !== item_id,
    );
    const changed = await freeResults(session, waiting, mapped);
    const freed = changed - moved.length;
    if (changed > 0)
      await storeEvent(
        session,
        waiting.personKey,
        {
          topic: MAPPED_TOPIC,
          payload: canonicalJson({
            report: waiting.publicId,
            version: waiting.version,
            freed,
            moved: moved.map(({ ordinal, item_id }) => ({
              ordinal,
              from: ruling.registry.itemCode(item_id) ?? '',
              to: ruling.registry.itemCode(itemOf.get(ordinal) as string) ?? '',
            })),
          }),
        },
        at,
      );
    if (moved.length > 0) await markMoved(session, waiting, moved, ruling, at);
    return { freed, moved: moved.length };
  });
};

/**
 * Gives the waiting results of an institution the items that its code map now has for them: call it after a code map was
 * published. Each report's kept message is read again by the ruling lists, so that unit, specimen, side and method
 * follow from the item exactly as if the map had been there at first. The local code stays; each change is an event.
 * May be repeated and interrupted at any time.
 */
export const remapInstitution = async (
  dependencies: IngestDependencies,
  institution: InstitutionCode,
): Promise<RemapReport> => {
  const { database, clock, snapshots } = dependencies;
  const ruling = await snapshots.current();
  const institutionKey = ruling.registry.institutionKey(institution);
  const totals = { freed: 0, reports: 0, unreadable: 0 };
  if (!institutionKey) return totals;
  const codeMap = ruling.snapshot.codeMapOf(institution, clock());
  const codes = (await waitingCodes(database, institutionKey))
    .map(({ localCode }) => localCode)
    .filter((localCode) => codeMap.has(localCode));
  if (codes.length === 0) return totals;
  let after: WaitingPosition | undefined;
  for (;;) {
    const page = await waitingReports(database, institutionKey, codes, after, PAGE);
    for (const waiting of page) {
      const mapped = await mapReport(dependencies, waiting, clock());
      if (mapped === undefined) totals.unreadable++;
      else if (mapped.freed > 0) {
        totals.freed += mapped.freed;
        totals.reports++;
      }
    }
    after = page.at(-1);
    if (!after) return totals;
  }
};

/** As `remapInstitution`, for every institution that has waiting results. */
export const remapWaiting = async (dependencies: IngestDependencies): Promise<RemapReport> => {
  const ruling = await dependencies.snapshots.current();
  const totals = { freed: 0, reports: 0, unreadable: 0 };
  for (const key of await waitingInstitutions(dependencies.database)) {
    const institution = ruling.registry.institutionCode(key);
    if (institution === undefined) continue;
    const { freed, reports, unreadable } = await remapInstitution(dependencies, institution);
    totals.freed += freed;
    totals.reports += reports;
    totals.unreadable += unreadable;
  }
  return totals;
};

/** What a corrected code map did to the results that an earlier one had mapped. */
export interface MoveReport {
  readonly moved: number;
  readonly reports: number;
  /** Reports whose kept message could not be read again; their lines keep the wrong item, under which nobody finds them. */
  readonly unreadable: number;
}

type Mapping = Readonly<Record<string, string>>;

/** The items that any code map ever gave an institution's local codes, for the first look at what may have strayed. */
const everMapped = async (
  { database }: IngestDependencies,
  institution: InstitutionCode,
): Promise<readonly Mapping[]> =>
  (await readCodeMaps(database)).flatMap((text) => {
    const { content } = JSON.parse(text) as ListDocument<'code-map'>;
    if (content.institution !== institution) return [];
    return [Object.fromEntries(content.entries.map(({ localCode, item }) => [localCode, item]))];
  });

/**
 * Moves the results of an institution whose local code a corrected code map gives another item: the kept message is read
 * again, so that unit, specimen, side and method follow from the right item, and every decision that weighed the wrong one
 * is marked. Decisions themselves stay as they were made. Nothing is looked through unless a code has changed its item.
 * May be repeated and interrupted at any time.
 */
export const moveStrayed = async (
  dependencies: IngestDependencies,
  institution: InstitutionCode,
): Promise<MoveReport> => {
  const { database, clock, snapshots } = dependencies;
  const { registry, snapshot } = await snapshots.current();
  const totals = { moved: 0, reports: 0, unreadable: 0 };
  const institutionKey = registry.institutionKey(institution);
  if (!institutionKey) return totals;
  const now = new Map(
    [...snapshot.codeMapOf(institution, clock())].map(([localCode, { item }]) => [localCode, item]),
  );
  const mapped = canonicalJson(Object.fromEntries(now));
  const kept = await readMapped(database, institutionKey);
  if (kept === mapped) return totals;
  const earlier =
    kept === undefined ? await everMapped(dependencies, institution) : [JSON.parse(kept) as Mapping];
  const changed = new Map(
    [...now].flatMap(([localCode, item]): [string, ItemKey][] => {
      const key = registry.itemKey(item);
      return key && earlier.some((map) => map[localCode] !== undefined && map[localCode] !== item)
        ? [[localCode, key]]
        : [];
    }),
  );
  let after: WaitingPosition | undefined;
  while (changed.size > 0) {
    const page = await readStrayedReports(database, institutionKey, changed, after, MOVES_PAGE);
    for (const strayed of page) {
      const outcome = await mapReport(dependencies, strayed, clock());
      if (outcome === undefined) totals.unreadable++;
      else if (outcome.moved > 0) {
        totals.moved += outcome.moved;
        totals.reports++;
      }
    }
    after = page.at(-1);
    if (!after) break;
  }
  await keepMapped(database, institutionKey, mapped, clock());
  return totals;
};

/** As `moveStrayed`, for every institution of the directory that has a code map. */
export const moveAllStrayed = async (dependencies: IngestDependencies): Promise<MoveReport> => {
  const { snapshot } = await dependencies.snapshots.current();
  const totals = { moved: 0, reports: 0, unreadable: 0 };
  for (const institution of snapshot.codedInstitutions(dependencies.clock())) {
    const { moved, reports, unreadable } = await moveStrayed(dependencies, institution);
    totals.moved += moved;
    totals.reports += reports;
    totals.unreadable += unreadable;
  }
  return totals;
};
