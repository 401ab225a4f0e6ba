import { existsSync } from 'node:fs';
import {
  archiveDigest,
  type ArchivedBatch,
  writeArchive,
} from '../../../adapters/audit-archive/archive-file.ts';
import type { CheckpointFile, RetirementMark } from '../../../adapters/audit-checkpoints/checkpoint-file.ts';
import {
  countUpTo,
  keepArchiveDigest,
  keepRetirementDone,
  lockRetirement,
  namesOfRange,
  readRetirement,
  removeRetired,
  type Retirement,
} from '../../../adapters/postgres/audit-retirements.ts';
import { holdSealers, readSeals } from '../../../adapters/postgres/audit-seals.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { compareRange, digestOf, readRange } from '../../../adapters/postgres/sealed-rows.ts';
import { compareChain, type RetiredTo, type RetirementPart, type SealedBatch } from '../../../audit/index.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  raiseRetirement,
  recordRetirement,
  type RetirementDependencies,
  retentionFault,
} from './retire-audit.ts';
import { type ArchivedPart, verifyArchive } from './verify-archive.ts';
import { compareSigned, readSigned, startOf } from './verify-audit.ts';

/** The steps of a retirement, in order. Whatever interrupts it, it can be carried out again from the beginning. */
export const RETIREMENT_STEPS = ['archived', 'noted', 'signed', 'removed'] as const;

/** What carrying a retirement out works with. */
export interface CarryingOut extends RetirementDependencies {
  readonly checkpoints: CheckpointFile;
  /** Told after each step; what it throws ends the work there. */
  readonly onStep?: (step: (typeof RETIREMENT_STEPS)[number]) => void;
}

/** What became of it. */
export interface CarriedOut {
  readonly retirement: PublicId;
  readonly archiveDigest: string;
  readonly parts: readonly RetirementPart[];
}

/** What is to be retired is not what was sealed; ends the writing of an archive. */
class NotAsSealed extends Error {}

const rowsOfBatch = async (
  session: Session,
  batch: SealedBatch,
  { before }: Retirement,
): Promise<ArchivedBatch> => {
  const read = await readRange(session, batch.book, batch, batch.digest);
  if (!read || compareRange(batch, read).findings.length > 0) throw new NotAsSealed();
  const names = await namesOfRange(session, batch.book, batch);
  const rows = read.lines.split('\n').map((line) => {
    const found = names.get(line.slice(0, line.indexOf(' ')));
    if (!found || found.at >= before) throw new NotAsSealed();
    return { line, person: found.person, institution: found.institution };
  });
  return { batch, rows };
};

/** The batches of the parts, each compared with its rows, the one before it and what was signed. @throws NotAsSealed */
const batchesOf = async function* (
  { database, checkpoints }: CarryingOut,
  retirement: Retirement,
): AsyncIterable<ArchivedBatch> {
  const signed = readSigned(checkpoints);
  for (const { book, sequence, toEvent } of retirement.parts) {
    let previous: RetiredTo | undefined;
    for await (const batch of readSeals(database, book)) {
      if (batch.sequence > sequence) break;
      previous ??= startOf(signed, book, batch.sequence);
      const findings = [
        ...compareChain(batch, previous, digestOf(batch.digest)),
        ...compareSigned(signed, book, batch),
      ];
      if (findings.length > 0) throw new NotAsSealed();
      yield rowsOfBatch(database, batch, retirement);
      previous = batch;
    }
    if (previous?.sequence !== sequence || previous.toEvent !== toEvent) throw new NotAsSealed();
  }
};

/** Whether the chain from the end of each part leads to a checkpoint that was signed. */
const isWitnessed = async (
  { database, checkpoints }: CarryingOut,
  { parts }: Retirement,
): Promise<boolean> => {
  const signed = readSigned(checkpoints);
  for (const { book, sequence } of parts) {
    let previous: SealedBatch | undefined;
    let isMet = false;
    for await (const batch of readSeals(database, book, sequence - 1n)) {
      const fits = previous ? compareChain(batch, previous, digestOf(batch.digest)).length === 0 : true;
      if (!fits || compareSigned(signed, book, batch).length > 0) return false;
      isMet = signed.hashes.has(`${book}|${batch.sequence}`);
      if (isMet) break;
      previous = batch;
    }
    if (!isMet) return false;
  }
  return true;
};

const isOfParts = (archived: readonly ArchivedPart[], { parts }: Retirement): boolean =>
  archived.length === parts.length &&
  parts.every(({ book, sequence, toEvent, rows }) =>
    archived.some(
      (each) =>
        each.book === book &&
        each.sequence === sequence &&
        each.toEvent === toEvent &&
        BigInt(each.rows) === rows,
    ),
  );

