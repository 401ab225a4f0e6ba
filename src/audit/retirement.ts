import { type Instant, instant } from '../kernel/instant.ts';
import type { StaffRole } from '../organisation/index.ts';
import type { AuditBook, SealedBatch } from './seal.ts';

/**
 * Fewest years that the log is kept, whatever a setting says. The longest of the least times that bind it: records of
 * processing three years (PIPL article 56), network logs six months (Cybersecurity Law).
 */
export const RETENTION_FLOOR_YEARS = 3;

/** The moment before which rows are past a retention of so many years (of the calendar). */
export const retirableBefore = (at: Instant, years: number): Instant => {
  const day = new Date(at);
  day.setUTCFullYear(day.getUTCFullYear() - years);
  return instant(day.getTime());
};

/** Where a retirement stands: asked for; refused by the second person; approved; the rows are gone. */
export const RETIREMENT_STATES = ['requested', 'refused', 'approved', 'done'] as const;

/** One of `RETIREMENT_STATES`. */
export type RetirementState = (typeof RETIREMENT_STATES)[number];

/**
 * Who asks that a part of the log leaves, and who decides: those who run the platform, and the authority whose platform it
 * is (GB/T 22239 keeps administration and audit in different hands).
 */
export const RETIREMENT_ROLES = {
  request: 'operator',
  decide: 'regulator',
} as const satisfies Readonly<Record<string, StaffRole>>;

/** A retirement as far as its course goes. */
export interface RetirementCourse {
  readonly state: RetirementState;
  readonly requestedBy: string;
  /** The archive was written: from here on it is signed for, and goes on to its end. */
  readonly isArchived: boolean;
}

/**
 * What hinders somebody from deciding on a retirement; null when nothing does. One that was approved can still be refused
 * until its archive was written.
 */
export const decisionHindrance = (
  { state, requestedBy, isArchived }: RetirementCourse,
  actor: string,
  decision: 'approved' | 'refused',
): 'decided' | 'second-person-needed' | null => {
  const isOpen = state === 'requested' || (state === 'approved' && decision === 'refused' && !isArchived);
  if (!isOpen) return 'decided';
  return actor === requestedBy ? 'second-person-needed' : null;
};

/** The last batch of a chain that was retired, as it was signed outside the database. */
export interface RetiredTo {
  readonly sequence: bigint;
  readonly toEvent: bigint;
  readonly chainHash: Uint8Array;
}

/**
 * After which retirement a chain begins whose first batch is this: the newest that ends before it. undefined: none does,
 * and the chain has to begin at its first batch.
 */
export const chainStart = <Retired extends Pick<RetiredTo, 'sequence'>>(
  retired: readonly Retired[],
  first: Pick<SealedBatch, 'sequence'>,
): Retired | undefined =>
  retired
    .filter(({ sequence }) => sequence < first.sequence)
    .reduce<Retired | undefined>(
      (newest, each) => (newest && newest.sequence >= each.sequence ? newest : each),
      undefined,
    );

/** A part of one book that leaves: everything up to this batch. */
export interface RetirementPart {
  readonly book: AuditBook;
  readonly sequence: bigint;
  readonly toEvent: bigint;
  readonly rows: bigint;
}
