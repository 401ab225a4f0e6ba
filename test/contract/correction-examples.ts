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
}

/** Signs in the desk of the institution that issued a report, and a registrar of the one that reads it. */
export const correctionSubject = async (
  url: string,
  database: Database,
  key: string,
  {
    report,
    nationalId,
    ticket,
  }: { readonly report: string; readonly nationalId: string; readonly ticket: string },
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
  };
};

/** How the desks' operations are driven, by their names in the document. */
export const correctionExamples = ({
  institution,
  reportNumber,
  nationalId,
  ticket,
}: CorrectionSubject): Record<string, Example> => {
  const onBehalf = { institution, reportNumber, nationalId, relation: 'self', kind: 'wrong-unit', text: '' };
  return {
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
    correctionOnBehalfPage: { as: 'registrar', status: 200 },
    submitCorrectionOnBehalfPage: {
      as: 'registrar',
      upload: { ...onBehalf, idempotencyKey: FORM_KEY },
      status: 303,
    },
    submitCorrectionOnBehalf: { as: 'registrar', json: onBehalf, status: 200 },
  };
};
