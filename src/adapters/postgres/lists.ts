import { canonicalJson } from '../../kernel/canonical-json.ts';
import { contentHash } from '../../kernel/content-hash.ts';
import { raiser } from '../../kernel/fault.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import {
  type CompiledSnapshot,
  compileSnapshot,
  documentJson,
  type ListDocument,
  type ManifestEntry,
  type SnapshotManifest,
  snapshotId,
} from '../../recognition/index.ts';
import { type Database, type Session, statement } from './database.ts';
import { POSTGRES_FAULTS } from './faults.ts';
import { loadRegistry, type Registry, registerCodes } from './registry.ts';

const raise = raiser(POSTGRES_FAULTS);

/** Who publishes, when and why: kept with the epoch that begins. */
export interface Publication {
  readonly by: string;
  readonly at: Instant;
  readonly reason: string;
}

/** What rules now: the compiled lists, their identity, and the internal keys of the codes in them. */
export interface RulingSnapshot {
  readonly epoch: number;
  readonly snapshotId: string;
  readonly snapshot: CompiledSnapshot;
  readonly registry: Registry;
}

/** Gives snapshots to the flows; keeps the newest compiled in memory. */
export interface SnapshotSource {
  /** The ruling snapshot by the database's own word (one small read). Throws SNAPSHOT_MISSING before any publication. */
  current(): Promise<RulingSnapshot>;
  /** The snapshot of an epoch that a facts query has just returned: no read when this process already holds it. */
  atEpoch(epoch: number): Promise<RulingSnapshot>;
  /** The newest this process has loaded, without asking the database; undefined before the first load. */
  held(): RulingSnapshot | undefined;
  /** An older snapshot for replay. Throws SNAPSHOT_UNKNOWN. */
  byId(id: string): Promise<CompiledSnapshot>;
}

const NEWEST_EPOCH = statement('lists.newest-epoch', 'select max(epoch) as epoch from snapshot_epochs');

/** The epoch that rules by the database's own word; 0 before any publication. */
export const currentEpoch = async (session: Session): Promise<number> => {
  const [row] = await session.run<{ epoch: string | null }>(NEWEST_EPOCH);
  return Number(row?.epoch ?? 0);
};

const LOCK_LISTS = statement('lists.lock', "select pg_advisory_xact_lock(hashtext('huren.lists'))");
const CURRENT_EPOCH = statement(
  'lists.current-epoch',
  'select e.epoch, e.snapshot_id, s.manifest from snapshot_epochs e join snapshots s using (snapshot_id) order by e.epoch desc limit 1',
);
// Without the manifest, which is long and nearly always known.
const RULING_EPOCH = statement(
  'lists.ruling-epoch',
  'select epoch from snapshot_epochs order by epoch desc limit 1',
);
const EPOCH = statement(
  'lists.epoch',
  'select e.epoch, e.snapshot_id, s.manifest from snapshot_epochs e join snapshots s using (snapshot_id) where e.epoch = $1',
);
const MANIFEST = statement('lists.manifest', 'select manifest from snapshots where snapshot_id = $1');
const DOCUMENTS = statement(
  'lists.documents',
  'select content_hash, document from list_versions where content_hash = any($1::text[])',
);
const INSERT_VERSION = statement(
  'lists.insert-version',
  `insert into list_versions (content_hash, kind, code, version, status, jurisdiction, effective_from, effective_to, document, published_at, published_by)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning content_hash`,
);
const SAME_NAME = statement(
  'lists.same-name',
  'select content_hash from list_versions where kind = $1 and code = $2 and version = $3',
);
const INSERT_SNAPSHOT = statement(
  'lists.insert-snapshot',
  'insert into snapshots (snapshot_id, manifest, created_at) values ($1, $2, $3) on conflict (snapshot_id) do nothing returning snapshot_id',
);
const INSERT_EPOCH = statement(
  'lists.insert-epoch',
  'insert into snapshot_epochs (epoch, snapshot_id, started_at, reason) values ($1, $2, $3, $4) returning epoch',
);

interface EpochRow {
  readonly epoch: string;
  readonly snapshot_id: string;
  readonly manifest: string;
}

const entryOrder = (left: ManifestEntry, right: ManifestEntry): number => {
  const a = `${left.kind}\0${left.code}\0${left.version}`;
  const b = `${right.kind}\0${right.code}\0${right.version}`;
  return a < b ? -1 : a > b ? 1 : 0;
};

const codesOf = (document: ListDocument): { institutions: string[]; items: string[] } => {
  const content = document.content;
  if (document.kind === 'institutions')
    return {
      institutions: (content as ListDocument<'institutions'>['content']).institutions.map(({ code }) => code),
      items: [],
    };
  if (document.kind === 'catalogue')
    return {
      institutions: [],
      items: (content as ListDocument<'catalogue'>['content']).items.map(({ code }) => code),
    };
  return { institutions: [], items: [] };
};

