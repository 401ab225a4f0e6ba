-- Fewer index pages to touch for each message. A page touched for the first time after a checkpoint is logged whole,
-- and most of what a message wrote to the log were such pages.

-- One index instead of two: whatever reads a report's rows reads all of them.
alter table results drop constraint results_pkey;

drop index results_report;

alter table results add constraint results_pkey primary key (person_id, report_id, result_id);

-- Events are drained in their order, and an index in that order is written at its end only.
alter table outbox drop constraint outbox_pkey;

drop index outbox_order;

alter table outbox add constraint outbox_pkey primary key (outbox_id, person_id);

-- A kept message is always asked for by all three.
alter table messages drop constraint messages_pkey;

alter table messages add constraint messages_pkey primary key (received_at, person_id, message_id);
