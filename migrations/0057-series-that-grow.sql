-- A series that images come into is written with each of them. An index over when the last one came had all its indexes written
-- as well; one over which series are open has not, and of these there are few.
drop index series_open;
create index series_open on series (series_id) where closed_at is null;
