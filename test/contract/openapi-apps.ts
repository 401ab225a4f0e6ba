import { randomBytes } from 'node:crypto';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { instant } from '../../src/kernel/instant.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import { registerApp } from '../system/smart-app.ts';
import type { Example } from './openapi-papers.ts';

/** Registers the app that the document's operations are driven with. */
export const registerForDocument = (database: Database): Promise<void> => {
  const at = instant(Date.now());
  const act = () => ({ at, newId: () => uuidV7(at, 1, randomBytes(8)), by: 'test', peer: 'local' });
  return registerApp({ store: { database } as never, act }, { code: 'growth' });
};

/** Operations of apps and steps of a sign-in that nobody needs to be signed in for. */
export const OPEN_APP_OPERATIONS = [
  'GET /fhir/.well-known/smart-configuration',
  'GET /oidc/.well-known/openid-configuration',
  'GET /oidc/auth',
  'GET /oidc/auth/{uid}',
  'GET /oidc/jwks',
  'GET /sign-in/from/{issuer}',
  'GET /sign-in/left/{issuer}',
  'GET /sign-in/with/{issuer}',
  'POST /oidc/token',
  'POST /oidc/token/introspection',
  'POST /oidc/token/revocation',
  'POST /sign-in/code',
  'POST /sign-in/enrolment',
  'POST /sign-in/password',
  'POST /sign-in/proceed',
] as const;

/** How the steps of a sign-in and the operations of apps are driven; what they do is in `second-factor` and `smart` of `test/system`. */
export const appExamples = (person: string): Record<string, Example> => ({
  issuerConfiguration: { as: 'nobody', status: 200 },
  issuerKeys: { as: 'nobody', status: 200 },
  issuerAuthorisation: { as: 'nobody', status: 400 },
  issuerResumption: { as: 'nobody', id: 'nobody', status: 400 },
  issuerToken: { as: 'nobody', status: 400 },
  issuerRevocation: { as: 'nobody', status: 400 },
  issuerIntrospection: { as: 'nobody', status: 400 },
  smartConfiguration: { as: 'nobody', status: 200 },
  signInCode: { as: 'doctor', body: { pending: 'over', code: '000000' }, status: 401 },
  signInEnrolment: { as: 'doctor', body: { pending: 'over', code: '000000' }, status: 401 },
  signInProceed: { as: 'doctor', body: { pending: 'over' }, status: 401 },
  signInPassword: {
    as: 'doctor',
    body: { pending: 'over', password: 'x', repeated: 'x' },
    status: 401,
  },
  signInWithIssuer: { as: 'nobody', id: 'nobody', status: 404 },
  signInFromIssuer: { as: 'nobody', id: 'nobody', status: 404 },
  leaveIssuer: { as: 'nobody', id: 'nobody', status: 303 },
  ownAccount: { as: 'doctor', status: 200 },
  changeOwnPassword: {
    as: 'doctor',
    body: { current: 'x', password: 'y', repeated: 'z' },
    status: 400,
  },
  renewOwnSecondFactor: { as: 'doctor', body: { password: 'x' }, status: 400 },
  confirmOwnSecondFactor: { as: 'doctor', body: { pending: 'over', code: '000000' }, status: 400 },
  endOwnSession: { as: 'doctor', body: { session: '0'.repeat(64) }, status: 303 },
  withdrawOwnApplication: { as: 'doctor', body: { application: 'growth' }, status: 303 },
  askForApplication: { as: 'doctor', id: 'nobody', status: 404 },
  findPatientForApplication: {
    as: 'doctor',
    id: 'nobody',
    body: { by: 'record-number', text: '1' },
    status: 404,
  },
  decideForApplication: { as: 'doctor', id: 'nobody', body: { decision: 'deny' }, status: 404 },
  launchApplication: {
    as: 'client',
    body: { application: 'growth', staffNumber: '1001', person },
    status: 200,
  },
});
