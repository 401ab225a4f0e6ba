-- Acting for a child or a parent (代办), and the desk that does for whoever has no phone what others do on theirs.

-- One recorded relation: who may act for whom, from when to when, on what evidence, by whose hand. Never changed but to be
-- ended.
-- distributed by person_id
create table representations (
  person_id bigint not null,
  representation_id bigint generated always as identity,
  public_id uuid not null,
  representative_id bigint not null,
  relation text not null,
  evidence text not null,
  -- The person acted for agreed, in person or in writing.
  agreed boolean not null,
  -- Results of restricted classes too; off unless it was asked for by itself.
  restricted boolean not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  institution_id bigint not null,
  actor text not null,
  recorded_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  constraint representations_pkey primary key (person_id, representation_id)
);

create index representations_representative on representations (representative_id);

-- A patient who stands at the desk: for a few minutes the desk may do there what the patient asks for.
-- distributed by person_id
create table desk_visits (
  person_id bigint not null,
  public_id uuid not null,
  institution_id bigint not null,
  actor text not null,
  -- Who is there: the patient, or whoever acts for the patient.
  present text not null,
  -- The document by which they were known.
  document text not null,
  opened_at timestamptz not null,
  ends_at timestamptz not null,
  constraint desk_visits_pkey primary key (person_id, public_id)
);

create index desk_visits_public on desk_visits (public_id);
