import { isUid } from '../../imaging/index.ts';
import { COMMAND, RESPONSE, STATUS } from './command-set.ts';
import { COMMITMENT_INSTANCE, reportCommand, reportIdentifier } from './commitment-report.ts';
import { itemsOf, keyText, TAG } from './identifier.ts';
import type { CommitmentLedger, DicomJson, IdentifierCodec, InstanceReference } from './ports.ts';
import type { ProviderAssociation, ProviderRequest } from './provider.ts';
import { SOP_CLASS } from './syntaxes.ts';

const REQUEST_COMMITMENT = 1;

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

/**
 * Storage commitment as provider (PS3.4 annex J): N-ACTION in, answered. The report for a device that listens is kept before
 * the answer and sent by its keeper; one that does not waits for it on the association that it asked on.
 */
export const serveCommitment = async (
  { link, ae, context, requester, peer }: ProviderAssociation,
  { on, command }: ProviderRequest,
  identifier: Uint8Array,
  { codec, ledger }: { readonly codec: IdentifierCodec; readonly ledger: CommitmentLedger },
): Promise<void> => {
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
  const { transactionUid, references } = asked;
  const commitment = await ledger.commit(requester, references);
  if (ae.listensAt !== null) {
    await ledger.keepReport({ requester, transactionUid, commitment });
    return answer(STATUS.success);
  }
  await answer(STATUS.success);
  // Not waited for: its answer comes in on the association whose reading waits for us. One that is lost is asked for again.
  link
    .call(
      on.id,
      { ...reportCommand(commitment), messageId: link.nextMessageId() },
      codec.write(reportIdentifier(transactionUid, commitment), on.transferSyntax),
    )
    .catch((cause: unknown) => context.onEvent({ kind: 'failed', peer, cause }));
};
