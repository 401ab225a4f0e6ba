import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { StudyReading } from './imaging-reading.ts';

/** A proof as it is kept. */
export interface KeptProof {
  readonly id: PublicId;
  readonly provedAt: Instant;
  /** As it was signed. */
  readonly document: string;
  /** SHA-256 of the document, lower-case hex. */
  readonly digest: string;
  /** Base64. */
  readonly signature: string;
}

const NEVER_PROVED = statement(
  'study-proofs.never-proved',
  `select public_id from studies
   where proved_at is null and open_series = 0 and instance_count > 0 and last_at <= $1 and public_id <> all($2::uuid[])
   order by study_id limit 1`,
);
const LONG_AGO = statement(
  'study-proofs.long-ago',
  `select public_id from studies where proved_at <= $1 and public_id <> all($2::uuid[]) order by proved_at limit 1`,
);
const MARK = statement(
  'study-proofs.mark-study',
  `update studies set proved_at = $4, proof_findings = $5
   where person_id = $1 and study_id = $2 and last_at = $3 and open_series = 0 returning study_id`,
);
const ADD = statement(
  'study-proofs.add',
  `insert into study_proofs (person_id, public_id, study_id, proved_at, document, digest, signature)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);
const LATEST = statement(
  'study-proofs.latest',
  `select public_id, proved_at, document, digest, signature from study_proofs
   where person_id = $1 and study_id = $2 order by proof_id desc limit 1`,
);

/**
 * The next study to be looked at: one whose images were never proved since the last of them came, else the one longest ago.
 *
 * @param quietSince its last image came before this
 * @param provedBefore its last proof is older than this
 * @param but none of these
 */
export const studyToProve = async (
  session: Session,
  {
    quietSince,
    provedBefore,
    but,
  }: { readonly quietSince: Instant; readonly provedBefore: Instant; readonly but: readonly PublicId[] },
): Promise<PublicId | undefined> => {
  const [never] = await session.run<{ public_id: PublicId }>(NEVER_PROVED, [isoInstant(quietSince), but]);
  if (never) return never.public_id;
  const [old] = await session.run<{ public_id: PublicId }>(LONG_AGO, [isoInstant(provedBefore), but]);
  return old?.public_id;
};

/**
 * Keeps a proof, in the caller's transaction.
 *
 * @returns false where an image came in meanwhile: it is then a proof of less than there is
 */
export const keepProof = async (
  session: Session,
  study: StudyReading,
  proof: KeptProof,
  findings: number,
): Promise<boolean> => {
  const at = isoInstant(proof.provedAt);
  const { personId, studyId } = study;
  const [marked] = await session.run(MARK, [personId, studyId, isoInstant(study.lastAt), at, findings]);
  if (!marked) return false;
  await session.run(ADD, [personId, proof.id, studyId, at, proof.document, proof.digest, proof.signature]);
  return true;
};

/** The latest proof of a study; undefined before the first. */
export const latestProof = async (
  session: Session,
  study: Pick<StudyReading, 'personId' | 'studyId'>,
): Promise<KeptProof | undefined> => {
  const [row] = await session.run<{
    public_id: PublicId;
    proved_at: Instant;
    document: string;
    digest: string;
    signature: string;
  }>(LATEST, [study.personId, study.studyId]);
  return (
    row && {
      id: row.public_id,
      provedAt: row.proved_at,
      document: row.document,
      digest: row.digest,
      signature: row.signature,
    }
  );
};
