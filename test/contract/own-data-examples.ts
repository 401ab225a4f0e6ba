import { demonstrationCast } from '../../src/apps/demonstration/cast.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { OwnAccount, OwnResults, ShareMade } from '../../src/web/wire/own-data.ts';
import type { OwnNotifications } from '../../src/web/wire/own-notifications.ts';
import type { AccessLogAnswer } from '../../src/web/wire/access-log.ts';
import { type FormBrowser, formBrowser } from '../system/http-server.ts';
import { actsFor, personOf, signedInPatient } from '../system/own-data-bench.ts';
import { signedInOfficer } from '../system/privacy-bench.ts';
import { memberOf } from '../system/region-bench.ts';
import { COUNTY_DOCTOR, type RealSystem } from '../system/real-system.ts';
import { type Example, formOf, PIXEL } from './openapi-papers.ts';

/** What the operations of a patient's own data are driven with. */
export interface OwnDataSubject {
  readonly browser: FormBrowser;
  readonly report: string;
  /** A ticket with a photo that the patient sent. */
  readonly ticket: string;
  /** A relation by which somebody acts for the patient. */
  readonly representation: string;
  /** A share to be taken back, and the token of another to be opened. */
  readonly share: string;
  readonly token: string;
  /** What the patient was told. */
  readonly notification: string;
  /** A line of the access log. */
  readonly line: string;
  /** The privacy officer of the doctor's hospital, with the case of a reported line and a person to watch over. */
  readonly officer: FormBrowser;
  readonly case: string;
  readonly watched: { readonly person: string; readonly nationalId: string };
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
  const doctor = formBrowser(system.url);
  await doctor.signIn(COUNTY_DOCTOR.login, COUNTY_DOCTOR.password);
  await doctor.get(`/api/persons/${await personOf(system.bench, 'potassium-eight')}/results`);
  const { lines } = await answer<AccessLogAnswer>('/api/own/access-log');
  const sent = await fetch(`${system.url}/api/own/corrections`, {
    method: 'POST',
    headers: { cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    body: formOf({ report, kind: 'quality', photo: PIXEL }),
  });
  await doctor.postJson(`/api/persons/${await personOf(system.bench, 'potassium-eight')}/emergency-access`, {
    reason: 'life-threatening',
    text: '心脏骤停，正在抢救',
    confirmation: COUNTY_DOCTOR.password,
  });
  const { notifications } = await answer<OwnNotifications>('/api/own/notifications');
  const officer = await signedInOfficer(system);
  const line = lines.find(({ kind }) => kind === 'person')?.id as string;
  const reported = await browser.postJson(`/api/own/access-log/${line}/reports`, { text: '' });
  const watched = 'three-hospitals';
  const nationalId = memberOf(system.bench, watched).person.nationalId as string;
  await officer.get('/privacy/watched');
  await officer.post('/privacy/watched', { nationalId, note: '公众人物' });
  return {
    browser,
    officer,
    case: ((await reported.json()) as { id: string }).id,
    watched: { person: await personOf(system.bench, watched), nationalId },
    line,
    notification: notifications[0]?.id as string,
    report,
    ticket: ((await sent.json()) as { readonly id: string }).id,
    representation: (await answer<OwnAccount>('/api/own')).representedBy[0]?.id as string,
    share: (await share()).share.id,
    token: (await share()).url.split('/').at(-1) as string,
  };
};

/** How each operation of a patient's own data is driven, and of the officer who looks into it, by its name in the document. */
export const ownDataExamples = (subject: OwnDataSubject, attached: string): Record<string, Example> => ({
  ...ownExamples(subject, attached),
  ...privacyExamples(subject),
});

const privacyExamples = ({ case: opened, watched }: OwnDataSubject): Record<string, Example> => ({
  privacyQueue: { as: 'officer', status: 200 },
  privacyCase: { as: 'officer', id: opened, status: 200 },
  findInPrivacyCase: {
    as: 'officer',
    id: opened,
    body: { finding: 'follow-up', text: '请科室说明' },
    status: 303,
  },
  accessLogSearchPage: { as: 'officer', status: 200 },
  searchAccessLog: { as: 'officer', body: { reason: '患者来电反映', days: '7' }, status: 200 },
  watchedPersonsPage: { as: 'officer', status: 200 },
  watchPerson: {
    as: 'officer',
    body: { nationalId: watched.nationalId, note: '公众人物' },
    status: 303,
  },
  searchAuditEvents: { as: 'officer', query: `?patient=${watched.person}`, status: 200 },
  unwatchPerson: { as: 'officer', id: watched.person, body: {}, status: 303 },
});

const ownExamples = (
  { report, ticket, representation, share, token, line, notification }: OwnDataSubject,
  attached: string,
): Record<string, Example> => ({
  webAppMe: { as: 'patient', status: 200 },
  webAppMeReportsId: { as: 'patient', id: report, status: 200 },
  webAppMeStudiesId: { as: 'patient', id: report, status: 200 },
  webAppMeItems: { as: 'patient', status: 200 },
  webAppMeRepeats: { as: 'patient', status: 200 },
  webAppMeShares: { as: 'patient', status: 200 },
  webAppMeConsent: { as: 'patient', status: 200 },
  webAppMeCode: { as: 'patient', status: 200 },
  webAppMeAccessLog: { as: 'patient', status: 200 },
  webAppMeFeedback: { as: 'patient', query: '?report=x', status: 200 },
  webAppMeFamily: { as: 'patient', status: 200 },
  webAppMeMore: { as: 'patient', status: 200 },
  readOwnAccount: { as: 'patient', status: 200 },
  readOwnResults: { as: 'patient', query: '?restricted=shown', status: 200 },
  readOwnReport: { as: 'patient', id: report, status: 200 },
  readOwnAttachment: { as: 'patient', id: attached, status: 200 },
  readOwnRepeats: { as: 'patient', status: 200 },
  listOwnNotifications: { as: 'patient', status: 200 },
  openOwnNotification: { as: 'patient', id: notification, json: {}, status: 200 },
  listOwnShares: { as: 'patient', status: 200 },
  shareOwnReport: { as: 'patient', json: { report, masked: false }, status: 200 },
  revokeOwnShare: { as: 'patient', id: share, json: {}, status: 200 },
  endOwnRepresentation: { as: 'patient', id: representation, json: {}, status: 200 },
  submitOwnCorrection: { as: 'patient', json: { report, kind: 'wrong-unit' }, status: 200 },
  listPatientCorrections: { as: 'patient', status: 200 },
  readOwnCorrection: { as: 'patient', id: ticket, status: 200 },
  readOwnCorrectionPhoto: { as: 'patient', id: ticket, status: 200 },
  takeOwnCorrectionStep: {
    as: 'patient',
    id: ticket,
    json: { step: 'reply', seen: 1, text: '原件在我这里' },
    status: 200,
  },
  shareDoor: { as: 'patient', id: token, status: 200 },
  readOwnAccessLog: { as: 'patient', query: '?filter=unfamiliar', status: 200 },
  exportOwnAccessLog: { as: 'patient', status: 200 },
  reportOwnAccess: { as: 'patient', id: line, json: { text: '那天我没有去医院' }, status: 200 },
  openShare: { as: 'patient', id: token, body: {}, status: 200 },
});

/** What the operations of the desk are driven with: one visit, another to be ended, a relation to be ended. */
export interface DeskSubject {
  readonly person: string;
  readonly visit: string;
  readonly ended: string;
  readonly relation: string;
}

/** ID number of the daughter of the stories. */
const REPRESENTATIVE =
  demonstrationCast(instant(0)).find(({ key }) => key === 'daughter')?.person.nationalId ?? '';
const RELATION = { relation: 'parent', evidence: 'household-register', until: '2027-06-30' };
const VISITING = { present: 'self', document: 'id-card' };

/** Begins two visits of a person at a registrar's desk and records who acts for that person. */
export const deskSubject = async (registrar: FormBrowser, person: string): Promise<DeskSubject> => {
  await registrar.get('/desk');
  const begin = async (): Promise<string> =>
    (await registrar.post('/desk/visits', { person, ...VISITING })).headers
      .get('location')
      ?.split('/')
      .at(-1) as string;
  const [visit, ended] = [await begin(), await begin()];
  await registrar.post(`/desk/visits/${visit}/representations`, { nationalId: REPRESENTATIVE, ...RELATION });
  const page = await (await registrar.get(`/desk/visits/${visit}/representations`)).text();
  return { person, visit, ended, relation: /representations\/([^/]+)\/end/.exec(page)?.[1] as string };
};

/** How each operation of the desk is driven, by its name in the document. */
export const deskExamples = ({ person, visit, ended, relation }: DeskSubject): Record<string, Example> => {
  const as = 'registrar';
  return {
    deskPage: { as, status: 200 },
    findPatientAtDesk: { as, body: { by: 'national-id', text: REPRESENTATIVE }, status: 200 },
    beginDeskVisit: { as, body: { person, ...VISITING }, status: 303 },
    deskVisitPage: { as, id: visit, status: 200 },
    deskResultsPage: { as, id: visit, status: 200 },
    deskRepeatsPage: { as, id: visit, status: 200 },
    deskAccessLogPage: { as, id: visit, status: 200 },
    deskRepresentationsPage: { as, id: visit, status: 200 },
    recordRepresentation: {
      as,
      id: visit,
      body: { nationalId: REPRESENTATIVE, ...RELATION, evidence: 'birth-certificate' },
      status: 303,
    },
    endRepresentation: { as, address: `/desk/visits/${visit}/representations/${relation}/end`, status: 303 },
    endDeskVisit: { as, id: ended, status: 303 },
  };
};
