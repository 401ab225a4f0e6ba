-- In which fields the header of a study that waits speaks of somebody else than the holder of its number: name, birth-date, sex.
-- None for an entry of another reason, or of before, when name and birth date had both to differ.
alter table study_matches add column contradicted text[] not null default '{}';
