-- 会诊意见 that was taken back: by whom, when and why. The opinion stays as it was written; it counts no more. Append-only.
-- distributed by person_id
create table consultation_opinion_withdrawals (
  person_id bigint not null,
  opinion_id bigint not null,
  actor text not null,
  -- As the account named its doctor then.
  doctor_name text not null,
  reason text not null,
  withdrawn_at timestamptz not null,
  -- Once, however often it is sent.
  constraint consultation_opinion_withdrawals_pkey primary key (person_id, opinion_id),
  constraint consultation_opinion_withdrawals_opinion foreign key (person_id, opinion_id)
    references consultation_opinions (person_id, opinion_id)
);
