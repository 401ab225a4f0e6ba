import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { RETENTION_FLOOR_YEARS } from '../audit/index.ts';
import { aeTitleProblem } from '../adapters/dimse/ae-title.ts';
import { raiser } from '../kernel/fault.ts';
import { APP_FAULTS } from './faults.ts';

const port = (fallback: number) =>
  z.coerce.number().int().min(0).max(65535).default(fallback).describe('0 takes any free port and prints it');

/** An address, or a network in CIDR form; not the one that holds all addresses. */
export const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  return (
    version !== 0 &&
    more.length === 0 &&
    (bits === undefined ||
      (/^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128)))
  );
};

/** Names and addresses that no other machine can reach. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

const shape = z.strictObject({
  HUREN_HTTP_PORT: port(8080),
  HUREN_MLLP_PORT: port(2575),
  HUREN_MLLPS_PORT: port(2576),
  HUREN_DIMSE_PORT: port(11112),
  HUREN_DIMSES_PORT: port(2762),
  /** Address of plain DICOM. Only set where modalities without TLS call over a network that is theirs alone. */
  HUREN_DIMSE_HOST: z.string().min(1).optional(),
  /** Our application entity title: what devices are told to call. */
  HUREN_DIMSE_AE_TITLE: z
    .string()
    .refine((text) => aeTitleProblem(text) === undefined, '1 to 16 characters without backslash')
    .default('HUREN'),
  /** Private storage classes to take: UID prefixes, comma-separated, each ending in a point or a whole UID. */
  HUREN_DIMSE_PRIVATE_CLASSES: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every((one) => /^\d+(\.\d+)+\.?$/.test(one)), 'UIDs or prefixes of UIDs')
    .optional(),
  /** Associations at once, altogether and of one device. */
  HUREN_DIMSE_ASSOCIATIONS: z.coerce.number().int().min(1).max(1_000).default(64),
  HUREN_DIMSE_ASSOCIATIONS_PER_AE: z.coerce.number().int().min(1).max(1_000).default(8),
  /** Port of the imitated hospital that comes with the demonstration. */
  HUREN_HIS_PORT: port(8090),
  HUREN_HOST: z.string().min(1).default('127.0.0.1'),
  /** Address at which doctors' browsers reach the platform, where that is not the one it listens on. */
  HUREN_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .transform((address) => address.replace(/\/+$/, ''))
    .optional(),
  /**
   * Addresses and networks (CIDR, comma-separated) of proxies at which TLS ends before us: only what they write of a caller's
   * address and scheme is believed.
   */
  HUREN_TRUSTED_PROXY: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every(isNetwork), 'addresses or networks, separated by commas')
    .optional(),
  HUREN_DATA_DIR: z.string().min(1).optional(),
  /** Object store folder; the default lies in the data folder. */
  HUREN_OBJECTS: z.string().min(1).optional(),
  /** How many years images are kept, at least; unset: for ever. The floors of the law count besides. */
  HUREN_IMAGES_RETENTION_YEARS: z.coerce.number().int().min(15).max(200).optional(),
  /** Where images are kept: a folder, or `s3://BUCKET/PREFIX`; the default lies in the object store folder. */
  HUREN_IMAGES: z.string().min(1).optional(),
  /** The S3-compatible store of places that begin with `s3://`; addressed by path. */
  HUREN_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .transform((address) => address.replace(/\/+$/, ''))
    .optional(),
  HUREN_S3_REGION: z.string().min(1).default('us-east-1'),
  /** File with access key and secret key, a line each. */
  HUREN_S3_CREDENTIALS: z.string().min(1).optional(),
  /** Far tier of images that nobody opens any more: another folder, or `s3://BUCKET/PREFIX`. Unset: there is one tier. */
  HUREN_IMAGES_FAR: z.string().min(1).optional(),
  /** Days without an opening after which a study's images move to the far tier; unset: none moves by itself. */
  HUREN_IMAGES_FAR_AFTER_DAYS: z.coerce.number().int().min(1).max(36_500).optional(),
  /** Number of this node among all nodes of a federation, in every public id it makes. */
  HUREN_NODE_CODE: z.coerce.number().int().min(0).max(4095).default(1),
  /** PEM files; with both the TLS listeners open. */
  HUREN_TLS_CERT: z.string().min(1).optional(),
  HUREN_TLS_KEY: z.string().min(1).optional(),
  /** Settings of the sign-in (JSON): rules for passwords and the second factor, other issuers; the default lies in the data folder. */
  HUREN_SIGN_IN: z.string().min(1).optional(),
  /** Key file of identifiers and messages at rest; the default lies in the data folder. */
  HUREN_KEYS: z.string().min(1).optional(),
  /** Digest of the access log's chain; sm3 is GB/T 32905. */
  HUREN_AUDIT_DIGEST: z.enum(['sha256', 'sm3']).default('sha256'),
  /** Where signed checkpoints of the access log go: a place the database's administrator cannot write. */
  HUREN_AUDIT_CHECKPOINTS: z.string().min(1).optional(),
  /** How many years the access log is kept, at least; unset: for ever. The floor is the law's. */
  HUREN_AUDIT_RETENTION_YEARS: z.coerce.number().int().min(RETENTION_FLOOR_YEARS).max(100).optional(),
  /** Font file for characters that the bundled font lacks; `#` and a PostScript name for one font of a collection. */
  HUREN_CJK_FONT: z.string().min(1).optional(),
  /** How long a report that a patient shares by QR code waits to be opened, and how often it may be. */
  HUREN_SHARE_MINUTES: z.coerce.number().int().min(1).max(1_440).default(15),
  HUREN_SHARE_OPENINGS: z.coerce.number().int().min(1).max(20).default(1),
  HUREN_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Browser for tests only; read by the test suite. */
  HUREN_CHROMIUM: z.string().optional(),
  DATABASE_URL: z.string().min(1).optional(),
});

