import { readHl7Message } from '../../adapters/hl7v2/read-message.ts';
import { keptMessage, type MessageKey } from '../../adapters/postgres/messages.ts';
import { storeEvent } from '../../adapters/postgres/reports.ts';
import {
  freeResults,
  type ResultRecord,
  waitingCodes,
  waitingInstitutions,
  type WaitingPosition,
  type WaitingReport,
  waitingReports,
} from '../../adapters/postgres/results.ts';
import type { Sender } from '../../adapters/postgres/senders.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { type IncomingReport, observationKeys, readReport, type ReportContent } from '../../result/index.ts';
import { messageSeal, openBody } from './ingest-body.ts';
import { lookupsOf, performerLookup, type RecordContext, resultRecords } from './ingest-prepare.ts';
import { senderDefaults } from './ingest-senders.ts';
import type { IngestDependencies } from './ingest-work.ts';

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

const freeReport = async (
  dependencies: IngestDependencies,
  waiting: WaitingReport,
  at: Instant,
): Promise<number | undefined> => {
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
  if (mapped.length === 0) return 0;
  return dependencies.database.transaction(async (session) => {
    const freed = await freeResults(session, waiting, mapped);
    if (freed > 0)
      await storeEvent(
        session,
        waiting.personKey,
        {
          topic: MAPPED_TOPIC,
          payload: canonicalJson({ report: waiting.publicId, version: waiting.version, freed }),
        },
        at,
      );
    return freed;
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
      const freed = await freeReport(dependencies, waiting, clock());
      if (freed === undefined) totals.unreadable++;
      else if (freed > 0) {
        totals.freed += freed;
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
