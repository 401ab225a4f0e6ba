import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  APPLICATION_CONTEXT_UID,
  type AssociateRequest,
  readAssociateRequest,
  type Rejection,
  writeAssociateAccept,
  writeAssociateReject,
  writeRelease,
} from './associate.ts';
import { fingerprintOf } from './certificate.ts';
import { COMMAND, type ReadCommandSet, RESPONSE, STATUS } from './command-set.ts';
import { type DataSetTaker, Link, type LinkEnding, type LinkHandler, type LinkLimits } from './link.ts';
import { type AcceptedContext, negotiate } from './negotiate.ts';
import { PDU, type PduEvent } from './pdu-reader.ts';
import { serveCommitment } from './commitment-provider.ts';
import { serveFind } from './find-provider.ts';
import { isOperation, type Operation, respond } from './operation.ts';
import type {
  AePeer,
  AeRegistry,
  AeService,
  CommitmentLedger,
  IdentifierCodec,
  InstanceReceiver,
  InstanceSource,
  RegisteredAe,
  Requester,
  StudyFinder,
} from './ports.ts';
import type { OwnCertificate } from './requestor.ts';
import { RETRIEVALS } from './retrieve-provider.ts';
import { StoreProvider } from './store-provider.ts';
import { ABORT_REASON, violation } from './violation.ts';

/** Bounds of a listener. */
export interface DimseLimits extends LinkLimits {
  readonly maxAssociations: number;
  readonly maxAssociationsPerAe: number;
  /** Connections, those that are no association yet or any more included. */
  readonly maxConnections: number;
  /** Largest data set of one instance. */
  readonly maxObjectBytes: number;
  /** How long closing the listener waits for what is in hand. */
  readonly stopGraceMs: number;
}

/** What happens on a listener, for the log and the metrics. Never names a patient. */
export type DimseEvent =
  | { readonly kind: 'accepted'; readonly peer: AePeer }
  | { readonly kind: 'rejected'; readonly peer: AePeer; readonly rejection: Rejection }
  | { readonly kind: 'ended'; readonly peer: AePeer | null; readonly ending: LinkEnding }
  | { readonly kind: 'stored'; readonly peer: AePeer; readonly status: number; readonly bytes: number }
  | { readonly kind: 'failed'; readonly peer: AePeer | null; readonly cause: unknown };

/** The services beside storage. What is absent is offered to nobody. */
export interface BeyondStorage {
  readonly codec: IdentifierCodec;
  readonly ledger?: CommitmentLedger;
  readonly finder?: StudyFinder;
  readonly source?: InstanceSource;
}

/** What the associations of a listener share. */
export interface ProviderContext {
  readonly limits: DimseLimits;
  /** Titles that we answer to. */
  readonly aeTitles: ReadonlySet<string>;
  readonly privateStorageRoots: readonly string[];
  readonly registry: AeRegistry;
  readonly receiver: InstanceReceiver;
  readonly beyondStorage: BeyondStorage | null;
  /** Shown on associations that we open over TLS. */
  readonly ownCertificate?: OwnCertificate | undefined;
  readonly onEvent: (event: DimseEvent) => void;
  /** Associations that stand, by calling title. */
  readonly standing: Map<string, number>;
}

/** What a service works with once the association stands. */
export interface ProviderAssociation {
  readonly link: Link;
  readonly ae: RegisteredAe;
  readonly requester: Requester;
  readonly peer: AePeer;
  readonly accepted: ReadonlyMap<number, AcceptedContext>;
  readonly context: ProviderContext;
}

/** One request on one accepted context. */
export interface ProviderRequest {
  readonly on: AcceptedContext;
  readonly command: ReadCommandSet & { readonly messageId: number };
}

