-- CDS Hooks: which hospital systems may call with a signed token, which tokens were used, which cards were shown and
-- what came back about them.

-- What a client needs beyond its key to call by CDS Hooks. Written whole, so that a registration is never half changed.
-- local
create table cds_clients (
  client_code text primary key constraint cds_clients_client_fk references clients (code),
  issuer text not null constraint cds_clients_issuer_key unique,
  -- Registration as JSON: keys, key address, FHIR base, code systems, browser origins. Holds public keys only.
  registration text not null,
  registered_at timestamptz not null
);

-- Every token that was accepted, so that no process accepts it again. Only until it would have expired anyway.
-- distributed by token_hash
create table cds_used_tokens (
  token_hash text primary key,
  expires_at timestamptz not null
);

create index cds_used_tokens_expiry on cds_used_tokens (expires_at);

-- A card as shown: what a feedback about it is about.
-- distributed by card_id
create table cds_cards (
  card_id uuid primary key,
  suggestion_id uuid,
  service text not null,
  check_public_id uuid not null,
  institution_id bigint not null,
  -- Lines of the order check that the card speaks of.
  lines integer[] not null,
  shown_at timestamptz not null
);

-- What a hospital's system reported about a card, word for word, counted or not. The same report twice is one row.
-- distributed by card_id
create table cds_feedback (
  card_id uuid not null,
  feedback_hash text not null,
  outcome text not null,
  feedback text not null,
  -- Null once it was counted as the doctor's answer; else the code of the fault that kept it from being one.
  not_counted text,
  received_at timestamptz not null,
  primary key (card_id, feedback_hash)
);
