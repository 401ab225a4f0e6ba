import type { LinkResponse } from './link.ts';
import { COMMAND, type CommandSet, RESPONSE } from './command-set.ts';
import type { IdentifierCodec } from './ports.ts';
import type { ProviderAssociation, ProviderRequest } from './provider.ts';

/** A C-FIND, C-MOVE or C-GET under way: answered several times, and stopped by C-CANCEL. */
export interface Operation {
  readonly association: ProviderAssociation;
  readonly request: ProviderRequest;
  readonly identifier: Uint8Array;
  readonly codec: IdentifierCodec;
  isCancelled(): boolean;
}

/** Sends one response of an operation. */
export const respond = (
  { association: { link }, request: { on, command } }: Pick<Operation, 'association' | 'request'>,
  response: CommandSet & { readonly status: number },
  identifier?: Uint8Array,
): Promise<void> =>
  link.send(
    on.id,
    {
      affectedSopClassUid: on.abstractSyntax,
      commandField: command.commandField | RESPONSE,
      messageIdRespondedTo: command.messageId,
      ...response,
    },
    identifier,
  );

/** Operations that one association runs at a time, as negotiated. */
const OPERATIONS: ReadonlySet<number> = new Set([COMMAND.find, COMMAND.move, COMMAND.get]);
/** Whether a request is answered several times. */
export const isOperation = (commandField: number): boolean => OPERATIONS.has(commandField);

/** Status of a response, where the other side gave one. */
export const statusOf = ({ command }: LinkResponse): number | undefined => command.status;
