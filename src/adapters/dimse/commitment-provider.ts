import { isUid } from '../../imaging/index.ts';
import { COMMAND, RESPONSE, STATUS } from './command-set.ts';
import { itemsOf, keyText, TAG } from './identifier.ts';
import type { Commitment, CommitmentLedger, DicomJson, IdentifierCodec, InstanceReference } from './ports.ts';
import type { ProviderAssociation, ProviderRequest } from './provider.ts';
import { openAssociation } from './requestor.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from './syntaxes.ts';

/** The one instance of the storage commitment push model (PS3.4 §J.3.5). */
const COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';
const REQUEST_COMMITMENT = 1;
const ALL_COMMITTED = 1;
const SOME_FAILED = 2;

interface CommitmentRequest {
  readonly transactionUid: string;
  readonly references: readonly InstanceReference[];
}

const requestOf = (identifier: DicomJson): CommitmentRequest | undefined => {
  const transactionUid = keyText(identifier, TAG.transactionUid);
  const references = itemsOf(identifier[TAG.referencedSopSequence]).map((item) => ({
    sopClassUid: keyText(item, TAG.referencedSopClassUid),
    sopInstanceUid: keyText(item, TAG.referencedSopInstanceUid),
  }));
  const isWhole =
    isUid(transactionUid) &&
    references.length > 0 &&
    references.every(({ sopClassUid, sopInstanceUid }) => isUid(sopClassUid) && isUid(sopInstanceUid));
  return isWhole ? { transactionUid, references } : undefined;
};

const ui = (value: string) => ({ vr: 'UI', Value: [value] });
const referenceItem = ({ sopClassUid, sopInstanceUid }: InstanceReference): DicomJson => ({
  [TAG.referencedSopClassUid]: ui(sopClassUid),
  [TAG.referencedSopInstanceUid]: ui(sopInstanceUid),
});

const reportOf = (transactionUid: string, { committed, failed }: Commitment): DicomJson => ({
  [TAG.transactionUid]: ui(transactionUid),
  ...(committed.length === 0
    ? {}
    : { [TAG.referencedSopSequence]: { vr: 'SQ', Value: committed.map(referenceItem) } }),
  ...(failed.length === 0
    ? {}
    : {
        [TAG.failedSopSequence]: {
          vr: 'SQ',
          Value: failed.map((one) => ({
            ...referenceItem(one),
            [TAG.failureReason]: { vr: 'US', Value: [one.reason] },
          })),
        },
      }),
});

/** Sends a report; the status that the device answered, undefined where it could not be reached. */
const report = async (
  { ae, requester, context, link }: ProviderAssociation,
  { on }: ProviderRequest,
  codec: IdentifierCodec,
  transactionUid: string,
  commitment: Commitment,
): Promise<number | undefined> => {
  const command = {
    affectedSopClassUid: SOP_CLASS.storageCommitment,
    commandField: COMMAND.eventReport,
    affectedSopInstanceUid: COMMITMENT_INSTANCE,
    eventTypeId: commitment.failed.length === 0 ? ALL_COMMITTED : SOME_FAILED,
  };
  const identifier = reportOf(transactionUid, commitment);
  // A device that registered no address of its own waits on the association that it asked on.
  if (ae.listensAt === null) {
    const dataSet = codec.write(identifier, on.transferSyntax);
    const response = await link.call(on.id, { ...command, messageId: link.nextMessageId() }, dataSet);
    return response.command.status;
  }
  const association = await openAssociation({
    ...ae.listensAt,
    calledAeTitle: ae.aeTitle,
    callingAeTitle: requester.calledAeTitle,
    certificateFingerprint: ae.certificateFingerprint,
    ...(context.ownCertificate ? { ownCertificate: context.ownCertificate } : {}),
    proposals: [
      {
        abstractSyntax: SOP_CLASS.storageCommitment,
        transferSyntaxes: [TRANSFER_SYNTAX.explicitLittleEndian],
      },
      {
        abstractSyntax: SOP_CLASS.storageCommitment,
        transferSyntaxes: [TRANSFER_SYNTAX.implicitLittleEndian],
      },
    ],
    // We open the association and remain the provider of the class (PS3.4 §J.3.3).
    roles: [{ sopClassUid: SOP_CLASS.storageCommitment, scu: false, scp: true }],
  });
  try {
    for (const syntax of [TRANSFER_SYNTAX.explicitLittleEndian, TRANSFER_SYNTAX.implicitLittleEndian]) {
      const contextId = association.contextOf(SOP_CLASS.storageCommitment, syntax);
      if (contextId === undefined) continue;
      const response = await association.call(contextId, command, codec.write(identifier, syntax));
      return response.command.status;
    }
    return undefined;
  } finally {
    await association.release().catch(() => undefined);
  }
};

const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref();
  });

/**
 * Reports, and again after a while where the device cannot be reached. A report that never arrives leaves the images with
 * the device as well: it asks again.
 */
const reportUntilTaken = async (...args: Parameters<typeof report>): Promise<void> => {
  const [{ context, peer }] = args;
  for (const delayMs of [0, ...context.limits.reportAgainAfterMs]) {
    if (delayMs > 0) await pause(delayMs);
    try {
      if ((await report(...args)) === STATUS.success) return;
    } catch (cause) {
      context.onEvent({ kind: 'failed', peer, cause });
    }
  }
};

/** Storage commitment as provider (PS3.4 annex J): N-ACTION in, answered; the N-EVENT-REPORT follows by itself. */
export const serveCommitment = async (
  association: ProviderAssociation,
  request: ProviderRequest,
  identifier: Uint8Array,
  { codec, ledger }: { readonly codec: IdentifierCodec; readonly ledger: CommitmentLedger },
): Promise<void> => {
  const { link, context, requester, peer } = association;
  const { on, command } = request;
  const answer = (status: number) =>
    link.send(on.id, {
      affectedSopClassUid: SOP_CLASS.storageCommitment,
      commandField: COMMAND.action | RESPONSE,
      messageIdRespondedTo: command.messageId,
      status,
      affectedSopInstanceUid: COMMITMENT_INSTANCE,
      actionTypeId: command.actionTypeId ?? 0,
    });
  if (command.actionTypeId !== REQUEST_COMMITMENT) return answer(STATUS.noSuchActionType);
  const asked = requestOf(codec.read(identifier, on.transferSyntax));
  if (asked === undefined) return answer(STATUS.processingFailure);
  const commitment = await ledger.commit(requester, asked.references);
  await answer(STATUS.success);
  void reportUntilTaken(association, request, codec, asked.transactionUid, commitment).catch(
    (cause: unknown) => context.onEvent({ kind: 'failed', peer, cause }),
  );
};
