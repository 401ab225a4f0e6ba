import { COMMAND, STATUS } from './command-set.ts';
import { TAG } from './identifier.ts';
import type { Commitment, DicomJson, IdentifierCodec, InstanceReference, RegisteredAe } from './ports.ts';
import { openAssociation, type OwnCertificate } from './requestor.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from './syntaxes.ts';

/** The one instance of the storage commitment push model (PS3.4 §J.3.5). */
export const COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';
const ALL_COMMITTED = 1;
const SOME_FAILED = 2;

const ui = (value: string) => ({ vr: 'UI', Value: [value] });
const referenceItem = ({ sopClassUid, sopInstanceUid }: InstanceReference): DicomJson => ({
  [TAG.referencedSopClassUid]: ui(sopClassUid),
  [TAG.referencedSopInstanceUid]: ui(sopInstanceUid),
});

/** What a report says (PS3.4 table J.3-2). */
export const reportIdentifier = (transactionUid: string, { committed, failed }: Commitment): DicomJson => ({
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

/** The request that carries it (N-EVENT-REPORT). */
export const reportCommand = ({ failed }: Commitment) => ({
  affectedSopClassUid: SOP_CLASS.storageCommitment,
  commandField: COMMAND.eventReport,
  affectedSopInstanceUid: COMMITMENT_INSTANCE,
  eventTypeId: failed.length === 0 ? ALL_COMMITTED : SOME_FAILED,
});

const SYNTAXES = [TRANSFER_SYNTAX.explicitLittleEndian, TRANSFER_SYNTAX.implicitLittleEndian];

/**
 * Sends a report over an association of ours to where the device listens.
 *
 * @returns whether the device took it
 * @throws a fault where it cannot be reached
 */
export const sendCommitmentReport = async (
  ae: RegisteredAe & { readonly listensAt: NonNullable<RegisteredAe['listensAt']> },
  as: {
    readonly callingAeTitle: string;
    readonly codec: IdentifierCodec;
    readonly ownCertificate?: OwnCertificate | undefined;
  },
  { transactionUid, commitment }: { readonly transactionUid: string; readonly commitment: Commitment },
): Promise<boolean> => {
  const association = await openAssociation({
    ...ae.listensAt,
    calledAeTitle: ae.aeTitle,
    callingAeTitle: as.callingAeTitle,
    certificateFingerprint: ae.certificateFingerprint,
    ...(as.ownCertificate ? { ownCertificate: as.ownCertificate } : {}),
    proposals: SYNTAXES.map((syntax) => ({
      abstractSyntax: SOP_CLASS.storageCommitment,
      transferSyntaxes: [syntax],
    })),
    // We open the association and remain the provider of the class (PS3.4 §J.3.3).
    roles: [{ sopClassUid: SOP_CLASS.storageCommitment, scu: false, scp: true }],
  });
  try {
    for (const syntax of SYNTAXES) {
      const contextId = association.contextOf(SOP_CLASS.storageCommitment, syntax);
      if (contextId === undefined) continue;
      const dataSet = as.codec.write(reportIdentifier(transactionUid, commitment), syntax);
      const { command } = await association.call(contextId, reportCommand(commitment), dataSet);
      return command.status === STATUS.success;
    }
    return false;
  } finally {
    await association.release().catch(() => undefined);
  }
};
