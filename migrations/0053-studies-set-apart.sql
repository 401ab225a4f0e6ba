-- 不是这位患者: a study that was taken from the record under which it had been placed. From whom, and which report it had there,
-- so that one press puts it back; null for a study that waited from the first.
alter table study_matches
  add column earlier_person_id bigint,
  add column earlier_report_public_id uuid;
