import { type Instant, MINUTE_MS } from '../kernel/instant.ts';
import { isRefused, shownPurpose } from './access-words.ts';

/** One row of the log about a person, as far as folding asks. */
export interface LoggedLook {
  readonly id: string;
  readonly at: Instant;
  readonly actor: string;
  readonly role: string | null;
  readonly staffNumber: string | null;
  readonly institution: string | null;
  readonly action: string;
  readonly purpose: string;
  readonly basis: string;
  readonly outcome: string;
}

/** Rows that are one line to a patient: one sitting of one person, or a system's rows of one day. */
export interface FoldedLooks<Look extends LoggedLook> {
  readonly kind: 'person' | 'system' | 'own';
  /** The newest first. */
  readonly rows: readonly [Look, ...Look[]];
}

/** Rows of one person further apart than this are two sittings. */
const SITTING_MS = 10 * MINUTE_MS;

const SYSTEM_ROLES: ReadonlySet<string> = new Set(['client', 'sender', 'application']);

const kindOf = ({ role, staffNumber, actor }: LoggedLook): FoldedLooks<LoggedLook>['kind'] => {
  if (role === 'patient') return 'own';
  const isSystem = role === null ? /^(client|sender):/.test(actor) : SYSTEM_ROLES.has(role);
  // A system that names the doctor it calls for is that doctor to the patient.
  return isSystem && staffNumber === null ? 'system' : 'person';
};

/**
 * Folds the rows of a log so that a patient can read it: what one person looked at in one sitting is one line; what systems
 * did by themselves is one line a day, institution and purpose; so is the patient's own reading.
 *
 * @param rows the newest first
 * @param dayOf calendar day of a moment where the patient lives
 */
export const foldLooks = <Look extends LoggedLook>(
  rows: readonly Look[],
  dayOf: (at: Instant) => string,
): readonly FoldedLooks<Look>[] => {
  const folds: { kind: FoldedLooks<Look>['kind']; rows: [Look, ...Look[]] }[] = [];
  const open = new Map<string, (typeof folds)[number]>();
  for (const row of rows) {
    const kind = kindOf(row);
    const what = `${shownPurpose(row.purpose, row.basis)}|${row.institution}|${isRefused(row.outcome)}`;
    const key =
      kind === 'person'
        ? `person|${row.actor}|${row.staffNumber}|${what}`
        : `${kind}|${kind === 'system' ? what : ''}|${dayOf(row.at)}`;
    const fold = open.get(key);
    const newest = fold?.rows.at(-1);
    if (fold && newest && (kind !== 'person' || newest.at - row.at <= SITTING_MS)) fold.rows.push(row);
    else {
      const begun = { kind, rows: [row] as [Look, ...Look[]] };
      folds.push(begun);
      open.set(key, begun);
    }
  }
  return folds;
};
