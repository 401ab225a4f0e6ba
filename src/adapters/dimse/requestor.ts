import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { raiser } from '../../kernel/fault.ts';
import {
  MAX_CONTEXTS,
  type ProposedContext,
  readAssociateAccept,
  type RoleSelection,
  writeAssociateRequest,
  writeRelease,
} from './associate.ts';
import { fingerprintOf } from './certificate.ts';
import { COMMAND, type CommandSet, RESPONSE, STATUS } from './command-set.ts';
import { DIMSE_FAULTS } from './faults.ts';
import {
  type DataSetTaker,
  Link,
  type LinkEnding,
  type LinkHandler,
  type LinkLimits,
  type LinkResponse,
  type OutgoingDataSet,
} from './link.ts';
import { DEFAULT_PDU_LIMITS, PDU, type PduEvent } from './pdu-reader.ts';
import type { AeAddress, InstanceReference, StoreOutcome } from './ports.ts';
import { SOP_CLASS } from './syntaxes.ts';
import { ABORT_REASON, violation } from './violation.ts';

/** Our own certificate for associations that we open, PEM. */
export interface OwnCertificate {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

/** Whom to call, as whom, and for what. */
export interface RequestorOptions extends AeAddress {
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  /** One context each; at most 128. */
  readonly proposals: readonly Omit<ProposedContext, 'id'>[];
  readonly roles?: readonly RoleSelection[];
  /** SHA-256 of the certificate that the other side must show; null: one signed by a known authority. */
  readonly certificateFingerprint?: string | null;
  readonly ownCertificate?: OwnCertificate;
  readonly limits?: Partial<LinkLimits>;
}

/** An instance to send, and whose C-MOVE asked for it. */
export interface SentInstance extends InstanceReference {
  readonly transferSyntaxUid: string;
  readonly origin?: { readonly aeTitle: string; readonly messageId: number };
}

/** An association that we opened. Every call throws `DIMSE_ASSOCIATION_LOST` when it ends first. */
export interface RequestorAssociation {
  /** Id of an accepted context of this class, in this syntax where one is named. */
  contextOf(sopClassUid: string, transferSyntaxUid?: string): number | undefined;
  /** C-ECHO; the status. */
  echo(): Promise<number>;
  /**
   * C-STORE. The data set is streamed as it is kept.
   *
   * @returns status 0122 without asking where the other side accepted no context of class and syntax
   */
  store(instance: SentInstance, dataSet: OutgoingDataSet): Promise<StoreOutcome>;
  /** Any other request on an accepted context; resolves to its final response. */
  call(
    contextId: number,
    command: CommandSet,
    dataSet?: Uint8Array,
    onPending?: (response: LinkResponse) => void,
  ): Promise<LinkResponse>;
  /** C-CANCEL of a call that is answered several times. */
  cancel(contextId: number, messageId: number): Promise<void>;
  /** Asks for release and resolves when the connection is closed. */
  release(): Promise<void>;
  abort(): void;
}

const raise = raiser(DIMSE_FAULTS);

const DEFAULT_LIMITS: LinkLimits = {
  ...DEFAULT_PDU_LIMITS,
  associateTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  closeGraceMs: 5_000,
  maxIdentifierBytes: 4 * 1024 * 1024,
};

/** Connects. A TLS peer is who it should be by its registered certificate, or by an authority that the system trusts. */
const open = (options: RequestorOptions, timeoutMs: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { host, port, tls, certificateFingerprint: wanted = null, ownCertificate } = options;
    const unreachable = (cause: unknown) =>
      reject(raise('DIMSE_UNREACHABLE', { detail: `${host}:${port}`, cause }));
    const socket: Socket | TLSSocket = tls
      ? connectTls({
          host,
          port,
          ...ownCertificate,
          // An address is no server name (RFC 6066 §3); whose certificate it must be is checked all the same.
          ...(isIP(host) === 0 ? { servername: host } : {}),
          minVersion: 'TLSv1.2',
          rejectUnauthorized: wanted === null,
        })
      : connectPlain({ host, port });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('timeout')));
    socket.once('error', unreachable);
    socket.once('close', unreachable);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0);
      socket.off('error', unreachable);
      socket.off('close', unreachable);
      if (wanted === null || fingerprintOf((socket as TLSSocket).getPeerCertificate()) === wanted)
        return resolve(socket);
      socket.destroy();
      unreachable(new Error('certificate'));
    });
  });

type Control = Exclude<PduEvent, { kind: 'data' | 'violation' | 'abort' }>;

/** Our side of an association that we opened. */
class Requestor implements LinkHandler {
  readonly #link: Link;
  readonly #accepted = new Map<
    number,
    { readonly abstractSyntax: string; readonly transferSyntax: string }
  >();
  readonly #options: RequestorOptions;
  readonly #proposed: readonly ProposedContext[];
  #onAnswer: (refusal: unknown) => void = () => undefined;

  constructor(socket: Socket, options: RequestorOptions) {
    this.#options = options;
    this.#proposed = options.proposals
      .slice(0, MAX_CONTEXTS)
      .map((proposal, at) => ({ id: at * 2 + 1, ...proposal }));
    this.#link = new Link(socket, { ...DEFAULT_LIMITS, ...options.limits }, this);
  }