const addressOf = ({ remoteAddress }: Socket): string =>
  (remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');

const peerOf = (socket: Socket | TLSSocket, callingAeTitle: string): AePeer => ({
  callingAeTitle,
  remoteAddress: addressOf(socket),
  certificateFingerprint: 'encrypted' in socket ? fingerprintOf(socket.getPeerCertificate()) : null,
});

/** Drops a data set that nobody wants, then answers. */
const dropping = (answer: () => Promise<void>): DataSetTaker => ({ take: () => undefined, end: answer });

/** What an entity may ask of what we can do here. */
const offered = (ae: RegisteredAe, { beyondStorage }: ProviderContext): ReadonlySet<AeService> => {
  const { ledger, finder, source } = beyondStorage ?? {};
  const possible = { store: true, commit: ledger, find: finder, retrieve: source };
  return new Set([...ae.services].filter((service) => possible[service] !== undefined));
};

/** An association that a peer opened: negotiation, then one request after the other. */
export class Provider implements LinkHandler {
  readonly #socket: Socket | TLSSocket;
  readonly #context: ProviderContext;
  readonly link: Link;
  #peer: AePeer | null = null;
  readonly #stranger: AePeer;
  #isCounted = false;
  #accepted: ReadonlyMap<number, AcceptedContext> = new Map();
  #association: ProviderAssociation | null = null;
  #store: StoreProvider | null = null;
  /** The operation that runs beside the reading loop, and whether it was cancelled. */
  #operation: { readonly messageId: number; isCancelled: boolean } | null = null;

  constructor(socket: Socket | TLSSocket, context: ProviderContext) {
    this.#socket = socket;
    this.#context = context;
    // Kept from the beginning: a socket that is closed has no address.
    this.#stranger = { callingAeTitle: '', remoteAddress: addressOf(socket), certificateFingerprint: null };
    this.link = new Link(socket, context.limits, this);
  }

  async onControl(event: Exclude<PduEvent, { kind: 'data' | 'violation' | 'abort' }>): Promise<void> {
    if (event.kind === 'associate-request' && this.#peer === null) return this.#associate(event.body);
    if (event.kind === 'release-request' && this.link.isOpen)
      return this.link.finish({ kind: 'released' }, writeRelease(PDU.releaseResponse));
    this.link.abort(violation('pdu-unexpected', ABORT_REASON.unexpectedPdu));
  }

  async onRequest(contextId: number, command: ReadCommandSet): Promise<DataSetTaker> {
    const on = this.#accepted.get(contextId) as AcceptedContext;
    const { messageId } = command;
    if (messageId === undefined) {
      // C-CANCEL alone has none; a request without one cannot be answered.
      if (command.commandField !== COMMAND.cancel) this.link.abort(violation('command-set'));
      else if (this.#operation?.messageId === command.messageIdRespondedTo && this.#operation)
        this.#operation.isCancelled = true;
      return dropping(async () => undefined);
    }
    const request: ProviderRequest = { on, command: { ...command, messageId } };
    return this.#serve(request);
  }

  onOver(ending: LinkEnding): void {
    if (this.#operation) this.#operation.isCancelled = true;
    if (this.#isCounted) this.#count(-1);
    this.#store?.drop();
    if (ending.kind === 'failed')
      this.#context.onEvent({ kind: 'failed', peer: this.#peer, cause: ending.cause });
    this.#context.onEvent({ kind: 'ended', peer: this.#peer ?? this.#stranger, ending });
  }

  async #associate(body: Uint8Array): Promise<void> {
    const read = readAssociateRequest(body);
    if (!read.ok) return this.link.abort(read.reason);
    const request = read.value;
    const peer = peerOf(this.#socket, request.callingAeTitle);
    this.#peer = peer;
    const admitted = await this.#admit(request, peer);
    if (typeof admitted === 'string') {
      this.#context.onEvent({ kind: 'rejected', peer, rejection: admitted });
      return this.link.finish({ kind: 'rejected' }, writeAssociateReject(admitted));
    }
    const { limits, privateStorageRoots } = this.#context;
    const negotiated = negotiate(request, {
      services: offered(admitted, this.#context),
      privateStorageRoots,
    });
    this.#accepted = negotiated.accepted;
    const requester: Requester = {
      institution: admitted.institution,
      callingAeTitle: request.callingAeTitle,
      calledAeTitle: request.calledAeTitle,
      remoteAddress: peer.remoteAddress,
    };
    this.#association = {
      link: this.link,
      ae: admitted,
      requester,
      peer,
      accepted: this.#accepted,
      context: this.#context,
    };
    this.#store = new StoreProvider(this.#association);
    this.#count(1);
    this.link.establish((id) => this.#accepted.has(id), request.maxPduLength);
    this.#context.onEvent({ kind: 'accepted', peer });
    await this.link.sendPdu(
      writeAssociateAccept(request, {
        contexts: negotiated.answers,
        roles: negotiated.roles,
        maxPduLength: limits.maxPduLength,
      }),
    );
  }

  /** Who this is, or why nobody is let in. Unknown peers learn no more than that they are unknown. */
  async #admit(request: AssociateRequest, peer: AePeer): Promise<RegisteredAe | Rejection> {
    const { aeTitles, registry, limits, standing, onEvent } = this.#context;
    if ((request.protocolVersion & 1) === 0) return 'protocolVersion';
    if (request.applicationContext !== APPLICATION_CONTEXT_UID) return 'applicationContext';
    if (!aeTitles.has(request.calledAeTitle)) return 'calledAeTitle';
    let ae: RegisteredAe | null;
    try {
      ae = await registry.find(peer);
    } catch (cause) {
      onEvent({ kind: 'failed', peer, cause });
      return 'temporaryCongestion';
    }
    if (ae === null) return 'callingAeTitle';
    const all = [...standing.values()].reduce((sum, count) => sum + count, 0);
    const own = standing.get(peer.callingAeTitle) ?? 0;
    if (all >= limits.maxAssociations || own >= limits.maxAssociationsPerAe) return 'localLimit';
    return ae;
  }

  #count(change: 1 | -1): void {
    const title = (this.#peer as AePeer).callingAeTitle;
    const count = (this.#context.standing.get(title) ?? 0) + change;
    if (count > 0) this.#context.standing.set(title, count);
    else this.#context.standing.delete(title);
    this.#isCounted = change > 0;
  }

  async #serve(request: ProviderRequest): Promise<DataSetTaker> {
    const { on, command } = request;
    const serves = on.peerRequests ? on.service : null;
    if (command.commandField === COMMAND.echo && serves === 'verify')
      return dropping(() => this.#answer(request, STATUS.success));
    if (command.commandField === COMMAND.store && serves === 'store')
      return (this.#store as StoreProvider).begin(request);
    if (isOperation(command.commandField) && command.hasDataSet) {
      const operate = this.#operationOf(request);
      if (operate) return this.link.collect((identifier) => this.#run(request, identifier, operate));
    }
    const { codec, ledger } = this.#context.beyondStorage ?? {};
    if (
      command.commandField === COMMAND.action &&
      serves === 'commit' &&
      codec &&
      ledger &&
      command.hasDataSet
    )
      return this.link.collect((identifier) =>
        this.#guarded(request, () =>
          serveCommitment(this.#association as ProviderAssociation, request, identifier, { codec, ledger }),
        ),
      );
    const isKnown = Object.values<number>(COMMAND).includes(command.commandField);
    return dropping(() =>
      this.#answer(request, isKnown ? STATUS.sopClassNotSupported : STATUS.unrecognizedOperation),
    );
  }

  /** How an operation is served on the context that it came on; undefined where it is not. */
  #operationOf({ on, command }: ProviderRequest): ((operation: Operation) => Promise<void>) | undefined {
    const { finder, source } = this.#context.beyondStorage ?? {};
    if (command.commandField === COMMAND.find && on.service === 'find' && finder)
      return (operation) => serveFind(operation, finder);
    const isRetrieval = command.commandField === COMMAND.get ? on.service === 'get' : on.service === 'move';
    const serve = isRetrieval ? RETRIEVALS[command.commandField] : undefined;
    return serve && source && ((operation) => serve(operation, source));
  }

  /** Starts an operation beside the reading loop, so that its cancellation and the answers to it are read. */
  async #run(
    request: ProviderRequest,
    identifier: Uint8Array,
    operate: (operation: Operation) => Promise<void>,
  ): Promise<void> {
    if (this.#operation) return this.#answer(request, STATUS.outOfResources);
    const state = { messageId: request.command.messageId, isCancelled: false };
    this.#operation = state;
    const operation: Operation = {
      association: this.#association as ProviderAssociation,
      request,
      identifier,
      codec: (this.#context.beyondStorage as BeyondStorage).codec,
      isCancelled: () => state.isCancelled,
    };
    void this.link.operation(
      this.#guarded(request, () => operate(operation)).finally(() => {
        this.#operation = null;
      }),
    );
  }

  /** Answers a request whose serving failed, where the association still stands. */
  async #guarded(request: ProviderRequest, serve: () => Promise<void>): Promise<void> {
    try {
      await serve();
    } catch (cause) {
      this.#context.onEvent({ kind: 'failed', peer: this.#peer, cause });
      if (!this.link.isOpen) return;
      const status = isOperation(request.command.commandField)
        ? STATUS.cannotUnderstand
        : STATUS.processingFailure;
      await respond({ association: this.#association as ProviderAssociation, request }, { status }).catch(
        () => undefined,
      );
    }
  }

  #answer({ on, command }: ProviderRequest, status: number): Promise<void> {
    return this.link.send(on.id, {
      affectedSopClassUid: command.affectedSopClassUid ?? on.abstractSyntax,
      commandField: command.commandField | RESPONSE,
      messageIdRespondedTo: command.messageId,
      status,
    });
  }
}
