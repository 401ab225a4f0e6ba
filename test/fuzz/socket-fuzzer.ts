import { join } from 'node:path';
import { decodeText, type Hl7Charset } from '../../src/adapters/hl7v2/charset.ts';
import { loadKeyFile } from '../../src/adapters/keys/key-file.ts';
import { type KeyRing, keyRing } from '../../src/adapters/keys/key-ring.ts';
import { fileObjects } from '../../src/adapters/objects/file-objects.ts';
import { randomStream } from '../../src/apps/demonstration/random.ts';
import { messageSeal, openBody } from '../../src/apps/flows/ingest/ingest-body.ts';
import { sha256Hex } from '../../src/kernel/content-hash.ts';
import type { Program } from '../crash/program.ts';
import { queryRows, type Site } from '../crash/site.ts';
import { halfStored } from '../crash/stored.ts';
import { mutants } from './mutations.ts';
import { type Exchange, readMsa, sendStream, streamOf } from './socket-wire.ts';

/** What a run through the socket found. */
export interface SocketFuzzReport {
  readonly messages: number;
  readonly frames: number;
  /** Frames by MSA-1, `silent` where none was asked for. */
  readonly answers: Readonly<Record<string, number>>;
  /** How often each code refused something. */
  readonly refused: Readonly<Record<string, number>>;
  readonly storedMessages: number;
  readonly storedResults: number;
  /** Results whose value occurs in one message of the run only. */
  readonly tracedResults: number;
  readonly wrong: readonly string[];
}

const CONNECTIONS = 6;
const WRONG_MAX = 40;
/** A value that was stamped: of all messages only one holds it. */
const TRACED_VALUE = /^\d+\.\d{7}$/;
const CHARSETS: readonly Hl7Charset[] = ['utf-8', 'gb18030', 'iso-8859-1'];

/** Every text a message may be, by the sets of the region. */
const textsOf = (bytes: Uint8Array): readonly string[] =>
  CHARSETS.flatMap((charset) => decodeText(bytes, charset) ?? []);

const count = (table: Record<string, number>, name: string): void => {
  table[name] = (table[name] ?? 0) + 1;
};

interface StoredMessage {
  readonly message_id: string;
  readonly person_id: string;
  readonly sender_id: string;
  readonly control_id: string;
  readonly body: Buffer | null;
  readonly body_object: string | null;
  readonly body_size: number;
  readonly key_id: string | null;
}

interface KeptMessage {
  readonly personId: string;
  readonly bytes: Uint8Array;
  readonly texts: readonly string[];
}

/** The messages in the database as they were received, by key. */
const readStored = async (site: Site, keys: KeyRing): Promise<ReadonlyMap<string, KeptMessage>> => {
  const objects = fileObjects(join(site.folder, 'objects'), keys);
  const stored = new Map<string, KeptMessage>();
  for (const row of await queryRows<StoredMessage>(site, 'select * from messages')) {
    const body = { bytes: row.body, object: row.body_object, size: row.body_size, keyId: row.key_id };
    const bytes = await openBody({ keys, objects }, body, messageSeal(row.sender_id, row.control_id));
    stored.set(row.message_id, { personId: row.person_id, bytes, texts: textsOf(bytes) });
  }
  return stored;
};

/** Own numbers of every person, opened. */
const readNumbers = async (site: Site, keys: KeyRing): Promise<ReadonlyMap<string, readonly string[]>> => {
  const numbers = new Map<string, string[]>();
  const rows = await queryRows<{
    person_id: string;
    value_hash: string;
    value_cipher: Buffer;
    key_id: string;
  }>(site, `select person_id, value_hash, value_cipher, key_id from person_identifiers where role = 'own'`);
  for (const { person_id, value_hash, value_cipher, key_id } of rows) {
    const opened = keys.open({ keyId: key_id, bytes: value_cipher }, `person-identifier|${value_hash}`);
    numbers.set(person_id, [...(numbers.get(person_id) ?? []), Buffer.from(opened).toString('utf8')]);
  }
  return numbers;
};

/** Whether the PID of one of these texts holds the number. A 15-digit ID is kept in its 18-digit form. */
const namesNumber = (texts: readonly string[], number: string): boolean =>
  texts.some((text) =>
    text.split(/[\r\n]/).some((line) => {
      const folded = line.toUpperCase();
      const short = number.length === 18 ? number.slice(0, 6) + number.slice(8, 17) : number;
      return folded.startsWith('PID') && (folded.includes(number.toUpperCase()) || folded.includes(short));
    }),
  );

interface StoredResult {
  readonly person_id: string;
  readonly local_code: string;
  readonly value_text: string;
  readonly messages: string[] | null;
}

const RESULTS = `select t.person_id, t.local_code, t.value_text,
    (select array_agg(v.message_id::text) from report_versions v
      where v.person_id = t.person_id and v.report_id = t.report_id and v.version <= t.report_version) as messages
  from results t`;

/** People who hold two national IDs, alone or with those they are linked to. */
const TWO_PEOPLE_IN_ONE = `select c.cluster_id::text as cluster
  from (select person_id, person_id as cluster_id from persons
        union select person_id, cluster_id from person_clusters) c
    join person_identifiers i on i.person_id = c.person_id
  where i.role = 'own' and i.type = 'national-id' and i.valid
  group by c.cluster_id having count(distinct i.value_hash) > 1`;

