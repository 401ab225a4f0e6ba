-- Second factor, age and history of passwords, sign-in by other issuers. Asked for at a sign-in only.

alter table accounts add column password_set_at timestamptz;
-- True where somebody else than the person made the password.
alter table accounts add column password_given boolean not null default false;

-- Passwords that must not come again.
-- local
create table account_passwords (
  account_id bigint not null constraint account_passwords_account_fk references accounts (account_id),
  set_at timestamptz not null,
  password_hash text not null,
  constraint account_passwords_pkey primary key (account_id, set_at)
);

-- Time-based codes (RFC 6238). The secret is sealed by the key ring.
-- local
create table account_second_factors (
  account_id bigint primary key constraint account_second_factors_account_fk references accounts (account_id),
  secret bytea not null,
  key_id text not null,
  -- Number of the last period whose code was taken: none of it or before is taken again.
  last_period bigint not null,
  created_at timestamptz not null
);

-- For whoever has lost the phone: each is good once. 80 random bits, so a slow hash would add nothing.
-- local
create table account_recovery_codes (
  account_id bigint not null constraint account_recovery_codes_account_fk references accounts (account_id),
  code_hash text not null,
  used_at timestamptz,
  constraint account_recovery_codes_pkey primary key (account_id, code_hash)
);

-- Between a right password and a session: the token is in the page of one browser.
-- local
create table pending_sign_ins (
  token_hash text primary key,
  account_id bigint not null constraint pending_sign_ins_account_fk references accounts (account_id),
  browser_hash text not null,
  next_path text not null,
  -- Code of the issuer that vouched for the person; null: the password was right.
  issuer_code text,
  second_factor_shown boolean not null default false,
  -- Of a second factor that is being set up, sealed by the key ring.
  new_secret bytea,
  new_secret_key_id text,
  expires_at timestamptz not null
);

create index pending_sign_ins_expiry on pending_sign_ins (expires_at);

-- On the way to another issuer and back: each state is good once, in the browser it was made for.
-- local
create table issuer_sign_ins (
  state_hash text primary key,
  issuer_code text not null,
  browser_hash text not null,
  nonce text not null,
  -- The PKCE verifier, sealed by the key ring.
  verifier bytea not null,
  key_id text not null,
  next_path text not null,
  expires_at timestamptz not null
);

create index issuer_sign_ins_expiry on issuer_sign_ins (expires_at);

-- Who somebody is at another issuer. Whoever is not here, and is not matched by a claim, is refused.
-- local
create table account_identities (
  issuer text not null,
  subject text not null,
  account_id bigint not null constraint account_identities_account_fk references accounts (account_id),
  created_at timestamptz not null,
  constraint account_identities_pkey primary key (issuer, subject)
);

-- Code of the issuer that vouched for the session's holder, for signing out there too; null: signed in here.
alter table account_sessions add column issuer_code text;
