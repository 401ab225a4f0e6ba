-- Decisions that weighed a disputed report, decided once more with the corrected facts. The decision itself stays as it is.

-- distributed by person_id
create table decision_reviews (
  -- Of the decision.
  person_id bigint not null,
  review_id bigint generated always as identity,
  check_public_id uuid not null,
  correction_public_id uuid not null,
  report_public_id uuid not null,
  -- Version of the report that the review weighed.
  report_version integer not null,
  reviewed_at timestamptz not null,
  evaluator integer not null,
  snapshot_id text not null,
  -- Canonical JSON, as in order_checks.
  facts text not null,
  verdicts text not null,
  constraint decision_reviews_pkey primary key (person_id, review_id),
  constraint decision_reviews_once unique (person_id, check_public_id, correction_public_id)
);

create index decision_reviews_correction on decision_reviews (correction_public_id);
