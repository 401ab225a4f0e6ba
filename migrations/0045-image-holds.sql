-- What came by DICOM and is kept without being shown, as cases that its sender's institution answers; who was not let in.

-- A case: instances of one study, or of one sender, that are held for one reason; or a whole study whose header contradicts
-- its report. Nothing of it is deleted, whatever is answered.
-- local
create table image_holds (
  hold_id bigint generated always as identity primary key,
  public_id uuid not null,
  institution_id bigint not null,
  -- other-content, other-series, two-patients, unreadable, wrong-side.
  reason text not null,
  -- Code of what cannot be read; sides that header and report state, e.g. left/right; empty otherwise.
  detail text not null,
  -- What it is about, so that more of the same joins it: key of a study, or sender and code.
  subject text not null,
  person_id bigint,
  study_id bigint,
  -- Of the instance that came first.
  sender text not null,
  instances integer not null,
  opened_at timestamptz not null,
  last_at timestamptz not null,
  -- open, answered, reopened (its answer was undone: what comes later opens another), settled (what it was about is gone).
  state text not null default 'open'
);

create unique index image_holds_public on image_holds (public_id);

create unique index image_holds_open on image_holds (institution_id, reason, subject) where state = 'open';

create index image_holds_institution on image_holds (institution_id, state, last_at);

-- What was done about a case, in order. Append-only.
-- local
create table image_hold_steps (
  step_id bigint generated always as identity primary key,
  hold_public_id uuid not null,
  place integer not null,
  -- keep-first, take-second, set-aside, explained, undo, settled.
  step text not null,
  note text not null,
  -- Instances that the answer was about.
  instances integer not null,
  actor text not null,
  taken_at timestamptz not null,
  constraint image_hold_steps_place unique (hold_public_id, place)
);

-- The case of each; and how it was answered: open, kept-first, taken.
alter table imaging_conflicts add column hold_public_id uuid;

-- open, set-aside.
alter table quarantined_instances add column hold_public_id uuid;

-- The sender of the first instance of a series, to count by device without reading instances.
alter table series add column sender text;

create index studies_received on studies (institution_id, first_at);

-- Associations that were refused or broken off, counted by day. Rows of a day are bounded by the role that writes them.
-- local
create table refused_associations (
  -- Civil day in China.
  day text not null,
  calling_ae_title text not null,
  remote_address text not null,
  -- Field of the rejection, or rule of PS3.8 that was broken.
  reason text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  constraint refused_associations_pkey primary key (day, calling_ae_title, remote_address, reason)
);
