import type { ItemCode, Side } from '../catalogue/index.ts';
import type { StatedTime } from '../kernel/instant.ts';
import type { IncomingObservation, IncomingReport } from './incoming-report.ts';

/**
 * What a laboratory's flag says, one vocabulary for every sender. `abnormal` and `critical` stand alone where the sender
 * does not say in which direction.
 */
export type ResultFlag =
  | 'normal'
  | 'abnormal'
  | 'high'
  | 'low'
  | 'positive'
  | 'critical'
  | 'critical-high'
  | 'critical-low';

/**
 * What a reader of the report should know about the reading; none of these stops the result from being kept.
 * `unmapped`: the local code waits for its mapping; `unit-not-understood`: the unit table does not know the unit;
 * `unit-not-stated`: a number without its unit;
 * `unit-unfit`: the unit cannot be converted into the item's own; `specimen-not-understood`, `specimen-unfit`: the word
 * is unknown, or the specimen is not one the item is measured in; `specimen-unclear`: the word is too broad to tell; `specimen-contradicted`: message and code map name
 * different specimens, or the report has several and does not say which; `side-contradicted`: the same for the side;
 * `body-part-contradicted`: the message names another part of the body than the mapped item has, so the item is not
 * believed;
 * `collection-time-coarse`: only the month or the year was stated; `collection-times-differ`: two places of the message
 * state different times, the earlier one was taken; `collected-after-report`: the report is older than the collection it
 * states, so that time is not believed.
 */
export type ReadingFinding =
  | 'unmapped'
  | 'unit-not-understood'
  | 'unit-not-stated'
  | 'unit-unfit'
  | 'specimen-not-understood'
  | 'specimen-unfit'
  | 'specimen-unclear'
  | 'specimen-contradicted'
  | 'side-contradicted'
  | 'body-part-contradicted'
  | 'collection-time-coarse'
  | 'collection-times-differ'
  | 'collected-after-report';

/** One observation as Huren understands it, beside what the laboratory reported. */
export interface ResultReading {
  /** Place in the message, e.g. `OBX[3]`. */
  readonly place: string;
  readonly localCode: string;
  readonly localName: string;
  /** null: the local code waits for its mapping. */
  readonly item: ItemCode | null;
  readonly side: Side | null;
  /** Specimen code of `data/specimens.json`; null when none was stated or it was not understood. */
  readonly specimen: string | null;
  /** Known states as codes (`haemolysed` …); words not understood are kept as `other:WORD`. Sorted, no repeats. */
  readonly specimenStates: readonly string[];
  readonly fasting: boolean | null;
  readonly timePoint: string | null;
  readonly pointOfCare: boolean;
  readonly collectedAt: StatedTime | null;
  readonly receivedAt: StatedTime | null;
  readonly methodClass: string | null;
  /** The characters reported. */
  readonly valueText: string;
  /** Only where the characters were a number (`5.4`, or the number of `<0.01`). */
  readonly valueNumber: number | null;
  readonly comparator: '<' | '<=' | '>' | '>=' | null;
  readonly unitText: string;
  /** UCUM; null when the unit was not understood; '' when none was stated. */
  readonly unit: string | null;
  readonly referenceText: string;
  readonly flag: ResultFlag | null;
  /** Performing institution as the message names it; null: the sender's own. */
  readonly performer: string | null;
  readonly findings: readonly ReadingFinding[];
}

/** A report whose lines are the results to count; for an examination `lines` keeps those of the message. */
export interface CountedReport extends IncomingReport {
  readonly lines?: readonly IncomingObservation[];
}
