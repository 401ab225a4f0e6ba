-- 会诊意见: what a doctor of the recognising institution adds beside another institution's report of an examination.
-- Recognition covers the examination, not the conclusion; the report itself is never changed. Append-only.
-- distributed by person_id
create table consultation_opinions (
  person_id bigint not null,
  opinion_id bigint generated always as identity,
  public_id uuid not null,
  -- Said once per key, however often it is sent.
  request_key text not null,
  report_public_id uuid not null,
  -- The version that was read.
  report_version integer not null,
  institution_id bigint not null,
  actor text not null,
  -- As the account names the doctor, to stand under the opinion.
  doctor_name text not null,
  text text not null,
  stated_at timestamptz not null,
  constraint consultation_opinions_pkey primary key (person_id, opinion_id),
  constraint consultation_opinions_once unique (person_id, request_key)
);

create index consultation_opinions_report on consultation_opinions (person_id, report_public_id);
