-- What the privacy officer looks into, what patients are told about who looked, and whom the officer watches over.

-- One occasion that somebody has to look into: an emergency access, something a rule found in the log, or a patient who
-- says that a look was not for a visit of his. What becomes of it are its events.
-- local
create table privacy_cases (
  case_id bigint generated always as identity primary key,
  public_id uuid not null constraint privacy_cases_public_key unique,
  -- The institution whose officer looks into it: that of whoever looked.
  institution_id bigint not null,
  kind text not null,
  -- What makes several findings one case: the emergency access, or rule, actor, person and day.
  occasion text not null constraint privacy_cases_occasion_key unique,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  -- Who looked.
  actor text not null,
  role text,
  department text,
  staff_number text,
  -- Of whom; null where it is about many.
  person_public_id uuid,
  -- Canonical JSON: codes, counts, ids and moments; of a person's own report also the words.
  evidence text not null,
  state text not null default 'open',
  outcome text,
  closed_at timestamptz,
  constraint privacy_cases_kind_known
    check (kind in ('emergency-access', 'colleague', 'watched-person', 'no-encounter', 'bulk', 'patient-report')),
  constraint privacy_cases_state_known check (state in ('open', 'follow-up', 'closed')),
  constraint privacy_cases_outcome_known check (outcome in ('justified', 'not-justified'))
);

create index privacy_cases_queue on privacy_cases (institution_id, state, due_at);

create index privacy_cases_person on privacy_cases (person_public_id) where person_public_id is not null;

-- local
create table privacy_case_events (
  case_public_id uuid not null,
  event_id bigint generated always as identity,
  finding text not null,
  text text not null,
  actor text not null,
  occurred_at timestamptz not null,
  constraint privacy_case_events_pkey primary key (case_public_id, event_id),
  constraint privacy_case_events_finding_known check (finding in ('justified', 'not-justified', 'follow-up'))
);

-- What a person is told about own data without having asked: on the phone, at the desk for those without one.
-- distributed by person_id
create table patient_notifications (
  person_id bigint not null,
  public_id uuid not null,
  kind text not null,
  -- Canonical JSON of codes and moments; sentences are made when it is shown.
  content text not null,
  told_at timestamptz not null,
  read_at timestamptz,
  constraint patient_notifications_pkey primary key (person_id, public_id)
);

-- Persons whose records draw the curious (VIP): every look at them by the institution's staff opens a case.
-- local
create table watched_persons (
  institution_id bigint not null,
  person_public_id uuid not null,
  note text not null,
  added_by text not null,
  added_at timestamptz not null,
  constraint watched_persons_pkey primary key (institution_id, person_public_id)
);

-- How far the rules have read a book of the log. Only what is sealed is read: nothing comes in behind them.
-- local
create table anomaly_progress (
  book text primary key,
  to_event bigint not null
);

-- Who a member of staff is as a patient, by the keyed hash of the national id; null where nobody stated it.
alter table accounts add column national_id_hash text;