/** Looks whether whatever was stored belongs to the message and the person that it came with. */
const auditStored = async (site: Site, exchanges: readonly Exchange[]) => {
  const keys = keyRing(loadKeyFile(join(site.folder, 'keys.json')));
  const wrong: string[] = [];
  const say = (text: string) => wrong.push(text);
  for (const [lacking, found] of Object.entries(await halfStored(site))) say(`${found} ${lacking}`);

  const accepted = new Set(
    exchanges
      .filter(({ answer }) => answer && /^[AC]A$/.test(readMsa(answer).code))
      .map(({ bytes }) => sha256Hex(bytes)),
  );
  const silent = new Set(exchanges.filter(({ answer }) => !answer).map(({ bytes }) => sha256Hex(bytes)));
  const stored = await readStored(site, keys);
  const numbers = await readNumbers(site, keys);
  const storedHashes = new Map<string, number>();
  for (const [id, { personId, bytes, texts }] of stored) {
    const hash = sha256Hex(bytes);
    storedHashes.set(hash, (storedHashes.get(hash) ?? 0) + 1);
    if (!accepted.has(hash) && !silent.has(hash)) say(`message ${id} is stored and was not acknowledged`);
    if (!(numbers.get(personId) ?? []).some((number) => namesNumber(texts, number)))
      say(`message ${id} lies under a person it does not name`);
  }
  for (const hash of accepted)
    if (storedHashes.get(hash) !== 1) say(`${storedHashes.get(hash) ?? 0} copies of an acknowledged message`);

  const results = await queryRows<StoredResult>(site, RESULTS);
  let traced = 0;
  for (const { person_id, local_code, value_text, messages } of results) {
    if (!TRACED_VALUE.test(value_text)) continue;
    traced++;
    const isThere = (messages ?? []).some((id) => {
      const source = stored.get(id);
      if (source?.personId !== person_id) return false;
      return source.texts.some((text) => text.includes(value_text) && text.includes(local_code));
    });
    if (!isThere) say(`value ${value_text} did not come with its report`);
  }
  for (const { cluster } of await queryRows<{ cluster: string }>(site, TWO_PEOPLE_IN_ONE))
    say(`cluster ${cluster} holds two national IDs`);

  const quarantined = new Map(
    (
      await queryRows<{ body_hash: string; reason_code: string; detail: string }>(
        site,
        'select body_hash, reason_code, detail from quarantined_messages',
      )
    ).map((row) => [row.body_hash, row]),
  );
  const refused: Record<string, number> = {};
  for (const { kind, rejection, bytes, answer } of exchanges) {
    const hash = sha256Hex(bytes);
    if (answer ? accepted.has(hash) && /^[AC]A$/.test(readMsa(answer).code) : storedHashes.has(hash))
      continue;
    const kept = quarantined.get(
      kind === 'frame' ? keys.hash('message', hash) : keys.hash('rejection', `${rejection} ${hash}`),
    );
    if (!kept) say(`a ${rejection || 'frame'} of ${bytes.length} bytes was refused and is not in quarantine`);
    else if (!/^[A-Z][A-Z0-9_]{3,}$/.test(kept.reason_code) || kept.reason_code === 'INGEST_FAILED')
      say(`refused with ${kept.reason_code} ${kept.detail}`);
    else if (answer && !Buffer.from(answer).toString('latin1').includes(kept.reason_code))
      say(`${kept.reason_code} is in quarantine, and its sender was told something else`);
    if (kept) count(refused, kept.reason_code);
  }
  return {
    wrong,
    refused,
    storedMessages: stored.size,
    storedResults: results.length,
    tracedResults: traced,
  };
};

/**
 * Sends so many changed messages through the socket of a running program over several connections at once, in packets
 * of any size and with garbage between them, then looks at every answer and at everything that was stored.
 */
export const fuzzSocket = async (
  site: Site,
  program: Program,
  plan: { readonly messages: number; readonly seed: number },
): Promise<SocketFuzzReport> => {
  const { messages, seed } = plan;
  const all = [...mutants(messages, seed, site.preparedAt)];
  const reports = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, lane) => {
      const random = randomStream(`wire/${seed}/${lane}`);
      const own = all.filter((_mutant, index) => index % CONNECTIONS === lane);
      return sendStream(program.mllpPort, streamOf(own, random), random);
    }),
  );
  const exchanges = reports.flatMap((report) => report.exchanges);
  const answers: Record<string, number> = {};
  for (const { answer } of exchanges) count(answers, answer ? readMsa(answer).code : 'silent');
  const audit = await auditStored(site, exchanges);
  const wrong = [...reports.flatMap((report) => report.wrong), ...audit.wrong];
  if (!program.isAlive()) wrong.push(`the program ended: ${program.log().slice(-2_000)}`);
  return {
    messages,
    frames: exchanges.length,
    answers,
    refused: audit.refused,
    storedMessages: audit.storedMessages,
    storedResults: audit.storedResults,
    tracedResults: audit.tracedResults,
    wrong:
      wrong.length > WRONG_MAX
        ? [...wrong.slice(0, WRONG_MAX), `and ${wrong.length - WRONG_MAX} more`]
        : wrong,
  };
};
