-- Errors reported by those who see a value (纠错), and reports taken out of every decision while they are in dispute.

-- One report of an error: who, what, about which report of whom. Never changed; what becomes of it are its events.
-- distributed by person_id
create table corrections (
  person_id bigint not null,
  correction_id bigint generated always as identity,
  public_id uuid not null,
  -- Number that people write down and read out.
  ticket text not null,
  -- Who sent it and by which key: the same form sent twice is one ticket.
  request_key text not null,
  report_public_id uuid not null,
  report_version integer not null,
  -- null: the report as a whole.
  ordinal integer,
  -- The institution that issued the report and is to answer.
  institution_id bigint not null,
  reporting_institution_id bigint,
  kind text not null,
  text text not null,
  -- Object of the photo, its media type and size in bytes.
  photo_object text,
  photo_media_type text,
  photo_size integer,
  actor text not null,
  doctor text,
  submitted_at timestamptz not null,
  constraint corrections_pkey primary key (person_id, correction_id),
  constraint corrections_once unique (person_id, request_key)
);

create index corrections_public on corrections (public_id);

create index corrections_desk on corrections (institution_id, submitted_at);

create index corrections_own on corrections (actor, submitted_at);

-- distributed by person_id
create table correction_events (
  person_id bigint not null,
  event_id bigint generated always as identity,
  correction_public_id uuid not null,
  state text not null,
  actor text not null,
  occurred_at timestamptz not null,
  constraint correction_events_pkey primary key (person_id, event_id)
);

create index correction_events_correction on correction_events (person_id, correction_public_id);

-- Read by every order check: a report that somebody says is another person's decides nothing until the source answers.
-- distributed by person_id
create table disputed_reports (
  person_id bigint not null,
  report_public_id uuid not null,
  correction_public_id uuid not null,
  disputed_at timestamptz not null,
  ended_at timestamptz,
  constraint disputed_reports_pkey primary key (person_id, report_public_id, correction_public_id)
);
