-- What an answer answered: so that nobody is asked again about the same, and so that an order that was carried out all the
-- same, or repeated with a reason, can be found. Answers kept before this have none of it.

-- The results on offer when the answer was given, as canonical JSON. On the first row of an answer.
alter table check_responses add column offered text;

-- Whose doctor answered: the institution of the check.
alter table check_responses add column institution_id bigint;

-- The items answered for: of a recognition the one of its result, of a repeat all that were on offer on the line.
alter table check_responses add column item_ids bigint[];

-- Until when the recognised result may stand in, by its verdict; null where time alone does not end it.
alter table check_responses add column stands_until timestamptz;

create index check_responses_institution on check_responses (institution_id, responded_at) where kind in ('recognise', 're-examine');
