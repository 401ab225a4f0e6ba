import table from '../../data/image-retention.json' with { type: 'json' };

/** One row of the retention rules: a floor by class of encounter, with the article that asks for it. */
export interface RetentionRule {
  readonly id: string;
  readonly classes: readonly string[];
  readonly years: number;
  readonly source: {
    readonly title: string;
    readonly number: string;
    readonly article: string;
    readonly words: string;
  };
}

/** The rows of `data/image-retention.json`. */
export const RETENTION_RULES: readonly RetentionRule[] = table.rules;

/** What is known of a study when it is asked how long it must stay. */
export interface RetentionCase {
  /** Class of the encounter it was made in; null where nobody knows. */
  readonly encounterClass: string | null;
  /** Last contact of the patient with the institution, `YYYY-MM-DD`. */
  readonly lastContactOn: string;
}

/** Until when a study stays, and by which row. */
export interface Retention {
  /** First day on which it need not be kept any more, `YYYY-MM-DD`. */
  readonly until: string;
  readonly rule: string;
  readonly years: number;
}

const afterYears = (day: string, years: number): string => {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  // The last of February of a leap year goes on to the first of March: a day longer, never shorter.
  return new Date(Date.UTC(year + years, month - 1, date)).toISOString().slice(0, 10);
};

/**
 * Until when a study must be kept.
 *
 * @param keptYears how long the installation keeps images at least; null: for ever
 * @returns null: for ever
 */
export const retentionOf = (
  rules: readonly RetentionRule[],
  { encounterClass, lastContactOn }: RetentionCase,
  keptYears: number | null,
): Retention | null => {
  const longest = rules.toSorted((one, other) => other.years - one.years)[0];
  if (keptYears === null || !longest) return null;
  const rule =
    rules.find(({ classes }) => encounterClass !== null && classes.includes(encounterClass)) ?? longest;
  const years = Math.max(rule.years, keptYears);
  return { until: afterYears(lastContactOn, years), rule: rule.id, years };
};

/** Whether it may go on a day. @param today `YYYY-MM-DD` */
export const mayRetire = (retention: Retention | null, today: string): boolean =>
  retention !== null && retention.until <= today;
