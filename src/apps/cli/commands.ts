import { accountCommand } from './account.ts';
import { clientCommand } from './account-client.ts';
import { answersCommand } from './answers.ts';
import { applicationCommand } from './application.ts';
import { auditCommand } from './audit.ts';
import { catalogueCommand } from './catalogue.ts';
import type { Command } from './command.ts';
import { correctionCommand } from './correction.ts';
import { checkCommand, explainCommand, replayCommand } from './decisions.ts';
import { ingestCommand } from './ingest.ts';
import { keysCommand } from './keys.ts';
import { doctorCommand, migrateCommand, schemaCommand, senderCommand } from './maintenance.ts';
import { personCommand } from './person.ts';
import { quarantineCommand } from './quarantine.ts';
import { serveCommand } from './serve.ts';
import { startCommand } from './start.ts';

/** Every command of `huren`, by its first word, in the order of the overview. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  start: startCommand,
  serve: serveCommand,
  ingest: ingestCommand,
  quarantine: quarantineCommand,
  audit: auditCommand,
  check: checkCommand,
  explain: explainCommand,
  replay: replayCommand,
  answers: answersCommand,
  correction: correctionCommand,
  catalogue: catalogueCommand,
  sender: senderCommand,
  person: personCommand,
  account: accountCommand,
  client: clientCommand,
  application: applicationCommand,
  keys: keysCommand,
  migrate: migrateCommand,
  schema: schemaCommand,
  doctor: doctorCommand,
};
