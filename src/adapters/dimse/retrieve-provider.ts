import { COMMAND, type CommandSet, STATUS } from './command-set.ts';
import { levelOf, modelOf } from './find-provider.ts';
import { keyText, TAG, uidsOf } from './identifier.ts';
import { type Operation, respond, statusOf } from './operation.ts';
import type {
  DicomJson,
  FindRequest,
  InstanceSource,
  RegisteredAe,
  RetrieveRequest,
  StoredInstance,
} from './ports.ts';
import { openAssociation, type RequestorAssociation, storeCommand } from './requestor.ts';
import { MAX_CONTEXTS } from './associate.ts';

type Keys = Omit<RetrieveRequest, 'requester' | 'destinationAeTitle'>;

/** A number is matched as one value and no pattern: whoever asks for `*` would be sent everybody. */
const isOneValue = (text: string): boolean => !/[*?\\]/.test(text);

/**
 * The unique keys of a retrieval, from the top down to its level; undefined where one is missing or is a pattern (PS3.4 C.4.2.1.4,
 * C.4.2.2.1, C.4.3.2).
 */
const keysOf = (identifier: DicomJson, model: FindRequest['model']): Keys | undefined => {
  const level = levelOf(identifier, model);
  if (level === undefined) return undefined;
  const keys: Keys = {
    level,
    patientId: keyText(identifier, TAG.patientId) || null,
    studyInstanceUids: uidsOf(identifier, TAG.studyInstanceUid),
    seriesInstanceUids: uidsOf(identifier, TAG.seriesInstanceUid),
    sopInstanceUids: uidsOf(identifier, TAG.sopInstanceUid),
  };
  const needed = [
    level === 'PATIENT' ? (keys.patientId === null ? 0 : 1) : keys.studyInstanceUids.length,
    level === 'SERIES' ? keys.seriesInstanceUids.length : 1,
    level === 'IMAGE' ? keys.sopInstanceUids.length : 1,
  ];
  const uids = [...keys.studyInstanceUids, ...keys.seriesInstanceUids, ...keys.sopInstanceUids];
  const isSingle = [keys.patientId ?? '', ...uids].every(isOneValue);
  return isSingle && needed.every((count) => count > 0) ? keys : undefined;
};

/** What became of the sub-operations so far. */
class Tally {
  remaining: number;
  completed = 0;
  warning = 0;
  readonly failed: string[] = [];

  constructor(total: number) {
    this.remaining = total;
  }

  /** Counts one instance by the status it was answered with; undefined where there was no answer. */
  add({ sopInstanceUid }: StoredInstance, status: number | undefined): void {
    this.remaining--;
    if (status === STATUS.success) this.completed++;
    else if (status !== undefined && status >> 12 === 0xb) this.warning++;
    else this.failed.push(sopInstanceUid);
  }

  counts(isOver: boolean): CommandSet {
    return {
      ...(isOver ? {} : { remainingSubOperations: this.remaining }),
      completedSubOperations: this.completed,
      failedSubOperations: this.failed.length,
      warningSubOperations: this.warning,
    };
  }
}

/** UIDs that fit into one element with a length of 16 bits. */
const FAILED_LIST_MAX = 900;

const finish = async (operation: Operation, tally: Tally): Promise<void> => {
  const { completed, failed, warning } = tally;
  const identifier =
    failed.length === 0
      ? undefined
      : operation.codec.write(
          { [TAG.failedSopInstanceUids]: { vr: 'UI', Value: failed.slice(0, FAILED_LIST_MAX) } },
          operation.request.on.transferSyntax,
        );
  if (operation.isCancelled() && tally.remaining > 0)
    return respond(operation, { status: STATUS.cancelled, ...tally.counts(false) }, identifier);
  const isAllFailed = failed.length > 0 && completed + warning === 0;
  const status = isAllFailed
    ? STATUS.unableToPerformSubOperations
    : failed.length + warning > 0
      ? STATUS.subOperationsWithFailures
      : STATUS.success;
  await respond(operation, { status, ...tally.counts(true) }, identifier);
};

/** Sends one instance, whichever way; undefined where no answer came. */
type Send = (instance: StoredInstance) => Promise<number | undefined>;

const sendAll = async (
  operation: Operation,
  instances: readonly StoredInstance[],
  tally: Tally,
  send: Send,
): Promise<void> => {
  for (const instance of instances) {
    if (operation.isCancelled()) return;
    tally.add(instance, instance.isRefused ? undefined : await send(instance));
    if (tally.remaining > 0) await respond(operation, { status: STATUS.pending, ...tally.counts(false) });
  }
};

