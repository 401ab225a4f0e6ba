-- The clock of tickets about errors (纠错) knows holidays, and what nobody reported is looked at again too.

-- Years between submission and deadline of which that day's calendar named no holidays, so that weekends alone were left
-- out; null: counted before calendars named any.
alter table corrections add column years_without_holidays integer[];

-- For a doctor who comes by whichever way in, and for the desk that takes tickets from patients.
create index corrections_doctor on corrections (reporting_institution_id, doctor) where doctor is not null;

create index corrections_on_behalf on corrections (reporting_institution_id) where on_behalf is not null;

-- null: nobody reported it; the corrected report came as a message.
alter table decision_reviews alter column correction_public_id drop not null;

create unique index decision_reviews_version on decision_reviews (person_id, check_public_id, report_public_id, report_version)
  where correction_public_id is null;

-- For doctors: which decisions that they relied on were marked of late.
create index check_marks_relied on check_marks (marked_at) where relied;

-- A check made again in the card because an emergency access opened more: which check it goes on with. To the ordering system
-- both are that one.
alter table order_checks add column follows uuid;

-- By what opportunities of the check are counted, where that is not the number of its encounter.
alter table order_checks add column encounter_key text;

create index order_checks_follows on order_checks (follows) where follows is not null;
