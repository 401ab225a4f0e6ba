-- What is left of an instance when its series is folded; the side that was ordered; pictures that a reader marked.

-- By which folded series of an institution are found that may list a SOP instance UID: some bytes for each instance, one row for
-- some hundred. What a series really lists is said by its manifest.
-- distributed by institution_id
create table folded_uids (
  institution_id bigint not null,
  series_id bigint not null,
  part integer not null,
  person_id bigint not null,
  -- First eight bytes of the SHA-256 of each UID.
  digests bigint[] not null,
  constraint folded_uids_pkey primary key (institution_id, series_id, part)
);

-- Found by every instance that arrives: nothing may wait beside the index.
create index folded_uids_digests on folded_uids using gin (digests) with (fastupdate = off);

-- Series that were folded without digests are folded once more.
update series set hot_since = closed_at where folded_at is not null and closed_at is not null;

-- left, right, both; null where the order states none.
alter table orders add column side text;

-- Pictures of a study that a reader marked: seen by that reader alone.
-- distributed by person_id
create table key_images (
  person_id bigint not null,
  study_id bigint not null,
  -- Name of the account.
  reader text not null,
  -- List of pictures, as JSON.
  images text not null,
  marked_at timestamptz not null,
  constraint key_images_pkey primary key (person_id, study_id, reader)
);
