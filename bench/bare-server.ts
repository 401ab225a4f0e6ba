import { systemClock, openInstallation } from '../src/apps/installation.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { ALL_ROLES, announce, startRoles } from '../src/apps/cli/serve.ts';
import type { Database, SqlValue, Statement } from '../src/adapters/postgres/database.ts';

/**
 * The program without what it costs to be safe: nobody's rights are asked, no audit row is written beside the decision and
 * no consent is read. A program of the bench alone: it is put together here in code, and no setting of the product makes
 * such a server.
 */
const stripped = new Map<string, Statement>();

const AUDITED = /, audited as \(.*?\)\)/s;
const CONSENTS = /\(select json_agg\(.*?\) as consents,\s*\(select json_agg\(.*?\) as emergencies/s;
/** Parameters of the audit row in the statement that keeps a check. */
const FIRST_AUDIT_PARAMETER = 16;
const AUDIT_PARAMETERS = 10;

/** The statement without its audit row; the parameters behind those of the row move up. */
const withoutAudit = (text: string): string =>
  text
    .replace(AUDITED, '')
    .replace(/\$(\d+)/g, (all, number: string) =>
      Number(number) >= FIRST_AUDIT_PARAMETER + AUDIT_PARAMETERS
        ? `$${Number(number) - AUDIT_PARAMETERS}`
        : all,
    );

const bareOf = (wanted: Statement): Statement => {
  const known = stripped.get(wanted.name);
  if (known) return known;
  let { text } = wanted;
  if (wanted.name.startsWith('order-checks.insert')) text = withoutAudit(text);
  if (wanted.name.startsWith('order-checks.survey'))
    text = text.replace(CONSENTS, 'null::json as consents, null::json as emergencies');
  if (text === wanted.text && /order-checks\.(insert|survey)/.test(wanted.name))
    throw new Error(`${wanted.name} is written otherwise than this bench expects`);
  const bare = text === wanted.text ? wanted : { name: `bare.${wanted.name}`, text };
  stripped.set(wanted.name, bare);
  return bare;
};

const bareValues = (bare: Statement, values: readonly SqlValue[]): readonly SqlValue[] =>
  bare.name.startsWith('bare.order-checks.insert')
    ? [
        ...values.slice(0, FIRST_AUDIT_PARAMETER - 1),
        ...values.slice(FIRST_AUDIT_PARAMETER - 1 + AUDIT_PARAMETERS),
      ]
    : values;

const bareDatabase = (database: Database): Database => ({
  ...database,
  run: (wanted, values = []) => {
    const bare = bareOf(wanted);
    return database.run(bare, bareValues(bare, values));
  },
});

const installation = await openInstallation(readConfiguration(process.env));
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const context = {
  environment: process.env,
  out: (line: string) => console.log(line),
  note: (line: string) => console.error(line),
  progress: () => undefined,
  signal: stop.signal,
};
const running = await startRoles(
  { ...installation, clock: systemClock, database: bareDatabase(installation.database) },
  ALL_ROLES,
  context,
  { authorise: () => 'treatment' },
);
announce(running, context);
stop.signal.addEventListener('abort', () => {
  void running.stop().then(() => installation.close());
});
