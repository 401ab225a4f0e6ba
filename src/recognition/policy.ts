/** Content of list kind `policy`: what a jurisdiction decides that is not a list. */
export interface Policy {
  /** The repeat reminder's own clock (重复提醒; Chongqing: 3 months): how far back a doctor is told of earlier results. */
  readonly repeatReminderCivilDays: number;
  /** Consent between institutions. `assumed-by-policy` says so on every way out until consent acts are recorded. */
  readonly consent: 'assumed-by-policy';
  /** Encounter classes in which the doctor is never interrupted. */
  readonly silentEncounterClasses: readonly string[];
  /** Minimum length of the free text that N6 needs. */
  readonly otherReasonMinimum: number;
}
