import { actorNameOf } from '../../adapters/postgres/accounts.ts';
import { auditEvent, systemAuditEvent } from '../../adapters/fhir/audit-event.ts';
import type {
  ExportedEvent,
  ExportedSystemEvent,
  ExportPeriod,
} from '../../adapters/postgres/audit-export.ts';
import { AUDIT_BOOKS, type AuditBook } from '../../audit/index.ts';
import { parseCivilDay } from '../../kernel/civil-day.ts';
import { raiser } from '../../kernel/fault.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { isUuid, type PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import {
  type ExportActor,
  exportPersonBook,
  exportSystemBook,
  type PersonExport,
} from '../flows/audit/export-audit.ts';
import type { Installation } from '../installation.ts';
import { type CommandContext, EXIT, type ExitCode } from './command.ts';
import { SIGN_IN_AS_OPTIONS, SIGN_IN_AS_USAGE, signInAtConsole } from './console-sign-in.ts';
import { CLI_FAULTS } from './faults.ts';

/** The words after `huren audit` of an export. */
export const EXPORT_USAGE =
  'export --from DATE --until DATE [--book person|system] [--person ID] [--institution CODE] [--format ndjson|fhir|csv]' +
  ` ${SIGN_IN_AS_USAGE}`;

/** Options of an export. */
export const EXPORT_OPTIONS = {
  from: { type: 'string' },
  until: { type: 'string' },
  book: { type: 'string' },
  person: { type: 'string' },
  institution: { type: 'string' },
  format: { type: 'string' },
  ...SIGN_IN_AS_OPTIONS,
} as const;

type Options = { readonly [Name in keyof typeof EXPORT_OPTIONS]?: string | undefined };

const raise = raiser(CLI_FAULTS);
const usage = (wrong: string) => raise('USAGE', { detail: `${wrong} (huren audit ${EXPORT_USAGE})` });

/** How rows are written: as they are stored, one JSON object a line; as FHIR R4 AuditEvents, one a line; as CSV. */
const FORMATS = ['ndjson', 'fhir', 'csv'] as const;
type Format = (typeof FORMATS)[number];

const SYSTEM_COLUMNS = [
  'event',
  'id',
  'occurredAt',
  'actor',
  'action',
  'resource',
  'outcome',
  'peer',
] as const satisfies readonly (keyof ExportedSystemEvent)[];

const PERSON_COLUMNS = [
  'event',
  'id',
  'occurredAt',
  'actor',
  'role',
  'department',
  'staffNumber',
  'institution',
  'action',
  'resource',
  'purpose',
  'basis',
  'outcome',
  'peer',
  'person',
] as const satisfies readonly (keyof ExportedEvent)[];

/** A cell of CSV (RFC 4180); one that a spreadsheet would run as a formula is made a text. */
const cell = (value: string): string => {
  const tamed = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(tamed) ? `"${tamed.replaceAll('"', '""')}"` : tamed;
};

const textOf = (value: string | Instant | null): string => {
  if (value === null) return '';
  return typeof value === 'number' ? isoInstant(value) : value;
};

/** Writes the rows of one book in the form asked for. */
const writeRows = async <Row extends { readonly occurredAt: Instant }>(
  rows: AsyncIterable<Row>,
  columns: readonly (keyof Row & string)[],
  { format, fhirOf }: { readonly format: Format; readonly fhirOf: (row: Row) => object },
  out: CommandContext['out'],
): Promise<void> => {
  if (format === 'csv') out(columns.join(','));
  for await (const row of rows)
    if (format === 'csv') out(columns.map((column) => cell(textOf(row[column] as string))).join(','));
    else
      out(
        JSON.stringify(format === 'fhir' ? fhirOf(row) : { ...row, occurredAt: isoInstant(row.occurredAt) }),
      );
};

/** Start of a calendar day in China, e.g. of `2026-11-25`. */
const dayOf = (name: string, text: string | undefined): Instant => {
  const day = parseCivilDay(text ?? '');
  if (day === undefined) throw usage(`--${name} ${text ?? ''}`);
  return day;
};

const oneOf = <Value extends string>(name: string, known: readonly Value[], text: string): Value => {
  const value = known.find((each) => each === text);
  if (value === undefined) throw usage(`--${name} ${text}`);
  return value;
};

const personOf = (text: string | undefined): PublicId | null => {
  if (text === undefined) return null;
  if (!isUuid(text)) throw usage(`--person ${text}`);
  return text;
};

const institutionOf = async (
  { snapshots }: Installation,
  text: string | undefined,
): Promise<PersonExport['institution']> => {
  if (text === undefined) return null;
  const code = text as InstitutionCode;
  const key = (await snapshots.current()).registry.institutionKey(code);
  if (key === undefined) throw raise('INSTITUTION_UNKNOWN', { place: 'institution', detail: text });
  return { code, key };
};

const actorAt = async (installation: Installation, options: Options): Promise<ExportActor> => {
  const account = await signInAtConsole(installation, options);
  return { name: actorNameOf(account), role: account.role, institution: account.institution };
};

/** `huren audit export`: writes rows of one book out, to somebody who has signed in. That it was done is on record first. */
export const runExport = async (
  installation: Installation,
  options: Options,
  context: CommandContext,
): Promise<ExitCode> => {
  const period: ExportPeriod = { from: dayOf('from', options.from), until: dayOf('until', options.until) };
  const format = oneOf('format', FORMATS, options.format ?? 'fhir');
  const book = oneOf<AuditBook>('book', AUDIT_BOOKS, options.book ?? 'person');
  if (book === 'system') {
    // Nobody and no institution stands in this book: a filter that finds nothing would say that nothing happened.
    if (options.person !== undefined || options.institution !== undefined)
      throw usage('--book system --person/--institution');
    const actor = await actorAt(installation, options);
    const rows = await exportSystemBook(installation, actor, period, format);
    await writeRows(rows, SYSTEM_COLUMNS, { format, fhirOf: systemAuditEvent }, context.out);
    return EXIT.done;
  }
  const selection: PersonExport = {
    ...period,
    person: personOf(options.person),
    institution: await institutionOf(installation, options.institution),
  };
  const actor = await actorAt(installation, options);
  const rows = await exportPersonBook(installation, actor, selection, format);
  await writeRows(rows, PERSON_COLUMNS, { format, fhirOf: auditEvent }, context.out);
  return EXIT.done;
};
