import type { InstitutionCode, CampusCode, ZoneCode } from '../organisation/index.ts';

/**
 * A grant of the HR mark (互认标识): one institution passed the external quality assessment for items in a scope, for a
 * period. A later failed round does not reach back; a revocation for cause may, and says since when (办法; Beijing 2024).
 */
export interface Grant {
  readonly code: string;
  readonly campus?: CampusCode;
  /** Items by code, or a whole category. */
  readonly items: readonly string[];
  readonly categories?: readonly string[];
  /** Zone in which the mark counts, with the printed words, e.g. `川渝HR`. */
  readonly scope: ZoneCode;
  readonly markZh: string;
  readonly issuerZh: string;
  /** Civil days in China; end exclusive. */
  readonly validFrom: string;
  readonly validTo: string;
  /** EQA round ids or inspection records. */
  readonly evidence: readonly string[];
  readonly methodClasses?: readonly string[];
  readonly revocation?: {
    readonly revokedOn: string;
    /** First civil day on which results no longer count; earlier than `revokedOn` only for cause. */
    readonly effectiveFrom: string;
    readonly reasonZh: string;
  };
}

/** Content of list kind `grants`: all grants of one institution. */
export interface GrantTable {
  readonly institution: InstitutionCode;
  readonly grants: readonly Grant[];
}

/** Content of list kind `consortium-standard`: the consortium's own quality standard and who meets it (A1, 004). */
export interface ConsortiumStandard {
  readonly zone: ZoneCode;
  readonly titleZh: string;
  readonly rows: readonly {
    readonly institution: InstitutionCode;
    readonly items: 'all' | readonly string[];
    readonly validFrom: string;
    readonly validTo: string;
  }[];
}
