import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameRenderer } from '../../src/adapters/dicom/frame-renderer.ts';
import { headerReader } from '../../src/adapters/dicom/header-reader.ts';
import { fileImages } from '../../src/adapters/objects/image-objects.ts';
import { dicomWeb } from '../../src/apps/flows/imaging/dicom-web.ts';
import type { ImagingDependencies } from '../../src/apps/flows/imaging/imaging-work.ts';
import { studyCarrying } from '../../src/apps/flows/imaging/carry-own-study.ts';
import { receiving } from '../../src/apps/flows/imaging/receive.ts';
import { passedViewing } from '../../src/apps/flows/imaging/passed-viewing.ts';
import { imageReception } from '../../src/apps/flows/imaging/image-reception.ts';
import { imageHolds } from '../../src/apps/flows/imaging/image-holds.ts';
import { trafficCounter } from '../../src/apps/flows/imaging/traffic.ts';
import { imageKeeping } from '../../src/apps/flows/imaging/image-keeping.ts';
import { studyMatches } from '../../src/apps/flows/imaging/study-matches.ts';
import { studyViewing } from '../../src/apps/flows/imaging/view-study.ts';
import { createAccount } from '../../src/adapters/postgres/accounts.ts';
import { cdsClientDirectory } from '../../src/adapters/postgres/cds-clients.ts';
import type { CdsLimits } from '../../src/apps/flows/cds-hooks/cds-dependencies.ts';
import { cdsHooks } from '../../src/apps/flows/cds-hooks/cds-hooks.ts';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { registerLaunch } from '../../src/adapters/postgres/client-launches.ts';
import { connectMllp } from '../../src/adapters/hl7v2/mllp-client.ts';
import { startMllpServer } from '../../src/adapters/hl7v2/mllp-server.ts';
import { consoleFlows } from '../../src/apps/flows/console/console-flows.ts';
import { noticePrinter } from '../../src/adapters/documents/notice-printer.ts';
import { fhirFlows } from '../../src/apps/flows/fhir/fhir.ts';
import { oversightFlows } from '../../src/apps/flows/oversight/oversight.ts';
import { patientSuppliedFlows } from '../../src/apps/flows/patient-supplied/patient-supplied.ts';
import { emergencyFlows } from '../../src/apps/flows/emergency/emergency-access.ts';
import { refusalLog } from '../../src/apps/flows/audit/keep-refusal.ts';
import { auditEvents } from '../../src/apps/flows/audit/audit-events.ts';
import { privacyDesk } from '../../src/apps/flows/audit/privacy-desk.ts';
import { ownAccessLog } from '../../src/apps/flows/audit/own-access-log.ts';
import { deskFlows } from '../../src/apps/flows/own-data/desk.ts';
import { ownDataFlows } from '../../src/apps/flows/own-data/own-data.ts';
import { noticeFlows } from '../../src/apps/flows/notices/notices.ts';
import { consentFlows } from '../../src/apps/flows/consent/consents.ts';
import { correctionFlows } from '../../src/apps/flows/corrections/corrections.ts';
import { answerReview } from '../../src/apps/flows/checks/answer-review.ts';
import { departmentWork } from '../../src/apps/flows/checks/department-work.ts';
import { opinionFlows } from '../../src/apps/flows/results/consultation-opinions.ts';
import { mllpIngest } from '../../src/apps/flows/ingest/ingest-listener.ts';
import { cardFlows } from '../../src/apps/flows/card/card.ts';
import { launchDesk } from '../../src/apps/flows/card/launch-desk.ts';
import { type CardLinks, cardLinks } from '../../src/apps/flows/card/card-link.ts';
import { outsideSignIn } from '../../src/apps/flows/sign-in/outside-sign-in.ts';
import { ownAccountFlows } from '../../src/apps/flows/sign-in/own-account.ts';
import { signInFlows } from '../../src/apps/flows/sign-in/sign-in.ts';
import { systemClock } from '../../src/apps/installation.ts';
import { applicationTokens } from '../../src/apps/server/application-tokens.ts';
import { type HttpServer, type ServerDependencies, startHttpServer } from '../../src/apps/server/server.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { PASSWORD_ALONE } from './http-server.ts';
import { ownApps } from './own-apps.ts';
import { type RegionBench, regionBench } from './region-bench.ts';

/** Cheap enough for tests; the real parameters are tested in `accounts-password.test.ts`. */
const TEST_COST = { cost: 1024, blockSize: 8, parallelism: 1 };

/** The sign-in of the county hospital's doctor. */
export const COUNTY_DOCTOR = { login: 'doctor', password: 'Correct-horse-42' } as const;

/** The account of the county hospital's information department. */
export const COUNTY_TECHNICIAN = { login: 'county.it', password: 'Correct-horse-43' };

/** The account of the county hospital's medical affairs office. */
export const COUNTY_OFFICE = { login: 'county.office', password: 'Correct-horse-44' };

