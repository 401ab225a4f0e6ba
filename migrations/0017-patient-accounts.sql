-- Patients sign in too, for their own data; the desk that records consent and the officer who watches over privacy are
-- roles of their own.
alter table accounts drop constraint accounts_role_known;
alter table accounts add constraint accounts_role_known
  check (role in ('doctor', 'registrar', 'medical-affairs', 'institution-it', 'privacy-officer', 'regulator', 'operator', 'patient'));

alter table accounts drop constraint accounts_institution_named;
alter table accounts add constraint accounts_institution_named
  check (institution is not null or role in ('regulator', 'operator', 'patient'));

-- Whose own data a patient's account opens; nothing of the person but the opaque id.
alter table accounts add column person_public_id uuid;
alter table accounts add constraint accounts_person_named check ((role = 'patient') = (person_public_id is not null));
