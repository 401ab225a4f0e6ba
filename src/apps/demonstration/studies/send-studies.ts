import { startDimseListener } from '../../../adapters/dimse/listener.ts';
import { openAssociation, type RequestorAssociation } from '../../../adapters/dimse/requestor.ts';
import { registerEntity } from '../../../adapters/postgres/application-entities.ts';
import { DAY_MS, type Instant, instant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { closeQuietSeries } from '../../flows/imaging/close-series.ts';
import { dimseReceiver, entityDirectory } from '../../flows/imaging/dimse-doors.ts';
import type { ImagingDependencies } from '../../flows/imaging/imaging-work.ts';
import { receiving } from '../../flows/imaging/receive.ts';
import { type DemonstrationStudy, demonstrationStudies } from './cast-studies.ts';

const AE_TITLE = 'HUREN';
const LOOPBACK = '127.0.0.1';

/** Registers the archives of the imitation hospitals. They call from this machine. */
const registerArchives = async (
  { database }: ImagingDependencies,
  studies: readonly DemonstrationStudy[],
): Promise<void> => {
  const archives = new Map(studies.map((study) => [study.callingAeTitle, study]));
  for (const { institution, callingAeTitle } of archives.values())
    await registerEntity(database, {
      institution: institution as string as InstitutionCode,
      aeTitle: callingAeTitle,
      services: ['store', 'commit', 'find', 'retrieve'],
      networks: [LOOPBACK],
      certificateFingerprint: null,
      listensAt: null,
      assumedCharset: null,
    });
};

/** Sends one study over one association, as an archive does. */
const sendStudy = async (port: number, { callingAeTitle, study }: DemonstrationStudy): Promise<number> => {
  let association: RequestorAssociation | undefined;
  let stored = 0;
  try {
    for (const instance of study.instances()) {
      const { sopClassUid, transferSyntaxUid } = instance;
      // All instances of these studies are of one class; the first one names it.
      association ??= await openAssociation({
        host: LOOPBACK,
        port,
        tls: false,
        calledAeTitle: AE_TITLE,
        callingAeTitle,
        proposals: [{ abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntaxUid] }],
      });
      const { status } = await association.store(instance, instance.bytes);
      if (status === 0) stored++;
    }
  } finally {
    await association?.release();
  }
  return stored;
};

/**
 * Sends the studies of the cast by C-STORE from the imitation hospitals' archives, each over an association of its own, to
 * a listener that lives as long as the sending.
 *
 * @returns how many instances were sent and how many of them were stored
 */
export const sendStudies = async (
  dependencies: ImagingDependencies,
  plan: { readonly now: Instant; readonly isBlank?: boolean },
  onProgress: (stored: number) => void = () => undefined,
): Promise<{ readonly sent: number; readonly stored: number }> => {
  const studies = demonstrationStudies(plan.now, plan.isBlank);
  await registerArchives(dependencies, studies);
  const { database, clock } = dependencies;
  const entities = entityDirectory(database, clock);
  const errors: unknown[] = [];
  const listener = await startDimseListener({
    host: LOOPBACK,
    port: 0,
    allowsPlain: true,
    aeTitle: AE_TITLE,
    registry: entities,
    receiver: dimseReceiver(receiving(dependencies), entities, (error) => errors.push(error)),
  });
  let sent = 0;
  let stored = 0;
  try {
    for (const study of studies) {
      sent += study.study.instanceCount;
      stored += await sendStudy(listener.port, study);
      onProgress(stored);
    }
  } finally {
    await listener.close();
  }
  if (errors.length > 0) throw new AggregateError(errors, 'images of the demonstration were not stored');
  return { sent, stored };
};

/** Closes what was sent at once: nobody who starts the demonstration shall wait until no more images can be expected. */
export const closeStudies = async (dependencies: ImagingDependencies): Promise<void> => {
  const { clock } = dependencies;
  while ((await closeQuietSeries(dependencies, instant(clock() + DAY_MS))) > 0);
};
