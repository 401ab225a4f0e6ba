-- The authority's opened cases (穿透式监管): the only way in which a regulator sees who somebody is.

-- One case: who asked, about what, why and on which legal basis; who decided; until when; how it ended.
-- local
create table oversight_cases (
  case_id bigint generated always as identity,
  public_id uuid not null,
  subject_kind text not null,
  -- Number by which the subject was reached; never a person's.
  subject_reference text not null,
  legal_basis text not null,
  reason text not null,
  state text not null,
  days_open integer not null,
  opened_by text not null,
  opened_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  decision_text text,
  open_until timestamptz,
  closed_by text,
  closed_at timestamptz,
  outcome text,
  closing_text text,
  constraint oversight_cases_pkey primary key (case_id),
  constraint oversight_cases_public unique (public_id),
  constraint oversight_cases_subject_known check (subject_kind in ('order-check', 'notice', 'ticket', 'finding')),
  constraint oversight_cases_state_known check (state in ('requested', 'approved', 'refused', 'closed')),
  -- Four eyes: nobody decides on a case of their own.
  constraint oversight_cases_four_eyes check (decided_by is null or decided_by <> opened_by)
);

-- What a case names, in the order in which it is shown. Written with the case and never changed: a case does not grow.
-- local
create table oversight_case_subjects (
  case_id bigint not null,
  place integer not null,
  person_id bigint not null,
  check_public_id uuid,
  report_public_id uuid,
  institution_id bigint not null,
  occurred_at timestamptz not null,
  constraint oversight_case_subjects_pkey primary key (case_id, place),
  constraint oversight_case_subjects_named check (check_public_id is not null or report_public_id is not null)
);
