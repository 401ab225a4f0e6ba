-- An emergency access can be given back by its doctor before its time is over. What was granted stays as it was; this says
-- when it was given back. null: it ended, or will end, by itself.
alter table emergency_accesses add column ended_at timestamptz;
