import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { publicIdMaker, systemClock } from '../../src/apps/installation.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import type { ReportAnswer } from '../../src/web/wire/order-check-answer.ts';
import { type FormBrowser, formBrowser } from '../system/http-server.ts';
import { type Example, FORM_KEY } from './openapi-papers.ts';

const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

/** What the operations of tickets are driven with: both desks signed in, and whose report of what number it is. */
export interface CorrectionSubject {
  readonly sourceDesk: FormBrowser;
  readonly registrar: FormBrowser;
  readonly institution: string;
  readonly reportNumber: string;
  readonly nationalId: string;
  readonly ticket: string;
  /** A report that the card of this token shows, and a ticket sent from that card. */
  readonly report: string;
  readonly token: string;
  readonly cardTicket: string;
}

/** Sends a ticket from a card, as the doctor inside the hospital's own system does. */
const sendFromCard = async (url: string, token: string, report: string): Promise<string> => {
  const address = `${url}/card/${token}/reports/${report}/correction`;
  const form = await (await fetch(address)).text();
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(form)?.[1] ?? '';
  const body = new URLSearchParams({
    formToken: hidden('formToken'),
    idempotencyKey: hidden('idempotencyKey'),
    kind: 'wrong-unit',
  });
  const sent = await fetch(address, { method: 'POST', body, redirect: 'manual' });
  return (sent.headers.get('location') ?? '').split('/').at(-1) as string;
};

/** Signs in the desk of the institution that issued a report, and a registrar of the one that reads it. */
export const correctionSubject = async (
  url: string,
  database: Database,
  key: string,
  {
    report,
    nationalId,
    ticket,
    token,
  }: {
    readonly report: string;
    readonly nationalId: string;
    readonly ticket: string;
    readonly token: string;
  },
): Promise<CorrectionSubject> => {
  const read = await fetch(`${url}/api/reports/${report}`, { headers: { authorization: `Bearer ${key}` } });
  const { institution, reportNumber } = (await read.json()) as ReportAnswer;
  const signIn = async (role: 'medical-affairs' | 'registrar', code: string): Promise<FormBrowser> => {
    const account = { login: `tickets.${role}`, password: 'Correct-horse-58' };
    await createAccount(
      database,
      { ...account, role, institution: code as InstitutionCode, displayName: role, staffNumber: `T-${role}` },
      { at: systemClock(), newId: publicIdMaker(systemClock, 9), by: 'test', peer: 'test' },
      TEST_COST,
    );
    const browser = formBrowser(url);
    await browser.signIn(account.login, account.password);
    return browser;
  };
  return {
    sourceDesk: await signIn('medical-affairs', institution.code),
    registrar: await signIn('registrar', 'YX-COUNTY'),
    institution: institution.code,
    reportNumber,
    nationalId,
    ticket,
    report,
    token,
    cardTicket: await sendFromCard(url, token, report),
  };
};

/** How the desks' operations are driven, by their names in the document. */
export const correctionExamples = ({
  institution,
  reportNumber,
  nationalId,
  ticket,
  report,
  token,
  cardTicket,
}: CorrectionSubject): Record<string, Example> => {
  const onBehalf = { institution, reportNumber, nationalId, relation: 'self', kind: 'wrong-unit', text: '' };
  return {
    cardCorrectionForm: { as: 'nobody', address: `/card/${token}/reports/${report}/correction`, status: 200 },
    submitCardCorrection: {
      as: 'nobody',
      address: `/card/${token}/reports/${report}/correction`,
      body: { kind: 'quality', ordinal: '', text: '溶血', idempotencyKey: FORM_KEY },
      status: 303,
    },
    cardCorrection: { as: 'nobody', address: `/card/${token}/corrections/${cardTicket}`, status: 200 },
    openCorrectionCase: { as: 'sourceDesk', id: ticket, status: 200 },
    correctionDeskPage: { as: 'sourceDesk', query: '?state=all', status: 200 },
    correctionCasePage: { as: 'sourceDesk', id: ticket, status: 200 },
    takeDeskCorrectionStep: {
      as: 'sourceDesk',
      id: ticket,
      json: { step: 'accept', seen: 1 },
      status: 200,
    },
    takeDeskStepPage: {
      as: 'sourceDesk',
      id: ticket,
      body: { step: 'investigate', seen: '3', idempotencyKey: FORM_KEY },
      status: 303,
    },
    findDeskReportPage: { as: 'sourceDesk', body: { reportNumber }, status: 303 },
    correctionOnBehalfPage: { as: 'registrar', status: 200 },
    submitCorrectionOnBehalfPage: {
      as: 'registrar',
      upload: { ...onBehalf, idempotencyKey: FORM_KEY },
      status: 303,
    },
    submitCorrectionOnBehalf: { as: 'registrar', json: onBehalf, status: 200 },
  };
};