const select = async (
  operation: Operation,
  source: InstanceSource,
  destinationAeTitle: string,
): Promise<readonly StoredInstance[] | undefined> => {
  const { association, request, identifier, codec } = operation;
  const keys = keysOf(codec.read(identifier, request.on.transferSyntax), modelOf(request.on.abstractSyntax));
  const { requester } = association;
  const isOfOne =
    keys !== undefined && (keys.patientId === null || !(await source.isAmbiguous(requester, keys.patientId)));
  if (isOfOne) return source.select({ requester, destinationAeTitle, ...keys });
  await respond(operation, { status: STATUS.dataSetMismatch });
  return undefined;
};

/** C-GET as provider (PS3.4 C.4.3): instances go back over the association that asked for them. */
export const serveGet = async (operation: Operation, source: InstanceSource): Promise<void> => {
  const { association } = operation;
  const { link, accepted, requester } = association;
  const instances = await select(operation, source, requester.callingAeTitle);
  if (instances === undefined) return;
  const send: Send = async (instance) => {
    const context = [...accepted.values()].find(
      ({ peerAnswers, abstractSyntax, transferSyntax }) =>
        peerAnswers &&
        abstractSyntax === instance.sopClassUid &&
        transferSyntax === instance.transferSyntaxUid,
    );
    // Not agreed: it would have to be sent in another syntax than it is kept in.
    if (context === undefined) return undefined;
    return statusOf(
      await link.call(context.id, storeCommand(instance, link.nextMessageId()), instance.open()),
    );
  };
  const tally = new Tally(instances.length);
  await sendAll(operation, instances, tally, send);
  await finish(operation, tally);
};

/** Parts whose classes and syntaxes fit into the contexts of one association. */
const batchesOf = (instances: readonly StoredInstance[]): StoredInstance[][] => {
  const batches: StoredInstance[][] = [];
  let pairs = new Set<string>();
  for (const instance of instances) {
    const pair = `${instance.sopClassUid} ${instance.transferSyntaxUid}`;
    if (batches.length === 0 || (!pairs.has(pair) && pairs.size === MAX_CONTEXTS)) {
      batches.push([]);
      pairs = new Set();
    }
    pairs.add(pair);
    batches.at(-1)?.push(instance);
  }
  return batches;
};

/** Opens an association to a destination for all classes and syntaxes of these instances. */
const openFor = (
  operation: Operation,
  destination: RegisteredAe & { readonly listensAt: NonNullable<RegisteredAe['listensAt']> },
  instances: readonly StoredInstance[],
): Promise<RequestorAssociation> => {
  const { requester, context } = operation.association;
  const pairs = new Map(
    instances.map(({ sopClassUid, transferSyntaxUid }) => [
      `${sopClassUid} ${transferSyntaxUid}`,
      { abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntaxUid] },
    ]),
  );
  return openAssociation({
    ...destination.listensAt,
    calledAeTitle: destination.aeTitle,
    callingAeTitle: requester.calledAeTitle,
    certificateFingerprint: destination.certificateFingerprint,
    proposals: [...pairs.values()],
    ...(context.ownCertificate ? { ownCertificate: context.ownCertificate } : {}),
  });
};

/** C-MOVE as provider (PS3.4 C.4.2): instances go to an entity of the same institution, over an association of ours. */
export const serveMove = async (operation: Operation, source: InstanceSource): Promise<void> => {
  const { association, request } = operation;
  const { context, requester } = association;
  const title = request.command.moveDestination ?? '';
  const destination = await context.registry.destination(requester.institution, title);
  const listensAt = destination?.listensAt;
  if (!destination || !listensAt) return respond(operation, { status: STATUS.moveDestinationUnknown });
  const instances = await select(operation, source, title);
  if (instances === undefined) return;
  const origin = { aeTitle: requester.callingAeTitle, messageId: request.command.messageId };
  const tally = new Tally(instances.length);
  for (const batch of batchesOf(instances)) {
    let opened: RequestorAssociation | undefined;
    let isReachable = true;
    const tell = (cause: unknown): void => context.onEvent({ kind: 'failed', peer: association.peer, cause });
    const open = async (): Promise<RequestorAssociation | undefined> => {
      if (opened ?? !isReachable) return opened;
      try {
        opened = await openFor(operation, { ...destination, listensAt }, batch);
      } catch (cause) {
        tell(cause);
        isReachable = false;
      }
      return opened;
    };
    const send: Send = async (instance) => {
      const to = await open();
      try {
        return (await to?.store({ ...instance, origin }, instance.open()))?.status;
      } catch (cause) {
        // The next one opens another association: what cannot be read must not take the others with it.
        opened = undefined;
        tell(cause);
        return undefined;
      }
    };
    await sendAll(operation, batch, tally, send);
    await opened?.release().catch(() => undefined);
  }
  await finish(operation, tally);
};

/** Whether a request is a retrieval, and how it is served. */
export const RETRIEVALS: Readonly<
  Record<number, ((operation: Operation, source: InstanceSource) => Promise<void>) | undefined>
> = { [COMMAND.get]: serveGet, [COMMAND.move]: serveMove };
