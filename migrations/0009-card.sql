-- How a client's doctors come in (signed launch address, frames) and how their answers go back to it.

-- local
create table client_launches (
  client_id bigint primary key constraint client_launches_client_fk references clients (client_id),
  -- Signs launch addresses; sealed by the key ring. null: this client launches nobody.
  launch_secret bytea,
  launch_key_id text,
  launch_digest text not null default 'sha256',
  -- Origins whose pages may frame the card and are sent its answers.
  frame_origins text[] not null default '{}',
  answer_way text not null default 'polling',
  answer_url text,
  -- Signs what is sent to answer_url; sealed by the key ring.
  answer_secret bytea,
  answer_key_id text,
  updated_at timestamptz not null,
  constraint client_launches_digest_known check (launch_digest in ('sha256', 'sm3')),
  constraint client_launches_way_known check (answer_way in ('polling', 'callback', 'form-post')),
  constraint client_launches_answer_whole
    check (answer_way = 'polling' or (answer_url is not null and answer_secret is not null))
);

-- Launches that were used: each opens one card, once.
-- local
create table launch_nonces (
  client_code text not null,
  nonce text not null,
  expires_at timestamptz not null,
  constraint launch_nonces_pkey primary key (client_code, nonce)
);

create index launch_nonces_expiry on launch_nonces (expires_at);

-- Answers on their way to a client's callback address, written with the answer. What is sent is made of the kept check,
-- so nothing of a result lies here.
-- distributed by person_id
create table answer_deliveries (
  person_id bigint not null,
  delivery_id bigint generated always as identity,
  check_public_id uuid not null,
  response_public_id uuid not null,
  client_code text not null,
  -- waiting, delivered, or given-up after the last attempt; an answer that was given up can still be polled.
  state text not null default 'waiting',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  last_outcome text,
  constraint answer_deliveries_pkey primary key (person_id, delivery_id),
  constraint answer_deliveries_once unique (person_id, check_public_id, response_public_id)
);

create index answer_deliveries_waiting on answer_deliveries (next_attempt_at) where state = 'waiting';

-- A launch names the order or the encounter, never the check.
create index order_checks_request on order_checks (institution_id, request_number, checked_at desc)
  where request_number is not null;

create index order_checks_encounter on order_checks (institution_id, encounter_number, checked_at desc)
  where encounter_number is not null;

create index orders_placer on orders (institution_id, placer_number);

create index orders_encounter on orders (institution_id, encounter_number) where encounter_number is not null;
