-- The institution console: what came from a sender, when, and what people did about what could not be processed.

-- A sender's traffic is counted and listed by its own clock; without this every look would read every person's messages.
create index messages_sender on messages (sender_id, received_at);

create index quarantined_messages_sender on quarantined_messages (sender_id, received_at);

-- Repeats of accepted messages, by sender and minute. A repeat leaves no other trace, because nothing of it is kept.
-- local
create table duplicate_counts (
  sender_id bigint not null,
  minute_at timestamptz not null,
  messages integer not null,
  constraint duplicate_counts_pkey primary key (sender_id, minute_at)
);

-- What a person did to a quarantined message: tried it again, as sent or with an edited copy, or gave it up.
-- local
create table quarantine_acts (
  act_id bigint generated always as identity primary key,
  public_id uuid not null constraint quarantine_acts_public_key unique,
  quarantine_id bigint not null constraint quarantine_acts_message_fk references quarantined_messages (quarantine_id),
  -- replay, edited-replay or discard.
  kind text not null,
  actor text not null,
  reason text not null,
  acted_at timestamptz not null,
  -- What came of it; null while it is under way, or when the process was ended in the middle of it.
  outcome text,
  reason_code text,
  place text,
  -- The edited copy, kept beside the original as it was sent. Compressed and sealed, or in the object store.
  body bytea,
  body_object text,
  body_size integer,
  body_hash text,
  key_id text,
  constraint quarantine_acts_copy_kept check (kind <> 'edited-replay' or body is not null or body_object is not null)
);

create index quarantine_acts_message on quarantine_acts (quarantine_id);