/** The program's configuration, all from the environment. Policy is never configuration: it is versioned data. */
export interface Configuration {
  readonly host: string;
  /** Base address in links that leave the platform, without a slash at the end; undefined: where it listens. */
  readonly publicUrl: string | undefined;
  /** Proxies that end TLS before us and whose word about a caller is believed; empty where there is none. */
  readonly trustedProxies: readonly string[];
  readonly httpPort: number;
  readonly hisPort: number;
  readonly mllpPort: number;
  readonly mllpTlsPort: number;
  readonly dimse: {
    /** undefined: plain DICOM on loopback only. */
    readonly plainHost: string | undefined;
    readonly port: number;
    readonly tlsPort: number;
    readonly aeTitle: string;
    readonly privateStorageRoots: readonly string[];
    readonly maxAssociations: number;
    readonly maxAssociationsPerAe: number;
  };
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly dataDirectory: string;
  readonly objectsDirectory: string;
  /** Where images are kept: a folder, or `s3://BUCKET/PREFIX`. */
  readonly images: string;
  /** The S3-compatible store; null where nothing is kept in one. */
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentialsFile: string;
  } | null;
  /** Years after which images may be retired by two people; null: never. */
  readonly imageRetentionYears: number | null;
  /** The far tier of images; `afterDays` null: nothing moves there by itself. */
  readonly farImages: { readonly place: string; readonly afterDays: number | null } | null;
  readonly signInFile: string;
  readonly keyFile: string;
  /** Keys that sign the tokens of the embedded issuer; made on first use. */
  readonly issuerKeyFile: string;
  readonly nodeCode: number;
  readonly auditDigest: 'sha256' | 'sm3';
  readonly checkpointDirectory: string;
  /** Ed25519 key that signs the checkpoints; made on the first start. */
  readonly checkpointKeyFile: string;
  /** Years after which the access log may be retired by two people; null: never. */
  readonly auditRetentionYears: number | null;
  /** How long a report that a patient shares waits to be opened, and how often it may be. */
  readonly share: { readonly minutes: number; readonly openings: number };
  /** undefined: the system's Noto Sans CJK, where it is installed. */
  readonly cjkFont: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly logLevel: string;
}

const defaultDataDirectory = (environment: NodeJS.ProcessEnv, uid: number | undefined): string => {
  // Another uid (the database's) cannot enter root's home, so root's data lives outside it.
  if (uid === 0) return '/var/lib/huren';
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'huren');
};

/**
 * Reads and checks the environment. Unknown `HUREN_` names are refused: a misspelt setting must not pass silently.
 *
 * @throws CONFIGURATION_INVALID with every problem at once
 */
