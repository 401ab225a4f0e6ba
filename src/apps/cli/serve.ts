import { flushCompileCache } from 'node:module';
import { noticePrinter } from '../../adapters/documents/notice-printer.ts';
import { startMllpServer } from '../../adapters/hl7v2/mllp-server.ts';
import { checkpointFile } from '../../adapters/audit-checkpoints/checkpoint-file.ts';
import { proofSigner } from '../../adapters/audit-checkpoints/proof-signer.ts';
import { cdsClientDirectory } from '../../adapters/postgres/cds-clients.ts';
import { senderDirectory } from '../../adapters/postgres/senders.ts';
import { Fault, raiser } from '../../kernel/fault.ts';
import { answerReview } from '../flows/checks/answer-review.ts';
import { departmentWork } from '../flows/checks/department-work.ts';
import { opinionFlows } from '../flows/results/consultation-opinions.ts';
import { cdsHooks } from '../flows/cds-hooks/cds-hooks.ts';
import { cardFlows } from '../flows/card/card.ts';
import { checkFlows } from '../flows/check-flows.ts';
import { consentFlows } from '../flows/consent/consents.ts';
import { correctionFlows } from '../flows/corrections/corrections.ts';
import { consoleFlows } from '../flows/console/console-flows.ts';
import { mllpIngest } from '../flows/ingest/ingest-listener.ts';
import { launchDesk } from '../flows/card/launch-desk.ts';
import type { IngestDependencies } from '../flows/ingest/ingest-work.ts';
import { dicomWeb } from '../flows/imaging/dicom-web.ts';
import { receiving } from '../flows/imaging/receive.ts';
import { imageReception } from '../flows/imaging/image-reception.ts';
import { imageHolds } from '../flows/imaging/image-holds.ts';
import { imageKeeping } from '../flows/imaging/image-keeping.ts';
import { studyMatches } from '../flows/imaging/study-matches.ts';
import { studyCarrying } from '../flows/imaging/carry-own-study.ts';
import { passedViewing } from '../flows/imaging/passed-viewing.ts';
import { studyViewing } from '../flows/imaging/view-study.ts';
import { warmViewing } from '../flows/imaging/warm-viewing.ts';
import { startClosing } from '../worker/closing.ts';
import { startCopying } from '../worker/copying.ts';
import { startKeeping, startRecalling } from '../worker/keeping.ts';
import { fhirFlows } from '../flows/fhir/fhir.ts';
import { oversightFlows } from '../flows/oversight/oversight.ts';
import { patientSuppliedFlows } from '../flows/patient-supplied/patient-supplied.ts';
import { deskFlows } from '../flows/own-data/desk.ts';
import { ownDataFlows } from '../flows/own-data/own-data.ts';
import { noticeFlows } from '../flows/notices/notices.ts';
import { type Installation, openInstallation } from '../installation.ts';
import { emergencyFlows } from '../flows/emergency/emergency-access.ts';
import { refusalLog } from '../flows/audit/keep-refusal.ts';
import { auditEvents } from '../flows/audit/audit-events.ts';
import { privacyDesk } from '../flows/audit/privacy-desk.ts';
import { ownAccessLog } from '../flows/audit/own-access-log.ts';
import { outsideSignIn } from '../flows/sign-in/outside-sign-in.ts';
import { ownAccountFlows } from '../flows/sign-in/own-account.ts';
import { signInFlows } from '../flows/sign-in/sign-in.ts';
import { readSignInSettings } from '../sign-in-settings.ts';
import { auditSealer } from '../flows/audit/seal-audit.ts';
import { applicationFlows } from '../flows/applications/applications.ts';
import { applicationTokens, FHIR_PATH } from '../server/application-tokens.ts';
import { ownIssuer } from '../server/issuer.ts';
import { createMetrics } from '../server/metrics.ts';
import { type ServerDependencies, startHttpServer } from '../server/server.ts';
import { startSealing } from '../worker/sealing.ts';
import { startWatching } from '../worker/watching.ts';
import { startAnswerSender } from '../worker/answer-sender.ts';
import { startWorker } from '../worker/worker.ts';
import { readConfiguration } from '../configuration.ts';
import { type Command, type CommandContext, EXIT, parseArguments } from './command.ts';
import { CLI_FAULTS } from './faults.ts';
import { ownCertificateOf } from './own-certificate.ts';
import { collectStartGarbage } from './start-garbage.ts';

/** The roles a process can take; state lies in the database, so each role scales by adding processes. */
const ROLES = ['http', 'mllp', 'dimse', 'worker'] as const;
type Role = (typeof ROLES)[number];

/** Roles that run, and where. */
export interface RunningRoles {
  /** Base address of the HTTP role; null when it does not run here. */
  readonly url: string | null;
  readonly addresses: readonly string[];
  stop(): Promise<void>;
}

const USAGE = 'serve [--roles http,mllp,dimse,worker]';

