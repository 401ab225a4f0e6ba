import type { JsonValue } from '../../kernel/canonical-json.ts';
import type { Clock } from '../../kernel/instant.ts';
import { raiser } from '../../kernel/fault.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { type Session, statement } from './database.ts';
import type { InstitutionKey } from './registry.ts';
import { SENDER_FAULTS } from './senders-faults.ts';

/** Internal key of a sender; never leaves the program. */
export type SenderKey = string & { readonly __brand: 'SenderKey' };

/** Settings of a sender that are not columns: where it puts what, and how it wants to be answered. */
export type SenderDialect = Readonly<Record<string, JsonValue>>;

/** A system that sends messages: the institution it speaks for and the dialect it speaks. */
export interface Sender {
  readonly key: SenderKey;
  /** Short public code, e.g. `YX-COUNTY-LIS`. */
  readonly code: string;
  readonly institution: InstitutionCode;
  readonly institutionKey: InstitutionKey;
  /** MSH-3 by which its messages are known. */
  readonly application: string;
  /** MSH-4 by which its messages are known. */
  readonly facility: string;
  /** Character set when MSH-18 is empty. */
  readonly charset: string;
  /** Time zone of times sent without an offset, e.g. `Asia/Shanghai`. */
  readonly zone: string;
  /** True where MSH-10 starts again (daily counters): then the content tells messages apart. */
  readonly reusesControlIds: boolean;
  readonly dialect: SenderDialect;
}

/** What registers a sender. */
export interface SenderRegistration {
  readonly code: string;
  readonly institution: InstitutionCode;
  readonly application: string;
  readonly facility: string;
  readonly charset?: string;
  readonly zone?: string;
  readonly reusesControlIds?: boolean;
  readonly dialect?: SenderDialect;
  readonly active?: boolean;
}

/** Finds senders by what their messages say. */
export interface SenderDirectory {
  /** By MSH-3 and MSH-4. A sender registered a moment ago is found. */
  find(application: string, facility: string): Promise<Sender | undefined>;
  findByCode(code: string): Promise<Sender | undefined>;
  findByKey(key: SenderKey): Promise<Sender | undefined>;
}

interface SenderRow {
  readonly sender_id: string;
  readonly code: string;
  readonly institution_id: string;
  readonly institution_code: string;
  readonly application: string;
  readonly facility: string;
  readonly charset: string;
  readonly zone: string;
  readonly reuses_control_ids: boolean;
  readonly dialect: SenderDialect;
}

const raise = raiser(SENDER_FAULTS);

const INSTITUTION_KEY = statement(
  'senders.institution',
  'select institution_id from institutions where code = $1',
);
const UPSERT = statement(
  'senders.upsert',
  `insert into senders (code, institution_id, application, facility, charset, zone, reuses_control_ids, dialect, active)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
   on conflict (code) do update set institution_id = excluded.institution_id, application = excluded.application,
     facility = excluded.facility, charset = excluded.charset, zone = excluded.zone,
     reuses_control_ids = excluded.reuses_control_ids, dialect = excluded.dialect, active = excluded.active
   returning sender_id`,
);
const ADDRESS_HOLDER = statement(
  'senders.address-holder',
  'select code from senders where application = $1 and facility = $2 and code <> $3',
);
const ALL = statement(
  'senders.all',
  `select s.sender_id, s.code, s.institution_id, i.code as institution_code, s.application, s.facility, s.charset, s.zone,
     s.reuses_control_ids, s.dialect
   from senders s join institutions i using (institution_id) where s.active order by s.code`,
);

/**
 * Registers a sender or changes one that has the same code.
 *
 * @throws SENDER_INSTITUTION_UNKNOWN when no published directory names the institution
 * @throws SENDER_ADDRESS_TAKEN when another sender already uses this MSH-3 and MSH-4
 */
export const registerSender = async (
  session: Session,
  registration: SenderRegistration,
): Promise<SenderKey> => {
  const { code, institution, application, facility } = registration;
  const [known] = await session.run<{ institution_id: string }>(INSTITUTION_KEY, [institution]);
  if (!known) throw raise('SENDER_INSTITUTION_UNKNOWN', { place: code, detail: institution });
  const [holder] = await session.run<{ code: string }>(ADDRESS_HOLDER, [application, facility, code]);
  if (holder) throw raise('SENDER_ADDRESS_TAKEN', { place: code, detail: holder.code });
  const [row] = await session.run<{ sender_id: string }>(UPSERT, [
    code,
    known.institution_id,
    application,
    facility,
    registration.charset ?? 'UNICODE UTF-8',
    registration.zone ?? 'Asia/Shanghai',
    registration.reusesControlIds ?? false,
    JSON.stringify(registration.dialect ?? {}),
    registration.active ?? true,
  ]);
  return (row as { sender_id: string }).sender_id as SenderKey;
};

/** All active senders. */
export const loadSenders = async (session: Session): Promise<readonly Sender[]> =>
  (await session.run<SenderRow>(ALL)).map((row) => ({
    key: row.sender_id as SenderKey,
    code: row.code,
    institution: row.institution_code as InstitutionCode,
    institutionKey: row.institution_id as InstitutionKey,
    application: row.application,
    facility: row.facility,
    charset: row.charset,
    zone: row.zone,
    reusesControlIds: row.reuses_control_ids,
    dialect: row.dialect,
  }));

/** How old the copy in memory may be before it is read again. */
const AGE_MAX_MS = 5_000;

/** A directory that keeps the senders in memory and reads them again when they are old or one is missing. */
export const senderDirectory = (session: Session, clock: Clock): SenderDirectory => {
  let byAddress = new Map<string, Sender>();
  let byCode = new Map<string, Sender>();
  let byKey = new Map<SenderKey, Sender>();
  let loadedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;

  const load = (): Promise<void> => {
    loading ??= (async () => {
      const senders = await loadSenders(session);
      byAddress = new Map(senders.map((sender) => [`${sender.application}\0${sender.facility}`, sender]));
      byCode = new Map(senders.map((sender) => [sender.code, sender]));
      byKey = new Map(senders.map((sender) => [sender.key, sender]));
      loadedAt = clock();
    })().finally(() => {
      loading = undefined;
    });
    return loading;
  };
  const search = async (look: () => Sender | undefined): Promise<Sender | undefined> => {
    if (clock() - loadedAt > AGE_MAX_MS) await load();
    const found = look();
    if (found) return found;
    // A message of an unknown sender costs a quarantine row anyway; one small read beside it does no harm.
    await load();
    return look();
  };
  return {
    find: (application, facility) => search(() => byAddress.get(`${application}\0${facility}`)),
    findByCode: (code) => search(() => byCode.get(code)),
    findByKey: (key) => search(() => byKey.get(key)),
  };
};
