import type { PublicId } from '../../src/kernel/uuid.ts';
import type { RegionBench } from './region-bench.ts';

/** The smallest thing that begins like a PDF. */
export const ATTACHED_PDF = Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n');

/** A laboratory report of the story of the passed window that carries its print as PDF. */
const message = [
  'MSH|^~\\&|IEP|WXSZXYY|HUREN|HR|20261122100000+0800||ORU^R01^ORU_R01|ATT1|P|2.5.1|||||CHN|UNICODE UTF-8',
  'PID|1||M000100020^^^WXSZXYY^MR~480225196308190571^^^CHN^NNCHN||许国栋||19630819|M',
  'PV1|1|O|心血管内科||||||||||||||||M2611220000501',
  'OBR|1|AATT1|LATT1|L00218^电解质^L|||20261122083000+0800|||||||20261122083000+0800||||||||20261122093000+0800||LAB|F',
  'OBX|1|NM|2823-3^钾^LN||4.40|mmol/L|3.50～5.30||||F|||20261122083000+0800',
  `OBX|2|ED|PDF^报告单^L||^application^pdf^Base64^${ATTACHED_PDF.toString('base64')}||||||F`,
  'SPM|1|ATT1||SER^血清^HL70487|||||||||||||20261122083000+0800|20261122084000+0800',
  '',
].join('\r');

/** Sends it, and the patient comes to the county hospital; the report it became. */
export const takeAttachedReport = async (bench: RegionBench): Promise<PublicId> => {
  const { reports, code } = await bench.take(Buffer.from(message, 'utf8'));
  const [report] = reports;
  if (!report) throw new Error(`the message was not taken: ${code}`);
  await bench.present('480225196308190571');
  return report.report;
};