export const readConfiguration = (
  environment: NodeJS.ProcessEnv,
  uid = process.getuid?.(),
): Configuration => {
  const own = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => (name.startsWith('HUREN_') || name === 'DATABASE_URL') && value !== '',
    ),
  );
  const parsed = shape.safeParse(own);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) =>
        `${issue.path.join('.') || (issue as { keys?: string[] }).keys?.join(', ')}: ${issue.message}`,
    );
    throw raiser(APP_FAULTS)('CONFIGURATION_INVALID', { detail: problems.join('; ') });
  }
  const values = parsed.data;
  if ((values.HUREN_TLS_CERT === undefined) !== (values.HUREN_TLS_KEY === undefined))
    throw raiser(APP_FAULTS)('CONFIGURATION_INVALID', {
      detail: 'HUREN_TLS_CERT and HUREN_TLS_KEY belong together',
    });
  const hasTls = values.HUREN_TLS_CERT !== undefined;
  if (!hasTls && !isLoopback(values.HUREN_HOST) && values.HUREN_TRUSTED_PROXY === undefined)
    throw raiser(APP_FAULTS)('CONFIGURATION_INVALID', {
      detail: `HUREN_HOST=${values.HUREN_HOST}: without TLS only this machine is listened to. Set HUREN_TLS_CERT and HUREN_TLS_KEY, or HUREN_TRUSTED_PROXY where a proxy ends TLS before us`,
    });
  if (values.HUREN_TRUSTED_PROXY !== undefined && !values.HUREN_PUBLIC_URL?.startsWith('https:'))
    throw raiser(APP_FAULTS)('CONFIGURATION_INVALID', {
      detail: 'HUREN_TRUSTED_PROXY: HUREN_PUBLIC_URL must say under which https address the proxy is reached',
    });
  const dataDirectory = values.HUREN_DATA_DIR ?? defaultDataDirectory(environment, uid);
  return {
    host: values.HUREN_HOST,
    publicUrl: values.HUREN_PUBLIC_URL,
    trustedProxies: values.HUREN_TRUSTED_PROXY ?? [],
    httpPort: values.HUREN_HTTP_PORT,
    hisPort: values.HUREN_HIS_PORT,
    mllpPort: values.HUREN_MLLP_PORT,
    mllpTlsPort: values.HUREN_MLLPS_PORT,
    dimse: {
      plainHost: values.HUREN_DIMSE_HOST,
      port: values.HUREN_DIMSE_PORT,
      tlsPort: values.HUREN_DIMSES_PORT,
      aeTitle: values.HUREN_DIMSE_AE_TITLE,
      privateStorageRoots: values.HUREN_DIMSE_PRIVATE_CLASSES ?? [],
      maxAssociations: values.HUREN_DIMSE_ASSOCIATIONS,
      maxAssociationsPerAe: values.HUREN_DIMSE_ASSOCIATIONS_PER_AE,
    },
    tls:
      values.HUREN_TLS_CERT && values.HUREN_TLS_KEY
        ? { certFile: values.HUREN_TLS_CERT, keyFile: values.HUREN_TLS_KEY }
        : undefined,
    dataDirectory,
    objectsDirectory: values.HUREN_OBJECTS ?? join(dataDirectory, 'objects'),
    images: values.HUREN_IMAGES ?? join(values.HUREN_OBJECTS ?? join(dataDirectory, 'objects'), 'images'),
    s3:
      values.HUREN_S3_ENDPOINT === undefined || values.HUREN_S3_CREDENTIALS === undefined
        ? null
        : {
            endpoint: values.HUREN_S3_ENDPOINT,
            region: values.HUREN_S3_REGION,
            credentialsFile: values.HUREN_S3_CREDENTIALS,
          },
    imageRetentionYears: values.HUREN_IMAGES_RETENTION_YEARS ?? null,
    farImages:
      values.HUREN_IMAGES_FAR === undefined
        ? null
        : { place: values.HUREN_IMAGES_FAR, afterDays: values.HUREN_IMAGES_FAR_AFTER_DAYS ?? null },
    signInFile: values.HUREN_SIGN_IN ?? join(dataDirectory, 'sign-in.json'),
    keyFile: values.HUREN_KEYS ?? join(dataDirectory, 'keys.json'),
    issuerKeyFile: join(dataDirectory, 'issuer-keys.json'),
    nodeCode: values.HUREN_NODE_CODE,
    auditDigest: values.HUREN_AUDIT_DIGEST,
    checkpointDirectory: values.HUREN_AUDIT_CHECKPOINTS ?? join(dataDirectory, 'audit'),
    checkpointKeyFile: join(dataDirectory, 'audit-key.pem'),
    auditRetentionYears: values.HUREN_AUDIT_RETENTION_YEARS ?? null,
    share: { minutes: values.HUREN_SHARE_MINUTES, openings: values.HUREN_SHARE_OPENINGS },
    cjkFont: values.HUREN_CJK_FONT,
    databaseUrl: values.DATABASE_URL,
    logLevel: values.HUREN_LOG_LEVEL,
  };
};