  /** Proposes, and waits for the answer. */
  async associate(): Promise<RequestorAssociation> {
    const { calledAeTitle, callingAeTitle, roles = [], limits } = this.#options;
    const answered = new Promise<void>((resolve, reject) => {
      this.#onAnswer = (refusal) => (refusal === undefined ? resolve() : reject(refusal));
    });
    answered.catch(() => undefined);
    const maxPduLength = limits?.maxPduLength ?? DEFAULT_LIMITS.maxPduLength;
    await this.#link.sendPdu(
      writeAssociateRequest({ calledAeTitle, callingAeTitle, contexts: this.#proposed, maxPduLength, roles }),
    );
    await answered;
    const link = this.#link;
    return {
      contextOf: (sopClassUid, transferSyntaxUid) => this.#contextOf(sopClassUid, transferSyntaxUid),
      echo: () => this.#echo(),
      store: (instance, dataSet) => this.#store(instance, dataSet),
      call: (contextId, command, dataSet, onPending) =>
        link.call(contextId, { ...command, messageId: link.nextMessageId() }, dataSet, onPending),
      cancel: (contextId, messageId) =>
        link.send(contextId, { commandField: COMMAND.cancel, messageIdRespondedTo: messageId }),
      release: async () => {
        if (link.isOpen) await link.sendPdu(writeRelease(PDU.releaseRequest));
        await link.closed;
      },
      abort: () => link.abort('user'),
    };
  }

  onControl(event: Control): void {
    switch (event.kind) {
      case 'associate-accept':
        return this.#accept(event.body);
      case 'associate-reject': {
        const detail = `${event.result}/${event.source}/${event.reason}`;
        this.#onAnswer(raise('DIMSE_ASSOCIATION_REJECTED', { detail }));
        return this.#link.finish({ kind: 'rejected' });
      }
      case 'release-response':
        return this.#link.finish({ kind: 'released' });
      case 'release-request':
        return this.#link.finish({ kind: 'released' }, writeRelease(PDU.releaseResponse));
      case 'associate-request':
        return this.#link.abort(violation('pdu-unexpected', ABORT_REASON.unexpectedPdu));
    }
  }

  /** We offer no service to those whom we call. */
  async onRequest(contextId: number, command: CommandSet): Promise<DataSetTaker> {
    const { commandField = 0, messageId } = command;
    const answer = async (): Promise<void> => {
      if (messageId === undefined) return this.#link.abort(violation('command-set'));
      await this.#link.send(contextId, {
        commandField: commandField | RESPONSE,
        messageIdRespondedTo: messageId,
        status: STATUS.unrecognizedOperation,
      });
    };
    return { take: () => undefined, end: answer };
  }

  onOver(ending: LinkEnding): void {
    const detail = ending.kind === 'violation' ? ending.violation.rule : ending.kind;
    this.#onAnswer(raise('DIMSE_ASSOCIATION_LOST', { detail }));
  }

  #accept(body: Uint8Array): void {
    const read = readAssociateAccept(body);
    if (!read.ok) return this.#link.abort(read.reason);
    if (this.#link.isOpen) return this.#link.abort(violation('pdu-unexpected', ABORT_REASON.unexpectedPdu));
    for (const { id, result, transferSyntax } of read.value.contexts) {
      const proposal = this.#proposed.find((one) => one.id === id);
      // A syntax that was not proposed is no agreement.
      if (result === 0 && proposal?.transferSyntaxes.includes(transferSyntax))
        this.#accepted.set(id, { abstractSyntax: proposal.abstractSyntax, transferSyntax });
    }
    this.#link.establish((id) => this.#accepted.has(id), read.value.maxPduLength);
    this.#onAnswer(undefined);
  }

  #contextOf(sopClassUid: string, transferSyntaxUid?: string): number | undefined {
    for (const [id, { abstractSyntax, transferSyntax }] of this.#accepted)
      if (abstractSyntax === sopClassUid && (transferSyntaxUid ?? transferSyntax) === transferSyntax)
        return id;
    return undefined;
  }

  async #echo(): Promise<number> {
    const contextId = this.#contextOf(SOP_CLASS.verification);
    if (contextId === undefined) return STATUS.sopClassNotSupported;
    const { command } = await this.#link.call(contextId, {
      affectedSopClassUid: SOP_CLASS.verification,
      commandField: COMMAND.echo,
      messageId: this.#link.nextMessageId(),
    });
    return statusOf(command);
  }

  async #store(instance: SentInstance, dataSet: OutgoingDataSet): Promise<StoreOutcome> {
    const contextId = this.#contextOf(instance.sopClassUid, instance.transferSyntaxUid);
    if (contextId === undefined) return { status: STATUS.sopClassNotSupported };
    const { command } = await this.#link.call(
      contextId,
      storeCommand(instance, this.#link.nextMessageId()),
      dataSet,
    );
    const { errorComment } = command;
    return { status: statusOf(command), ...(errorComment === undefined ? {} : { comment: errorComment }) };
  }
}

const statusOf = ({ status }: CommandSet): number => {
  if (status === undefined) throw raise('DIMSE_ANSWER_UNEXPECTED');
  return status;
};

const MEDIUM_PRIORITY = 0;

/** The C-STORE-RQ of an instance. */
export const storeCommand = (
  { sopClassUid, sopInstanceUid, origin }: SentInstance,
  messageId: number,
): CommandSet & { readonly messageId: number } => ({
  affectedSopClassUid: sopClassUid,
  commandField: COMMAND.store,
  messageId,
  priority: MEDIUM_PRIORITY,
  affectedSopInstanceUid: sopInstanceUid,
  ...(origin && { moveOriginatorAeTitle: origin.aeTitle, moveOriginatorMessageId: origin.messageId }),
});

/**
 * Opens an association.
 *
 * @throws DIMSE_UNREACHABLE, DIMSE_ASSOCIATION_REJECTED (with result/source/reason), DIMSE_ASSOCIATION_LOST
 */
export const openAssociation = async (options: RequestorOptions): Promise<RequestorAssociation> => {
  const timeoutMs = options.limits?.associateTimeoutMs ?? DEFAULT_LIMITS.associateTimeoutMs;
  const socket = await open(options, timeoutMs);
  return new Requestor(socket, options).associate();
};
