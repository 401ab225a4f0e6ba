import type { OwnReader } from '../../src/apps/flows/own-data/own-reader.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import { fresh, type IngestBench, messageParts } from './ingest-fixtures.ts';

/**
 * Takes the report of a chest CT of JIANG-1: an ORU with a radiology section.
 *
 * @param studyUid what it states of its images, in ZDS-1
 * @returns its public id
 */
export const chestReport = async (
  bench: IngestBench,
  record: string,
  number: string,
  studyUid?: string,
): Promise<PublicId> => {
  const parts = messageParts({ record, reportNumber: number, name: '张三', birthDate: '19660214' });
  const outcome = await bench.take(
    [
      `MSH|^~\\&|LIS|JIANG1|HUREN|REGION|20261120093000+0800||ORU^R01^ORU_R01|${fresh('C')}|P|2.5.1||||||UNICODE UTF-8`,
      `PID|1||${parts.record}^^^^MR||${parts.name}||${parts.birthDate}|M`,
      `ORC|RE|${parts.orderNumber}|${number}`,
      `OBR|1|${parts.orderNumber}|${number}|CTC^胸部CT平扫|||20261118091500+0800|||||||||||||||20261118100000+0800||CT|F`,
      'OBX|1|TX|CTC^胸部CT平扫||右肺上叶结节||||||F',
      ...(studyUid === undefined ? [] : [`ZDS|${studyUid}^^Application^DICOM`]),
    ].join('\r'),
  );
  if (outcome.outcome !== 'accepted') throw new Error(`the report was not taken: ${outcome.outcome}`);
  return outcome.reports[0]?.report as PublicId;
};

/** A person as who reads the own data on a phone. */
export const selfReader = (person: PublicId, personId: string): OwnReader => ({
  person,
  personId,
  members: [personId],
  relation: 'self',
  who: { actor: 'patient:1', role: 'patient', department: null, staffNumber: null, institutionKey: null },
  basis: 'own-data',
  mayAskForRestricted: true,
});
