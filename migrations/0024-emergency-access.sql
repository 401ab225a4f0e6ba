-- Who looked, completely: the role, department and staff number that the actor had at that moment. Rows from before have
-- none, and are sealed as such.
alter table audit_events add column role text;
alter table audit_events add column department text;
alter table audit_events add column staff_number text;

-- Digest of all that a batch's rows said, one line after the other: while it fits, no row of the batch needs a look of its
-- own. Batches from before have none and are compared row by row.
alter table audit_seals add column rows_hash bytea;

-- Emergency access (破窗): for a while one doctor of one institution reads what consent would hide of one person. Never
-- changed; what the privacy officer finds about it is kept with the case.
-- distributed by person_id
create table emergency_accesses (
  person_id bigint not null,
  public_id uuid not null,
  institution_id bigint not null,
  -- Who may read: the staff number where one is known, else the actor.
  doctor text not null,
  actor text not null,
  department text,
  reason text not null,
  reason_text text not null,
  opened_at timestamptz not null,
  ends_at timestamptz not null,
  peer text not null,
  constraint emergency_accesses_pkey primary key (person_id, public_id)
);