const rolesOf = (text: string | undefined): ReadonlySet<Role> => {
  if (text === undefined) return new Set(ROLES);
  const names = text.split(',');
  const wrong = names.filter((name) => !ROLES.includes(name as Role));
  if (wrong.length > 0) throw raiser(CLI_FAULTS)('USAGE', { detail: `${wrong.join(', ')}: huren ${USAGE}` });
  return new Set(names as Role[]);
};

/** Tells an error of a role without anything personal: code and internal word of a fault, else the error's kind. */
const teller =
  (context: CommandContext, role: string) =>
  (error: unknown): void => {
    const told =
      error instanceof Fault
        ? `${error.code} ${error.internal ?? error.detail ?? ''}`
        : error instanceof Error
          ? `${error.name} ${(error.stack ?? '').split('\n').slice(1, 4).join(' ').trim()}`
          : 'unknown error';
    context.note(`${role}: ${told.trim()}`);
  };

/**
 * Starts roles over an open installation. What had started is stopped again when a later one cannot start.
 *
 * @param injected what a program of the bench puts in the place of the product's own; the product puts nothing
 */
export const startRoles = async (
  installation: Installation,
  roles: ReadonlySet<Role>,
  context: CommandContext,
  injected: Pick<ServerDependencies, 'authorise'> = {},
): Promise<RunningRoles> => {
  const { configuration, database, clock, newPublicId, snapshots } = installation;
  const metrics = createMetrics();
  const tls = ownCertificateOf(installation);
  const stops: (() => Promise<void>)[] = [];
  const addresses: string[] = [];
  let url: string | null = null;
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) await each();
  };
  try {
    await installation.images.keepJournal(teller(context, 'images'));
    const dependencies: IngestDependencies = {
      ...installation,
      senders: senderDirectory(database, clock),
      onError: teller(context, 'mllp'),
    };
    const dimse = roles.has('dimse')
      ? await (await import('./dimse-role.ts')).startDimseRole(installation, {
          tls,
          metrics,
          onError: teller(context, 'dimse'),
          note: context.note,
        })
      : undefined;
    if (dimse) {
      stops.push(() => dimse.stop());
      addresses.push(...dimse.addresses);
    }
    const imagesIn = receiving(installation);
    if (roles.has('http')) {
      const flows = checkFlows(installation);
      const { rules, issuers } = readSignInSettings(configuration.signInFile);
      const signIn = signInFlows({ ...installation, rules });
      const ownUrl = installation.address.url;
      const issuer = ownIssuer({
        ...installation,
        issuerKeyFile: configuration.issuerKeyFile,
        url: ownUrl,
        onError: teller(context, 'issuer'),
      });
      const clients = cdsClientDirectory(database, clock);
      const { cardLinks } = installation;
      const desk = launchDesk(installation);
      const noticeDependencies = {
        ...installation,
        publicUrl: installation.address.url,
        printer: noticePrinter(configuration.cjkFont),
      };
      const server = await startHttpServer(
        {
          database,
          clock,
          newId: newPublicId,
          answerReview: answerReview(installation),
          departmentWork: departmentWork(installation),
          opinions: opinionFlows(installation),
          flows,
          cdsHooks: cdsHooks({ ...installation, clients }, flows),
          signIn,
          ownAccount: ownAccountFlows({ ...installation, rules }),
          outside: outsideSignIn({ ...installation, issuers, signIn, url: ownUrl }),
          apps: {
            issuer,
            applications: applicationFlows({
              ...installation,
              issuer,
              flows,
              fhirUrl: () => ownUrl() + FHIR_PATH,
            }),
            ownUrl,
          },
          issuers,
          applicationTokens: applicationTokens({ ...installation, url: installation.address.url }),
          ...(configuration.publicUrl === undefined ? {} : { publicUrl: configuration.publicUrl }),
          console: consoleFlows(dependencies),
          cardLinks,
          cards: cardFlows({ ...installation, flows, launchDesk: desk }),
          launchDesk: desk,
          consents: consentFlows({ ...installation, publicUrl: installation.address.url }),
          corrections: correctionFlows(installation),
          notices: noticeFlows(noticeDependencies),
          oversight: oversightFlows(installation),
          dicomWeb: dicomWeb(installation, imagesIn),
          studies: studyViewing(installation),
          studyMatches: studyMatches(installation),
          imageHolds: imageHolds(installation),
          imageKeeping: imageKeeping(installation),
          imageReception: imageReception(installation),
          passedViewing: passedViewing(installation),
          carrying: studyCarrying(installation),
          fhir: fhirFlows(installation),
          patientSupplied: patientSuppliedFlows(installation),
          ...injected,
          refusals: refusalLog(installation),
          emergency: emergencyFlows(installation),
          auditEvents: auditEvents(installation),
          privacy: privacyDesk(installation),
          ownAccessLog: ownAccessLog(installation),
          desk: deskFlows(installation),
          ownData: ownDataFlows({
            ...installation,
            publicUrl: installation.address.url,
            share: configuration.share,
          }),
          metrics,
          logLevel: configuration.logLevel,
          probes: [
            { part: 'snapshot', check: async () => void (await snapshots.current()) },
            ...(dimse ? [dimse.probe] : []),
          ],
        },
        {
          host: configuration.host,
          port: configuration.httpPort,
          trustedProxies: configuration.trustedProxies,
          ...(tls ? { tls } : {}),
        },
      );
      stops.push(() => server.close());
      url = server.url;
      installation.address.listensAt(url);
    }
    if (roles.has('mllp')) {
      const ingest = mllpIngest(dependencies, ({ outcome }) => metrics.ingest.inc({ outcome }));
      const plain = await startMllpServer({
        host: '127.0.0.1',
        port: configuration.mllpPort,
        ...ingest,
      });
      stops.push(() => plain.close());
      addresses.push(`MLLP: 127.0.0.1:${plain.port}`);
      if (tls) {
        const secure = await startMllpServer({
          host: configuration.host,
          port: configuration.mllpTlsPort,
          tls,
          ...ingest,
        });
        stops.push(() => secure.close());
        addresses.push(`MLLPS: ${configuration.host}:${secure.port}`);
      }
    }
    if (roles.has('worker')) {
      const worker = startWorker(dependencies, teller(context, 'worker'));
      stops.push(() => worker.stop());
      const sender = startAnswerSender(installation, teller(context, 'answers'));
      stops.push(() => sender.stop());
      const sealer = auditSealer({
        database,
        clock,
        digest: configuration.auditDigest,
        checkpoints: checkpointFile(configuration.checkpointDirectory, configuration.checkpointKeyFile),
      });
      const sealing = startSealing(sealer, teller(context, 'audit'));
      stops.push(() => sealing.stop());
      const closing = startClosing(installation, teller(context, 'images'));
      stops.push(() => closing.stop());
      const copying = startCopying(installation, teller(context, 'view copies'));
      stops.push(() => copying.stop());
      const signer = proofSigner(configuration.checkpointKeyFile);
      const keeping = startKeeping(
        { ...installation, signer },
        configuration.farImages?.afterDays ?? null,
        teller(context, 'images'),
      );
      stops.push(() => keeping.stop());
      if (installation.tiers.far) {
        const recalling = startRecalling(installation, teller(context, 'recalls'));
        stops.push(() => recalling.stop());
      }
      const watching = startWatching(installation, teller(context, 'anomalies'));
      stops.push(() => watching.stop());
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, addresses, stop };
};

