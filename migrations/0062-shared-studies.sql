-- A study beside which no report lies is shown by its patient as a report is: its images, and never a report that comes later.
alter table report_shares
  alter column report_public_id drop not null,
  add column study_public_id uuid,
  add constraint report_shares_one check ((report_public_id is null) <> (study_public_id is null));

-- Where a shared study lay, and whose it was, when it was shared. A study that goes to another record takes this row away in
-- the same commit: a share that ended like that does not come to life where the study comes back.
-- distributed by person_id
create table report_share_studies (
  person_id bigint not null,
  study_id bigint not null,
  share_public_id uuid not null,
  -- Of the records that were one person's then; with another version there are more of them, or fewer.
  cluster_version bigint not null,
  constraint report_share_studies_pkey primary key (person_id, study_id, share_public_id),
  constraint report_share_studies_study foreign key (person_id, study_id)
    references studies (person_id, study_id) on delete cascade
);
