import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FILE_START_MAX, readFileStart } from '../../adapters/dicom/read-file-start.ts';
import { isArchive, unpackArchive } from '../../adapters/hl7v2/archive.ts';
import { Fault } from '../../kernel/fault.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { Receiving } from '../flows/imaging/receive.ts';
import { receiveFile } from '../flows/imaging/store-instances.ts';

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
  /** No DICOM, or not readable; nothing was kept. */
  readonly refused: number;
  /** Codes of what was not stored, with how often. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** How a run is watched and stopped. */
export interface ImagesControl {
  readonly institution: InstitutionCode;
  readonly signal?: AbortSignal;
  readonly onProgress?: (receipt: ImagesReceipt, file: string) => void;
  readonly onProblem?: (file: string, code: string) => void;
}

/** A run over files, with how it ended. */
export interface ImagesRun {
  readonly receipt: ImagesReceipt;
  readonly ended: 'complete' | 'stopped' | 'unreachable';
}

/** The directory of a medium: it names images, and is none. */
const DICOMDIR_CLASS = '1.2.840.10008.1.3.10';

interface FoundFile {
  readonly name: string;
  /** A file that was named itself must be DICOM; in folders other files lie about. */
  readonly isNamed: boolean;
  readonly start: Uint8Array;
  pieces(): AsyncIterable<Uint8Array>;
}

const startOf = async (path: string): Promise<Uint8Array> => {
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(FILE_START_MAX);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
};

const whole = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
};

const filesOf = async function* (path: string, isNamed: boolean): AsyncGenerator<FoundFile, void, void> {
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path)).toSorted();
    for (const name of names) yield* filesOf(join(path, name), false);
    return;
  }
  const start = await startOf(path);
  if (!isArchive(start)) {
    yield { name: basename(path), isNamed, start, pieces: () => createReadStream(path) };
    return;
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path)) chunks.push(chunk as Uint8Array);
  for await (const file of unpackArchive(Buffer.concat(chunks)))
    yield {
      name: `${basename(path)}/${file.name}`,
      isNamed: false,
      start: file.bytes.subarray(0, FILE_START_MAX),
      pieces: () => whole(file.bytes),
    };
};

/** Counts outcomes into a receipt. */
class Counting {
  readonly #counts = { files: 0, stored: 0, known: 0, held: 0, quarantined: 0, refused: 0 };
  readonly #reasons: Record<string, number> = {};

  get receipt(): ImagesReceipt {
    return { ...this.#counts, reasons: { ...this.#reasons } };
  }

  add(kind: Exclude<keyof ImagesReceipt, 'files' | 'reasons'>, reason?: string): void {
    this.#counts.files++;
    this.#counts[kind]++;
    if (reason !== undefined) this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
  }
}

/**
 * Takes the images of folders, of media (the files; their DICOMDIR is passed over) and of archives, one after the other. Running
 * it again over the same files has no second effect.
 */
export const ingestImages = async (
  receiving: Receiving,
  paths: readonly string[],
  { institution, signal, onProgress, onProblem }: ImagesControl,
): Promise<ImagesRun> => {
  const counting = new Counting();
  const take = async (file: FoundFile): Promise<void> => {
    const start = readFileStart(file.start);
    if (!start) {
      if (!file.isNamed) return;
      counting.add('refused', 'NOT_DICOM');
      onProblem?.(file.name, 'NOT_DICOM');
      return;
    }
    if (start.sopClassUid === DICOMDIR_CLASS) return;
    const { outcome } = await receiveFile(
      receiving,
      { institution, sender: 'ingest', study: null },
      file.pieces(),
    );
    if (outcome?.kind === 'indexed') {
      const { outcome: kind } = outcome;
      if (kind === 'stored' || kind === 'known') counting.add(kind);
      else {
        counting.add('held', kind);
        onProblem?.(file.name, kind);
      }
    } else {
      const reason = outcome?.kind === 'quarantined' ? outcome.reason : 'NOT_DICOM';
      counting.add(outcome ? 'quarantined' : 'refused', reason);
      onProblem?.(file.name, reason);
    }
    onProgress?.(counting.receipt, file.name);
  };
  for (const path of paths) {
    try {
      for await (const file of filesOf(path, true)) {
        if (signal?.aborted) return { receipt: counting.receipt, ended: 'stopped' };
        await take(file);
      }
    } catch (error) {
      const code =
        error instanceof Fault ? error.code : ((error as NodeJS.ErrnoException).code ?? 'FILE_UNREADABLE');
      counting.add('refused', code);
      onProblem?.(path, code);
      if (error instanceof Fault && error.status === 503)
        return { receipt: counting.receipt, ended: 'unreachable' };
    }
  }
  return { receipt: counting.receipt, ended: 'complete' };
};
