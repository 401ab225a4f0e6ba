-- Reports of storage commitment (PS3.4 annex J) that a device has not taken yet: a restart loses none.
-- local
create table commitment_reports (
  report_id bigint generated always as identity primary key,
  institution_id bigint not null constraint commitment_reports_institution_fk references institutions (institution_id),
  -- The device that asked, and the title of ours that it asked.
  ae_title text not null,
  called_ae_title text not null,
  transaction_uid text not null,
  -- The instances asked for: class, UID, and why it is not kept (PS3.3 C.14-1), 0 where it is.
  sop_class_uids text[] not null,
  sop_uids text[] not null,
  failure_reasons integer[] not null,
  attempts integer not null,
  next_attempt_at timestamptz not null,
  created_at timestamptz not null
);

create index commitment_reports_due on commitment_reports (next_attempt_at);
