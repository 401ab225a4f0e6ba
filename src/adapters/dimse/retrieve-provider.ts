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
import { PLAIN_TRANSFER_SYNTAXES } from './syntaxes.ts';

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

/**
 * An instance in a form that its receiver agreed to: the stored bytes wherever it takes their syntax, else implicit or explicit little
 * endian, which every receiver takes (PS3.5 §10.1).
 *
 * @returns undefined where none was agreed, or it cannot be put into the one that was
 */
const inAgreedForm = async (
  instance: StoredInstance,
  isAgreed: (transferSyntaxUid: string) => boolean,
): Promise<
  { readonly transferSyntaxUid: string; readonly dataSet: AsyncIterable<Uint8Array> } | undefined
> => {
  const { transferSyntaxUid } = instance;
  if (isAgreed(transferSyntaxUid)) return { transferSyntaxUid, dataSet: instance.open() };
  const plain = PLAIN_TRANSFER_SYNTAXES.find(isAgreed);
  const dataSet = plain && (await instance.openPlain?.(plain));
  return plain && dataSet ? { transferSyntaxUid: plain, dataSet } : undefined;
};

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
  const contextOf = (abstractSyntax: string, transferSyntax: string) =>
    [...accepted.values()].find(
      (one) =>
        one.peerAnswers && one.abstractSyntax === abstractSyntax && one.transferSyntax === transferSyntax,
    );
  const tell = (cause: unknown): void =>
    association.context.onEvent({ kind: 'failed', peer: association.peer, cause });
  const send: Send = async (instance) => {
    const found = await inAgreedForm(
      instance,
      (syntax) => contextOf(instance.sopClassUid, syntax) !== undefined,
    ).catch(tell);
    const context = found && contextOf(instance.sopClassUid, found.transferSyntaxUid);
    if (!context) return undefined;
    return statusOf(await link.call(context.id, storeCommand(instance, link.nextMessageId()), found.dataSet));
  };
  const tally = new Tally(instances.length);
  await sendAll(operation, instances, tally, send);
  await finish(operation, tally);
};

/** What is proposed for an instance: its class in the syntax it is kept in, and beside that in those that it can be put into. */
const proposalsFor = ({ sopClassUid, transferSyntaxUid }: StoredInstance) =>
  [[transferSyntaxUid], [...PLAIN_TRANSFER_SYNTAXES]].map(
    (transferSyntaxes) =>
      [
        `${sopClassUid} ${transferSyntaxes.join(' ')}`,
        { abstractSyntax: sopClassUid, transferSyntaxes },
      ] as const,
  );

/** Parts whose classes and syntaxes fit into the contexts of one association. */
const batchesOf = (instances: readonly StoredInstance[]): StoredInstance[][] => {
  const batches: StoredInstance[][] = [];
  let proposed = new Set<string>();
  for (const instance of instances) {
    const names = proposalsFor(instance).map(([name]) => name);
    const more = names.filter((name) => !proposed.has(name));
    if (batches.length === 0 || proposed.size + more.length > MAX_CONTEXTS) {
      batches.push([]);
      proposed = new Set();
    }
    for (const name of names) proposed.add(name);
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
  return openAssociation({
    ...destination.listensAt,
    calledAeTitle: destination.aeTitle,
    callingAeTitle: requester.calledAeTitle,
    certificateFingerprint: destination.certificateFingerprint,
    proposals: [...new Map(instances.flatMap(proposalsFor)).values()],
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
        const found =
          to &&
          (await inAgreedForm(
            instance,
            (syntax) => to.contextOf(instance.sopClassUid, syntax) !== undefined,
          ));
        if (!found) return undefined;
        const { transferSyntaxUid, dataSet } = found;
        return (await to.store({ ...instance, transferSyntaxUid, origin }, dataSet)).status;
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
