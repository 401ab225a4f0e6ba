import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyRing } from '../../src/adapters/keys/key-ring.ts';
import { fileObjects } from '../../src/adapters/objects/file-objects.ts';
import { type Database, statement } from '../../src/adapters/postgres/database.ts';
import { publishLists, snapshotSource } from '../../src/adapters/postgres/lists.ts';
import { senderDirectory, type SenderRegistration } from '../../src/adapters/postgres/senders.ts';
import { ingestMessage } from '../../src/apps/flows/ingest/ingest.ts';
import type { IngestOutcome } from '../../src/apps/flows/ingest/ingest-outcome.ts';
import { registerHl7Sender } from '../../src/apps/flows/ingest/ingest-senders.ts';
import type { IngestDependencies } from '../../src/apps/flows/ingest/ingest-work.ts';
import { publicIdMaker } from '../../src/apps/installation.ts';
import type { Clock } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { exampleDocuments, itemCode, listDocument, moment } from '../example-region.ts';
import { type TestDatabase, testDatabase } from './database.ts';

/** A database with the lists of the example region, two registered senders, and the flows over it. */
export interface IngestBench {
  readonly dependencies: IngestDependencies;
  readonly database: Database;
  readonly url: string;
  /** Takes a message written as text with CR between its segments, in UTF-8. */
  take(text: string, over?: { readonly sender?: string }): Promise<IngestOutcome>;
  takeBytes(bytes: Uint8Array): Promise<IngestOutcome>;
  register(over: Partial<SenderRegistration> & { readonly code: string }): Promise<void>;
  /** Rows of any query, for looking at what was stored. */
  rows<Row>(text: string, values?: readonly (string | number | null)[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** The local codes of the sending hospital JIANG-1 in these tests. */
const CODES: readonly (readonly [code: string, nameZh: string, item: string, unit?: string])[] = [
  ['K', '钾', 'LC-K', 'mmol/L'],
  ['ALT', '谷丙转氨酶', 'LC-ALT', 'U/L'],
  ['AST', '谷草转氨酶', 'LC-AST', 'U/L'],
  ['GLU', '葡萄糖', 'LC-GLU', 'mmol/L'],
  ['HBSAG', '乙肝表面抗原', 'LI-HBSAG'],
  ['CTC', '胸部CT平扫', 'CT-CHEST-P'],
];

/** Lists of the example region with a code map for the sending hospital. */
export const ingestDocuments = () => [
  ...exampleDocuments(),
  listDocument('code-map', 'JIANG-1', {
    institution: 'JIANG-1' as InstitutionCode,
    entries: CODES.map(([localCode, localNameZh, item, unit]) => ({
      localCode,
      localNameZh,
      item: itemCode(item),
      ...(unit ? { unit } : {}),
    })),
  }),
];

/** Keys of the tests; the same everywhere, so that hashes can be compared. */
export const testKeys = keyRing({
  hashingKey: new Uint8Array(32).fill(3),
  sealingKeys: [{ id: 'test', key: new Uint8Array(32).fill(5) }],
});

let counter = 0;

/** A clock that never gives the same moment twice, starting at the example region's present. */
export const tickingClock = (): Clock => {
  let now = moment('2026-11-20 09:30') as number;
  return () => now++ as ReturnType<Clock>;
};

/** A number that no other message or patient of the run has. */
export const fresh = (prefix: string): string => `${prefix}${++counter}`;

/** Opens a fresh bench. */
export const ingestBench = async (clock: Clock = tickingClock()): Promise<IngestBench> => {
  const opened: TestDatabase = await testDatabase();
  const { database, url } = opened;
  const folder = mkdtempSync(join(tmpdir(), 'ingest-'));
  await publishLists(database, ingestDocuments(), { by: 'test', at: clock(), reason: 'test' });
  const dependencies: IngestDependencies = {
    database,
    keys: testKeys,
    objects: fileObjects(folder, testKeys),
    clock,
    newPublicId: publicIdMaker(clock, 7),
    snapshots: snapshotSource(database),
    senders: senderDirectory(database, clock),
  };
  const register: IngestBench['register'] = async (over) => {
    await registerHl7Sender(database, {
      institution: 'JIANG-1' as InstitutionCode,
      application: 'LIS',
      facility: over.code,
      ...over,
    });
  };
  await register({ code: 'JIANG-1-LIS', facility: 'JIANG1' });
  await register({
    code: 'JIANG-2-HIS',
    application: 'HIS',
    facility: 'JIANG2',
    institution: 'JIANG-2' as InstitutionCode,
  });
  return {
    dependencies,
    database,
    url,
    register,
    take: (text, over = {}) =>
      ingestMessage(dependencies, { bytes: Buffer.from(text, 'utf8'), peer: 'test', ...over }),
    takeBytes: (bytes) => ingestMessage(dependencies, { bytes, peer: 'test' }),
    rows: (text, values = []) =>
      database.run(statement(`test ${text}`.slice(0, 60) + text.length, text), values),
    async drop() {
      await opened.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** What a test message says; everything has a usual value. */
export interface MessageParts {
  readonly controlId: string;
  readonly sentAt: string;
  readonly type: string;
  readonly application: string;
  readonly facility: string;
  readonly record: string;
  readonly name: string;
  readonly birthDate: string;
  readonly sex: string;
  readonly nationalId: string;
  readonly reportNumber: string;
  readonly orderNumber: string;
  readonly orderControl: string;
  readonly status: string;
  readonly reportedAt: string;
  readonly collectedAt: string;
  readonly replaces: string;
  /** Code, value type, value, unit, reference, status. */
  readonly lines: readonly (readonly [string, string, string, string?, string?, string?])[];
}

const header = (parts: MessageParts, type: string): string =>
  `MSH|^~\\&|${parts.application}|${parts.facility}|HUREN|REGION|${parts.sentAt}||${type}|${parts.controlId}|P|2.5.1||||||UNICODE UTF-8`;

const pid = ({ record, nationalId, name, birthDate, sex }: MessageParts): string => {
  const national = nationalId === '' ? '' : `~${nationalId}^^^CN^NI`;
  return `PID|1||${record}^^^^MR${national}||${name}||${birthDate}|${sex}`;
};

/** The usual parts with those given; ids that must be unique are fresh. */
export const messageParts = (over: Partial<MessageParts> = {}): MessageParts => ({
  controlId: fresh('M'),
  sentAt: '20261120093000+0800',
  type: 'ORU^R01^ORU_R01',
  application: 'LIS',
  facility: 'JIANG1',
  record: fresh('P'),
  name: '周明轩',
  birthDate: '19900101',
  sex: 'M',
  nationalId: '',
  reportNumber: fresh('R'),
  orderNumber: fresh('A'),
  orderControl: 'RE',
  status: 'F',
  reportedAt: '20261120090000+0800',
  collectedAt: '20261120080000+0800',
  replaces: '',
  lines: [
    ['K', 'NM', '4.1', 'mmol/L', '3.5-5.3'],
    ['ALT', 'NM', '23', 'U/L', '9-50'],
  ],
  ...over,
});

/** A laboratory report as ORU^R01. */
export const reportMessage = (over: Partial<MessageParts> = {}): string => {
  const parts = messageParts(over);
  const obr = [
    'OBR',
    '1',
    parts.orderNumber,
    parts.reportNumber,
    'BIO^生化检验',
    '',
    '',
    parts.collectedAt,
    ...Array.from({ length: 14 }, () => ''),
    parts.reportedAt,
    '',
    'LAB',
    parts.status,
    '',
    '',
    '',
    parts.replaces === '' ? '' : `^${parts.replaces}`,
  ].join('|');
  const lines = parts.lines.map(
    ([code, type, value, unit = '', reference = '', status = parts.status], index) =>
      `OBX|${index + 1}|${type}|${code}^${code}||${value}|${unit}|${reference}||||${status}`,
  );
  const orc = `ORC|${parts.orderControl}|${parts.orderNumber}|${parts.reportNumber}`;
  return [header(parts, parts.type), pid(parts), orc, obr, 'SPM|1|||serum^血清', ...lines].join('\r');
};

/** An order message: lines of [control, placer number, code, status]. */
export const orderMessage = (
  over: Partial<MessageParts>,
  lines: readonly (readonly [string, string, string, string?])[],
): string => {
  const parts = messageParts({ type: 'ORM^O01', ...over });
  const groups = lines.flatMap(([control, placer, code, status = ''], index) => [
    `ORC|${control}|${placer}|||${status}||||20261120100000+0800`,
    ...(code === '' ? [] : [`OBR|${index + 1}|${placer}||${code}^${code}`]),
  ]);
  return [header(parts, parts.type), pid(parts), 'PV1|1|O', ...groups].join('\r');
};

/** A patient administration message. */
export const admissionMessage = (over: Partial<MessageParts>, merged?: string): string => {
  const parts = messageParts({ type: 'ADT^A08', ...over });
  return [
    header(parts, parts.type),
    'EVN||20261120100000+0800',
    pid(parts),
    ...(merged === undefined ? ['PV1|1|O'] : [`MRG|${merged}^^^^MR`]),
  ].join('\r');
};

/** The answer as text. */
export const answerText = (outcome: IngestOutcome): string =>
  Buffer.from(outcome.acknowledgement ?? []).toString();
