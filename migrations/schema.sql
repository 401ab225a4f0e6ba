-- The schema that the migrations make, as PostgreSQL's catalogue tells it: for reading and for comparing.
-- Written by "npm run schema"; a test compares it with the migrations. It is not run.

create sequence person_link_event_ids as bigint;

create table account_identities (
  issuer text not null,
  subject text not null,
  account_id bigint not null,
  created_at timestamp with time zone not null,
  constraint account_identities_account_fk FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint account_identities_pkey PRIMARY KEY (issuer, subject)
);

create table account_passwords (
  account_id bigint not null,
  set_at timestamp with time zone not null,
  password_hash text not null,
  constraint account_passwords_account_fk FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint account_passwords_pkey PRIMARY KEY (account_id, set_at)
);

create table account_recovery_codes (
  account_id bigint not null,
  code_hash text not null,
  used_at timestamp with time zone,
  constraint account_recovery_codes_account_fk FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint account_recovery_codes_pkey PRIMARY KEY (account_id, code_hash)
);

create table account_second_factors (
  account_id bigint not null,
  secret bytea not null,
  key_id text not null,
  last_period bigint not null,
  created_at timestamp with time zone not null,
  constraint account_second_factors_account_fk FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint account_second_factors_pkey PRIMARY KEY (account_id)
);

