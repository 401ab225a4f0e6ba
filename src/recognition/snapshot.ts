import type { CodeMap, ItemDefinition, Panel } from '../catalogue/index.ts';
import type { JsonValue } from '../kernel/canonical-json.ts';
import { contentHash } from '../kernel/content-hash.ts';
import { raiser } from '../kernel/fault.ts';
import type { Instant } from '../kernel/instant.ts';
import {
  chinaPeriod,
  type Institution,
  type InstitutionCode,
  startOfChinaDay,
  type Zone,
} from '../organisation/index.ts';
import { RECOGNITION_FAULTS } from './faults.ts';
import {
  documentJson,
  type ListContents,
  type ListDocument,
  type SnapshotManifest,
} from './list-document.ts';
import type { BindingPolicy } from './policy.ts';
import { assembleRules, type DatedDocument, type Rules } from './rules.ts';

const raise = raiser(RECOGNITION_FAULTS);

/** The identity of a snapshot: the content hash of its manifest's entries in order of kind, code and version. */
export const snapshotId = (manifest: SnapshotManifest): string => {
  const nameOf = (entry: SnapshotManifest['entries'][number]): string =>
    `${entry.kind}\0${entry.code}\0${entry.version}`;
  const entries = [...manifest.entries].sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
  return contentHash(entries.map(({ kind, code, version, hash }) => ({ kind, code, version, hash })));
};

/**
 * All list versions of a snapshot, made for speed. Immutable: the same manifest always answers the same. What rules at
 * a moment is asked with the moment, because lists begin and end; the shortcuts take it too.
 */
export interface CompiledSnapshot {
  readonly id: string;
  /** Everything that rules at a moment, with lookups by code. */
  rulesAt(at: Instant): Rules;
  itemOf(code: string, at: Instant): ItemDefinition | undefined;
  institutionOf(code: string, at: Instant): Institution | undefined;
  /** Zones in which the institution is a member at the moment, narrow to wide. */
  zonesOf(institution: string, at: Instant): readonly Zone[];
  /** The institution's local codes, by code. */
  codeMapOf(institution: string, at: Instant): ReadonlyMap<string, CodeMap['entries'][number]>;
  /** Institutions that have a code map. */
  codedInstitutions(at: Instant): readonly InstitutionCode[];
  panelOf(institution: string, localCode: string, at: Instant): Panel | undefined;
  /** The policy that applies to an institution: of its narrowest zone that has one, else the general one. */
  policyOf(institution: string, at: Instant): BindingPolicy;
}

/** Moments at which a document changes what rules: its own begin and end, and those of dated lines inside it. */
const turningPoints = (document: ListDocument): number[] => {
  const points: number[] = [];
  const period = (from: string, to?: string): void => {
    const { from: begin, to: end } = chinaPeriod(from, to);
    points.push(begin, end);
  };
  period(document.effectiveFrom, document.effectiveTo);
  if (document.kind === 'zones')
    for (const zone of (document.content as ListContents['zones']).zones)
      for (const member of zone.members) period(member.from, member.to);
  if (document.kind === 'institution-list')
    for (const row of (document.content as ListContents['institution-list']).rows) period(row.from, row.to);
  if (document.kind === 'grants')
    for (const grant of (document.content as ListContents['grants']).grants)
      if (grant.revocation) points.push(startOfChinaDay(grant.revocation.revokedOn));
  return points;
};

/** Index of the last element that is at most `value`; -1 when all are greater. */
const lastAtMost = (sorted: readonly number[], value: number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** How many stretches of time stay assembled at once; simulations of past orders walk through many. */
const STRETCHES_KEPT_MAX = 16;

/**
 * Compiles a snapshot. Time is cut at every moment where a list version, a membership or a listing begins or ends; what
 * rules in one stretch between two cuts is assembled when it is first asked for.
 *
 * @param documents at least the documents of the manifest, by content hash
 * @throws SNAPSHOT_DOCUMENT_MISSING, SNAPSHOT_DOCUMENT_ALTERED
 */
export const compileSnapshot = (
  manifest: SnapshotManifest,
  documents: ReadonlyMap<string, ListDocument>,
): CompiledSnapshot => {
  const dated: DatedDocument[] = [];
  const cuts = new Set<number>();
  for (const { kind, code, version, hash } of manifest.entries) {
    const place = `${kind} ${code} ${version}`;
    const document = documents.get(hash);
    if (!document) throw raise('SNAPSHOT_DOCUMENT_MISSING', { place });
    if (contentHash(documentJson(document)) !== hash) throw raise('SNAPSHOT_DOCUMENT_ALTERED', { place });
    dated.push({ document, period: chinaPeriod(document.effectiveFrom, document.effectiveTo) });
    for (const point of turningPoints(document)) if (Number.isFinite(point)) cuts.add(point);
  }
  const sortedCuts = [...cuts].sort((left, right) => left - right);
  const stretches = new Map<number, Rules>();
  const held: { rules: Rules | null } = { rules: null };

  const rulesAt = (at: Instant): Rules => {
    if (held.rules !== null && at >= held.rules.from && at < held.rules.to) return held.rules;
    const stretch = lastAtMost(sortedCuts, at);
    let rules = stretches.get(stretch);
    if (!rules) {
      if (stretches.size >= STRETCHES_KEPT_MAX) stretches.delete(stretches.keys().next().value as number);
      rules = assembleRules(
        dated,
        sortedCuts[stretch] ?? Number.NEGATIVE_INFINITY,
        sortedCuts[stretch + 1] ?? Number.POSITIVE_INFINITY,
      );
      stretches.set(stretch, rules);
    }
    held.rules = rules;
    return rules;
  };

  return {
    id: snapshotId(manifest),
    rulesAt,
    itemOf: (code, at) => rulesAt(at).itemOf(code)?.item,
    institutionOf: (code, at) => rulesAt(at).institutionOf(code),
    zonesOf: (institution, at) => rulesAt(at).zonesOf(institution as InstitutionCode),
    codeMapOf: (institution, at) => rulesAt(at).codeMapOf(institution),
    codedInstitutions: (at) => rulesAt(at).codedInstitutions,
    panelOf: (institution, localCode, at) => rulesAt(at).panelOf(institution, localCode),
    policyOf: (institution, at) => rulesAt(at).policyOf(institution),
  };
};

/**
 * The manifest and the documents by hash of a set of list documents: what a publication stores, and what a test or a
 * simulation compiles.
 */
export const manifestOf = (
  documents: readonly ListDocument[],
): { readonly manifest: SnapshotManifest; readonly documents: ReadonlyMap<string, ListDocument> } => {
  const byHash = new Map<string, ListDocument>();
  const entries = documents.map((document) => {
    const hash = contentHash(documentJson(document) as JsonValue);
    byHash.set(hash, document);
    return { kind: document.kind, code: document.code, version: document.version, hash };
  });
  return { manifest: { entries }, documents: byHash };
};
