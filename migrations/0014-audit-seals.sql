-- The access log that nobody can quietly rewrite: committed audit rows are sealed into a chain, batch after batch.

-- One batch of sealed rows. `members` holds, for each row in order of its event id, the id (8 bytes, big endian) and
-- the digest of what the row said (32 bytes). The chain's last value is signed outside this database now and then.
-- local
create table audit_seals (
  -- person: audit_events; system: system_audit_events.
  book text not null,
  sequence bigint not null,
  -- The batch covers the event ids above from_event up to to_event: what has such an id and is no member was put in later.
  from_event bigint not null,
  to_event bigint not null,
  row_count integer not null,
  digest text not null,
  members bytea not null,
  previous_hash bytea not null,
  chain_hash bytea not null,
  sealed_at timestamptz not null,
  constraint audit_seals_pkey primary key (book, sequence),
  constraint audit_seals_book_known check (book in ('person', 'system')),
  constraint audit_seals_digest_known check (digest in ('sha256', 'sm3'))
);

-- Rows are appended in order of event_id, so a few pages of summary are an index.
create index audit_events_event on audit_events using brin (event_id) with (pages_per_range = 32);
