import { publishLists, type RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import { waitingCodes } from '../../../adapters/postgres/results.ts';
import {
  codeMapVersions,
  listDocumentText,
  waitingExamples,
  waitingUnder,
  waitingUnits,
} from '../../../adapters/postgres/waiting-codes.ts';
import {
  areConvertible,
  type CodeMap,
  type CodeMapEntry,
  type ItemDefinition,
  specimenWords,
  suggestItems,
  understandUnit,
} from '../../../catalogue/index.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { ListDocument } from '../../../recognition/index.ts';
import type { MapCodesRequest, PublishedMapAnswer, UnmappedAnswer } from '../../../web/wire/console.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { ConsoleFlows } from '../../server/routes/console-port.ts';
import { recordMessageAct } from './console-messages.ts';
import { askedInstitution, consoleFault, type ConsoleScope, scopeOf } from './console-scope.ts';
import { searchItems } from './console-items.ts';
import { remapInstitution } from '../ingest/ingest-remap.ts';
import type { IngestDependencies } from '../ingest/ingest-work.ts';

type CodeMapList = ListDocument<'code-map'>;

/** An item on the wire. */
const itemAnswer = (item: ItemDefinition) => ({
  code: item.code as string,
  nameZh: item.nameZh,
  nameEn: item.nameEn,
  unit: item.unit ?? null,
  hasSide: item.hasSide,
});

/** The list into which a new mapping goes: the one that counts last. */
const rulingMap = ({ snapshot }: RulingSnapshot, institution: string, at: Instant): CodeMapList | undefined =>
  snapshot.rulesAt(at).codeMapListsOf(institution).at(-1);

const LOINC = /^\d{1,5}-\d$/;

const unmappedOf = async (
  { database, clock }: IngestDependencies,
  { institution, institutionKey, ruling }: ConsoleScope,
): Promise<UnmappedAnswer> => {
  const at = clock();
  const key = institutionKey as InstitutionKey;
  const rules = ruling.snapshot.rulesAt(at);
  const catalogue = rules.catalogue();
  const map = rulingMap(ruling, institution, at);
  const [waiting, versions] = await Promise.all([
    waitingCodes(database, key),
    map ? codeMapVersions(database, map.code, 2) : Promise.resolve([]),
  ]);
  const codes = await Promise.all(
    waiting.map(async ({ localCode, localName, results }) => {
      const examples = await waitingExamples(database, key, localCode);
      const [first] = examples;
      const suggestions = suggestItems(
        {
          localCode,
          localName,
          unit: first?.unitText ?? '',
          specimen: first?.specimen ?? '',
          loinc: LOINC.test(localCode) ? localCode : '',
        },
        catalogue,
      );
      return {
        localCode,
        localName,
        results,
        examples: examples.map((line) => ({
          value: line.valueText,
          unit: line.unitText,
          reference: line.referenceText,
          specimen: line.specimen === null ? null : specimenWords(line.specimen),
        })),
        suggestions: suggestions.map(({ item, why }) => ({ item: itemAnswer(item), why: [...why] })),
      };
    }),
  );
  const [newest, previous] = versions;
  return {
    asOf: isoInstant(at),
    mappedCodes: rules.codeMapOf(institution).size,
    waitingCodes: waiting.length,
    waitingResults: waiting.reduce((total, { results }) => total + results, 0),
    codes: codes.sort((left, right) => right.results - left.results),
    map:
      map && newest
        ? {
            code: map.code,
            version: map.version,
            publishedBy: newest.publishedBy,
            publishedAt: isoInstant(newest.publishedAt),
          }
        : null,
    previous: previous
      ? {
          version: previous.version,
          publishedBy: previous.publishedBy,
          publishedAt: isoInstant(previous.publishedAt),
        }
      : null,
  };
};

/**
 * Name of the next version: the day and a number. Of two versions that begin on one day the greater name counts, so it
 * is made greater than the one before.
 */
export const nextMapVersion = (previous: CodeMapList | undefined, today: string): string => {
  const first = `${today}.001`;
  if (!previous || previous.effectiveFrom < today || previous.version < first) return first;
  const counted = /^(\d{4}-\d{2}-\d{2})\.(\d{3})$/.exec(previous.version);
  return counted?.[1] === today && counted[2] !== '999'
    ? `${today}.${String(Number(counted[2]) + 1).padStart(3, '0')}`
    : `${previous.version}.001`;
};

const authorOf = (actor: Actor): string =>
  actor.kind === 'staff' ? `${actor.displayName} (${actor.login})` : actor.name;

const publishMap = async (
  dependencies: IngestDependencies,
  scope: ConsoleScope,
  content: CodeMap,
  act: { readonly actor: Actor; readonly origin: CallOrigin; readonly reason: string },
): Promise<PublishedMapAnswer> => {
  const { database, clock } = dependencies;
  const at = clock();
  const key = scope.institutionKey as InstitutionKey;
  const ruling = rulingMap(scope.ruling, scope.institution, at);
  const today = civilDateText(at);
  const document: CodeMapList = {
    kind: 'code-map',
    code: ruling?.code ?? scope.institution,
    version: nextMapVersion(ruling, today),
    status: ruling?.status ?? 'published',
    jurisdiction: ruling?.jurisdiction ?? scope.institution,
    authorityZh:
      ruling?.authorityZh ??
      scope.ruling.snapshot.institutionOf(scope.institution, at)?.nameZh ??
      scope.institution,
    drill: ruling?.drill ?? scope.ruling.snapshot.rulesAt(at).drill,
    effectiveFrom: today,
    content,
  };
  const mapped = content.entries.map(({ localCode }) => localCode);
  const before = await waitingUnder(database, key, mapped);
  const { epoch } = await publishLists(database, [document], {
    by: authorOf(act.actor),
    at,
    reason: act.reason,
  });
  await recordMessageAct(database, dependencies, act.actor, act.origin, {
    action: 'code-map.publish',
    resource: `code-map/${document.code}/${document.version}`,
    outcome: `epoch ${epoch}`,
  });
  // The worker frees as well as soon as it sees the epoch; who of the two freed a result does not matter here.
  const { unreadable } = await remapInstitution(dependencies, scope.institution);
  const after = await waitingUnder(database, key, mapped);
  return {
    version: document.version,
    epoch,
    freed: Math.max(0, before.results - after.results),
    reports: Math.max(0, before.reports - after.reports),
    unreadable,
  };
};

const entryOf = (
  { localCode, localName, item, side }: MapCodesRequest['mappings'][number],
  known: CodeMapEntry | undefined,
): CodeMapEntry => ({
  ...(known?.item === item ? known : {}),
  localCode,
  localNameZh: localName,
  item: item as CodeMapEntry['item'],
  ...(side === undefined ? {} : { side }),
});

/** The content of the map with the new mappings in it; codes that were mapped otherwise are mapped anew. */
const mergedMap = (
  scope: ConsoleScope,
  ruling: CodeMapList | undefined,
  mappings: MapCodesRequest['mappings'],
): CodeMap => {
  const entries = new Map((ruling?.content.entries ?? []).map((entry) => [entry.localCode, entry]));
  for (const mapping of mappings)
    entries.set(mapping.localCode, entryOf(mapping, entries.get(mapping.localCode)));
  return { institution: scope.institution, entries: [...entries.values()] };
};

const mapCodesFlow =
  (dependencies: IngestDependencies): ConsoleFlows['mapCodes'] =>
  async (actor, { institution, mappings, basedOn }, origin) => {
    const scope = await scopeOf(dependencies, askedInstitution(actor, institution));
    const at = dependencies.clock();
    const ruling = rulingMap(scope.ruling, scope.institution, at);
    if ((ruling?.version ?? null) !== basedOn) return fail(consoleFault('CODE_MAP_CHANGED'));
    const unknown = mappings.find(({ item }) => !scope.ruling.snapshot.itemOf(item, at));
    if (unknown) return fail(consoleFault('CODE_MAP_ITEM_UNKNOWN', { detail: unknown.item }));
    const content = mergedMap(scope, ruling, mappings);
    const reason = `map ${mappings.length} local codes of ${scope.institution}`;
    return ok(await publishMap(dependencies, scope, content, { actor, origin, reason }));
  };

const previousContent = async (
  { database }: IngestDependencies,
  ruling: CodeMapList,
): Promise<Result<{ readonly version: string; readonly content: CodeMap }, Fault>> => {
  const [newest, previous] = await codeMapVersions(database, ruling.code, 2);
  if (newest?.version !== ruling.version) return fail(consoleFault('CODE_MAP_CHANGED'));
  const text = previous && (await listDocumentText(database, previous.contentHash));
  if (text === undefined) return fail(consoleFault('CODE_MAP_PREVIOUS_MISSING'));
  const { version, content } = JSON.parse(text) as CodeMapList;
  return ok({ version, content });
};

const restoreMapFlow =
  (dependencies: IngestDependencies): ConsoleFlows['restoreMap'] =>
  async (actor, { institution, basedOn }, origin) => {
    const scope = await scopeOf(dependencies, askedInstitution(actor, institution));
    const ruling = rulingMap(scope.ruling, scope.institution, dependencies.clock());
    if (!ruling) return fail(consoleFault('CODE_MAP_PREVIOUS_MISSING'));
    if (ruling.version !== basedOn) return fail(consoleFault('CODE_MAP_CHANGED'));
    const previous = await previousContent(dependencies, ruling);
    if (!previous.ok) return previous;
    const reason = `back to ${previous.value.version} of ${ruling.code}`;
    return ok(await publishMap(dependencies, scope, previous.value.content, { actor, origin, reason }));
  };

const unitFit = (unitText: string, item: ItemDefinition): 'fits' | 'unfit' | 'not-understood' | 'none' => {
  const understood = understandUnit(unitText);
  if (!understood) return 'not-understood';
  if (understood.unit === '' || !item.unit) return 'none';
  return areConvertible(understood.unit, item.unit, item.code) ? 'fits' : 'unfit';
};

const previewFlow =
  (dependencies: IngestDependencies): ConsoleFlows['previewMapping'] =>
  async (actor, { institution, mapping }) => {
    const scope = await scopeOf(dependencies, askedInstitution(actor, institution));
    const item = scope.ruling.snapshot.itemOf(mapping.item, dependencies.clock());
    if (!item) return fail(consoleFault('CODE_MAP_ITEM_UNKNOWN', { detail: mapping.item }));
    const units = await waitingUnits(
      dependencies.database,
      scope.institutionKey as InstitutionKey,
      mapping.localCode,
    );
    return ok({
      item: itemAnswer(item),
      waitingResults: units.reduce((total, { results }) => total + results, 0),
      reports: units.reduce((total, { reports }) => total + reports, 0),
      units: units.map(({ unit_text, results }) => ({
        unit: unit_text,
        results,
        fit: unitFit(unit_text, item),
      })),
    });
  };

/** Mapping an institution's local codes to the catalogue. */
export const codeFlows = (
  dependencies: IngestDependencies,
): Pick<ConsoleFlows, 'unmapped' | 'items' | 'previewMapping' | 'mapCodes' | 'restoreMap'> => ({
  async unmapped(actor, institution) {
    return unmappedOf(dependencies, await scopeOf(dependencies, askedInstitution(actor, institution)));
  },
  async items(search) {
    const { snapshot } = await dependencies.snapshots.current();
    const { items } = snapshot.rulesAt(dependencies.clock()).catalogue();
    return { items: searchItems(items, search).map(itemAnswer) };
  },
  previewMapping: previewFlow(dependencies),
  mapCodes: mapCodesFlow(dependencies),
  restoreMap: restoreMapFlow(dependencies),
});
