-- What of the access log is past its retention leaves by two people, through an archive and a signed line outside this database.

-- One retirement: who asked for what is older than when and why, who decided, and the archive that was made.
-- local
create table audit_retirements (
  retirement_id bigint generated always as identity,
  public_id uuid not null,
  before_at timestamptz not null,
  reason text not null,
  state text not null,
  requested_by text not null,
  requested_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  -- SHA-256 of the archive, in lower-case hex; null until it was written and read again.
  archive_digest text,
  done_at timestamptz,
  constraint audit_retirements_pkey primary key (retirement_id),
  constraint audit_retirements_public unique (public_id),
  constraint audit_retirements_state_known check (state in ('requested', 'refused', 'approved', 'done')),
  -- Four eyes: nobody decides on a retirement of their own.
  constraint audit_retirements_four_eyes check (decided_by is null or decided_by <> requested_by)
);

-- One at a time: the next begins where this one ended.
create unique index audit_retirements_one_open on audit_retirements ((true)) where state in ('requested', 'approved');

-- How far each book is retired by it. Written with the request and never changed: what is decided on does not grow.
-- local
create table audit_retirement_parts (
  retirement_id bigint not null,
  book text not null,
  -- Last batch that leaves, and the event id up to which it reaches.
  sequence bigint not null,
  to_event bigint not null,
  row_count bigint not null,
  constraint audit_retirement_parts_pkey primary key (retirement_id, book),
  constraint audit_retirement_parts_book_known check (book in ('person', 'system'))
);
