import { basename } from 'node:path';
import type { ArchiveBounds } from '../../adapters/zip/zip-entries.ts';
import { Fault, raiser } from '../../kernel/fault.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { Receiving } from '../flows/imaging/receive.ts';
import { receiveFile } from '../flows/imaging/store-instances.ts';
import { CLI_FAULTS } from './faults.ts';
import { imageFiles } from './image-files.ts';

/** What became of the images of some files. */
export interface ImagesReceipt {
  readonly files: number;
  readonly stored: number;
  /** There already, byte for byte. */
  readonly known: number;
  /** Kept and not shown: they contradict what is there. */
  readonly held: number;
  /** Kept whole for mending. */
  readonly quarantined: number;
  /** No DICOM though named, not readable, or absent; nothing was kept. */
  readonly refused: number;
  /** Files in folders and archives that are no images, DICOMDIRs among them; not counted in `files`. */
  readonly passedOver: number;
  /** Codes of what was not stored, with how often. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** How a run is watched and stopped. */
export interface ImagesControl {
  readonly institution: InstitutionCode;
  readonly signal?: AbortSignal;
  /** What archives may unpack to; absent: `ARCHIVE_BOUNDS`. */
  readonly bounds?: ArchiveBounds;
  readonly onProgress?: (receipt: ImagesReceipt, file: string) => void;
  /** A file that was not stored, by its place; what the operator named, and names below it. */
  readonly onProblem?: (place: string, code: string, detail?: string) => void;
}

/** A run over files, with how it ended. */
export interface ImagesRun {
  readonly receipt: ImagesReceipt;
  readonly ended: 'complete' | 'stopped' | 'unreachable';
}

/** Counts outcomes into a receipt. */
class Counting {
  readonly #counts = { files: 0, stored: 0, known: 0, held: 0, quarantined: 0, refused: 0, passedOver: 0 };
  readonly #reasons: Record<string, number> = {};

  get receipt(): ImagesReceipt {
    return { ...this.#counts, reasons: { ...this.#reasons } };
  }

  passOver(): void {
    this.#counts.passedOver++;
  }

  add(kind: Exclude<keyof ImagesReceipt, 'files' | 'passedOver' | 'reasons'>, reason?: string): void {
    this.#counts.files++;
    this.#counts[kind]++;
    if (reason !== undefined) this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
  }
}

const raise = raiser(CLI_FAULTS);

/** Storage is not there, or has no room: what comes after would fare no better. */
const isUnreachable = (error: unknown): boolean => error instanceof Fault && error.status === 503;

/**
 * Takes the images of folders, of archives, and of the media whose DICOMDIR is named, one after the other. A file that fails is
 * told with its place, and takes none of the others along. Running it again over the same files has no second effect.
 */
export const ingestImages = async (
  receiving: Receiving,
  paths: readonly string[],
  { institution, signal, bounds, onProgress, onProblem }: ImagesControl,
): Promise<ImagesRun> => {
  const counting = new Counting();
  const refuse = (place: string, error: unknown): void => {
    const { code, detail } =
      error instanceof Fault
        ? error
        : raise('IMAGE_NOT_RECEIVED', { detail: (error as NodeJS.ErrnoException).code ?? 'unknown' });
    counting.add('refused', code);
    onProblem?.(place, code, detail);
  };
  const aside = (kind: 'held' | 'quarantined', place: string, reason: string): void => {
    counting.add(kind, reason);
    onProblem?.(place, reason);
  };
  const receive = async (place: string, pieces: AsyncIterable<Uint8Array>): Promise<void> => {
    const { outcome } = await receiveFile(receiving, { institution, sender: 'ingest', study: null }, pieces);
    if (!outcome) refuse(place, raise('NOT_DICOM'));
    else if (outcome.kind === 'quarantined') aside('quarantined', place, outcome.reason);
    else if (outcome.outcome === 'stored' || outcome.outcome === 'known') counting.add(outcome.outcome);
    else aside('held', place, outcome.outcome);
  };
  for (const path of paths)
    for await (const found of imageFiles(path, bounds)) {
      const { kind, place } = found;
      if (signal?.aborted) return { receipt: counting.receipt, ended: 'stopped' };
      try {
        if (kind === 'other') counting.passOver();
        else if (kind === 'problem') refuse(place, found.fault);
        else await receive(place, found.pieces);
      } catch (error) {
        refuse(place, error);
        if (isUnreachable(error)) return { receipt: counting.receipt, ended: 'unreachable' };
      }
      onProgress?.(counting.receipt, basename(place));
    }
  return { receipt: counting.receipt, ended: 'complete' };
};
