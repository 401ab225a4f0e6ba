-- Persons: one row is one source record, one patient as one institution knows him. A result belongs for ever to the
-- person_id it arrived under; links join persons into clusters and nothing else ever moves.
-- Numbers of documents, records and phones stand here only as keyed hash and ciphertext; names and addresses are clear
-- text because a queue of doubtful pairs has to be read by people.

-- distributed by person_id
create table persons (
  person_id bigint generated always as identity,
  public_id uuid not null,
  -- The institution whose record this is.
  issuer text not null,
  -- Exactly as received; name_form is its comparison form (src/person/names.ts), never shown.
  name text,
  name_form text,
  sex text not null,
  -- As finely as it was stated: 1985, 1985-07 or 1985-07-12.
  birth_date text,
  address text,
  birth_order integer,
  multiple_birth boolean not null,
  deceased boolean not null,
  -- Keyed hash of the one valid national ID of this record; two different ones never stand in one cluster.
  national_id_hash text,
  -- Moment at which the demographics above were stated; a later statement replaces them.
  stated_at timestamptz not null,
  created_at timestamptz not null,
  constraint persons_pkey primary key (person_id)
);

create index persons_public on persons (public_id);

create index persons_name_form on persons (name_form);

-- The key by which an institution's next message finds its person: the medical record number, or for senders without
-- one the strongest identifier they state. value_hash covers type, issuer and number.
-- distributed by value_hash
create table patient_keys (
  value_hash text not null,
  issuer text not null,
  person_id bigint not null,
  constraint patient_keys_pkey primary key (value_hash, issuer)
);

-- What a record states: role own, mother or phone. valid is false for a national ID that fails its check: kept, never
-- matched.
-- distributed by person_id
create table person_identifiers (
  person_id bigint not null,
  role text not null,
  type text not null,
  issuer text not null,
  value_hash text not null,
  value_cipher bytea not null,
  key_id text not null,
  valid boolean not null,
  recorded_at timestamptz not null,
  constraint person_identifiers_pkey primary key (person_id, role, value_hash)
);

-- By what a person may be found again: own identifiers, phones, and name with birth date, each as a keyed hash.
-- Several persons may hold one.
-- distributed by value_hash
create table match_keys (
  value_hash text not null,
  person_id bigint not null,
  kind text not null,
  constraint match_keys_pkey primary key (value_hash, person_id)
);

-- Live link edges, each stored at both of its ends.
-- distributed by person_id
create table person_links (
  person_id bigint not null,
  other_id bigint not null,
  grade text not null,
  cause text not null,
  evidence text[] not null,
  event_id bigint not null,
  linked_at timestamptz not null,
  constraint person_links_pkey primary key (person_id, other_id)
);

-- Pairs that were found to be two people, each stored at both ends. No rule joins them again; a person may.
-- distributed by person_id
create table person_cannot_links (
  person_id bigint not null,
  other_id bigint not null,
  cause text not null,
  event_id bigint not null,
  recorded_at timestamptz not null,
  constraint person_cannot_links_pkey primary key (person_id, other_id)
);

create sequence person_link_event_ids;

-- Append-only history of links, each event stored at both ends: the clusters of any past day follow from it.
-- distributed by person_id
create table person_link_events (
  person_id bigint not null,
  event_id bigint not null,
  other_id bigint not null,
  -- linked, unlinked, kept-apart, allowed.
  kind text not null,
  grade text,
  cause text not null,
  evidence text[] not null,
  actor text not null,
  reason text not null,
  recorded_at timestamptz not null,
  constraint person_link_events_pkey primary key (person_id, event_id)
);

-- The projection that reading uses: a row per person who is linked to any other; an absent row means alone.
-- version is the event that last changed the cluster.
-- distributed by person_id
create table person_clusters (
  person_id bigint not null,
  cluster_id bigint not null,
  version bigint not null,
  members bigint[] not null,
  -- Those reached over strong links alone: recognition offers only their results.
  strong_members bigint[] not null,
  constraint person_clusters_pkey primary key (person_id)
);

-- Pairs a person has to look at, each stored once, at the record that arrived.
-- distributed by person_id
create table person_reviews (
  person_id bigint not null,
  other_id bigint not null,
  public_id uuid not null,
  evidence text[] not null,
  state text not null,
  opened_at timestamptz not null,
  resolved_at timestamptz,
  resolved_by text,
  constraint person_reviews_pkey primary key (person_id, other_id)
);

create index person_reviews_open on person_reviews (opened_at) where state = 'open';

create index person_reviews_public on person_reviews (public_id);
