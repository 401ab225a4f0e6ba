-- Original images: who may send them, studies, series, instances, what did not fit.
-- Rows per instance are kept while a series is hot; a closed series has all of them in one packed manifest object.

-- An application entity of an institution: what it may ask of us and from where it may ask.
-- reference
create table application_entities (
  ae_id bigint generated always as identity primary key,
  institution_id bigint not null constraint application_entities_institution_fk references institutions (institution_id),
  ae_title text not null,
  -- store, commit, find, retrieve.
  services text[] not null,
  -- Addresses and networks (CIDR) from which it calls; empty where only its certificate counts.
  networks text[] not null,
  -- SHA-256 of its certificate (DER), lower-case hex; null where only its address counts.
  certificate_fingerprint text,
  -- Where it listens itself; null where it cannot be called.
  host text,
  port integer,
  tls boolean not null default false,
  -- Character set of texts whose data set names none, e.g. GB18030; null: found out from the bytes.
  assumed_charset text,
  active boolean not null default true,
  constraint application_entities_title_key unique (institution_id, ae_title),
  constraint application_entities_proof check (cardinality(networks) > 0 or certificate_fingerprint is not null)
);

-- distributed by person_id
create table studies (
  person_id bigint not null,
  study_id bigint generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  study_uid text not null,
  accession text,
  -- The report that the images belong to, by accession number or study UID; null until it is known.
  report_public_id uuid,
  description text,
  modalities text[] not null,
  -- As stated, YYYYMMDD and HHMMSS.
  study_date text,
  study_time text,
  -- The patient as the headers state him: sealed, and hashed to tell whether another instance states the same.
  patient_cipher bytea not null,
  patient_key_id text not null,
  patient_hash text not null,
  -- Character set found out or assumed for texts that named none; null where all named one.
  charset_derived text,
  series_count integer not null,
  instance_count integer not null,
  -- Instances the sender said there are; null where it did not say.
  announced_count integer,
  bytes bigint not null,
  open_series integer not null,
  -- What the headers of its closed series amount to, as JSON; null before the first is closed.
  facts text,
  first_at timestamptz not null,
  last_at timestamptz not null,
  constraint studies_pkey primary key (person_id, study_id)
);

create index studies_public on studies (public_id);

create index studies_day on studies (institution_id, study_date desc, study_id);

-- One study UID of one institution is one study. The same UID from another institution is another study.
-- distributed by study_uid
create table study_keys (
  study_uid text not null,
  institution_id bigint not null,
  person_id bigint not null,
  study_id bigint not null,
  constraint study_keys_pkey primary key (study_uid, institution_id)
);

-- distributed by accession
create table study_accessions (
  accession text not null,
  institution_id bigint not null,
  person_id bigint not null,
  study_id bigint not null,
  constraint study_accessions_pkey primary key (accession, institution_id, study_id)
);

-- distributed by person_id
create table series (
  person_id bigint not null,
  series_id bigint generated always as identity,
  study_id bigint not null,
  series_uid text not null,
  modality text,
  series_number integer,
  description text,
  body_part text,
  laterality text,
  instance_count integer not null,
  bytes bigint not null,
  -- Counts up each time the series is closed.
  version integer not null,
  closed_at timestamptz,
  -- Objects of the closed series, by SHA-256 of their content.
  manifest text,
  metadata text,
  thumbnail text,
  first_at timestamptz not null,
  last_at timestamptz not null,
  constraint series_pkey primary key (person_id, series_id),
  constraint series_uid_key unique (person_id, study_id, series_uid)
);

create index series_open on series (last_at) where closed_at is null;

-- Instances of series that are open or were closed lately.
-- distributed by person_id
create table instances (
  person_id bigint not null,
  series_id bigint not null,
  sop_uid text not null,
  sop_class_uid text not null,
  transfer_syntax_uid text not null,
  instance_number integer,
  -- SHA-256 of the object.
  content text not null,
  size bigint not null,
  rows integer,
  columns integer,
  frames integer,
  -- Place of the first byte of the pixel data's value in the object, and its length; -1 for encapsulated pixels; null
  -- where there are none.
  pixel_offset bigint,
  pixel_length bigint,
  -- Bytes of one frame of native pixels.
  frame_bytes bigint,
  sender text not null,
  received_at timestamptz not null,
  constraint instances_pkey primary key (person_id, series_id, sop_uid)
);

-- One SOP instance UID of one institution is one content, as long as the instance is hot.
-- distributed by sop_uid
create table instance_keys (
  sop_uid text not null,
  institution_id bigint not null,
  content text not null,
  sop_class_uid text not null,
  person_id bigint not null,
  series_id bigint not null,
  received_at timestamptz not null,
  constraint instance_keys_pkey primary key (sop_uid, institution_id)
);

-- What came and contradicts what is there: kept, not shown, for the sender's institution to explain.
-- distributed by person_id
create table imaging_conflicts (
  person_id bigint not null,
  conflict_id bigint generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  study_id bigint not null,
  -- other-content, other-series, two-patients.
  reason text not null,
  sop_uid text not null,
  kept_content text not null,
  other_content text not null,
  sender text not null,
  found_at timestamptz not null,
  state text not null default 'open',
  resolved_at timestamptz,
  resolved_by text,
  constraint imaging_conflicts_pkey primary key (person_id, conflict_id),
  constraint imaging_conflicts_once unique (person_id, sop_uid, other_content)
);

create index imaging_conflicts_institution on imaging_conflicts (institution_id, state, found_at);

-- Instances that could not be indexed: whole, as objects, with the reason.
-- local
create table quarantined_instances (
  quarantine_id bigint generated always as identity primary key,
  public_id uuid not null,
  institution_id bigint not null,
  sender text not null,
  sop_class_uid text not null,
  sop_uid text not null,
  reason_code text not null,
  detail text not null,
  content text not null,
  size bigint not null,
  arrivals integer not null,
  received_at timestamptz not null,
  last_received_at timestamptz not null,
  state text not null default 'open',
  resolved_at timestamptz,
  resolution text
);

create index quarantined_instances_institution on quarantined_instances (institution_id, state, received_at);

create unique index quarantined_instances_once on quarantined_instances (institution_id, content) where state = 'open';

-- A study that cannot be given to a person without somebody's eye; it has a person record of its own until then.
-- distributed by person_id
create table study_matches (
  person_id bigint not null,
  match_id bigint generated always as identity,
  public_id uuid not null,
  study_id bigint not null,
  institution_id bigint not null,
  -- no-patient-id, patient-contradicts, number-of-two-people, report-of-another-person.
  reason text not null,
  -- Persons it may be of, as the index knew them then.
  candidates bigint[] not null,
  found_at timestamptz not null,
  -- open, given (to chosen_person_id), apart (is nobody's of them).
  state text not null default 'open',
  chosen_person_id bigint,
  decided_at timestamptz,
  decided_by text,
  constraint study_matches_pkey primary key (person_id, match_id),
  constraint study_matches_once unique (person_id, study_id)
);

create index study_matches_institution on study_matches (institution_id, state, found_at);

create index study_matches_public on study_matches (public_id);

-- Who opened which study in which session: the access log says it once.
-- distributed by person_id
create table study_openings (
  person_id bigint not null,
  study_id bigint not null,
  -- Digest of the session, or of the caller and the hour.
  session_key text not null,
  opened_at timestamptz not null,
  constraint study_openings_pkey primary key (person_id, study_id, session_key)
);
