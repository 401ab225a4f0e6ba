-- The course of a ticket about an error (纠错): steps, deadlines, and who is told.

-- Deadlines are fixed when a ticket is sent, by the list that ruled that day; tickets from before have none.
alter table corrections add column accept_by timestamptz;

alter table corrections add column answer_by timestamptz;

-- Who sent it: staff, a system of a hospital, or a patient. A registrar sends for a patient, who stands in that relation.
alter table corrections add column party text not null default 'staff';

alter table corrections add column on_behalf text;

-- For the desk: tickets about one report, looked for by every amended message of it.
create index corrections_report on corrections (person_id, report_public_id);

-- A step is the place it has in its ticket: two people who take the next one at the same moment want the same place.
alter table correction_events add column place integer not null default 1;

alter table correction_events add column step text not null default 'submit';

-- reporter, source, platform.
alter table correction_events add column party text not null default 'reporter';

alter table correction_events add column note text not null default '';

-- Code of the reason of 不成立.
alter table correction_events add column reason text;

-- By what the error was put right: amended, withdrawn, parted, otherwise.
alter table correction_events add column remedy text;

-- Version of the report that answers, or is offered as the answer.
alter table correction_events add column report_version integer;

-- By which key the step was sent: sent twice it is one step. null: taken by the platform.
alter table correction_events add column request_key text;

create unique index correction_events_place on correction_events (person_id, correction_public_id, place);

create unique index correction_events_once on correction_events (person_id, correction_public_id, request_key);

-- Who is to be told of a step, and when it was seen.
-- distributed by person_id
create table correction_notices (
  person_id bigint not null,
  correction_public_id uuid not null,
  place integer not null,
  -- As actors are named in the audit.
  addressee text not null,
  told_at timestamptz not null,
  seen_at timestamptz,
  constraint correction_notices_pkey primary key (person_id, correction_public_id, place, addressee)
);

create index correction_notices_unseen on correction_notices (addressee) where seen_at is null;
