import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { isArchive, unpackArchive } from '../../adapters/hl7v2/archive.ts';
import { splitMessages } from '../../adapters/hl7v2/split-messages.ts';
import { Fault } from '../../kernel/fault.ts';
import { type ArrivedMessage, ingestMessage } from '../flows/ingest/ingest.ts';
import type { IngestOutcome } from '../flows/ingest/ingest-outcome.ts';
import type { IngestDependencies } from '../flows/ingest/ingest-work.ts';

/** What became of the messages of some files. */
export interface IngestReceipt {
  readonly messages: number;
  readonly accepted: number;
  readonly duplicate: number;
  /** Kept whole for mending: `huren quarantine list`. */
  readonly quarantined: number;
  /** Nothing was kept: unreadable files and archives, and messages that met no storage. */
  readonly refused: number;
  /** Codes of what was not accepted, with how often. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** How a run over files is watched and stopped. */
export interface IngestControl {
  /** Code of the sender of all messages; else MSH-3 and MSH-4 of each say it. */
  readonly sender?: string;
  readonly signal?: AbortSignal;
  /** After every message. */
  readonly onProgress?: (receipt: IngestReceipt, file: string) => void;
  /** A file or message that was not taken; never personal data. */
  readonly onProblem?: (file: string, code: string, place: string, detail: string) => void;
}

/** A run over files, with the fault that ended it early. */
export interface IngestRun {
  readonly receipt: IngestReceipt;
  /** Storage was not there: what was not read yet has to be read again. */
  readonly ended: 'complete' | 'stopped' | 'unreachable';
}

/** Endings of files in folders that hold messages. A file that is named itself may have any. */
const MESSAGE_ENDINGS: ReadonlySet<string> = new Set(['.hl7', '.txt', '.zip']);

/** The files under some paths, folders in order of name. */
const filesUnder = async function* (paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) {
      yield path;
      continue;
    }
    const entries = (await readdir(path, { withFileTypes: true })).toSorted((left, right) =>
      left.name < right.name ? -1 : 1,
    );
    for (const entry of entries) {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) yield* filesUnder([inner]);
      else if (entry.isFile() && MESSAGE_ENDINGS.has(extname(entry.name).toLowerCase())) yield inner;
    }
  }
};

interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file's own content, or the files of an archive one after the other. */
const contentsOf = async function* (path: string): AsyncGenerator<NamedBytes> {
  const bytes = await readFile(path);
  if (!isArchive(bytes)) {
    yield { name: basename(path), bytes };
    return;
  }
  for await (const file of unpackArchive(bytes))
    if (MESSAGE_ENDINGS.has(extname(file.name).toLowerCase()) || extname(file.name) === '')
      yield { name: `${basename(path)}/${file.name}`, bytes: file.bytes };
};

/** Counts outcomes into a receipt. */
class Counting {
  readonly #counts = { messages: 0, accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };
  readonly #reasons: Record<string, number> = {};

  get receipt(): IngestReceipt {
    return { ...this.#counts, reasons: { ...this.#reasons } };
  }

  message({ outcome, code }: IngestOutcome): void {
    this.#counts.messages++;
    this.#counts[outcome]++;
    if (code !== null) this.#reason(code);
  }

  file(code: string): void {
    this.#counts.refused++;
    this.#reason(code);
  }

  #reason(code: string): void {
    this.#reasons[code] = (this.#reasons[code] ?? 0) + 1;
  }
}

const arrived = (bytes: Uint8Array, peer: string, sender: string | undefined): ArrivedMessage => ({
  bytes,
  peer: `file:${peer}`,
  ...(sender === undefined ? {} : { sender }),
});

const codeOf = (error: unknown): string =>
  error instanceof Fault ? error.code : ((error as NodeJS.ErrnoException).code ?? 'FILE_UNREADABLE');

/**
 * Takes the messages of files and folders, archives included, in the order in which they stand there, each in a
 * transaction of its own. Stretches of a file that belong to no message go to quarantine like any message that cannot be
 * read. Running it again over the same files has no second effect.
 */
export const ingestFiles = async (
  dependencies: IngestDependencies,
  paths: readonly string[],
  { sender, signal, onProgress, onProblem }: IngestControl = {},
): Promise<IngestRun> => {
  const counting = new Counting();
  const problem = (file: string, code: string, place = '', detail = '') => {
    onProblem?.(file, code, place, detail);
  };
  /** Takes one file's content; tells how the run has to end, if it has to. */
  const takeContent = async ({ name, bytes }: NamedBytes): Promise<IngestRun['ended'] | undefined> => {
    const split = splitMessages(bytes);
    if (!split.ok) {
      counting.file(split.reason.code);
      problem(name, split.reason.code, split.reason.place, split.reason.detail);
      return undefined;
    }
    const found = [...split.value.messages, ...split.value.stray].toSorted(
      (left, right) => left.offset - right.offset,
    );
    for (const message of found) {
      if (signal?.aborted) return 'stopped';
      const outcome = await ingestMessage(dependencies, arrived(message.bytes, name, sender));
      counting.message(outcome);
      if (outcome.code !== null) problem(name, outcome.code, outcome.place, outcome.detail);
      onProgress?.(counting.receipt, name);
      if (outcome.outcome === 'refused') return 'unreachable';
    }
    return undefined;
  };

  for (const path of paths) {
    try {
      for await (const file of filesUnder([path]))
        for await (const content of contentsOf(file)) {
          const ended = await takeContent(content);
          if (ended) return { receipt: counting.receipt, ended };
        }
    } catch (error) {
      counting.file(codeOf(error));
      problem(path, codeOf(error));
    }
  }
  return { receipt: counting.receipt, ended: 'complete' };
};
