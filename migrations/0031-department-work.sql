-- The medical affairs office reads the checks of its institution in a period.
create index order_checks_made on order_checks (institution_id, checked_at desc);
