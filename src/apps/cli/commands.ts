import { accountCommand } from './account.ts';
import { clientCommand } from './account-client.ts';
import { catalogueCommand } from './catalogue.ts';
import type { Command } from './command.ts';
import { personCommand } from './person.ts';
import { serveCommand } from './serve.ts';
import { startCommand } from './start.ts';

/** Every command of `huren`, by its first word, in the order of the overview. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  start: startCommand,
  serve: serveCommand,
  catalogue: catalogueCommand,
  person: personCommand,
  account: accountCommand,
  client: clientCommand,
};
