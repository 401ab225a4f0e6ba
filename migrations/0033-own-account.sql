-- breaking
-- What people see of their own account: from where a session was begun, and which apps they let in, for what. A consent
-- given before this cannot name its app: it ends here, and the app asks again.

alter table account_sessions add column peer text;

delete from application_contexts;

alter table application_contexts add column application_code text not null;

alter table application_contexts add column scopes text[] not null;

alter table application_contexts add column granted_at timestamptz not null;

create index application_contexts_account on application_contexts (account_id);

-- Where an app publishes its public keys (jwks_uri), in place of keys handed in: https, named by the operator.
alter table applications add column key_address text;

-- resource-server: a system that only asks whether tokens are good (RFC 7662).
alter table applications drop constraint applications_kind_known;

alter table applications add constraint applications_kind_known
  check (kind in ('public', 'confidential', 'backend', 'resource-server'));

alter table applications drop constraint applications_keys_fit;

alter table applications add constraint applications_keys_fit
  check (num_nonnulls(keys, key_address) = case when kind = 'public' then 0 else 1 end);

alter table applications drop constraint applications_redirect_fits;

alter table applications add constraint applications_redirect_fits
  check ((kind in ('backend', 'resource-server')) = (redirect_addresses = '{}'));

alter table applications drop constraint applications_institution_named;

alter table applications add constraint applications_institution_named
  check (kind not in ('backend', 'resource-server') or institution is not null);
