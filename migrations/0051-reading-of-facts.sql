-- By which reading of their headers the facts of a study were made, so that those of an older one are made anew.
alter table studies add column facts_reading smallint not null default 1;

create index studies_facts_reading on studies (facts_reading) where facts is not null;
