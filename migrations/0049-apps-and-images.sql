-- What apps were allowed while the page that asks said that images are not among it: each person is asked again.

delete from application_contexts
where exists (select 1 from unnest(scopes) as scope where scope ~ '^(patient|user)/(ImagingStudy|[*])[.]');
