import type { OwnAccount, OwnResults, ShareMade } from '../../src/web/wire/own-data.ts';
import type { FormBrowser } from '../system/http-server.ts';
import { actsFor, signedInPatient } from '../system/own-data-bench.ts';
import type { RealSystem } from '../system/real-system.ts';
import type { Example } from './openapi-papers.ts';

/** What the operations of a patient's own data are driven with. */
export interface OwnDataSubject {
  readonly browser: FormBrowser;
  readonly report: string;
  /** A relation by which somebody acts for the patient. */
  readonly representation: string;
  /** A share to be taken back, and the token of another to be opened. */
  readonly share: string;
  readonly token: string;
}

/** Signs a patient of the stories in, whose newest report came with a document, acted for by somebody, with two reports shared. */
export const ownDataSubject = async (system: RealSystem): Promise<OwnDataSubject> => {
  const browser = await signedInPatient(system, 'potassium-eight');
  await actsFor(system, 'mother-of-twins', 'potassium-eight', { relation: 'other', agreed: true });
  const answer = async <Value>(path: string): Promise<Value> =>
    (await (await browser.get(path)).json()) as Value;
  const { history } = await answer<OwnResults>('/api/own/results');
  const report = history.reports[0]?.id as string;
  const share = async (): Promise<ShareMade> =>
    (await (await browser.postJson('/api/own/shares', { report, masked: true })).json()) as ShareMade;
  return {
    browser,
    report,
    representation: (await answer<OwnAccount>('/api/own')).representedBy[0]?.id as string,
    share: (await share()).share.id,
    token: (await share()).url.split('/').at(-1) as string,
  };
};

/** How each operation of a patient's own data is driven, by its name in the document. */
export const ownDataExamples = (
  { report, representation, share, token }: OwnDataSubject,
  attached: string,
): Record<string, Example> => ({
  readOwnAccount: { as: 'patient', status: 200 },
  readOwnResults: { as: 'patient', query: '?restricted=shown', status: 200 },
  readOwnReport: { as: 'patient', id: report, status: 200 },
  readOwnAttachment: { as: 'patient', id: attached, status: 200 },
  readOwnRepeats: { as: 'patient', status: 200 },
  listOwnShares: { as: 'patient', status: 200 },
  shareOwnReport: { as: 'patient', json: { report, masked: false }, status: 200 },
  revokeOwnShare: { as: 'patient', id: share, json: {}, status: 200 },
  endOwnRepresentation: { as: 'patient', id: representation, json: {}, status: 200 },
  shareDoor: { as: 'patient', id: token, status: 200 },
  openShare: { as: 'patient', id: token, body: {}, status: 200 },
});
