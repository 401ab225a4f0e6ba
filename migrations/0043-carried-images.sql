-- Whether whoever a report is shown to may also take its images along: the patient says so with each share.
alter table report_shares add column downloads boolean not null default false;

-- Whether what a workstation fetches says of the patient what the person index says now, instead of what it said when it came.
alter table application_entities add column corrects_patient boolean not null default false;
