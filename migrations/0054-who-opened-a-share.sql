-- Who opened a shared report, as whoever held the code said: nobody has checked it. null: left out.
alter table report_share_openings
  add column opener_name text,
  add column opener_place text;
