/** What a check carries out: an instrument with its number and the article or section in it, as it is cited. */
export interface LegalBasis {
  /** Code of the check. */
  readonly check: string;
  readonly titleZh: string;
  readonly number: string;
  readonly article: string;
}

/**
 * Content of list kind `legal-bases`: on which articles the checks rest. Only what somebody has read in the instrument
 * itself belongs here; an article from memory is none. Rules no verdict.
 */
export interface LegalBases {
  readonly bases: readonly LegalBasis[];
}
