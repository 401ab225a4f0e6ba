-- Short codes by which a patient answers one request for consent on a phone without scanning, and who tried how often.

-- One code, shown beside the QR code of the same request. The digits are on that screen alone; this is their keyed hash.
-- distributed by code_hash
create table consent_codes (
  code_hash text not null,
  -- The request: whose consent, asked for by whom.
  person_public_id uuid not null,
  institution_code text not null,
  staff_number text,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  -- The account that typed it first: nobody else opens it afterwards.
  opened_by text,
  -- Under which key its one decision was sent; sent again it is the same decision.
  decided_key text,
  constraint consent_codes_pkey primary key (code_hash)
);

create index consent_codes_expiry on consent_codes (expires_at);

-- Tries of an account, and of a network address, within one hour. What was right is given back.
-- distributed by trier_hash
create table consent_code_tries (
  trier_hash text not null,
  hour_starts_at timestamptz not null,
  tries integer not null,
  constraint consent_code_tries_pkey primary key (trier_hash, hour_starts_at)
);

create index consent_code_tries_hour on consent_code_tries (hour_starts_at);
