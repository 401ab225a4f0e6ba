-- The sealer reads the newest rows of the log every few hundred milliseconds; what the index has not summarised yet is
-- read from the start of that stretch each time.
alter index audit_events_event set (autosummarize = on);
