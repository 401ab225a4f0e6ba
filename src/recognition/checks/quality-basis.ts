import { type DatedGrant, type GrantStanding, grantStanding, standardRowAt } from '../../quality/index.ts';
import { zoneWidth } from '../../organisation/index.ts';
import { citeList } from '../rules.ts';
import type { ListDocument } from '../list-document.ts';
import { defineCheck, found, type Look, type ZoneFacts } from './check.ts';

/** Findings about a grant, from the best to the worst; the best one found counts. */
const BY_STANDING = {
  covers: 'grant-covers',
  'covers-since-ended': 'grant-covered-then',
  unknown: 'grant-limit-open',
  revoked: 'grant-revoked',
  expired: 'grant-expired',
  'not-begun': 'grant-not-begun',
  'other-method': 'grant-for-other-method',
  'other-campus': 'grant-for-other-campus',
} as const satisfies Record<GrantStanding, string>;

const STANDINGS = Object.keys(BY_STANDING) as GrantStanding[];

/** A mark counts in its own zone and in every narrower one: the scope must be common to both and as wide as the zone. */
const scopeCounts = (dated: DatedGrant, { pair, zoneRules }: ZoneFacts): boolean =>
  pair.zones.some(
    ({ zone }) => zone.code === dated.grant.scope && zoneWidth(zone) >= zoneWidth(zoneRules.zone),
  );

interface BestGrant {
  readonly standing: GrantStanding;
  readonly dated: DatedGrant;
  readonly list: ListDocument<'grants'>;
}

const bestGrant = (facts: ZoneFacts): BestGrant | 'out-of-scope' | null => {
  const { candidate, defined, rules, at, anchor } = facts;
  if (anchor === null) return null;
  const performance = {
    campus: candidate.performerCampus,
    methodClass: candidate.methodClass,
    performedAt: anchor.at,
    at,
  };
  let best: BestGrant | null = null;
  let outOfScope = false;
  for (const { list, index } of rules.grantsOf(candidate.performer))
    for (const grants of [index.byItem.get(defined.item.code), index.byCategory.get(defined.item.category)])
      for (const dated of grants ?? []) {
        if (!scopeCounts(dated, facts)) {
          outOfScope = true;
          continue;
        }
        const standing = grantStanding(dated, performance);
        if (best === null || STANDINGS.indexOf(standing) < STANDINGS.indexOf(best.standing))
          best = { standing, dated, list };
      }
  return best ?? (outOfScope ? 'out-of-scope' : null);
};

const FINDINGS = {
  'grant-covers': 'pass',
  'grant-covered-then': 'pass',
  'consortium-standard-met': 'pass',
  'basis-in-draft': 'fail',
  'grant-revoked': 'fail',
  'grant-expired': 'fail',
  'grant-not-begun': 'fail',
  'grant-for-other-campus': 'fail',
  'grant-for-other-method': 'fail',
  'grant-out-of-scope': 'fail',
  'no-quality-basis': 'fail',
  'grant-limit-open': 'unknown',
  'basis-time-missing': 'unknown',
} as const;

const markLook = (facts: ZoneFacts): Look<keyof typeof FINDINGS> | null => {
  const best = bestGrant(facts);
  if (best === null) return null;
  const { performer } = facts.candidate;
  if (best === 'out-of-scope')
    return found('grant-out-of-scope', { institution: performer, zone: facts.zoneRules.zone.code });
  const { standing, dated, list } = best;
  const { grant } = dated;
  const data = {
    institution: performer,
    mark: grant.markZh,
    validFrom: grant.validFrom,
    validTo: grant.validTo,
    performedAt: facts.anchor?.at ?? null,
    revokedFrom: grant.revocation?.effectiveFrom ?? null,
    reason: grant.revocation?.reasonZh ?? null,
  };
  const citation = citeList(list, grant.code);
  const finding = BY_STANDING[standing];
  return found(
    list.status === 'draft' && FINDINGS[finding] === 'pass' ? 'basis-in-draft' : finding,
    data,
    citation,
  );
};

const standardLook = ({
  candidate,
  defined,
  zoneRules,
  anchor,
}: ZoneFacts): Look<keyof typeof FINDINGS> | null => {
  if (anchor === null) return null;
  for (const { list, rows } of zoneRules.standards) {
    const row = standardRowAt(rows.get(candidate.performer) ?? [], defined.item.code, anchor.at);
    if (row === null) continue;
    const data = {
      institution: candidate.performer,
      standard: list.content.titleZh,
      validFrom: row.row.validFrom,
      validTo: row.row.validTo,
    };
    return found(
      list.status === 'draft' ? 'basis-in-draft' : 'consortium-standard-met',
      data,
      citeList(list, String(row.place)),
    );
  }
  return null;
};

/**
 * Was the laboratory or department that performed it (for sent-out tests not the one that reported it) of proven quality
 * when it did: by the HR mark for this item and scope, or by the consortium's own standard, whichever the list accepts?
 * The moment of collection or examination counts. A round failed later does not reach back; a revocation for cause does,
 * from the day it names.
 */
export const qualityBasis = defineCheck({
  code: 'quality-basis',
  findings: FINDINGS,
  look: (facts: ZoneFacts) => {
    const { listed, anchor, candidate } = facts;
    if (anchor === null)
      return found('basis-time-missing', { institution: candidate.performer }, listed.citation);
    let worst: Look<keyof typeof FINDINGS> | null = null;
    for (const basis of listed.list.content.qualityBases) {
      const look = basis === 'hr-grant' ? markLook(facts) : standardLook(facts);
      if (look !== null && FINDINGS[look.finding] === 'pass') return look;
      worst ??= look;
    }
    return worst ?? found('no-quality-basis', { institution: candidate.performer }, listed.citation);
  },
});
