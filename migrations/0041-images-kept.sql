-- How images are kept: rows per instance go when a series is no longer hot, what moved to the far tier, the proof per study,
-- and what storage and traffic each institution's images made.

-- Since when a closed series has waited with its rows; null while it is open, and after its rows were dropped.
alter table series add column hot_since timestamptz;
-- When rows were dropped first: from then on the manifest says what the rows no longer say.
alter table series add column folded_at timestamptz;
-- near: opened at once; far: recalled first.
alter table series add column tier text not null default 'near';

update series set hot_since = closed_at where closed_at is not null;

create index series_hot on series (hot_since) where hot_since is not null;

-- When every object of the study was last read and compared; null: not since its last image came.
alter table studies add column proved_at timestamptz;
-- Objects that were missing, changed, or could not be opened then; null before the first proof.
alter table studies add column proof_findings integer;
-- Bytes of its originals in the far tier.
alter table studies add column far_bytes bigint not null default 0;

create index studies_unproved on studies (study_id) where proved_at is null;

create index studies_proved on studies (proved_at) where proved_at is not null;

-- That the images of a study were stored and could be opened: a signed document of each time it was looked at.
-- distributed by person_id
create table study_proofs (
  person_id bigint not null,
  proof_id bigint generated always as identity,
  public_id uuid not null,
  study_id bigint not null,
  proved_at timestamptz not null,
  -- As it was signed.
  document text not null,
  -- SHA-256 of the document, lower-case hex.
  digest text not null,
  -- Ed25519 by the key of the access log's checkpoints, Base64.
  signature text not null,
  constraint study_proofs_pkey primary key (person_id, proof_id)
);

create index study_proofs_study on study_proofs (person_id, study_id, proof_id desc);

-- Bytes that an institution's images moved in a month, counted together every few seconds.
-- local
create table image_traffic (
  institution_id bigint not null,
  -- YYYY-MM.
  month text not null,
  -- received; own, elsewhere, patient: sent to the institution itself, to another one, to patients and whom they show it.
  way text not null,
  transfers bigint not null,
  bytes bigint not null,
  constraint image_traffic_pkey primary key (institution_id, month, way)
);
