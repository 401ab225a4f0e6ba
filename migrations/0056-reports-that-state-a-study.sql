-- Reports of examinations by the study UID that they state, wherever their persons lie: a study that comes in afterwards under
-- another person's number is held against them. What a report states by now is read in the report.
-- distributed by study_uid
create table reported_studies (
  study_uid text not null,
  institution_id bigint not null,
  person_id bigint not null,
  report_public_id uuid not null,
  constraint reported_studies_pkey primary key (study_uid, institution_id, person_id, report_public_id)
);

-- What is there already.
insert into reported_studies (study_uid, institution_id, person_id, report_public_id)
select distinct stated.study_uid, stated.institution_id, stated.person_id, stated.public_id
from (select coalesce(nullif(v.content::jsonb #>> '{substance,studyUid}', ''), v.content::jsonb #>> '{particulars,studyUid}')
        as study_uid, r.institution_id, r.person_id, r.public_id
      from reports r join report_versions v
        on v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version
      where r.kind <> 'laboratory' and strpos(v.content, '"studyUid":"') > 0) as stated
where stated.study_uid <> '';
