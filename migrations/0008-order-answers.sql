-- A sender of orders may ask for the answer of the check in the acknowledgement (ORM -> ORR, OML -> ORL). The check has
-- its id before it is done: the same message again is answered from the same check, never by a second one, and the
-- cancellation of a line finds the check in which the line was asked about.

-- Null: no check was asked for.
alter table message_keys add column check_public_id uuid;
-- Null: the line came without being checked, or its check named the order by its number.
alter table orders add column check_public_id uuid;
