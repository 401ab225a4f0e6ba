import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DICOMDIR_CLASS } from '../../adapters/dicom/dicomdir.ts';
import { directoryFiles } from '../../adapters/dicom/read-directory.ts';
import { FILE_START_MAX, isMarkedDicom, readFileStart } from '../../adapters/dicom/read-file-start.ts';
import { ARCHIVE_FAULTS } from '../../adapters/zip/faults.ts';
import {
  ARCHIVE_BOUNDS,
  type ArchiveBounds,
  startsLikeZip,
  zipEntries,
} from '../../adapters/zip/zip-entries.ts';
import { Fault, raiser } from '../../kernel/fault.ts';
import { CLI_FAULTS } from './faults.ts';

/** What lies at a place: an image's file, one that is none, or what went wrong there. */
export type FoundFile =
  | {
      readonly kind: 'image';
      readonly place: string;
      /** Once. @throws IMAGE_FILE_UNREADABLE, and what an archive throws */
      readonly pieces: AsyncIterable<Uint8Array>;
    }
  /** No DICOM, where other files may lie about. */
  | { readonly kind: 'other'; readonly place: string }
  | { readonly kind: 'problem'; readonly place: string; readonly fault: Fault };

/**
 * How a file was come by. One that was named, or that a DICOMDIR lists, must be DICOM; in folders and archives other files
 * lie about.
 */
type Way = 'named' | 'listed' | 'lying';

const raise = raiser(CLI_FAULTS);
const raiseArchive = raiser(ARCHIVE_FAULTS);

const DIRECTORY_BYTES_MAX = 256 * 1024 * 1024;

const unreadable = (cause: unknown): Fault => {
  const code = (cause as NodeJS.ErrnoException).code;
  return cause instanceof Fault
    ? cause
    : raise('IMAGE_FILE_UNREADABLE', { cause, ...(code === undefined ? {} : { detail: code }) });
};

const problem = (place: string, cause: unknown): FoundFile => ({
  kind: 'problem',
  place,
  fault: unreadable(cause),
});

const fileOf = async function* (path: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } catch (cause) {
    throw unreadable(cause);
  }
};

/** A file of which the beginning has been read; all of it is still to be had. */
interface Begun {
  readonly head: Uint8Array;
  readonly pieces: AsyncGenerator<Uint8Array, void, void>;
}

const begun = async (pieces: AsyncIterator<Uint8Array>): Promise<Begun> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  let isWhole = false;
  while (size < FILE_START_MAX && !isWhole) {
    const next = await pieces.next();
    isWhole = next.done === true;
    if (next.done) break;
    parts.push(next.value);
    size += next.value.length;
  }
  const rest = async function* (): AsyncGenerator<Uint8Array, void, void> {
    yield* parts;
    if (isWhole) return;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  };
  return { head: Buffer.concat(parts, size).subarray(0, FILE_START_MAX), pieces: rest() };
};

/** The files of an archive. Its directory of a medium, if it has one, is passed over: everything in it is looked at. */
const inArchive = async function* (
  path: string,
  bounds: ArchiveBounds,
): AsyncGenerator<FoundFile, void, void> {
  try {
    for await (const entry of zipEntries(path, bounds)) {
      const place = `${path}/${entry.name}`;
      const pieces = entry.pieces()[Symbol.asyncIterator]();
      try {
        const file = await begun(pieces);
        const start = readFileStart(file.head);
        if (start && start.sopClassUid !== DICOMDIR_CLASS)
          yield { kind: 'image', place, pieces: file.pieces };
        else if (!start && startsLikeZip(file.head) && /\.zip$/i.test(entry.name))
          yield problem(place, raiseArchive('ARCHIVE_WITHIN_ARCHIVE'));
        else if (!start && isMarkedDicom(file.head)) yield problem(place, raise('NOT_DICOM'));
        else yield { kind: 'other', place };
      } catch (error) {
        yield problem(place, error);
      } finally {
        await pieces.return?.();
      }
    }
  } catch (error) {
    yield problem(path, error);
  }
};

