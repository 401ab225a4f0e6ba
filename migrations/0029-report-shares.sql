-- One report shown to somebody by a QR code (分享给医生): for a few minutes, so many times, revocable.

-- distributed by person_id
create table report_shares (
  person_id bigint not null,
  share_id bigint generated always as identity,
  public_id uuid not null,
  -- Whose it is, as the sharer addresses the person; the report may stand under another record of the same person.
  owner_id bigint not null,
  report_public_id uuid not null,
  -- The name down to its first character, no birth date and no numbers.
  masked boolean not null,
  -- Lines of restricted classes too.
  restricted boolean not null,
  openings_max integer not null,
  openings integer not null,
  actor text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  constraint report_shares_pkey primary key (person_id, share_id)
);

create index report_shares_public on report_shares (public_id);

create index report_shares_owner on report_shares (owner_id, made_at);

-- The token is in the QR code alone; whoever reads this table cannot open a report with it.
-- distributed by token_hash
create table report_share_tokens (
  token_hash text not null,
  person_id bigint not null,
  share_public_id uuid not null,
  constraint report_share_tokens_pkey primary key (token_hash)
);

-- distributed by person_id
create table report_share_openings (
  person_id bigint not null,
  share_public_id uuid not null,
  opening integer not null,
  opened_at timestamptz not null,
  peer text not null,
  constraint report_share_openings_pkey primary key (person_id, share_public_id, opening)
);
