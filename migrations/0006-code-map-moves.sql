-- Which mapping of local codes the stored results of an institution follow: so that a corrected code map moves results once,
-- and nothing is looked through when none was corrected.

-- reference
create table code_map_moves (
  institution_id bigint not null constraint code_map_moves_pkey primary key,
  -- The catalogue item of every local code, as canonical JSON.
  mapped text not null,
  moved_at timestamptz not null
);