/** The account of somebody who operates the platform. */
export const OPERATOR = { login: 'platform.operator', password: 'Correct-horse-45' };

/** Two people of the health authority: one asks for a case, the other decides on it. */
export const REGULATORS = [
  { login: 'authority.one', password: 'Correct-horse-46' },
  { login: 'authority.two', password: 'Correct-horse-47' },
] as const;

/** The demonstration region behind its real HTTP and MLLP servers, in one process. */
export interface RealSystem {
  readonly bench: RegionBench;
  /** What its images are kept and read with. */
  readonly imaging: ImagingDependencies;
  /** Where their objects lie. */
  readonly imageFolder: string;
  /** Base address of the HTTP server. */
  readonly url: string;
  readonly cardLinks: CardLinks;
  /** Key of the county hospital's HIS. */
  readonly key: string;
  /** Secret by which that HIS signs launch addresses. */
  readonly launchSecret: string;
  /** Key of whoever operates the node. */
  readonly operatorKey: string;
  /** Sends one message to the MLLP port and gives back the acknowledgement code, `AA` when it was taken. */
  send(message: string): Promise<string>;
  /** A second HTTP server over the same database, behind the public address of the first, as a second process would be. */
  startAnother(): Promise<HttpServer>;
  stop(): Promise<void>;
}

/** A test machine is busy: what is tested is what is answered, not how soon. */
const PATIENT_LIMITS: CdsLimits = { answerMs: 20_000, fhirMs: 10_000 };

/**
 * Starts it: database, lists, senders, the cast's messages, the doctor's sign-in, both servers on free ports.
 *
 * @param hookLimits time that calls by CDS Hooks may take, where it matters
 * @param hear as for `regionBench`
 */