/** Names of a folder by what a file id says of them: systems show a medium's names in lower case, or with a version behind. */
const namesById = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const names = await readdir(folder).catch(() => [] as string[]);
  return new Map(names.map((name) => [name.toUpperCase().replace(/\.?;\d+$/, ''), name]));
};

/** Finds files by their file id below the folder of a DICOMDIR, and nowhere else. */
const mediumAt = (folder: string) => {
  const known = new Map<string, Promise<ReadonlyMap<string, string>>>();
  return async (fileId: readonly string[]): Promise<string | undefined> => {
    let at = folder;
    for (const component of fileId) {
      const names = known.get(at) ?? namesById(at);
      known.set(at, names);
      // Only what a folder has is ever found: `..` is in none.
      const name = (await names).get(component.toUpperCase());
      if (name === undefined) return undefined;
      at = join(at, name);
    }
    return at;
  };
};

const directoryAt = async (path: string): Promise<readonly (readonly string[])[]> => {
  const { size } = await stat(path);
  const files = size > DIRECTORY_BYTES_MAX ? null : directoryFiles(await readFile(path));
  if (!files) throw raise('DICOMDIR_UNREADABLE');
  return files;
};

/** Everything to be found at the places that were named, problems in their place among it. Nothing of it throws. */
class Finding {
  readonly #bounds: ArchiveBounds;
  /** Folders that were gone through: a link may lead back into one. */
  readonly #seen = new Set<string>();

  constructor(bounds: ArchiveBounds) {
    this.#bounds = bounds;
  }

  async *at(path: string, way: Way): AsyncGenerator<FoundFile, void, void> {
    try {
      const found = await stat(path);
      if (found.isDirectory()) yield* this.#inFolder(path, `${found.dev}:${found.ino}`);
      else if (found.isFile()) yield* this.#inFile(path, way);
      else if (way !== 'lying') yield problem(path, raise('IMAGE_FILE_UNREADABLE', { detail: 'no file' }));
    } catch (error) {
      yield problem(path, error);
    }
  }

  async *#inFolder(path: string, identity: string): AsyncGenerator<FoundFile, void, void> {
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    for (const name of (await readdir(path)).toSorted()) yield* this.at(join(path, name), 'lying');
  }

  async *#inFile(path: string, way: Way): AsyncGenerator<FoundFile, void, void> {
    const pieces = fileOf(path);
    try {
      const file = await begun(pieces);
      const start = readFileStart(file.head);
      // A preamble may say what it likes: what is DICOM is no archive.
      if (!start && startsLikeZip(file.head) && way !== 'listed') yield* inArchive(path, this.#bounds);
      else if (start?.sopClassUid === DICOMDIR_CLASS && way === 'named') yield* this.#onMedium(path);
      else if (start && start.sopClassUid !== DICOMDIR_CLASS)
        yield { kind: 'image', place: path, pieces: file.pieces };
      // What says that it is DICOM and cannot be read is no other file: it is damaged.
      else if (way === 'lying' && (start || !isMarkedDicom(file.head))) yield { kind: 'other', place: path };
      else yield problem(path, raise('NOT_DICOM'));
    } finally {
      await pieces.return();
    }
  }

  async *#onMedium(path: string): AsyncGenerator<FoundFile, void, void> {
    const folder = dirname(path);
    const find = mediumAt(folder);
    for (const fileId of await directoryAt(path)) {
      const file = await find(fileId);
      if (file === undefined) yield problem(join(folder, ...fileId), raise('MEDIUM_FILE_ABSENT'));
      else yield* this.at(file, 'listed');
    }
  }
}

/**
 * The images at a place: of a folder and those below it, of a file, of a ZIP archive, or of the medium whose DICOMDIR is
 * named. A DICOMDIR that lies in a folder or an archive is passed over, for everything there is looked at. What cannot be read
 * is told in its place, and the rest goes on.
 *
 * @param path folder or file that somebody named
 */
export const imageFiles = (
  path: string,
  bounds: ArchiveBounds = ARCHIVE_BOUNDS,
): AsyncGenerator<FoundFile, void, void> => new Finding(bounds).at(path, 'named');
