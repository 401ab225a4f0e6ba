-- Who may come in: people with a password, their sessions, and system clients with a key. None of it names a patient.
-- Small and asked on every request of a page, therefore local to the coordinator.

-- local
create table accounts (
  account_id bigint generated always as identity primary key,
  login text not null constraint accounts_login_key unique,
  -- scrypt with its parameters and salt, so that they can be raised later without locking anybody out.
  password_hash text not null,
  role text not null,
  institution text,
  -- 工号 inside the institution.
  staff_number text,
  department text,
  display_name text not null,
  failed_attempts integer not null default 0,
  locked_until timestamptz,
  -- Set by a person, unlike locked_until; ends every session.
  disabled_at timestamptz,
  created_at timestamptz not null,
  constraint accounts_role_known
    check (role in ('doctor', 'medical-affairs', 'institution-it', 'regulator', 'operator')),
  constraint accounts_institution_named
    check (institution is not null or role in ('regulator', 'operator'))
);

create unique index accounts_staff_number on accounts (institution, staff_number) where staff_number is not null;

-- The token itself is only in the browser; whoever reads this table cannot sign in with it.
-- local
create table account_sessions (
  token_hash text primary key,
  account_id bigint not null constraint account_sessions_account_fk references accounts (account_id),
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);

create index account_sessions_account on account_sessions (account_id);

create index account_sessions_expiry on account_sessions (expires_at);

-- local
create table clients (
  client_id bigint generated always as identity primary key,
  code text not null constraint clients_code_key unique,
  name text not null,
  -- SHA-256 of the key. The key has 256 random bits, so a slow hash would add nothing.
  key_hash text not null,
  institution text not null,
  purposes text[] not null,
  disabled_at timestamptz,
  created_at timestamptz not null
);