create table account_sessions (
  token_hash text not null,
  account_id bigint not null,
  created_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  issuer_code text,
  peer text,
  constraint account_sessions_account_fk FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint account_sessions_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX account_sessions_account ON public.account_sessions USING btree (account_id);
CREATE INDEX account_sessions_expiry ON public.account_sessions USING btree (expires_at);

create table accounts (
  account_id bigint not null generated always as identity,
  login text not null,
  password_hash text not null,
  role text not null,
  institution text,
  staff_number text,
  department text,
  display_name text not null,
  failed_attempts integer not null default 0,
  locked_until timestamp with time zone,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null,
  person_public_id uuid,
  subject uuid not null default gen_random_uuid(),
  password_set_at timestamp with time zone,
  password_given boolean not null default false,
  national_id_hash text,
  constraint accounts_institution_named CHECK (((institution IS NOT NULL) OR (role = ANY (ARRAY['regulator'::text, 'operator'::text, 'patient'::text])))),
  constraint accounts_person_named CHECK (((role = 'patient'::text) = (person_public_id IS NOT NULL))),
  constraint accounts_role_known CHECK ((role = ANY (ARRAY['doctor'::text, 'registrar'::text, 'medical-affairs'::text, 'institution-it'::text, 'privacy-officer'::text, 'regulator'::text, 'operator'::text, 'patient'::text]))),
  constraint accounts_pkey PRIMARY KEY (account_id),
  constraint accounts_login_key UNIQUE (login),
  constraint accounts_subject_key UNIQUE (subject)
);
CREATE UNIQUE INDEX accounts_staff_number ON public.accounts USING btree (institution, staff_number) WHERE (staff_number IS NOT NULL);

create table anomaly_progress (
  book text not null,
  to_event bigint not null,
  constraint anomaly_progress_pkey PRIMARY KEY (book)
);

create table answer_deliveries (
  person_id bigint not null,
  delivery_id bigint not null generated always as identity,
  check_public_id uuid not null,
  response_public_id uuid not null,
  client_code text not null,
  state text not null default 'waiting'::text,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  last_outcome text,
  constraint answer_deliveries_pkey PRIMARY KEY (person_id, delivery_id),
  constraint answer_deliveries_once UNIQUE (person_id, check_public_id, response_public_id)
);
CREATE INDEX answer_deliveries_waiting ON public.answer_deliveries USING btree (next_attempt_at) WHERE (state = 'waiting'::text);

create table application_contexts (
  grant_hash text not null,
  account_id bigint not null,
  person_public_id uuid,
  expires_at timestamp with time zone not null,
  application_code text not null,
  scopes text[] not null,
  granted_at timestamp with time zone not null,
  constraint application_contexts_account_fk FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint application_contexts_pkey PRIMARY KEY (grant_hash)
);
CREATE INDEX application_contexts_account ON public.application_contexts USING btree (account_id);
CREATE INDEX application_contexts_expiry ON public.application_contexts USING btree (expires_at);

create table application_entities (
  ae_id bigint not null generated always as identity,
  institution_id bigint not null,
  ae_title text not null,
  services text[] not null,
  networks text[] not null,
  certificate_fingerprint text,
  host text,
  port integer,
  tls boolean not null default false,
  assumed_charset text,
  active boolean not null default true,
  corrects_patient boolean not null default false,
  constraint application_entities_proof CHECK (((cardinality(networks) > 0) OR (certificate_fingerprint IS NOT NULL))),
  constraint application_entities_institution_fk FOREIGN KEY (institution_id) REFERENCES institutions(institution_id),
  constraint application_entities_pkey PRIMARY KEY (ae_id),
  constraint application_entities_title_key UNIQUE (institution_id, ae_title)
);

create table application_launches (
  token_hash text not null,
  application_id bigint not null,
  institution text not null,
  staff_number text not null,
  person_public_id uuid not null,
  created_by text not null,
  used_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  constraint application_launches_application_fk FOREIGN KEY (application_id) REFERENCES applications(application_id),
  constraint application_launches_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX application_launches_expiry ON public.application_launches USING btree (expires_at);

create table applications (
  application_id bigint not null generated always as identity,
  code text not null,
  name text not null,
  institution text,
  kind text not null,
  redirect_addresses text[] not null default '{}'::text[],
  launch_address text,
  keys jsonb,
  scopes text[] not null,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null,
  key_address text,
  constraint applications_institution_named CHECK (((kind <> ALL (ARRAY['backend'::text, 'resource-server'::text])) OR (institution IS NOT NULL))),
  constraint applications_keys_fit CHECK ((num_nonnulls(keys, key_address) =
CASE
    WHEN (kind = 'public'::text) THEN 0
    ELSE 1
END)),
  constraint applications_kind_known CHECK ((kind = ANY (ARRAY['public'::text, 'confidential'::text, 'backend'::text, 'resource-server'::text]))),
  constraint applications_redirect_fits CHECK (((kind = ANY (ARRAY['backend'::text, 'resource-server'::text])) = (redirect_addresses = '{}'::text[]))),
  constraint applications_pkey PRIMARY KEY (application_id),
  constraint applications_code_key UNIQUE (code)
);

create table audit_events (
  person_id bigint not null,
  event_id bigint not null generated always as identity,
  public_id uuid not null,
  occurred_at timestamp with time zone not null,
  actor text not null,
  institution_id bigint,
  action text not null,
  resource text not null,
  purpose text not null,
  basis text not null,
  outcome text not null,
  peer text not null,
  role text,
  department text,
  staff_number text,
  constraint audit_events_pkey PRIMARY KEY (person_id, event_id)
);
CREATE INDEX audit_events_event ON public.audit_events USING brin (event_id) WITH (pages_per_range='32', autosummarize='on');

create table audit_retirement_parts (
  retirement_id bigint not null,
  book text not null,
  sequence bigint not null,
  to_event bigint not null,
  row_count bigint not null,
  constraint audit_retirement_parts_book_known CHECK ((book = ANY (ARRAY['person'::text, 'system'::text]))),
  constraint audit_retirement_parts_pkey PRIMARY KEY (retirement_id, book)
);

create table audit_retirements (
  retirement_id bigint not null generated always as identity,
  public_id uuid not null,
  before_at timestamp with time zone not null,
  reason text not null,
  state text not null,
  requested_by text not null,
  requested_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  archive_digest text,
  done_at timestamp with time zone,
  constraint audit_retirements_four_eyes CHECK (((decided_by IS NULL) OR (decided_by <> requested_by))),
  constraint audit_retirements_state_known CHECK ((state = ANY (ARRAY['requested'::text, 'refused'::text, 'approved'::text, 'done'::text]))),
  constraint audit_retirements_pkey PRIMARY KEY (retirement_id),
  constraint audit_retirements_public UNIQUE (public_id)
);
CREATE UNIQUE INDEX audit_retirements_one_open ON public.audit_retirements USING btree ((true)) WHERE (state = ANY (ARRAY['requested'::text, 'approved'::text]));

create table audit_seals (
  book text not null,
  sequence bigint not null,
  from_event bigint not null,
  to_event bigint not null,
  row_count integer not null,
  digest text not null,
  members bytea not null,
  previous_hash bytea not null,
  chain_hash bytea not null,
  sealed_at timestamp with time zone not null,
  rows_hash bytea,
  constraint audit_seals_book_known CHECK ((book = ANY (ARRAY['person'::text, 'system'::text]))),
  constraint audit_seals_digest_known CHECK ((digest = ANY (ARRAY['sha256'::text, 'sm3'::text]))),
  constraint audit_seals_pkey PRIMARY KEY (book, sequence)
);

create table care_openings (
  person_id bigint not null,
  opening_id bigint not null generated always as identity,
  institution_id bigint not null,
  actor text not null,
  basis text not null,
  encounter_number text,
  opened_at timestamp with time zone not null,
  open_until timestamp with time zone not null,
  constraint care_openings_basis_known CHECK ((basis = ANY (ARRAY['presented-number'::text, 'encounter'::text]))),
  constraint care_openings_encounter_named CHECK (((basis = 'encounter'::text) = (encounter_number IS NOT NULL))),
  constraint care_openings_pkey PRIMARY KEY (person_id, opening_id)
);

create table cds_cards (
  card_id uuid not null,
  suggestion_id uuid,
  service text not null,
  check_public_id uuid not null,
  institution_id bigint not null,
  lines integer[] not null,
  shown_at timestamp with time zone not null,
  constraint cds_cards_pkey PRIMARY KEY (card_id)
);

create table cds_clients (
  client_code text not null,
  issuer text not null,
  registration text not null,
  registered_at timestamp with time zone not null,
  constraint cds_clients_client_fk FOREIGN KEY (client_code) REFERENCES clients(code),
  constraint cds_clients_pkey PRIMARY KEY (client_code),
  constraint cds_clients_issuer_key UNIQUE (issuer)
);

create table cds_feedback (
  card_id uuid not null,
  feedback_hash text not null,
  outcome text not null,
  feedback text not null,
  not_counted text,
  received_at timestamp with time zone not null,
  constraint cds_feedback_pkey PRIMARY KEY (card_id, feedback_hash)
);

create table cds_used_tokens (
  token_hash text not null,
  expires_at timestamp with time zone not null,
  constraint cds_used_tokens_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX cds_used_tokens_expiry ON public.cds_used_tokens USING btree (expires_at);

create table check_marks (
  person_id bigint not null,
  mark_id bigint not null generated always as identity,
  check_public_id uuid not null,
  report_public_id uuid not null,
  report_version integer not null,
  kind text not null,
  relied boolean not null,
  marked_at timestamp with time zone not null,
  constraint check_marks_pkey PRIMARY KEY (person_id, mark_id),
  constraint check_marks_once UNIQUE (person_id, check_public_id, report_public_id, report_version, kind)
);
CREATE INDEX check_marks_relied ON public.check_marks USING btree (marked_at) WHERE relied;

create table check_responses (
  person_id bigint not null,
  response_id bigint not null generated always as identity,
  public_id uuid not null,
  check_public_id uuid not null,
  request_key text not null,
  line integer not null,
  local_code text not null,
  kind text not null,
  report_public_id uuid,
  ordinal integer,
  report_version integer,
  reason text,
  local_reason text,
  sub_reasons text[] not null,
  reason_text text,
  undoes uuid,
  actor text not null,
  doctor text,
  responded_at timestamp with time zone not null,
  offered text,
  institution_id bigint,
  item_ids bigint[],
  stands_until timestamp with time zone,
  constraint check_responses_pkey PRIMARY KEY (person_id, response_id),
  constraint check_responses_once UNIQUE (person_id, check_public_id, request_key)
);
CREATE INDEX check_responses_check ON public.check_responses USING btree (person_id, check_public_id);
CREATE INDEX check_responses_institution ON public.check_responses USING btree (institution_id, responded_at) WHERE (kind = ANY (ARRAY['recognise'::text, 're-examine'::text]));

create table client_launches (
  client_id bigint not null,
  launch_secret bytea,
  launch_key_id text,
  launch_digest text not null default 'sha256'::text,
  frame_origins text[] not null default '{}'::text[],
  answer_way text not null default 'polling'::text,
  answer_url text,
  answer_secret bytea,
  answer_key_id text,
  updated_at timestamp with time zone not null,
  constraint client_launches_answer_whole CHECK (((answer_way = 'polling'::text) OR ((answer_url IS NOT NULL) AND (answer_secret IS NOT NULL)))),
  constraint client_launches_digest_known CHECK ((launch_digest = ANY (ARRAY['sha256'::text, 'sm3'::text]))),
  constraint client_launches_way_known CHECK ((answer_way = ANY (ARRAY['polling'::text, 'callback'::text, 'form-post'::text]))),
  constraint client_launches_client_fk FOREIGN KEY (client_id) REFERENCES clients(client_id),
  constraint client_launches_pkey PRIMARY KEY (client_id)
);

create table clients (
  client_id bigint not null generated always as identity,
  code text not null,
  name text not null,
  key_hash text not null,
  institution text not null,
  purposes text[] not null,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint clients_pkey PRIMARY KEY (client_id),
  constraint clients_code_key UNIQUE (code)
);

create table code_map_moves (
  institution_id bigint not null,
  mapped text not null,
  moved_at timestamp with time zone not null,
  constraint code_map_moves_pkey PRIMARY KEY (institution_id)
);

create table commitment_reports (
  report_id bigint not null generated always as identity,
  institution_id bigint not null,
  ae_title text not null,
  called_ae_title text not null,
  transaction_uid text not null,
  sop_class_uids text[] not null,
  sop_uids text[] not null,
  failure_reasons integer[] not null,
  attempts integer not null,
  next_attempt_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint commitment_reports_institution_fk FOREIGN KEY (institution_id) REFERENCES institutions(institution_id),
  constraint commitment_reports_pkey PRIMARY KEY (report_id)
);
CREATE INDEX commitment_reports_due ON public.commitment_reports USING btree (next_attempt_at);

create table consent_acts (
  person_id bigint not null,
  act_id bigint not null generated always as identity,
  public_id uuid not null,
  request_key text not null,
  kind text not null,
  purpose text not null,
  source_institution_id bigint,
  recipient_institution_id bigint,
  record_class text,
  relation text not null,
  way text not null,
  wording text not null,
  acted_at timestamp with time zone not null,
  until timestamp with time zone,
  representative bytea,
  representative_key_id text,
  actor text not null,
  staff_number text,
  witness text,
  institution_id bigint,
  check_public_id uuid,
  scan_object text,
  scan_media_type text,
  scan_size integer,
  recorded_at timestamp with time zone not null,
  constraint consent_acts_kind_known CHECK ((kind = ANY (ARRAY['informed'::text, 'consented'::text, 'denied'::text, 'withdrawn'::text]))),
  constraint consent_acts_representative_sealed CHECK (((representative IS NULL) = (representative_key_id IS NULL))),
  constraint consent_acts_pkey PRIMARY KEY (person_id, act_id),
  constraint consent_acts_once UNIQUE (person_id, request_key)
);
CREATE INDEX consent_acts_public ON public.consent_acts USING btree (public_id);

create table consent_code_tries (
  trier_hash text not null,
  hour_starts_at timestamp with time zone not null,
  tries integer not null,
  constraint consent_code_tries_pkey PRIMARY KEY (trier_hash, hour_starts_at)
);
CREATE INDEX consent_code_tries_hour ON public.consent_code_tries USING btree (hour_starts_at);

create table consent_codes (
  code_hash text not null,
  person_public_id uuid not null,
  institution_code text not null,
  staff_number text,
  made_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  opened_by text,
  decided_key text,
  constraint consent_codes_pkey PRIMARY KEY (code_hash)
);
CREATE INDEX consent_codes_expiry ON public.consent_codes USING btree (expires_at);

create table consultation_opinion_withdrawals (
  person_id bigint not null,
  opinion_id bigint not null,
  actor text not null,
  doctor_name text not null,
  reason text not null,
  withdrawn_at timestamp with time zone not null,
  constraint consultation_opinion_withdrawals_opinion FOREIGN KEY (person_id, opinion_id) REFERENCES consultation_opinions(person_id, opinion_id),
  constraint consultation_opinion_withdrawals_pkey PRIMARY KEY (person_id, opinion_id)
);

create table consultation_opinions (
  person_id bigint not null,
  opinion_id bigint not null generated always as identity,
  public_id uuid not null,
  request_key text not null,
  report_public_id uuid not null,
  report_version integer not null,
  institution_id bigint not null,
  actor text not null,
  doctor_name text not null,
  text text not null,
  stated_at timestamp with time zone not null,
  constraint consultation_opinions_pkey PRIMARY KEY (person_id, opinion_id),
  constraint consultation_opinions_once UNIQUE (person_id, request_key)
);
CREATE INDEX consultation_opinions_report ON public.consultation_opinions USING btree (person_id, report_public_id);

create table correction_events (
  person_id bigint not null,
  event_id bigint not null generated always as identity,
  correction_public_id uuid not null,
  state text not null,
  actor text not null,
  occurred_at timestamp with time zone not null,
  place integer not null default 1,
  step text not null default 'submit'::text,
  party text not null default 'reporter'::text,
  note text not null default ''::text,
  reason text,
  remedy text,
  report_version integer,
  request_key text,
  constraint correction_events_pkey PRIMARY KEY (person_id, event_id)
);
CREATE INDEX correction_events_correction ON public.correction_events USING btree (person_id, correction_public_id);
CREATE UNIQUE INDEX correction_events_once ON public.correction_events USING btree (person_id, correction_public_id, request_key);
CREATE UNIQUE INDEX correction_events_place ON public.correction_events USING btree (person_id, correction_public_id, place);

create table correction_notices (
  person_id bigint not null,
  correction_public_id uuid not null,
  place integer not null,
  addressee text not null,
  told_at timestamp with time zone not null,
  seen_at timestamp with time zone,
  constraint correction_notices_pkey PRIMARY KEY (person_id, correction_public_id, place, addressee)
);
CREATE INDEX correction_notices_unseen ON public.correction_notices USING btree (addressee) WHERE (seen_at IS NULL);

create table corrections (
  person_id bigint not null,
  correction_id bigint not null generated always as identity,
  public_id uuid not null,
  ticket text not null,
  request_key text not null,
  report_public_id uuid not null,
  report_version integer not null,
  ordinal integer,
  institution_id bigint not null,
  reporting_institution_id bigint,
  kind text not null,
  text text not null,
  photo_object text,
  photo_media_type text,
  photo_size integer,
  actor text not null,
  doctor text,
  submitted_at timestamp with time zone not null,
  accept_by timestamp with time zone,
  answer_by timestamp with time zone,
  party text not null default 'staff'::text,
  on_behalf text,
  years_without_holidays integer[],
  constraint corrections_pkey PRIMARY KEY (person_id, correction_id),
  constraint corrections_once UNIQUE (person_id, request_key)
);
CREATE INDEX corrections_desk ON public.corrections USING btree (institution_id, submitted_at);
CREATE INDEX corrections_doctor ON public.corrections USING btree (reporting_institution_id, doctor) WHERE (doctor IS NOT NULL);
CREATE INDEX corrections_on_behalf ON public.corrections USING btree (reporting_institution_id) WHERE (on_behalf IS NOT NULL);
CREATE INDEX corrections_own ON public.corrections USING btree (actor, submitted_at);
CREATE INDEX corrections_public ON public.corrections USING btree (public_id);
CREATE INDEX corrections_report ON public.corrections USING btree (person_id, report_public_id);

create table decision_reviews (
  person_id bigint not null,
  review_id bigint not null generated always as identity,
  check_public_id uuid not null,
  correction_public_id uuid,
  report_public_id uuid not null,
  report_version integer not null,
  reviewed_at timestamp with time zone not null,
  evaluator integer not null,
  snapshot_id text not null,
  facts text not null,
  verdicts text not null,
  constraint decision_reviews_pkey PRIMARY KEY (person_id, review_id),
  constraint decision_reviews_once UNIQUE (person_id, check_public_id, correction_public_id)
);
CREATE INDEX decision_reviews_correction ON public.decision_reviews USING btree (correction_public_id);
CREATE UNIQUE INDEX decision_reviews_version ON public.decision_reviews USING btree (person_id, check_public_id, report_public_id, report_version) WHERE (correction_public_id IS NULL);

create table desk_visits (
  person_id bigint not null,
  public_id uuid not null,
  institution_id bigint not null,
  actor text not null,
  present text not null,
  document text not null,
  opened_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  constraint desk_visits_pkey PRIMARY KEY (person_id, public_id)
);
CREATE INDEX desk_visits_public ON public.desk_visits USING btree (public_id);

create table disputed_reports (
  person_id bigint not null,
  report_public_id uuid not null,
  correction_public_id uuid not null,
  disputed_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint disputed_reports_pkey PRIMARY KEY (person_id, report_public_id, correction_public_id)
);

create table duplicate_counts (
  sender_id bigint not null,
  minute_at timestamp with time zone not null,
  messages integer not null,
  constraint duplicate_counts_pkey PRIMARY KEY (sender_id, minute_at)
);

create table emergency_accesses (
  person_id bigint not null,
  public_id uuid not null,
  institution_id bigint not null,
  doctor text not null,
  actor text not null,
  department text,
  reason text not null,
  reason_text text not null,
  opened_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  peer text not null,
  ended_at timestamp with time zone,
  constraint emergency_accesses_pkey PRIMARY KEY (person_id, public_id)
);

create table folded_uids (
  institution_id bigint not null,
  series_id bigint not null,
  part integer not null,
  person_id bigint not null,
  digests bigint[] not null,
  constraint folded_uids_pkey PRIMARY KEY (institution_id, series_id, part)
);
CREATE INDEX folded_uids_digests ON public.folded_uids USING gin (digests) WITH (fastupdate=off);

create table image_hold_steps (
  step_id bigint not null generated always as identity,
  hold_public_id uuid not null,
  place integer not null,
  step text not null,
  note text not null,
  instances integer not null,
  actor text not null,
  taken_at timestamp with time zone not null,
  constraint image_hold_steps_pkey PRIMARY KEY (step_id),
  constraint image_hold_steps_place UNIQUE (hold_public_id, place)
);

create table image_holds (
  hold_id bigint not null generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  reason text not null,
  detail text not null,
  subject text not null,
  person_id bigint,
  study_id bigint,
  sender text not null,
  instances integer not null,
  opened_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  state text not null default 'open'::text,
  constraint image_holds_pkey PRIMARY KEY (hold_id)
);
CREATE INDEX image_holds_institution ON public.image_holds USING btree (institution_id, state, last_at);
CREATE UNIQUE INDEX image_holds_open ON public.image_holds USING btree (institution_id, reason, subject) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX image_holds_public ON public.image_holds USING btree (public_id);

create table image_retirement_studies (
  retirement_id bigint not null,
  person_id bigint not null,
  study_id bigint not null,
  study_public_id uuid not null,
  study_uid text not null,
  retain_until text not null,
  rule text not null,
  counted_from text not null,
  instances integer not null,
  bytes bigint not null,
  removed_at timestamp with time zone,
  left_reason text,
  constraint image_retirement_studies_pkey PRIMARY KEY (retirement_id, person_id, study_id)
);

create table image_retirements (
  retirement_id bigint not null generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  reason text not null,
  state text not null,
  requested_by text not null,
  requested_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  done_at timestamp with time zone,
  constraint image_retirements_four_eyes CHECK (((decided_by IS NULL) OR (decided_by <> requested_by))),
  constraint image_retirements_state_known CHECK ((state = ANY (ARRAY['requested'::text, 'refused'::text, 'approved'::text, 'done'::text]))),
  constraint image_retirements_pkey PRIMARY KEY (retirement_id),
  constraint image_retirements_public UNIQUE (public_id)
);

create table image_traffic (
  institution_id bigint not null,
  month text not null,
  way text not null,
  transfers bigint not null,
  bytes bigint not null,
  constraint image_traffic_pkey PRIMARY KEY (institution_id, month, way)
);

create table imaging_conflicts (
  person_id bigint not null,
  conflict_id bigint not null generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  study_id bigint not null,
  reason text not null,
  sop_uid text not null,
  kept_content text not null,
  other_content text not null,
  sender text not null,
  found_at timestamp with time zone not null,
  state text not null default 'open'::text,
  resolved_at timestamp with time zone,
  resolved_by text,
  hold_public_id uuid,
  constraint imaging_conflicts_pkey PRIMARY KEY (person_id, conflict_id),
  constraint imaging_conflicts_once UNIQUE (person_id, sop_uid, other_content)
);
CREATE INDEX imaging_conflicts_institution ON public.imaging_conflicts USING btree (institution_id, state, found_at);

create table instance_keys (
  sop_uid text not null,
  institution_id bigint not null,
  content text not null,
  sop_class_uid text not null,
  person_id bigint not null,
  series_id bigint not null,
  received_at timestamp with time zone not null,
  constraint instance_keys_pkey PRIMARY KEY (sop_uid, institution_id)
);

create table instances (
  person_id bigint not null,
  series_id bigint not null,
  sop_uid text not null,
  sop_class_uid text not null,
  transfer_syntax_uid text not null,
  instance_number integer,
  content text not null,
  size bigint not null,
  rows integer,
  columns integer,
  frames integer,
  pixel_offset bigint,
  pixel_length bigint,
  frame_bytes bigint,
  sender text not null,
  received_at timestamp with time zone not null,
  constraint instances_pkey PRIMARY KEY (person_id, series_id, sop_uid)
);

create table institutions (
  institution_id bigint not null generated always as identity,
  code text not null,
  created_at timestamp with time zone not null default now(),
  constraint institutions_pkey PRIMARY KEY (institution_id),
  constraint institutions_code_key UNIQUE (code)
);

create table issuer_artifacts (
  kind text not null,
  id_hash text not null,
  grant_hash text,
  uid_hash text,
  key_id text not null,
  payload bytea not null,
  consumed_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  constraint issuer_artifacts_pkey PRIMARY KEY (kind, id_hash)
);
CREATE INDEX issuer_artifacts_expiry ON public.issuer_artifacts USING btree (expires_at);
CREATE INDEX issuer_artifacts_grant ON public.issuer_artifacts USING btree (grant_hash) WHERE (grant_hash IS NOT NULL);
CREATE INDEX issuer_artifacts_uid ON public.issuer_artifacts USING btree (uid_hash) WHERE (uid_hash IS NOT NULL);

create table issuer_sign_ins (
  state_hash text not null,
  issuer_code text not null,
  browser_hash text not null,
  nonce text not null,
  verifier bytea not null,
  key_id text not null,
  next_path text not null,
  expires_at timestamp with time zone not null,
  constraint issuer_sign_ins_pkey PRIMARY KEY (state_hash)
);
CREATE INDEX issuer_sign_ins_expiry ON public.issuer_sign_ins USING btree (expires_at);

create table items (
  item_id bigint not null generated always as identity,
  code text not null,
  created_at timestamp with time zone not null default now(),
  constraint items_pkey PRIMARY KEY (item_id),
  constraint items_code_key UNIQUE (code)
);

create table key_images (
  person_id bigint not null,
  study_id bigint not null,
  reader text not null,
  images text not null,
  marked_at timestamp with time zone not null,
  constraint key_images_pkey PRIMARY KEY (person_id, study_id, reader)
);

create table launch_nonces (
  client_code text not null,
  nonce text not null,
  expires_at timestamp with time zone not null,
  constraint launch_nonces_pkey PRIMARY KEY (client_code, nonce)
);
CREATE INDEX launch_nonces_expiry ON public.launch_nonces USING btree (expires_at);

create table list_versions (
  content_hash text not null,
  kind text not null,
  code text not null,
  version text not null,
  status text not null,
  jurisdiction text not null,
  effective_from date not null,
  effective_to date,
  document text not null,
  published_at timestamp with time zone not null,
  published_by text not null,
  constraint list_versions_pkey PRIMARY KEY (content_hash),
  constraint list_versions_name_key UNIQUE (kind, code, version)
);

create table match_keys (
  value_hash text not null,
  person_id bigint not null,
  kind text not null,
  constraint match_keys_pkey PRIMARY KEY (value_hash, person_id)
);

create table message_keys (
  control_id text not null,
  sender_id bigint not null,
  content_key text not null,
  body_hash text not null,
  person_id bigint,
  acknowledgement text not null,
  received_at timestamp with time zone not null,
  check_public_id uuid,
  constraint message_keys_pkey PRIMARY KEY (control_id, sender_id, content_key)
);

create table messages (
  person_id bigint not null,
  message_id bigint not null generated always as identity,
  received_at timestamp with time zone not null,
  sender_id bigint not null,
  control_id text not null,
  message_type text not null,
  body bytea,
  body_object text,
  body_size integer not null,
  key_id text,
  constraint messages_kept CHECK (((body IS NOT NULL) OR (body_object IS NOT NULL))),
  constraint messages_pkey PRIMARY KEY (received_at, person_id, message_id)
) partition by RANGE (received_at);
CREATE INDEX messages_sender ON ONLY public.messages USING btree (sender_id, received_at);

create table messages_default partition of messages DEFAULT;

create table notice_copies (
  person_id bigint not null,
  notice_public_id uuid not null,
  copy integer not null,
  form text not null,
  actor text not null,
  issued_at timestamp with time zone not null,
  constraint notice_copies_pkey PRIMARY KEY (person_id, notice_public_id, copy)
);

create table notice_tokens (
  token_hash text not null,
  notice_public_id uuid not null,
  constraint notice_tokens_pkey PRIMARY KEY (token_hash)
);

create table notices (
  person_id bigint not null,
  notice_id bigint not null generated always as identity,
  public_id uuid not null,
  check_public_id uuid not null,
  line integer not null,
  response_public_id uuid not null,
  version integer not null,
  institution_id bigint not null,
  request_hash text not null,
  content bytea not null,
  key_id text not null,
  actor text not null,
  made_at timestamp with time zone not null,
  constraint notices_pkey PRIMARY KEY (person_id, notice_id),
  constraint notices_version UNIQUE (person_id, response_public_id, version)
);
CREATE INDEX notices_check ON public.notices USING btree (person_id, check_public_id);
CREATE INDEX notices_public ON public.notices USING btree (public_id);

create table opportunities (
  person_id bigint not null,
  institution_id bigint not null,
  encounter_key text not null,
  item_id bigint not null,
  best_grade text not null,
  encounter_class text not null,
  shown boolean not null,
  first_at timestamp with time zone not null,
  constraint opportunities_pkey PRIMARY KEY (person_id, institution_id, encounter_key, item_id)
);

create table order_checks (
  person_id bigint not null,
  check_id bigint not null generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  actor text not null,
  doctor text,
  department text,
  encounter_class text not null,
  encounter_number text,
  request_number text,
  checked_at timestamp with time zone not null,
  evaluator integer not null,
  snapshot_id text not null,
  cluster_version bigint not null,
  facts text not null,
  verdicts text not null,
  follows uuid,
  encounter_key text,
  constraint order_checks_pkey PRIMARY KEY (person_id, check_id)
);
CREATE INDEX order_checks_encounter ON public.order_checks USING btree (institution_id, encounter_number, checked_at DESC) WHERE (encounter_number IS NOT NULL);
CREATE INDEX order_checks_follows ON public.order_checks USING btree (follows) WHERE (follows IS NOT NULL);
CREATE INDEX order_checks_made ON public.order_checks USING btree (institution_id, checked_at DESC);
CREATE INDEX order_checks_public ON public.order_checks USING btree (public_id);
CREATE INDEX order_checks_request ON public.order_checks USING btree (institution_id, request_number, checked_at DESC) WHERE (request_number IS NOT NULL);

create table orders (
  person_id bigint not null,
  order_id bigint not null generated always as identity,
  institution_id bigint not null,
  placer_number text not null,
  encounter_number text,
  encounter_class text,
  local_code text not null,
  local_name text not null,
  item_id bigint,
  state text not null,
  requested_at timestamp with time zone not null,
  message_id bigint not null,
  doctor text,
  department text,
  diagnoses text[] not null,
  stated_at timestamp with time zone not null,
  check_public_id uuid,
  side text,
  constraint orders_pkey PRIMARY KEY (person_id, order_id),
  constraint orders_placer_key UNIQUE (person_id, institution_id, placer_number, local_code)
);
CREATE INDEX orders_encounter ON public.orders USING btree (institution_id, encounter_number) WHERE (encounter_number IS NOT NULL);
CREATE INDEX orders_placer ON public.orders USING btree (institution_id, placer_number);

create table outbox (
  person_id bigint not null,
  outbox_id bigint not null generated always as identity,
  topic text not null,
  payload text not null,
  created_at timestamp with time zone not null,
  constraint outbox_pkey PRIMARY KEY (outbox_id, person_id)
);

create table oversight_case_subjects (
  case_id bigint not null,
  place integer not null,
  person_id bigint not null,
  check_public_id uuid,
  report_public_id uuid,
  institution_id bigint not null,
  occurred_at timestamp with time zone not null,
  constraint oversight_case_subjects_named CHECK (((check_public_id IS NOT NULL) OR (report_public_id IS NOT NULL))),
  constraint oversight_case_subjects_pkey PRIMARY KEY (case_id, place)
);

create table oversight_cases (
  case_id bigint not null generated always as identity,
  public_id uuid not null,
  subject_kind text not null,
  subject_reference text not null,
  legal_basis text not null,
  reason text not null,
  state text not null,
  days_open integer not null,
  opened_by text not null,
  opened_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  decision_text text,
  open_until timestamp with time zone,
  closed_by text,
  closed_at timestamp with time zone,
  outcome text,
  closing_text text,
  constraint oversight_cases_four_eyes CHECK (((decided_by IS NULL) OR (decided_by <> opened_by))),
  constraint oversight_cases_state_known CHECK ((state = ANY (ARRAY['requested'::text, 'approved'::text, 'refused'::text, 'closed'::text]))),
  constraint oversight_cases_subject_known CHECK ((subject_kind = ANY (ARRAY['order-check'::text, 'notice'::text, 'ticket'::text, 'finding'::text]))),
  constraint oversight_cases_pkey PRIMARY KEY (case_id),
  constraint oversight_cases_public UNIQUE (public_id)
);

create table patient_keys (
  value_hash text not null,
  issuer text not null,
  person_id bigint not null,
  constraint patient_keys_pkey PRIMARY KEY (value_hash, issuer)
);

create table patient_notifications (
  person_id bigint not null,
  public_id uuid not null,
  kind text not null,
  content text not null,
  told_at timestamp with time zone not null,
  read_at timestamp with time zone,
  constraint patient_notifications_pkey PRIMARY KEY (person_id, public_id)
);

create table patient_supplied (
  person_id bigint not null,
  supplied_id bigint not null generated always as identity,
  public_id uuid not null,
  request_key text not null,
  institution_id bigint not null,
  actor text not null,
  doctor text,
  recorded_at timestamp with time zone not null,
  institution_text text not null,
  item_text text not null,
  item_code text,
  examined_on date,
  value_text text,
  note text,
  photo_object text not null,
  photo_media_type text not null,
  photo_size integer not null,
  constraint patient_supplied_pkey PRIMARY KEY (person_id, supplied_id),
  constraint patient_supplied_once UNIQUE (person_id, request_key)
);
CREATE INDEX patient_supplied_public ON public.patient_supplied USING btree (public_id);

create table pending_sign_ins (
  token_hash text not null,
  account_id bigint not null,
  browser_hash text not null,
  next_path text not null,
  issuer_code text,
  second_factor_shown boolean not null default false,
  new_secret bytea,
  new_secret_key_id text,
  expires_at timestamp with time zone not null,
  constraint pending_sign_ins_account_fk FOREIGN KEY (account_id) REFERENCES accounts(account_id),
  constraint pending_sign_ins_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX pending_sign_ins_expiry ON public.pending_sign_ins USING btree (expires_at);

create table person_cannot_links (
  person_id bigint not null,
  other_id bigint not null,
  cause text not null,
  event_id bigint not null,
  recorded_at timestamp with time zone not null,
  constraint person_cannot_links_pkey PRIMARY KEY (person_id, other_id)
);

create table person_clusters (
  person_id bigint not null,
  cluster_id bigint not null,
  version bigint not null,
  members bigint[] not null,
  strong_members bigint[] not null,
  constraint person_clusters_pkey PRIMARY KEY (person_id)
);

create table person_identifiers (
  person_id bigint not null,
  role text not null,
  type text not null,
  issuer text not null,
  value_hash text not null,
  value_cipher bytea not null,
  key_id text not null,
  valid boolean not null,
  recorded_at timestamp with time zone not null,
  constraint person_identifiers_pkey PRIMARY KEY (person_id, role, value_hash)
);

create table person_link_events (
  person_id bigint not null,
  event_id bigint not null,
  other_id bigint not null,
  kind text not null,
  grade text,
  cause text not null,
  evidence text[] not null,
  actor text not null,
  reason text not null,
  recorded_at timestamp with time zone not null,
  constraint person_link_events_pkey PRIMARY KEY (person_id, event_id)
);

create table person_links (
  person_id bigint not null,
  other_id bigint not null,
  grade text not null,
  cause text not null,
  evidence text[] not null,
  event_id bigint not null,
  linked_at timestamp with time zone not null,
  constraint person_links_pkey PRIMARY KEY (person_id, other_id)
);

create table person_reviews (
  person_id bigint not null,
  other_id bigint not null,
  public_id uuid not null,
  evidence text[] not null,
  state text not null,
  opened_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  resolved_by text,
  constraint person_reviews_pkey PRIMARY KEY (person_id, other_id)
);
CREATE INDEX person_reviews_open ON public.person_reviews USING btree (opened_at) WHERE (state = 'open'::text);
CREATE INDEX person_reviews_public ON public.person_reviews USING btree (public_id);

create table persons (
  person_id bigint not null generated always as identity,
  public_id uuid not null,
  issuer text not null,
  name text,
  name_form text,
  sex text not null,
  birth_date text,
  address text,
  birth_order integer,
  multiple_birth boolean not null,
  deceased boolean not null,
  national_id_hash text,
  stated_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint persons_pkey PRIMARY KEY (person_id)
);
CREATE INDEX persons_name_form ON public.persons USING btree (name_form);
CREATE INDEX persons_public ON public.persons USING btree (public_id);

create table privacy_case_events (
  case_public_id uuid not null,
  event_id bigint not null generated always as identity,
  finding text not null,
  text text not null,
  actor text not null,
  occurred_at timestamp with time zone not null,
  constraint privacy_case_events_finding_known CHECK ((finding = ANY (ARRAY['justified'::text, 'not-justified'::text, 'follow-up'::text]))),
  constraint privacy_case_events_pkey PRIMARY KEY (case_public_id, event_id)
);

create table privacy_cases (
  case_id bigint not null generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  kind text not null,
  occasion text not null,
  opened_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  actor text not null,
  role text,
  department text,
  staff_number text,
  person_public_id uuid,
  evidence text not null,
  state text not null default 'open'::text,
  outcome text,
  closed_at timestamp with time zone,
  constraint privacy_cases_kind_known CHECK ((kind = ANY (ARRAY['emergency-access'::text, 'colleague'::text, 'watched-person'::text, 'no-encounter'::text, 'bulk'::text, 'patient-report'::text]))),
  constraint privacy_cases_outcome_known CHECK ((outcome = ANY (ARRAY['justified'::text, 'not-justified'::text]))),
  constraint privacy_cases_state_known CHECK ((state = ANY (ARRAY['open'::text, 'follow-up'::text, 'closed'::text]))),
  constraint privacy_cases_pkey PRIMARY KEY (case_id),
  constraint privacy_cases_occasion_key UNIQUE (occasion),
  constraint privacy_cases_public_key UNIQUE (public_id)
);
CREATE INDEX privacy_cases_person ON public.privacy_cases USING btree (person_public_id) WHERE (person_public_id IS NOT NULL);
CREATE INDEX privacy_cases_queue ON public.privacy_cases USING btree (institution_id, state, due_at);

create table quarantine_acts (
  act_id bigint not null generated always as identity,
  public_id uuid not null,
  quarantine_id bigint not null,
  kind text not null,
  actor text not null,
  reason text not null,
  acted_at timestamp with time zone not null,
  outcome text,
  reason_code text,
  place text,
  body bytea,
  body_object text,
  body_size integer,
  body_hash text,
  key_id text,
  constraint quarantine_acts_copy_kept CHECK (((kind <> 'edited-replay'::text) OR (body IS NOT NULL) OR (body_object IS NOT NULL))),
  constraint quarantine_acts_message_fk FOREIGN KEY (quarantine_id) REFERENCES quarantined_messages(quarantine_id),
  constraint quarantine_acts_pkey PRIMARY KEY (act_id),
  constraint quarantine_acts_public_key UNIQUE (public_id)
);
CREATE INDEX quarantine_acts_message ON public.quarantine_acts USING btree (quarantine_id);

create table quarantined_instances (
  quarantine_id bigint not null generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  sender text not null,
  sop_class_uid text not null,
  sop_uid text not null,
  reason_code text not null,
  detail text not null,
  content text not null,
  size bigint not null,
  arrivals integer not null,
  received_at timestamp with time zone not null,
  last_received_at timestamp with time zone not null,
  state text not null default 'open'::text,
  resolved_at timestamp with time zone,
  resolution text,
  hold_public_id uuid,
  constraint quarantined_instances_pkey PRIMARY KEY (quarantine_id)
);
CREATE INDEX quarantined_instances_institution ON public.quarantined_instances USING btree (institution_id, state, received_at);
CREATE UNIQUE INDEX quarantined_instances_once ON public.quarantined_instances USING btree (institution_id, content) WHERE (state = 'open'::text);

create table quarantined_messages (
  quarantine_id bigint not null generated always as identity,
  public_id uuid not null,
  sender_id bigint,
  sender_address text not null,
  peer text not null,
  control_id text,
  message_type text,
  received_at timestamp with time zone not null,
  last_received_at timestamp with time zone not null,
  arrivals integer not null,
  reason_code text not null,
  place text not null,
  detail text not null,
  body bytea,
  body_object text,
  body_size integer not null,
  body_hash text not null,
  key_id text,
  state text not null default 'open'::text,
  attempts integer not null default 0,
  resolved_at timestamp with time zone,
  resolution text,
  constraint quarantined_messages_kept CHECK (((body IS NOT NULL) OR (body_object IS NOT NULL))),
  constraint quarantined_messages_pkey PRIMARY KEY (quarantine_id),
  constraint quarantined_messages_public_key UNIQUE (public_id)
);
CREATE UNIQUE INDEX quarantined_messages_once ON public.quarantined_messages USING btree (body_hash) WHERE (state = 'open'::text);
CREATE INDEX quarantined_messages_open ON public.quarantined_messages USING btree (state, received_at);
CREATE INDEX quarantined_messages_sender ON public.quarantined_messages USING btree (sender_id, received_at);

create table refused_associations (
  day text not null,
  calling_ae_title text not null,
  remote_address text not null,
  reason text not null,
  count bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  constraint refused_associations_pkey PRIMARY KEY (day, calling_ae_title, remote_address, reason)
);

create table report_keys (
  report_number text not null,
  institution_id bigint not null,
  person_id bigint not null,
  report_public_id uuid not null,
  replaced_by uuid,
  constraint report_keys_pkey PRIMARY KEY (report_number, institution_id)
);

create table report_share_openings (
  person_id bigint not null,
  share_public_id uuid not null,
  opening integer not null,
  opened_at timestamp with time zone not null,
  peer text not null,
  opener_name text,
  opener_place text,
  constraint report_share_openings_pkey PRIMARY KEY (person_id, share_public_id, opening)
);

create table report_share_studies (
  person_id bigint not null,
  study_id bigint not null,
  share_public_id uuid not null,
  cluster_version bigint not null,
  constraint report_share_studies_study FOREIGN KEY (person_id, study_id) REFERENCES studies(person_id, study_id) ON DELETE CASCADE,
  constraint report_share_studies_pkey PRIMARY KEY (person_id, study_id, share_public_id)
);

create table report_share_tokens (
  token_hash text not null,
  person_id bigint not null,
  share_public_id uuid not null,
  constraint report_share_tokens_pkey PRIMARY KEY (token_hash)
);

create table report_shares (
  person_id bigint not null,
  share_id bigint not null generated always as identity,
  public_id uuid not null,
  owner_id bigint not null,
  report_public_id uuid,
  masked boolean not null,
  restricted boolean not null,
  openings_max integer not null,
  openings integer not null,
  actor text not null,
  made_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  downloads boolean not null default false,
  study_public_id uuid,
  constraint report_shares_one CHECK (((report_public_id IS NULL) <> (study_public_id IS NULL))),
  constraint report_shares_pkey PRIMARY KEY (person_id, share_id)
);
CREATE INDEX report_shares_owner ON public.report_shares USING btree (owner_id, made_at);
CREATE INDEX report_shares_public ON public.report_shares USING btree (public_id);

create table report_versions (
  person_id bigint not null,
  report_id bigint not null,
  version integer not null,
  recorded_at timestamp with time zone not null,
  message_id bigint not null,
  standing text not null,
  stated_at timestamp with time zone not null,
  content text not null,
  constraint report_versions_pkey PRIMARY KEY (person_id, report_id, version, recorded_at)
) partition by RANGE (recorded_at);

create table report_versions_default partition of report_versions DEFAULT;

create table reported_studies (
  study_uid text not null,
  institution_id bigint not null,
  person_id bigint not null,
  report_public_id uuid not null,
  constraint reported_studies_pkey PRIMARY KEY (study_uid, institution_id, person_id, report_public_id)
);

create table reports (
  person_id bigint not null,
  report_id bigint not null generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  sender_id bigint not null,
  report_number text not null,
  order_number text not null,
  kind text not null,
  title text not null,
  standing text not null,
  version integer not null,
  stated_at timestamp with time zone not null,
  collected_at timestamp with time zone,
  reported_at timestamp with time zone,
  replaced_by uuid,
  updated_at timestamp with time zone not null,
  constraint reports_pkey PRIMARY KEY (person_id, report_id)
);
CREATE INDEX reports_public ON public.reports USING btree (public_id);

create table representations (
  person_id bigint not null,
  representation_id bigint not null generated always as identity,
  public_id uuid not null,
  representative_id bigint not null,
  relation text not null,
  evidence text not null,
  agreed boolean not null,
  restricted boolean not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  institution_id bigint not null,
  actor text not null,
  recorded_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_by text,
  constraint representations_pkey PRIMARY KEY (person_id, representation_id)
);
CREATE INDEX representations_representative ON public.representations USING btree (representative_id);

create table results (
  person_id bigint not null,
  result_id bigint not null generated always as identity,
  report_id bigint not null,
  report_public_id uuid not null,
  ordinal integer not null,
  report_version integer not null,
  item_id bigint,
  institution_id bigint not null,
  performer_id bigint not null,
  campus text,
  anchor_at timestamp with time zone not null,
  collected_at timestamp with time zone,
  collected_precision text,
  received_at timestamp with time zone,
  reported_at timestamp with time zone,
  standing text not null,
  local_code text not null,
  local_name text not null,
  side text,
  specimen text,
  specimen_states text,
  fasting boolean,
  time_point text,
  point_of_care boolean not null,
  method_class text,
  value_text text not null,
  value_number double precision,
  comparator text,
  unit_text text not null,
  unit text,
  reference_text text not null,
  flag text,
  images text not null,
  constraint results_pkey PRIMARY KEY (person_id, report_id, result_id)
);
CREATE INDEX results_order_check ON public.results USING btree (person_id, item_id, anchor_at DESC, result_id);
CREATE INDEX results_unmapped ON public.results USING btree (institution_id, local_code) WHERE (item_id IS NULL);

create table schema_migrations (
  version integer not null,
  name text not null,
  checksum text not null,
  breaking boolean not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (version)
);

create table senders (
  sender_id bigint not null generated always as identity,
  code text not null,
  institution_id bigint not null,
  application text not null,
  facility text not null,
  charset text not null,
  zone text not null,
  reuses_control_ids boolean not null default false,
  dialect jsonb not null default '{}'::jsonb,
  active boolean not null default true,
  constraint senders_institution_fk FOREIGN KEY (institution_id) REFERENCES institutions(institution_id),
  constraint senders_pkey PRIMARY KEY (sender_id),
  constraint senders_address_key UNIQUE (application, facility),
  constraint senders_code_key UNIQUE (code)
);

create table series (
  person_id bigint not null,
  series_id bigint not null generated always as identity,
  study_id bigint not null,
  series_uid text not null,
  modality text,
  series_number integer,
  description text,
  body_part text,
  laterality text,
  instance_count integer not null,
  bytes bigint not null,
  version integer not null,
  closed_at timestamp with time zone,
  manifest text,
  metadata text,
  thumbnail text,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  headers text,
  hot_since timestamp with time zone,
  folded_at timestamp with time zone,
  tier text not null default 'near'::text,
  copied_manifest text,
  sender text,
  constraint series_pkey PRIMARY KEY (person_id, series_id),
  constraint series_uid_key UNIQUE (person_id, study_id, series_uid)
);
CREATE INDEX series_hot ON public.series USING btree (hot_since) WHERE (hot_since IS NOT NULL);
CREATE INDEX series_open ON public.series USING btree (series_id) WHERE (closed_at IS NULL);
CREATE INDEX series_without_copy ON public.series USING btree (closed_at) WHERE ((closed_at IS NOT NULL) AND (copied_manifest IS DISTINCT FROM manifest));

create table snapshot_epochs (
  epoch bigint not null,
  snapshot_id text not null,
  started_at timestamp with time zone not null,
  reason text not null,
  constraint snapshot_epochs_snapshot_fk FOREIGN KEY (snapshot_id) REFERENCES snapshots(snapshot_id),
  constraint snapshot_epochs_pkey PRIMARY KEY (epoch)
);

create table snapshots (
  snapshot_id text not null,
  manifest text not null,
  created_at timestamp with time zone not null,
  constraint snapshots_pkey PRIMARY KEY (snapshot_id)
);

create table studies (
  person_id bigint not null,
  study_id bigint not null generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  study_uid text not null,
  accession text,
  report_public_id uuid,
  description text,
  modalities text[] not null,
  study_date text,
  study_time text,
  patient_cipher bytea not null,
  patient_key_id text not null,
  patient_hash text not null,
  charset_derived text,
  series_count integer not null,
  instance_count integer not null,
  announced_count integer,
  bytes bigint not null,
  open_series integer not null,
  facts text,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  proved_at timestamp with time zone,
  proof_findings integer,
  far_bytes bigint not null default 0,
  facts_reading smallint not null default 1,
  constraint studies_pkey PRIMARY KEY (person_id, study_id)
);
CREATE INDEX studies_day ON public.studies USING btree (institution_id, study_date DESC, study_id);
CREATE INDEX studies_facts_reading ON public.studies USING btree (facts_reading) WHERE (facts IS NOT NULL);
CREATE INDEX studies_near ON public.studies USING btree (study_id) WHERE (far_bytes = 0);
CREATE INDEX studies_proved ON public.studies USING btree (proved_at) WHERE (proved_at IS NOT NULL);
CREATE INDEX studies_public ON public.studies USING btree (public_id);
CREATE INDEX studies_received ON public.studies USING btree (institution_id, first_at);
CREATE INDEX studies_unproved ON public.studies USING btree (study_id) WHERE (proved_at IS NULL);

create table study_accessions (
  accession text not null,
  institution_id bigint not null,
  person_id bigint not null,
  study_id bigint not null,
  constraint study_accessions_pkey PRIMARY KEY (accession, institution_id, study_id)
);

create table study_keys (
  study_uid text not null,
  institution_id bigint not null,
  person_id bigint not null,
  study_id bigint not null,
  constraint study_keys_pkey PRIMARY KEY (study_uid, institution_id)
);

create table study_matches (
  person_id bigint not null,
  match_id bigint not null generated always as identity,
  public_id uuid not null,
  study_id bigint not null,
  institution_id bigint not null,
  reason text not null,
  candidates bigint[] not null,
  found_at timestamp with time zone not null,
  state text not null default 'open'::text,
  chosen_person_id bigint,
  decided_at timestamp with time zone,
  decided_by text,
  earlier_person_id bigint,
  earlier_report_public_id uuid,
  contradicted text[] not null default '{}'::text[],
  constraint study_matches_pkey PRIMARY KEY (person_id, match_id),
  constraint study_matches_once UNIQUE (person_id, study_id)
);
CREATE INDEX study_matches_institution ON public.study_matches USING btree (institution_id, state, found_at);
CREATE INDEX study_matches_public ON public.study_matches USING btree (public_id);

create table study_openings (
  person_id bigint not null,
  study_id bigint not null,
  session_key text not null,
  opened_at timestamp with time zone not null,
  constraint study_openings_pkey PRIMARY KEY (person_id, study_id, session_key)
);

create table study_proofs (
  person_id bigint not null,
  proof_id bigint not null generated always as identity,
  public_id uuid not null,
  study_id bigint not null,
  proved_at timestamp with time zone not null,
  document text not null,
  digest text not null,
  signature text not null,
  constraint study_proofs_pkey PRIMARY KEY (person_id, proof_id)
);
CREATE INDEX study_proofs_study ON public.study_proofs USING btree (person_id, study_id, proof_id DESC);

create table study_recalls (
  person_id bigint not null,
  study_id bigint not null,
  asked_at timestamp with time zone not null,
  done integer not null,
  total integer not null,
  finished_at timestamp with time zone,
  constraint study_recalls_pkey PRIMARY KEY (person_id, study_id)
);
CREATE INDEX study_recalls_waiting ON public.study_recalls USING btree (asked_at) WHERE (finished_at IS NULL);

create table system_audit_events (
  event_id bigint not null generated always as identity,
  public_id uuid not null,
  occurred_at timestamp with time zone not null,
  actor text not null,
  action text not null,
  resource text not null,
  outcome text not null,
  peer text not null,
  constraint system_audit_events_pkey PRIMARY KEY (event_id)
);

create table view_copies (
  person_id bigint not null,
  series_id bigint not null,
  index_object text,
  frames_object text,
  bytes bigint not null,
  copied integer not null,
  left_as_they_are integer not null,
  left_reason text,
  made_at timestamp with time zone not null,
  constraint view_copies_pkey PRIMARY KEY (person_id, series_id)
);

create table watched_persons (
  institution_id bigint not null,
  person_public_id uuid not null,
  note text not null,
  added_by text not null,
  added_at timestamp with time zone not null,
  constraint watched_persons_pkey PRIMARY KEY (institution_id, person_public_id)
);
