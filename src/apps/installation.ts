import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keyFileSource } from '../adapters/keys/key-file.ts';
import { type KeyRing, keyRing } from '../adapters/keys/key-ring.ts';
import { type FrameRenderer, frameRenderer } from '../adapters/dicom/frame-renderer.ts';
import { type HeaderReader, headerReader } from '../adapters/dicom/header-reader.ts';
import type { ImageObjects } from '../adapters/objects/image-objects.ts';
import { type ImageTiers, tieredImages } from '../adapters/objects/tiered-images.ts';
import { fileObjects, type ObjectStore } from '../adapters/objects/file-objects.ts';
import { type Database, openDatabase } from '../adapters/postgres/database.ts';
import { type EmbeddedDatabase, startEmbedded } from '../adapters/postgres/embedded.ts';
import { isPostmasterOf } from '../adapters/postgres/embedded-process.ts';
import { type SnapshotSource, snapshotSource } from '../adapters/postgres/lists.ts';
import { type MigrationReport, migrate } from '../adapters/postgres/migrate.ts';
import { ensurePartitions } from '../adapters/postgres/partitions.ts';
import { type Clock, instant } from '../kernel/instant.ts';
import { type PublicId, uuidV7 } from '../kernel/uuid.ts';
import type { Configuration } from './configuration.ts';
import { type CardLinks, cardLinks } from './flows/card/card-link.ts';
import { type TrafficCounter, trafficCounter } from './flows/imaging/traffic.ts';
import { largeMessages } from './flows/ingest/large-messages.ts';
import type { LargeMessages } from './flows/ingest/take-large.ts';
import { imageStoreAt } from './image-stores.ts';
import { type PublicAddress, publicAddress } from './public-address.ts';

/** The machine's clock. The only place that asks for the time; everything else is handed a `Clock`. */
export const systemClock: Clock = () => instant(Date.now());

const RANDOM_POOL_BYTES = 8192;

/** Makes public ids of this node. Random bytes come from the operating system, a pool at a time. */
export const publicIdMaker = (clock: Clock, nodeCode: number): (() => PublicId) => {
  let pool = randomBytes(RANDOM_POOL_BYTES);
  let used = 0;
  return () => {
    if (used + 8 > pool.length) {
      pool = randomBytes(RANDOM_POOL_BYTES);
      used = 0;
    }
    const random = pool.subarray(used, used + 8);
    used += 8;
    return uuidV7(clock(), nodeCode, random);
  };
};

/** Everything a role of the program works with: state lives in the database and the object store alone. */
export interface Installation {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  readonly keys: KeyRing;
  readonly objects: ObjectStore;
  readonly images: ImageObjects;
  /** The tiers that `images` are made of. */
  readonly tiers: ImageTiers;
  /** Takes reports with large attachments; its thread starts with the first one. */
  readonly largeMessages: LargeMessages;
  /** Reads what comes in as images; its thread starts with the first one. */
  readonly headers: HeaderReader;
  readonly renderer: FrameRenderer;
  readonly traffic: TrafficCounter;
  readonly connectionString: string;
  readonly database: Database;
  readonly snapshots: SnapshotSource;
  /** Where browsers reach the platform. */
  readonly address: PublicAddress;
  readonly cardLinks: CardLinks;
  readonly migrations: MigrationReport;
  close(): Promise<void>;
}

const WATCH_INTERVAL_MS = 500;

/**
 * Starts the embedded database again when it was killed while we live, or joins whoever was quicker: its first starter
 * may have been killed with it.
 */
const watchEmbedded = (dataDir: string, first: EmbeddedDatabase): { stop(): Promise<void> } => {
  const cluster = join(resolve(dataDir), 'cluster');
  let running = first;
  let stopped = false;
  let restarting: Promise<void> | undefined;
  const timer = setInterval(() => {
    // Not whether a process of that number exists: it may be a stranger's by now, or a dead one nobody has buried.
    if (stopped || restarting || isPostmasterOf(running.pid, cluster)) return;
    restarting = startEmbedded({ dataDir })
      .then((next) => {
        running = next;
      })
      // No disk, say: the next turn tries again.
      .catch(() => undefined)
      .finally(() => {
        restarting = undefined;
      });
  }, WATCH_INTERVAL_MS);
  timer.unref();
  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await restarting;
      await running.stop();
    },
  };
};

/**
 * Opens the installation: keys, database (embedded unless DATABASE_URL names one), migrations, partitions of this and
 * the next months, object store. Closing stops what it started.
 */
export const openInstallation = async (
  configuration: Configuration,
  connections: { readonly transactions: number; readonly pipelined: number } = {
    transactions: 10,
    pipelined: 3,
  },
): Promise<Installation> => {
  mkdirSync(configuration.dataDirectory, { recursive: true });
  // The embedded database's own uid must be able to pass through, but not to list.
  if (process.getuid?.() === 0) chmodSync(configuration.dataDirectory, 0o711);
  const clock = systemClock;
  const keys = keyRing(keyFileSource(configuration.keyFile, clock));
  let embedded: { stop(): Promise<void> } | undefined;
  let connectionString = configuration.databaseUrl;
  if (!connectionString) {
    const dataDir = join(configuration.dataDirectory, 'postgres');
    const started = await startEmbedded({ dataDir });
    connectionString = started.connectionString;
    embedded = watchEmbedded(dataDir, started);
  }
  try {
    const migrations = await migrate(connectionString);
    const database = openDatabase({
      connectionString,
      transactionConnections: connections.transactions,
      pipelinedConnections: connections.pipelined,
      jointly: !migrations.isDistributed,
    });
    await ensurePartitions(database, clock());
    const address = publicAddress(configuration);
    const headers = headerReader();
    const renderer = frameRenderer();
    const { farImages, images: nearImages, keyFile, objectsDirectory } = configuration;
    const tiers: ImageTiers = {
      near: imageStoreAt(nearImages, configuration, keys),
      far: farImages && imageStoreAt(farImages.place, configuration, keys),
    };
    const images = tieredImages(tiers);
    const large = largeMessages({ keyFile, objectsDirectory });
    const traffic = trafficCounter({ database, clock });
    return {
      configuration,
      clock,
      newPublicId: publicIdMaker(clock, configuration.nodeCode),
      keys,
      objects: fileObjects(objectsDirectory, keys),
      images,
      tiers,
      largeMessages: large,
      headers,
      renderer,
      traffic,
      connectionString,
      database,
      snapshots: snapshotSource(database),
      address,
      cardLinks: cardLinks({ keys, clock, publicUrl: address.url }),
      migrations,
      async close() {
        await images.close();
        await large.close();
        await headers.close();
        await renderer.close();
        // A database that is away takes some seconds of figures along, and keeps nobody from closing.
        await traffic.flush().catch(() => undefined);
        await database.close();
        await embedded?.stop();
      },
    };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
};
