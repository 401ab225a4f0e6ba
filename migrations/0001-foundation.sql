-- Foundation: lists and snapshots, senders and messages, reports and results, orders, decisions, audit, outbox.
-- Every table says how it is laid out on Citus in the comment line before it: "distributed by COLUMN", "reference"
-- (a copy on every node) or "local" (coordinator only). The linter and `huren schema --citus` read those lines.
-- One statement per message; no triggers; the distribution column stands in every key; ids are bigint.

-- reference
create table institutions (
  institution_id bigint generated always as identity primary key,
  code text not null constraint institutions_code_key unique,
  created_at timestamptz not null default now()
);

-- reference
create table items (
  item_id bigint generated always as identity primary key,
  code text not null constraint items_code_key unique,
  created_at timestamptz not null default now()
);

-- reference
create table list_versions (
  content_hash text primary key,
  kind text not null,
  code text not null,
  version text not null,
  status text not null,
  jurisdiction text not null,
  effective_from date not null,
  effective_to date,
  document text not null,
  published_at timestamptz not null,
  published_by text not null,
  constraint list_versions_name_key unique (kind, code, version)
);

-- reference
create table snapshots (
  snapshot_id text primary key,
  manifest text not null,
  created_at timestamptz not null
);

-- reference
create table snapshot_epochs (
  epoch bigint primary key,
  snapshot_id text not null constraint snapshot_epochs_snapshot_fk references snapshots (snapshot_id),
  started_at timestamptz not null,
  reason text not null
);

-- A system that sends messages: which institution it speaks for and the dialect it speaks.
-- reference
create table senders (
  sender_id bigint generated always as identity primary key,
  code text not null constraint senders_code_key unique,
  institution_id bigint not null constraint senders_institution_fk references institutions (institution_id),
  -- MSH-3 and MSH-4 by which its messages are known.
  application text not null,
  facility text not null,
  charset text not null,
  zone text not null,
  reuses_control_ids boolean not null default false,
  -- Other dialect settings (where it puts collection condition, report number …).
  dialect jsonb not null default '{}',
  active boolean not null default true,
  constraint senders_address_key unique (application, facility)
);

-- Uniqueness of (sender, message id). content_key is '' normally, the body's hash for senders that reuse ids.
-- distributed by control_id
create table message_keys (
  control_id text not null,
  sender_id bigint not null,
  content_key text not null,
  -- Keyed hash of the bytes: says whether a repeat brings the same content, and tells nobody what it is.
  body_hash text not null,
  -- With received_at it leads to the kept message.
  person_id bigint,
  acknowledgement text not null,
  received_at timestamptz not null,
  constraint message_keys_pkey primary key (control_id, sender_id, content_key)
);

-- Every accepted message, whole, compressed and encrypted, on its person's shard.
-- distributed by person_id
create table messages (
  person_id bigint not null,
  message_id bigint generated always as identity,
  received_at timestamptz not null,
  sender_id bigint not null,
  control_id text not null,
  message_type text not null,
  -- Compressed and sealed. Large ones lie in the object store instead, under body_object.
  body bytea,
  body_object text,
  body_size integer not null,
  key_id text,
  constraint messages_kept check (body is not null or body_object is not null),
  constraint messages_pkey primary key (person_id, received_at, message_id)
) partition by range (received_at);

create table messages_default partition of messages default;

-- What could not be processed: whole, with place and reason; visible, repairable, replayable.
-- local
create table quarantined_messages (
  quarantine_id bigint generated always as identity primary key,
  public_id uuid not null constraint quarantined_messages_public_key unique,
  sender_id bigint,
  -- MSH-3 and MSH-4 as sent, so that an unregistered sender can be told from its messages.
  sender_address text not null,
  peer text not null,
  control_id text,
  message_type text,
  received_at timestamptz not null,
  -- A sender that repeats a refused message adds to these; it does not fill the table.
  last_received_at timestamptz not null,
  arrivals integer not null,
  reason_code text not null,
  place text not null,
  detail text not null,
  body bytea,
  body_object text,
  body_size integer not null,
  body_hash text not null,
  key_id text,
  -- open, resolved (a replay was accepted) or discarded.
  state text not null default 'open',
  attempts integer not null default 0,
  resolved_at timestamptz,
  resolution text,
  constraint quarantined_messages_kept check (body is not null or body_object is not null)
);

create index quarantined_messages_open on quarantined_messages (state, received_at);

create unique index quarantined_messages_once on quarantined_messages (body_hash) where state = 'open';

-- One report number of one institution is one report of one person, for ever.
-- distributed by report_number
create table report_keys (
  report_number text not null,
  institution_id bigint not null,
  person_id bigint not null,
  report_public_id uuid not null,
  -- Another report said that it replaces this number before the number itself had come in.
  replaced_by uuid,
  constraint report_keys_pkey primary key (report_number, institution_id)
);

-- distributed by person_id
create table reports (
  person_id bigint not null,
  report_id bigint generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  sender_id bigint not null,
  report_number text not null,
  order_number text not null,
  kind text not null,
  title text not null,
  standing text not null,
  version integer not null,
  -- Moment by which versions are ordered (OBR-22 else MSH-7), not their arrival.
  stated_at timestamptz not null,
  collected_at timestamptz,
  reported_at timestamptz,
  replaced_by uuid,
  updated_at timestamptz not null,
  constraint reports_pkey primary key (person_id, report_id)
);

create index reports_public on reports (public_id);