/** Waits until Ctrl-C or a signal to end. */
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    // An abort signal alone keeps no process alive.
    const alive = setInterval(() => undefined, 60_000);
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/**
 * Loads the lists that rule. The first question would wait for that, and what preparing them leaves behind goes with the
 * garbage of the start. Where nothing is published yet, or the database is away, the first question says so.
 */
const holdLists = async ({ snapshots }: Installation): Promise<void> => {
  await snapshots.current().catch(() => undefined);
};

/** Runs roles until told to stop, then ends cleanly. */
export const serveUntilStopped = async (
  installation: Installation,
  roles: ReadonlySet<Role>,
  context: CommandContext,
  ready: (running: RunningRoles) => void | Promise<void>,
): Promise<void> => {
  const running = await startRoles(installation, roles, context);
  await holdLists(installation);
  collectStartGarbage();
  try {
    await ready(running);
    // Node writes compiled code down when it ends; after a kill the next start would compile everything again.
    flushCompileCache();
  } catch (error) {
    await running.stop();
    throw error;
  }
  if (roles.has('http')) warmViewing(installation).catch(teller(context, 'images'));
  await untilAborted(context.signal);
  await running.stop();
};

/** The lines that say where the roles are, ending in the one that scripts wait for. */
export const announce = (running: RunningRoles, context: CommandContext): void => {
  for (const address of running.addresses) context.out(address);
  context.out(`Huren is ready: ${running.url ?? 'no http role'}`);
};

/** All roles. */
export const ALL_ROLES: ReadonlySet<Role> = new Set(ROLES);

/** `huren serve`: the roles of a production process; it loads nothing by itself. */
export const serveCommand: Command = {
  usage: USAGE,
  summaryZh: '启动服务（可按角色分开：http、mllp、dimse、worker），直到按 Ctrl-C',
  summaryEn: 'runs the roles (http, mllp, dimse, worker) until Ctrl-C',
  async run(args, context) {
    const { values } = parseArguments(args, { roles: { type: 'string' } }, USAGE, { min: 0, max: 0 });
    const roles = rolesOf(values.roles);
    const installation = await openInstallation(readConfiguration(context.environment));
    try {
      await serveUntilStopped(installation, roles, context, (running) => announce(running, context));
    } finally {
      await installation.close();
    }
    return EXIT.done;
  },
};