export const realSystem = async (
  hookLimits: Partial<CdsLimits> = {},
  hear?: Parameters<typeof regionBench>[0],
): Promise<RealSystem> => {
  const bench = await regionBench(hear);
  const { dependencies, flows } = bench;
  const { database, clock, newPublicId } = dependencies;
  // Sessions live by the real clock, as the browser's cookies do; what is decided, by the region's own.
  const links = cardLinks({ keys: dependencies.keys, clock: systemClock, publicUrl: () => server.url });
  const hooks = cdsHooks(
    {
      ...dependencies,
      clients: cdsClientDirectory(database, systemClock),
      cardLinks: links,
      limits: { ...PATIENT_LIMITS, ...hookLimits },
    },
    flows,
  );
  const desk = launchDesk({ database, keys: dependencies.keys, clock: systemClock, newPublicId });
  const cards = cardFlows({
    database,
    clock: systemClock,
    snapshots: dependencies.snapshots,
    flows,
    cardLinks: links,
    launchDesk: desk,
  });
  const signInDependencies = {
    database,
    keys: dependencies.keys,
    clock: systemClock,
    newPublicId,
    rules: PASSWORD_ALONE,
  };
  const signIn = signInFlows(signInDependencies);
  const own = ownApps(
    { database, keys: dependencies.keys, clock: systemClock, newPublicId, flows },
    () => server.url,
  );
  const imageFolder = mkdtempSync(join(tmpdir(), 'images-'));
  const imaging: ImagingDependencies = {
    ...dependencies,
    clock: systemClock,
    images: fileImages(imageFolder, dependencies.keys),
    headers: headerReader(),
    renderer: frameRenderer(1),
    traffic: trafficCounter({ database, clock: systemClock }),
  };
  const serving: ServerDependencies = {
    database,
    flows,
    answerReview: answerReview(dependencies),
    departmentWork: departmentWork(dependencies),
    opinions: opinionFlows(dependencies),
    cardLinks: links,
    consents: consentFlows({ ...dependencies, publicUrl: () => server.url }),
    corrections: correctionFlows(dependencies),
    cdsHooks: hooks,
    signIn,
    ownAccount: ownAccountFlows(signInDependencies),
    issuers: [],
    outside: outsideSignIn({
      database,
      keys: dependencies.keys,
      clock: systemClock,
      newPublicId,
      issuers: [],
      signIn,
      url: () => server.url,
    }),
    apps: own.apps,
    applicationTokens: applicationTokens({
      database,
      keys: dependencies.keys,
      clock: systemClock,
      url: () => server.url,
    }),
    console: consoleFlows(dependencies),
    cards,
    launchDesk: desk,
    oversight: oversightFlows(dependencies),
    dicomWeb: dicomWeb(imaging, receiving(imaging)),
    studies: studyViewing(imaging),
    passedViewing: passedViewing(imaging),
    carrying: studyCarrying(imaging),
    studyMatches: studyMatches(imaging),
    imageHolds: imageHolds(imaging),
    imageKeeping: imageKeeping(imaging),
    imageReception: imageReception(imaging),
    fhir: fhirFlows(imaging),
    patientSupplied: patientSuppliedFlows(dependencies),
    desk: deskFlows(dependencies),
    ownData: ownDataFlows({
      ...dependencies,
      publicUrl: () => server.url,
      share: { minutes: 15, openings: 1 },
    }),
    refusals: refusalLog(dependencies),
    emergency: emergencyFlows(dependencies),
    auditEvents: auditEvents(dependencies),
    privacy: privacyDesk(dependencies),
    ownAccessLog: ownAccessLog(dependencies),
    notices: noticeFlows({ ...dependencies, publicUrl: () => server.url, printer: noticePrinter() }),
    clock: systemClock,
    newId: newPublicId,
    probes: [],
    logLevel: 'silent',
  };
  const freePort = { host: '127.0.0.1', port: 0 };
  const server: HttpServer = await startHttpServer(serving, freePort);
  const mllp = await startMllpServer({ host: '127.0.0.1', port: 0, ...mllpIngest(dependencies) });
  const sender = await connectMllp({ host: '127.0.0.1', port: mllp.port });
  const act = { at: clock(), newId: newPublicId, by: 'test', peer: 'test' };
  const institution = 'YX-COUNTY' as InstitutionCode;
  await createAccount(
    database,
    {
      ...COUNTY_DOCTOR,
      role: 'doctor',
      institution,
      staffNumber: '100118',
      department: '儿科',
      displayName: '顾清和',
    },
    act,
    TEST_COST,
  );
  await createAccount(
    database,
    {
      ...COUNTY_TECHNICIAN,
      role: 'institution-it',
      institution,
      staffNumber: '900001',
      department: '信息科',
      displayName: '演练信息科',
    },
    act,
    TEST_COST,
  );
  await createAccount(
    database,
    {
      ...COUNTY_OFFICE,
      role: 'medical-affairs',
      institution,
      staffNumber: '900002',
      department: '医务处',
      displayName: '演练医务处',
    },
    act,
    TEST_COST,
  );
  await createAccount(
    database,
    {
      ...OPERATOR,
      role: 'operator',
      institution: null,
      staffNumber: '900003',
      department: '运维',
      displayName: '演练运维',
    },
    act,
    TEST_COST,
  );
  for (const [index, regulator] of REGULATORS.entries())
    await createAccount(
      database,
      {
        ...regulator,
        role: 'regulator',
        institution: null,
        staffNumber: `90001${index}`,
        department: '医政科',
        displayName: `演练监管${index + 1}`,
      },
      act,
      TEST_COST,
    );
  const his = { code: 'yx-county-his', name: 'HIS', institution, purposes: ['treatment'] } as const;
  const operations = {
    code: 'operations',
    name: 'operations',
    institution,
    purposes: ['operations'],
  } as const;
  const key = (await createClient(database, his, act)).key;
  const registered = await registerLaunch(database, dependencies.keys, his.code, { newSecrets: true }, act);
  return {
    bench,
    imaging,
    imageFolder,
    url: server.url,
    cardLinks: links,
    key,
    launchSecret: registered.launchSecret ?? '',
    operatorKey: (await createClient(database, operations, act)).key,
    async send(message) {
      const answer = await sender.send(Buffer.from(message.replaceAll('\n', '\r'), 'utf8'));
      return /\rMSA\|(\w+)/.exec(Buffer.from(answer).toString('utf8'))?.[1] ?? 'no MSA';
    },
    startAnother: () => startHttpServer({ ...serving, publicUrl: server.url }, freePort),
    async stop() {
      await sender.close();
      await mllp.close();
      await server.close();
      await imaging.headers.close();
      await imaging.renderer.close();
      await bench.drop();
      own.remove();
      rmSync(imageFolder, { recursive: true, force: true });
    },
  };
};

let control = 0;

/** What to write into a potassium report of the city's central hospital about the story of the passed window. */
export interface PotassiumReport {
  readonly value: string;
  readonly flag: string;
  /** OBX-11 and OBR-25, as in table 0085. */
  readonly status: 'F' | 'C' | 'D';
}

/** A message of one's own: HL7 v2 as that hospital's interface engine sends it. The same report number every time. */
export const potassiumMessage = ({ value, flag, status }: PotassiumReport): string => {
  const at = '20261123083000+0800';
  return [
    `MSH|^~\\&|IEP|WXSZXYY|HUREN|HR|20261123100000+0800||ORU^R01^ORU_R01|OWN${++control}|P|2.5.1|||||CHN|UNICODE UTF-8`,
    'PID|1||M000100020^^^WXSZXYY^MR~480225196308190571^^^CHN^NNCHN||许国栋||19630819|M',
    'PV1|1|O|心血管内科||||||||||||||||M2611230000501',
    `OBR|1|AOWN1|LOWN1|L00218^电解质^L|||${at}|||||||${at}||||||||${at}||LAB|${status === 'D' ? 'X' : status}`,
    `OBX|1|NM|2823-3^钾^LN||${value}|mmol/L|3.50～5.30|${flag}|||${status}|||${at}`,
    `SPM|1|OWN1||SER^血清^HL70487|||||||||||||${at}|${at}`,
    '',
  ].join('\n');
};