const storeDocument = async (
  session: Session,
  document: ListDocument,
  publication: Publication,
): Promise<ManifestEntry> => {
  const json = documentJson(document);
  const hash = contentHash(json);
  const inserted = await session.run(INSERT_VERSION, [
    hash,
    document.kind,
    document.code,
    document.version,
    document.status,
    document.jurisdiction,
    document.effectiveFrom,
    document.effectiveTo ?? null,
    canonicalJson(json),
    isoInstant(publication.at),
    publication.by,
  ]);
  if (inserted.length === 0) {
    const known = await session.run<{ content_hash: string }>(SAME_NAME, [
      document.kind,
      document.code,
      document.version,
    ]);
    if (known[0]?.content_hash !== hash)
      throw raise('LIST_VERSION_TAKEN', { place: `${document.kind} ${document.code} ${document.version}` });
  }
  const { institutions, items } = codesOf(document);
  await registerCodes(session, institutions, items);
  return { kind: document.kind, code: document.code, version: document.version, hash };
};

/**
 * Publishes list versions: stores each by its content hash, adds them to the manifest that rules now, and begins a new
 * epoch, all in one transaction. Older versions stay in the manifest; which one counts at a moment follows from
 * their effective dates. Processes pick the new epoch up with their next facts query.
 *
 * @throws LIST_VERSION_TAKEN when a version name was published with other content
 */
export const publishLists = async (
  database: Database,
  documents: readonly ListDocument[],
  publication: Publication,
): Promise<{ readonly epoch: number; readonly snapshotId: string }> => {
  if (documents.length === 0) throw raise('LIST_EMPTY_PUBLICATION');
  return database.transaction(async (session) => {
    await session.run(LOCK_LISTS);
    const [ruling] = await session.run<EpochRow>(CURRENT_EPOCH);
    const entries = new Map<string, ManifestEntry>();
    if (ruling)
      for (const entry of (JSON.parse(ruling.manifest) as SnapshotManifest).entries)
        entries.set(entry.hash, entry);
    for (const document of documents) {
      const entry = await storeDocument(session, document, publication);
      entries.set(entry.hash, entry);
    }
    const manifest: SnapshotManifest = { entries: [...entries.values()].sort(entryOrder) };
    const id = snapshotId(manifest);
    const epoch = Number(ruling?.epoch ?? 0) + 1;
    await session.run(INSERT_SNAPSHOT, [id, canonicalJson(manifest as never), isoInstant(publication.at)]);
    await session.run(INSERT_EPOCH, [epoch, id, isoInstant(publication.at), publication.reason]);
    return { epoch, snapshotId: id };
  });
};

const SNAPSHOTS_KEPT_MAX = 8;

/** Opens the source of snapshots over a database. Documents are parsed once per content hash. */
export const snapshotSource = (database: Database): SnapshotSource => {
  const documents = new Map<string, ListDocument>();
  const compiled = new Map<string, CompiledSnapshot>();
  const loading = new Map<string, Promise<CompiledSnapshot>>();
  let held: RulingSnapshot | undefined;

  const compile = async (id: string, manifest: SnapshotManifest): Promise<CompiledSnapshot> => {
    const missing = manifest.entries.map(({ hash }) => hash).filter((hash) => !documents.has(hash));
    if (missing.length > 0) {
      const rows = await database.run<{ content_hash: string; document: string }>(DOCUMENTS, [missing]);
      for (const row of rows) documents.set(row.content_hash, JSON.parse(row.document) as ListDocument);
    }
    const snapshot = compileSnapshot(manifest, documents);
    compiled.set(id, snapshot);
    if (compiled.size > SNAPSHOTS_KEPT_MAX) compiled.delete(compiled.keys().next().value as string);
    return snapshot;
  };
  const snapshotOf = (id: string, manifest: () => Promise<SnapshotManifest>): Promise<CompiledSnapshot> => {
    const known = compiled.get(id);
    if (known) return Promise.resolve(known);
    let work = loading.get(id);
    if (!work) {
      work = manifest()
        .then((loaded) => compile(id, loaded))
        .finally(() => loading.delete(id));
      loading.set(id, work);
    }
    return work;
  };
  const rulingOf = async (row: EpochRow): Promise<RulingSnapshot> => {
    const snapshot = await snapshotOf(
      row.snapshot_id,
      async () => JSON.parse(row.manifest) as SnapshotManifest,
    );
    const registry = await loadRegistry(database);
    const ruling = { epoch: Number(row.epoch), snapshotId: row.snapshot_id, snapshot, registry };
    if (!held || ruling.epoch >= held.epoch) held = ruling;
    return ruling;
  };

  const atEpoch = async (epoch: number): Promise<RulingSnapshot> => {
    if (held?.epoch === epoch) return held;
    const [row] = await database.run<EpochRow>(EPOCH, [epoch]);
    if (!row) throw raise('SNAPSHOT_MISSING');
    return rulingOf(row);
  };

  return {
    held: () => held,
    async current() {
      const [ruling] = await database.run<Pick<EpochRow, 'epoch'>>(RULING_EPOCH);
      if (!ruling) throw raise('SNAPSHOT_MISSING');
      return atEpoch(Number(ruling.epoch));
    },
    atEpoch,
    byId: (id) =>
      snapshotOf(id, async () => {
        const [row] = await database.run<{ manifest: string }>(MANIFEST, [id]);
        if (!row) throw raise('SNAPSHOT_UNKNOWN', { place: id });
        return JSON.parse(row.manifest) as SnapshotManifest;
      }),
  };
};
