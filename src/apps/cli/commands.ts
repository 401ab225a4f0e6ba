import { accountCommand } from './account.ts';
import { clientCommand } from './account-client.ts';
import { catalogueCommand } from './catalogue.ts';
import type { Command } from './command.ts';

/** Every command of `huren`, by its first word, in the order of the overview. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  account: accountCommand,
  client: clientCommand,
  catalogue: catalogueCommand,
};