-- Append-only. content is the neutral report as parsed, as JSON: everything a laboratory doctor asks for,
-- values and reference intervals as printed.
-- distributed by person_id
create table report_versions (
  person_id bigint not null,
  report_id bigint not null,
  version integer not null,
  recorded_at timestamptz not null,
  message_id bigint not null,
  standing text not null,
  stated_at timestamptz not null,
  content text not null,
  constraint report_versions_pkey primary key (person_id, report_id, version, recorded_at)
) partition by range (recorded_at);

create table report_versions_default partition of report_versions default;

-- The hot table: the current version of each observation, with what a verdict may rest on. item_id is null while the
-- local code waits for its mapping.
-- distributed by person_id
create table results (
  person_id bigint not null,
  result_id bigint generated always as identity,
  report_id bigint not null,
  report_public_id uuid not null,
  ordinal integer not null,
  report_version integer not null,
  item_id bigint,
  institution_id bigint not null,
  performer_id bigint not null,
  campus text,
  -- Collected, else received, else reported: orders rows and bounds the look-back. Never anchors a window.
  anchor_at timestamptz not null,
  collected_at timestamptz,
  -- 'd' when only the day was stated, 'm' when at least the minute was.
  collected_precision text,
  received_at timestamptz,
  reported_at timestamptz,
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
  -- Reference interval as printed by the reporting laboratory.
  reference_text text not null,
  flag text,
  images text not null,
  constraint results_pkey primary key (person_id, result_id)
);

create index results_order_check on results (person_id, item_id, anchor_at desc, result_id);

create index results_report on results (person_id, report_id, ordinal);

create index results_unmapped on results (institution_id, local_code) where item_id is null;

-- Orders as ordering systems state them (ORM, OML): each line an opportunity.
-- distributed by person_id
create table orders (
  person_id bigint not null,
  order_id bigint generated always as identity,
  institution_id bigint not null,
  placer_number text not null,
  encounter_number text,
  encounter_class text,
  local_code text not null,
  local_name text not null,
  item_id bigint,
  state text not null,
  requested_at timestamptz not null,
  message_id bigint not null,
  doctor text,
  department text,
  diagnoses text[] not null,
  -- When the ordering system said so; what it said earlier never replaces what it said later.
  stated_at timestamptz not null,
  constraint orders_pkey primary key (person_id, order_id),
  constraint orders_placer_key unique (person_id, institution_id, placer_number, local_code)
);

-- One order check with its decision: evaluator, snapshot, cluster version, facts and verdicts as canonical JSON.
-- distributed by person_id
create table order_checks (
  person_id bigint not null,
  check_id bigint generated always as identity,
  public_id uuid not null,
  institution_id bigint not null,
  actor text not null,
  doctor text,
  department text,
  encounter_class text not null,
  encounter_number text,
  request_number text,
  checked_at timestamptz not null,
  evaluator integer not null,
  snapshot_id text not null,
  cluster_version bigint not null,
  facts text not null,
  verdicts text not null,
  constraint order_checks_pkey primary key (person_id, check_id)
);

create index order_checks_public on order_checks (public_id);

-- The doctor's answers, append-only: recognise, re-examine with reason, undo; and the ordering system's confirmation.
-- distributed by person_id
create table check_responses (
  person_id bigint not null,
  response_id bigint generated always as identity,
  public_id uuid not null,
  check_public_id uuid not null,
  -- Idempotency key of the caller: the same request again is the same answer.
  request_key text not null,
  line integer not null,
  -- The code ordered on that line: what was answered in an encounter is not asked again.
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
  responded_at timestamptz not null,
  constraint check_responses_pkey primary key (person_id, response_id),
  constraint check_responses_once unique (person_id, check_public_id, request_key)
);

create index check_responses_check on check_responses (person_id, check_public_id);

-- Marks on decisions: a report they relied on was corrected, withdrawn or found to be another person's.
-- distributed by person_id
create table check_marks (
  person_id bigint not null,
  mark_id bigint generated always as identity,
  check_public_id uuid not null,
  report_public_id uuid not null,
  report_version integer not null,
  kind text not null,
  relied boolean not null,
  marked_at timestamptz not null,
  constraint check_marks_pkey primary key (person_id, mark_id),
  constraint check_marks_once unique (person_id, check_public_id, report_public_id, report_version, kind)
);

-- An opportunity: one ordered item of one encounter at one institution for which an earlier result existed.
-- distributed by person_id
create table opportunities (
  person_id bigint not null,
  institution_id bigint not null,
  encounter_key text not null,
  item_id bigint not null,
  best_grade text not null,
  encounter_class text not null,
  shown boolean not null,
  first_at timestamptz not null,
  constraint opportunities_pkey primary key (person_id, institution_id, encounter_key, item_id)
);

-- Disclosures and refusals, committed with the act. Chained by the sealer later.
-- distributed by person_id
create table audit_events (
  person_id bigint not null,
  event_id bigint generated always as identity,
  public_id uuid not null,
  occurred_at timestamptz not null,
  actor text not null,
  institution_id bigint,
  action text not null,
  resource text not null,
  purpose text not null,
  basis text not null,
  outcome text not null,
  peer text not null,
  constraint audit_events_pkey primary key (person_id, event_id)
);

-- Events without a person: sign-ins, list publications, console work.
-- local
create table system_audit_events (
  event_id bigint generated always as identity primary key,
  public_id uuid not null,
  occurred_at timestamptz not null,
  actor text not null,
  action text not null,
  resource text not null,
  outcome text not null,
  peer text not null
);

-- Domain events, written with the change that made them, drained by advisory bucket and deleted when handled.
-- distributed by person_id
create table outbox (
  person_id bigint not null,
  outbox_id bigint generated always as identity,
  topic text not null,
  payload text not null,
  created_at timestamptz not null,
  constraint outbox_pkey primary key (person_id, outbox_id)
);

create index outbox_order on outbox (outbox_id);
