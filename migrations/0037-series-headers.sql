-- The headers of a closed series, read once: from those of all its series a study's fitness is judged.
alter table series add column headers text;