/** Writes the archive, or takes the one that an interrupted attempt wrote, and reads it again from the disk. */
const archive = async (
  carrying: CarryingOut,
  retirement: Retirement,
  path: string,
): Promise<Result<{ readonly digest: string; readonly parts: readonly ArchivedPart[] }, Fault>> => {
  if (!existsSync(path)) {
    if (!(await isWitnessed(carrying, retirement)))
      return fail(raiseRetirement('AUDIT_RETIREMENT_UNWITNESSED'));
    try {
      const head = { retirement: retirement.id, before: isoInstant(retirement.before) };
      await writeArchive(path, head, batchesOf(carrying, retirement));
    } catch (error) {
      if (error instanceof NotAsSealed) return fail(raiseRetirement('AUDIT_RETIREMENT_ALTERED'));
      throw error;
    }
  }
  const verified = await verifyArchive(path, carrying.checkpoints);
  if (verified.retirement !== retirement.id) return fail(raiseRetirement('AUDIT_ARCHIVE_EXISTS'));
  const isSound = verified.findings.every(({ kind }) => kind === 'archive-unsigned');
  const isTheOne = retirement.archiveDigest === null || retirement.archiveDigest === verified.digest;
  if (!isSound || !isTheOne || !isOfParts(verified.parts, retirement))
    return fail(raiseRetirement('AUDIT_ARCHIVE_WRONG'));
  return ok({ digest: verified.digest, parts: verified.parts });
};

/** Signs what is about to leave, a line for each book, unless an interrupted attempt did. */
const signMarks = (
  { checkpoints, clock }: CarryingOut,
  retirement: Retirement,
  digest: string,
  parts: readonly ArchivedPart[],
): Fault | null => {
  const marksNow = (): readonly RetirementMark[] =>
    readSigned(checkpoints).marks.filter((mark) => mark.retirement === retirement.id);
  const kept = marksNow();
  if (kept.some((mark) => mark.archive !== digest)) return raiseRetirement('AUDIT_ARCHIVE_WRONG');
  for (const { book, fromSequence, sequence, toEvent, chainHash, rows } of parts)
    if (!kept.some((mark) => mark.book === book))
      checkpoints.appendRetirement({
        retirement: retirement.id,
        book,
        fromSequence,
        sequence,
        toEvent,
        chainHash,
        rows: BigInt(rows),
        archive: digest,
        requestedBy: retirement.requestedBy,
        decidedBy: retirement.decidedBy ?? '',
        at: isoInstant(clock()),
      });
  // Read again: rows go only when the line that lets them go is there.
  return marksNow().length === parts.length ? null : raiseRetirement('AUDIT_MARK_NOT_KEPT');
};

const remove = (
  carrying: CarryingOut,
  { id }: Retirement,
  digest: string,
): Promise<Result<CarriedOut, Fault>> =>
  carrying.database.transaction(async (session): Promise<Result<CarriedOut, Fault>> => {
    await holdSealers(session);
    const retirement = await lockRetirement(session, id);
    if (retirement?.state !== 'approved') return fail(raiseRetirement('AUDIT_RETIREMENT_NOT_APPROVED'));
    for (const part of retirement.parts) {
      if ((await countUpTo(session, part.book, part.toEvent)) !== part.rows)
        return fail(raiseRetirement('AUDIT_RETIREMENT_ALTERED'));
      await removeRetired(session, part);
    }
    await keepRetirementDone(session, id, carrying.clock());
    const by = { name: 'console', peer: 'local' };
    await recordRetirement(carrying, session, by, { id, action: 'done', outcome: `archive ${digest}` });
    return ok({ retirement: id, archiveDigest: digest, parts: retirement.parts });
  });

/**
 * Carries an approved retirement out: the archive is written and read again; that it was is signed outside the database;
 * only then the rows and their seals are removed, in one transaction. Interrupted between any two of these, nothing is lost,
 * and the same call goes on where it stopped.
 *
 * @param path of the archive; of an interrupted attempt: where that wrote it
 */
export const carryOutRetirement = async (
  carrying: CarryingOut,
  id: PublicId,
  path: string,
): Promise<Result<CarriedOut, Fault>> => {
  const { database, onStep = () => undefined } = carrying;
  const retirement = await readRetirement(database, id);
  if (!retirement) return fail(raiseRetirement('AUDIT_RETIREMENT_UNKNOWN'));
  if (retirement.state !== 'approved') return fail(raiseRetirement('AUDIT_RETIREMENT_NOT_APPROVED'));
  const notOver = retentionFault(carrying, retirement.before);
  if (notOver) return fail(notOver);
  const archived = await archive(carrying, retirement, path);
  if (!archived.ok) return archived;
  onStep('archived');
  const { digest, parts } = archived.value;
  if (!(await keepArchiveDigest(database, id, digest)))
    return fail(raiseRetirement('AUDIT_RETIREMENT_NOT_APPROVED'));
  onStep('noted');
  const unsigned = signMarks(carrying, retirement, digest, parts);
  if (unsigned) return fail(unsigned);
  onStep('signed');
  // The file may have been moved or written over meanwhile; after this nothing else holds the rows.
  if ((await archiveDigest(path)) !== digest) return fail(raiseRetirement('AUDIT_ARCHIVE_WRONG'));
  const removed = await remove(carrying, retirement, digest);
  if (removed.ok) onStep('removed');
  return removed;
};
