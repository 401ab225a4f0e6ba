import { Fault } from '../../kernel/fault.ts';
import { isUid } from '../../imaging/index.ts';
import { COMMAND, RESPONSE, STATUS } from './command-set.ts';
import type { DataSetTaker } from './link.ts';
import type { InstanceSink, StoreOutcome } from './ports.ts';
import type { ProviderAssociation, ProviderRequest } from './provider.ts';
import { violation } from './violation.ts';

/** LO of the error comment. */
const MAX_COMMENT_CHARACTERS = 64;
const UNAVAILABLE = 503;

/** What a sender is told of something that failed on our side: whether repeating helps, and the code to name to us. */
const outcomeOf = (cause: unknown): StoreOutcome =>
  cause instanceof Fault
    ? {
        status: cause.status === UNAVAILABLE ? STATUS.outOfResources : STATUS.cannotUnderstand,
        comment: cause.code,
      }
    : { status: STATUS.processingFailure };

/** Why a C-STORE is refused from its command set alone. */
const refusalOf = ({ on, command }: ProviderRequest): StoreOutcome | null => {
  const { affectedSopClassUid, affectedSopInstanceUid } = command;
  if (affectedSopClassUid !== on.abstractSyntax)
    return { status: STATUS.sopClassNotSupported, comment: 'SOP class is not that of the context' };
  if (affectedSopInstanceUid === undefined || !isUid(affectedSopInstanceUid))
    return { status: STATUS.dataSetMismatch, comment: 'Affected SOP instance UID is not a UID' };
  if (!command.hasDataSet) return { status: STATUS.cannotUnderstand, comment: 'No data set' };
  return null;
};

/** One C-STORE on its way to the sink. Whatever fails, the data set is read to its end, so that the next one is understood. */
class Storing implements DataSetTaker {
  readonly #association: ProviderAssociation;
  readonly #request: ProviderRequest;
  #sink: InstanceSink | null;
  #refused: StoreOutcome | null;
  #bytes = 0;
  #writing: Promise<void> | null = null;

  constructor(
    association: ProviderAssociation,
    request: ProviderRequest,
    to: InstanceSink | null,
    refused: StoreOutcome | null,
  ) {
    this.#association = association;
    this.#request = request;
    this.#sink = to;
    this.#refused = refused;
  }

  /** Nothing is waited for where the sink has not asked for it: the reading goes on in the same turn. */
  take(bytes: Uint8Array): Promise<void> | void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#association.context.limits.maxObjectBytes) {
      this.#association.link.abort(violation('object-size'));
      return;
    }
    if (this.#sink === null || bytes.length === 0) return;
    try {
      const writing = this.#sink.write(bytes);
      return writing && this.#wait(writing);
    } catch (cause) {
      this.#fail(cause);
      return this.drop();
    }
  }

  async #wait(writing: Promise<void>): Promise<void> {
    this.#writing = writing;
    try {
      await writing;
    } catch (cause) {
      this.#fail(cause);
      await this.drop();
    } finally {
      this.#writing = null;
    }
  }

  async end(): Promise<void> {
    const sink = this.#sink;
    this.#sink = null;
    if (sink !== null && this.#refused === null)
      try {
        this.#refused = await sink.finish();
      } catch (cause) {
        this.#fail(cause);
      }
    await this.#answer(this.#refused ?? { status: STATUS.processingFailure });
  }

  /** The rest will not come. What is being written is waited for, so that nothing is written behind the end. */
  async drop(): Promise<void> {
    const sink = this.#sink;
    this.#sink = null;
    if (sink === null) return;
    await this.#writing?.catch(() => undefined);
    await sink.abort().catch((cause: unknown) => this.#tell(cause));
  }

  #fail(cause: unknown): void {
    this.#refused = outcomeOf(cause);
    this.#tell(cause);
  }

  #tell(cause: unknown): void {
    const { context, peer } = this.#association;
    context.onEvent({ kind: 'failed', peer, cause });
  }

  async #answer({ status, comment }: StoreOutcome): Promise<void> {
    const { context, link, peer } = this.#association;
    const { on, command } = this.#request;
    context.onEvent({ kind: 'stored', peer, status, bytes: this.#bytes });
    await link.send(on.id, {
      affectedSopClassUid: command.affectedSopClassUid ?? on.abstractSyntax,
      commandField: COMMAND.store | RESPONSE,
      messageIdRespondedTo: command.messageId,
      status,
      ...(comment === undefined ? {} : { errorComment: comment.slice(0, MAX_COMMENT_CHARACTERS) }),
      ...(command.affectedSopInstanceUid === undefined
        ? {}
        : { affectedSopInstanceUid: command.affectedSopInstanceUid }),
    });
  }
}

/** C-STORE as provider (PS3.4 annex B): answered with what the sink said, after it said so, and never otherwise. */
export class StoreProvider {
  readonly #association: ProviderAssociation;
  #storing: Storing | null = null;

  constructor(association: ProviderAssociation) {
    this.#association = association;
  }

  /** Takes the data set of a request that arrived. */
  async begin(request: ProviderRequest): Promise<DataSetTaker> {
    const refused = refusalOf(request);
    let sink: InstanceSink | null = null;
    let outcome = refused;
    if (refused === null)
      try {
        sink = await this.#association.context.receiver.begin({
          ...this.#association.requester,
          sopClassUid: request.on.abstractSyntax,
          sopInstanceUid: request.command.affectedSopInstanceUid as string,
          transferSyntaxUid: request.on.transferSyntax,
        });
      } catch (cause) {
        outcome = outcomeOf(cause);
        this.#association.context.onEvent({ kind: 'failed', peer: this.#association.peer, cause });
      }
    const storing = new Storing(this.#association, request, sink, outcome);
    this.#storing = storing;
    // The association may have ended while the receiver made ready.
    if (!this.#association.link.isOpen) await storing.drop();
    return storing;
  }

  /** The association is over: what has arrived by half is dropped. */
  drop(): void {
    void this.#storing?.drop();
  }
}
