-- What patients, or those who act for them, agreed to, refused and took back (PIPL art. 14 to 16, 29, 31).

-- One act. Never changed and never deleted by the program: a later act counts instead. Read by every order check.
-- distributed by person_id
create table consent_acts (
  person_id bigint not null,
  act_id bigint generated always as identity,
  public_id uuid not null,
  -- Who sent it and by which key: the same form sent twice is one act.
  request_key text not null,
  kind text not null,
  purpose text not null,
  -- Whose results are meant, who may read or may not, which restricted class; null: all, and all that is not restricted.
  source_institution_id bigint,
  recipient_institution_id bigint,
  record_class text,
  relation text not null,
  way text not null,
  -- Text that was read or shown: code and version of the list that has it.
  wording text not null,
  acted_at timestamptz not null,
  until timestamptz,
  -- Name of whoever acted for the patient, sealed; null where the patient acted.
  representative bytea,
  representative_key_id text,
  -- Who recorded it, where, and who of the staff was there.
  actor text not null,
  staff_number text,
  witness text,
  institution_id bigint,
  -- The order check at which the patient was asked.
  check_public_id uuid,
  scan_object text,
  scan_media_type text,
  scan_size integer,
  recorded_at timestamptz not null,
  constraint consent_acts_pkey primary key (person_id, act_id),
  constraint consent_acts_once unique (person_id, request_key),
  constraint consent_acts_kind_known check (kind in ('informed', 'consented', 'denied', 'withdrawn')),
  constraint consent_acts_representative_sealed check ((representative is null) = (representative_key_id is null))
);

create index consent_acts_public on consent_acts (public_id);
