-- Why an institution may open a person's data outside of an order: a number was presented at its desk, or the visit was
-- named. Treatment needs an encounter or an order (GB/T 39725 §11.1).
-- distributed by person_id
create table care_openings (
  person_id bigint not null,
  opening_id bigint generated always as identity,
  institution_id bigint not null,
  actor text not null,
  basis text not null,
  -- The visit's number as the institution's system has it; null where a number of the person was presented.
  encounter_number text,
  opened_at timestamptz not null,
  open_until timestamptz not null,
  constraint care_openings_pkey primary key (person_id, opening_id),
  constraint care_openings_basis_known check (basis in ('presented-number', 'encounter')),
  constraint care_openings_encounter_named check ((basis = 'encounter') = (encounter_number is not null))
);
