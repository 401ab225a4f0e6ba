import { registerLaunch } from '../../src/adapters/postgres/client-launches.ts';
import type { CardGrant } from '../../src/apps/flows/card/card-link.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { instant } from '../../src/kernel/instant.ts';
import { type ConsoleSubject, consoleSubject } from './console-examples.ts';
import { exampleDocuments } from '../example-region.ts';
import { testKeys } from '../system/ingest-fixtures.ts';
import type { LaunchParameters } from '../../src/adapters/launch/signature.ts';
import { signedLaunch } from '../system/launching.ts';
import { EXAMPLE_ID_NUMBER, EXAMPLE_REPORT } from '../browser/example-flows.ts';
import { takeAttachedReport } from '../system/attached-report.ts';
import { DOCTOR, runningServer } from '../system/http-server.ts';
import {
  COUNTY_DOCTOR,
  COUNTY_OFFICE,
  COUNTY_TECHNICIAN,
  OPERATOR,
  REGULATORS,
  realSystem,
} from '../system/real-system.ts';
import { CODE } from '../browser/example-consents.ts';
import { consentCodes } from './openapi-consents.ts';
import { type Json } from './openapi-papers.ts';
import { memberOf } from '../system/region-bench.ts';
import { type OwnDataSubject, ownDataSubject } from './own-data-examples.ts';
import { ORDER } from './openapi-order.ts';
import type { patientResource } from './cds-hooks-caller.ts';

/** A server whose document is to be true, with what its operations are driven with. */
export interface Subject {
  readonly url: string;
  readonly database: Database;
  /** Code of the client with the key `client`. */
  readonly clientCode: string;
  readonly keys: Readonly<Record<'client' | 'operations', string>>;
  readonly doctor: { readonly login: string; readonly password: string };
  readonly technician: { readonly login: string; readonly password: string };
  readonly office: { readonly login: string; readonly password: string };
  readonly operator: { readonly login: string; readonly password: string };
  readonly order: Json;
  /** ID number of the person of the order. */
  readonly number: string;
  /** The same person as FHIR states people. */
  readonly patient: Parameters<typeof patientResource>[1];
  /** A report with a document. */
  readonly attached: string;
  /** An order whose check shows that report; null where every check does. */
  readonly attachedOrder: Json | null;
  /** Line of the order that can be recognised, and the local code on it. */
  readonly recognisable: { readonly line: number; readonly code: string };
  /** null where no messages are taken. */
  readonly console: ConsoleSubject | null;
  /** null where no patient signs in. */
  readonly own: OwnDataSubject | null;
  /** A code by which this person decides on a phone. */
  consentCode(person: string): string;
  /** null where there is no authority. */
  readonly regulators: typeof REGULATORS | null;
  /** Token of the card of a check, for a doctor whom the client lets in. */
  tokenOf(check: string): string;
  /** A launch address that the client signed just now, for the order of the checks or with other parameters. */
  launch(parameters?: LaunchParameters): string;
  stop(): Promise<void>;
}

/** Whom the client of the example lets in. */
const GRANT = { client: 'his', staffNumber: '1001', department: null };

/** The example flows, with one person and order of their own. */
export const exampleSubject = async (): Promise<Subject> => {
  const running = await runningServer();
  await publishLists(running.store.database, exampleDocuments(), {
    by: 'test',
    at: instant(Date.now()),
    reason: 'test',
  });
  await running.addStaff({});
  const technician = { login: 'it.one', password: DOCTOR.password };
  await running.addStaff({ ...technician, role: 'institution-it', staffNumber: '9001' });
  const office = { login: 'office.one', password: DOCTOR.password };
  await running.addStaff({ ...office, role: 'medical-affairs', staffNumber: '9002' });
  const operator = { login: 'operator.one', password: DOCTOR.password };
  await running.addStaff({ ...operator, role: 'operator', institution: null, staffNumber: '9003' });
  const keys = {
    client: await running.addClient('his', ['treatment']),
    operations: await running.addClient('ops', ['operations']),
  };
  const { launchSecret } = await registerLaunch(
    running.store.database,
    testKeys,
    'his',
    { newSecrets: true },
    running.act(),
  );
  return {
    url: running.server.url,
    database: running.store.database,
    clientCode: 'his',
    keys,
    doctor: DOCTOR,
    technician,
    office,
    operator,
    order: ORDER,
    number: EXAMPLE_ID_NUMBER,
    patient: { nationalId: EXAMPLE_ID_NUMBER },
    attached: EXAMPLE_REPORT,
    attachedOrder: null,
    recognisable: { line: 1, code: 'DR01' },
    console: null,
    own: null,
    consentCode: () => CODE,
    regulators: null,
    tokenOf: (check) =>
      running.card.cardLinks.tokenOf({ ...GRANT, check, institution: DOCTOR.institution } as CardGrant),
    launch: (parameters = { order: 'SQ1' }) =>
      signedLaunch({ client: 'his', staff: '1001', ...parameters }, launchSecret ?? ''),
    stop: running.stop,
  };
};

/** The child of the demonstration region behind the real flows. */
export const realSubject = async (): Promise<Subject> => {
  const system = await realSystem();
  const { bench, url, key, operatorKey, cardLinks, launchSecret, stop } = system;
  const child = memberOf(bench, 'child');
  const order = { ...ORDER, ...bench.orderOf(child) } as Json & { items: { line: number; code: string }[] };
  const chest = order.items.at(-1);
  if (!chest || !child.person.nationalId) throw new Error('the child orders a chest DR and has a number');
  return {
    url,
    database: bench.opened.database,
    clientCode: 'yx-county-his',
    keys: { client: key, operations: operatorKey },
    doctor: COUNTY_DOCTOR,
    technician: COUNTY_TECHNICIAN,
    office: COUNTY_OFFICE,
    operator: OPERATOR,
    order,
    number: child.person.nationalId,
    patient: {
      nationalId: child.person.nationalId,
      name: child.person.name,
      sex: child.person.sex,
      birthDate: (order['patient'] as { birthDate: string }).birthDate,
    },
    attached: await takeAttachedReport(bench),
    attachedOrder: { ...ORDER, ...bench.orderOf(memberOf(bench, 'potassium-eight')) },
    recognisable: chest,
    console: await consoleSubject(bench),
    own: await ownDataSubject(system),
    consentCode: consentCodes(bench.now),
    regulators: REGULATORS,
    tokenOf: (check) =>
      cardLinks.tokenOf({ ...GRANT, client: 'yx-county-his', check, institution: 'YX-COUNTY' } as CardGrant),
    launch: (parameters = { order: 'SQ1' }) =>
      signedLaunch({ client: 'yx-county-his', staff: '100118', ...parameters }, launchSecret),
    stop,
  };
};
