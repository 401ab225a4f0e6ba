-- Notices to patients (未予互认告知单), and what patients bring on paper or film (患者自带、未核验).

-- A notice belongs to the answer that it explains. Never changed: another wording is another version.
-- distributed by person_id
create table notices (
  person_id bigint not null,
  notice_id bigint generated always as identity,
  public_id uuid not null,
  check_public_id uuid not null,
  line integer not null,
  response_public_id uuid not null,
  version integer not null,
  institution_id bigint not null,
  -- Keyed hash of what was asked for: the same asked again is the same notice.
  request_hash text not null,
  -- What the paper says, sealed: it names the patient and whoever was told.
  content bytea not null,
  key_id text not null,
  actor text not null,
  made_at timestamptz not null,
  constraint notices_pkey primary key (person_id, notice_id),
  constraint notices_version unique (person_id, response_public_id, version)
);

create index notices_public on notices (public_id);

create index notices_check on notices (person_id, check_public_id);

-- Whoever holds the paper holds the token; only its hash is kept.
-- distributed by token_hash
create table notice_tokens (
  token_hash text not null,
  notice_public_id uuid not null,
  constraint notice_tokens_pkey primary key (token_hash)
);

-- Every paper that was given out: 0 is the original, the others are copies.
-- distributed by person_id
create table notice_copies (
  person_id bigint not null,
  notice_public_id uuid not null,
  copy integer not null,
  form text not null,
  actor text not null,
  issued_at timestamptz not null,
  constraint notice_copies_pkey primary key (person_id, notice_public_id, copy)
);

-- Paper or film that a patient brought: as written on it, with a photo. Nothing in it was verified, and no order check
-- ever reads it.
-- distributed by person_id
create table patient_supplied (
  person_id bigint not null,
  supplied_id bigint generated always as identity,
  public_id uuid not null,
  request_key text not null,
  -- Who recorded it, and for which institution.
  institution_id bigint not null,
  actor text not null,
  doctor text,
  recorded_at timestamptz not null,
  -- As written on the paper.
  institution_text text not null,
  item_text text not null,
  -- Item of the catalogue, where the doctor named one; places it beside others in lists.
  item_code text,
  examined_on date,
  value_text text,
  note text,
  photo_object text not null,
  photo_media_type text not null,
  photo_size integer not null,
  constraint patient_supplied_pkey primary key (person_id, supplied_id),
  constraint patient_supplied_once unique (person_id, request_key)
);

create index patient_supplied_public on patient_supplied (public_id);
