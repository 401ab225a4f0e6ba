-- Images that were not opened for long lie in the far tier and are recalled; what is past its retention leaves by two people.

-- The recall of a study from the far tier: asked for by whoever opens it, done by a worker.
-- distributed by person_id
create table study_recalls (
  person_id bigint not null,
  study_id bigint not null,
  asked_at timestamptz not null,
  -- Instances that are near again, and all that were far.
  done integer not null,
  total integer not null,
  finished_at timestamptz,
  constraint study_recalls_pkey primary key (person_id, study_id)
);

create index study_recalls_waiting on study_recalls (asked_at) where finished_at is null;

create index studies_near on studies (study_id) where far_bytes = 0;

-- One retirement of an institution's images: who asked, why, and who decided.
-- local
create table image_retirements (
  retirement_id bigint generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  reason text not null,
  state text not null,
  requested_by text not null,
  requested_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  done_at timestamptz,
  constraint image_retirements_pkey primary key (retirement_id),
  constraint image_retirements_public unique (public_id),
  constraint image_retirements_state_known check (state in ('requested', 'refused', 'approved', 'done')),
  -- Four eyes: nobody decides on a retirement of their own.
  constraint image_retirements_four_eyes check (decided_by is null or decided_by <> requested_by)
);

-- The studies of a retirement, written with the request: what is decided on does not grow. Afterwards, what is left to tell of them.
-- local
create table image_retirement_studies (
  retirement_id bigint not null,
  person_id bigint not null,
  study_id bigint not null,
  study_public_id uuid not null,
  study_uid text not null,
  -- Day until which the law asks for it, the row of the rules that says so, and the day from which it counts.
  retain_until text not null,
  rule text not null,
  counted_from text not null,
  instances integer not null,
  bytes bigint not null,
  removed_at timestamptz,
  -- Why it was left, where it was.
  left_reason text,
  constraint image_retirement_studies_pkey primary key (retirement_id, person_id, study_id)
);
