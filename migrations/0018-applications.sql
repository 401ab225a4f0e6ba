-- SMART apps and OpenID Connect clients of the embedded issuer, and what the issuer keeps of them. Asked for at every call
-- of an app and small, therefore local to the coordinator.

-- local
create table applications (
  application_id bigint generated always as identity primary key,
  -- The client_id of OAuth 2.0.
  code text not null constraint applications_code_key unique,
  name text not null,
  -- The institution whose app it is; null for one that patients and doctors of any institution use.
  institution text,
  -- public: runs in a browser or phone, proves itself by PKCE alone; confidential: signs with its key (private_key_jwt);
  -- backend: a system without a person, signs with its key.
  kind text not null,
  redirect_addresses text[] not null default '{}',
  -- Where an EHR launch sends the browser.
  launch_address text,
  -- Public keys only, a JWK set.
  keys jsonb,
  scopes text[] not null,
  disabled_at timestamptz,
  created_at timestamptz not null,
  constraint applications_kind_known check (kind in ('public', 'confidential', 'backend')),
  constraint applications_keys_fit check ((kind = 'public') = (keys is null)),
  constraint applications_redirect_fits check ((kind = 'backend') = (redirect_addresses = '{}')),
  constraint applications_institution_named check (kind <> 'backend' or institution is not null)
);

-- Codes, tokens, grants and sessions of the issuer. An id is a secret in a browser's or an app's hands: only its hash lies
-- here, and what belongs to it is sealed by the key ring.
-- local
create table issuer_artifacts (
  kind text not null,
  id_hash text not null,
  -- Revoked together: what one consent of one person led to.
  grant_hash text,
  uid_hash text,
  key_id text not null,
  payload bytea not null,
  consumed_at timestamptz,
  expires_at timestamptz not null,
  constraint issuer_artifacts_pkey primary key (kind, id_hash)
);

create index issuer_artifacts_grant on issuer_artifacts (grant_hash) where grant_hash is not null;

create index issuer_artifacts_uid on issuer_artifacts (uid_hash) where uid_hash is not null;

create index issuer_artifacts_expiry on issuer_artifacts (expires_at);

-- Who let an app act, and for which patient.
-- local
create table application_contexts (
  grant_hash text primary key,
  account_id bigint not null constraint application_contexts_account_fk references accounts (account_id),
  -- null: for no patient in particular.
  person_public_id uuid,
  expires_at timestamptz not null
);

create index application_contexts_expiry on application_contexts (expires_at);

-- Launches of an app out of a hospital's system for one patient: each is used once.
-- local
create table application_launches (
  token_hash text primary key,
  application_id bigint not null constraint application_launches_application_fk references applications (application_id),
  institution text not null,
  -- Only this doctor may take it up.
  staff_number text not null,
  person_public_id uuid not null,
  created_by text not null,
  used_at timestamptz,
  expires_at timestamptz not null
);

create index application_launches_expiry on application_launches (expires_at);

-- What apps know an account by: says nothing of the person, and stays when the login changes.
alter table accounts add column subject uuid not null default gen_random_uuid();
alter table accounts add constraint accounts_subject_key unique (subject);
