import { type DimseEvent, startDimseListener } from '../../adapters/dimse/listener.ts';
import { sendDueReports } from '../flows/imaging/commitment-reports.ts';
import { commitmentLedger, dimseReceiver, entityDirectory } from '../flows/imaging/dimse-doors.ts';
import { identifierCodec } from '../flows/imaging/identifier-codec.ts';
import { instanceSource, studyFinder } from '../flows/imaging/dimse-query.ts';
import { refusalCounts } from '../flows/imaging/refused-associations.ts';
import { receiving } from '../flows/imaging/receive.ts';
import type { Installation } from '../installation.ts';
import type { Metrics } from '../server/metrics.ts';
import type { ReadinessProbe } from '../server/routes/health.ts';
import { takeTurns } from '../worker/turns.ts';

/** The DICOM listeners of a process. */
export interface DimseRole {
  readonly addresses: readonly string[];
  readonly probe: ReadinessProbe;
  stop(): Promise<void>;
}

/** What a role is told beside the installation. */
interface RoleSurroundings {
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
  /** Takes a line for whoever runs the process. */
  readonly note: (line: string) => void;
}

const LOOPBACK = '127.0.0.1';
const NOTED_MAX = 1_000;
/** How soon after its request a device is called with the report. */
const REPORT_TURN_MS = 500;

const outcomeOf = (event: DimseEvent): string | undefined => {
  switch (event.kind) {
    case 'accepted':
      return 'accepted';
    case 'rejected':
      return event.rejection;
    case 'ended':
      return event.ending.kind === 'violation' ? event.ending.violation.rule : event.ending.kind;
    default:
      return undefined;
  }
};

type RefusedEvent = Extract<DimseEvent, { readonly kind: 'rejected' | 'ended' }>;

/** True for an association that was refused, or broken off because its peer broke the protocol. */
const isRefusal = (event: DimseEvent): event is RefusedEvent =>
  event.kind === 'rejected' || (event.kind === 'ended' && event.ending.kind === 'violation');

/** Says once a minute whom we do not let in and why: that is what an engineer who connects a device looks for. */
const rejectionNotes = ({ clock }: Installation, note: (line: string) => void) => {
  const noted = new Map<string, number>();
  return (event: DimseEvent): void => {
    if (!isRefusal(event)) return;
    const { callingAeTitle = '', remoteAddress = '' } = event.peer ?? {};
    const line = `dimse: ${callingAeTitle || '?'} (${remoteAddress || '?'}) ${outcomeOf(event)}`;
    const now = clock();
    if (now - (noted.get(line) ?? 0) < 60_000) return;
    if (noted.size >= NOTED_MAX) noted.clear();
    noted.set(line, now);
    note(line);
  };
};

/** Starts plain DICOM, on loopback unless an address is configured for it, and DICOM over TLS where there is a certificate. */
export const startDimseRole = async (
  installation: Installation,
  { tls, metrics, onError, note }: RoleSurroundings,
): Promise<DimseRole> => {
  const { configuration, database, clock } = installation;
  const { plainHost = LOOPBACK, port, tlsPort, aeTitle, ...bounds } = configuration.dimse;
  const entities = entityDirectory(database, clock);
  const noteRejection = rejectionNotes(installation, note);
  const refusals = refusalCounts(database, clock, onError);
  const shared = {
    aeTitle,
    privateStorageRoots: bounds.privateStorageRoots,
    limits: {
      maxAssociations: bounds.maxAssociations,
      maxAssociationsPerAe: bounds.maxAssociationsPerAe,
    },
    registry: entities,
    receiver: dimseReceiver(receiving(installation), entities, onError),
    beyondStorage: {
      codec: identifierCodec,
      ledger: commitmentLedger(installation),
      finder: studyFinder(installation, entities),
      source: instanceSource(installation, entities),
    },
    ...(tls ? { ownCertificate: tls } : {}),
    onEvent: (event: DimseEvent) => {
      const outcome = outcomeOf(event);
      if (outcome !== undefined) metrics.associations.inc({ outcome });
      if (event.kind === 'stored')
        metrics.instances.inc({ status: event.status.toString(16).padStart(4, '0') });
      if (event.kind === 'failed') onError(event.cause);
      noteRejection(event);
      if (outcome !== undefined && isRefusal(event)) refusals.count(event.peer ?? NOBODY, outcome);
    },
  };
  const plain = await startDimseListener({
    host: plainHost,
    port,
    allowsPlain: configuration.dimse.plainHost !== undefined,
    ...shared,
  });
  const addresses = [`DICOM: ${aeTitle} ${plainHost}:${plain.port}`];
  const listeners = [plain];
  if (tls)
    try {
      const secure = await startDimseListener({ host: configuration.host, port: tlsPort, tls, ...shared });
      listeners.push(secure);
      addresses.push(`DICOM TLS: ${aeTitle} ${configuration.host}:${secure.port}`);
    } catch (error) {
      await plain.close();
      throw error;
    }
  const sender = { entities, codec: identifierCodec, onError, ownCertificate: tls };
  const reporting = takeTurns(
    async () => ((await sendDueReports(installation, sender)) > 0 ? 0 : REPORT_TURN_MS),
    onError,
  );
  return {
    addresses,
    probe: {
      part: 'dimse',
      // The registry decides who is let in: without it devices are turned away.
      check: async () => void (await entities.find(NOBODY)),
    },
    async stop() {
      await Promise.all(listeners.map((listener) => listener.close()));
      await reporting.stop();
      await refusals.stop();
    },
  };
};

const NOBODY = { callingAeTitle: '', remoteAddress: '', certificateFingerprint: null };
