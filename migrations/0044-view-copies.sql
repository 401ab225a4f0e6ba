-- View copies: the frames of a closed series once more, without loss, in a syntax that browsers decode quickly. They are
-- made in the background and proven equal; the originals are what is kept.

-- The manifest whose frames were last looked at for a view copy, whether or not one was made.
alter table series add column copied_manifest text;

create index series_without_copy on series (closed_at)
  where closed_at is not null and copied_manifest is distinct from manifest;

-- distributed by person_id
create table view_copies (
  person_id bigint not null,
  series_id bigint not null,
  -- Objects by SHA-256 of their content: which instances were copied and where their frames lie, and the frames. Both
  -- null where no instance could be copied.
  index_object text,
  frames_object text,
  bytes bigint not null,
  copied integer not null,
  -- Instances that are looked at as they came, and for the first of them the reason.
  left_as_they_are integer not null,
  left_reason text,
  made_at timestamptz not null,
  constraint view_copies_pkey primary key (person_id, series_id)
);
