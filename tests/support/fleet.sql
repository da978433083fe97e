-- fleet.sql - a practice with rooms, therapists and tickets for the load generator, made in bulk.
--
-- psql variables: practice, kiosks, therapists, seed, first, count, courses. Numbers of our own start at 1,000,000. Rating number n
-- has ticket n, as tests/support/load/plan.c says it: 12 bytes of SHA-256 of "ticket SEED n", then n. Its course is n modulo
-- courses, its therapist n modulo therapists. Run by the superuser: the keys are made right, so that a million of
-- them need no looking up.
set session_replication_role = replica;

insert into practice (practice_id, name) values (:practice, 'Load') on conflict do nothing;
insert into site (practice_id, site_id, name) values (:practice, 1000000, 'Load') on conflict do nothing;
insert into room (practice_id, room_id, site_id, name)
select :practice, 1000000 + i, 1000000, 'Room ' || i from generate_series(0, :kiosks - 1) i on conflict do nothing;
insert into therapist (practice_id, therapist_id, site_id, code, display_name)
select :practice, 1000000 + i, 1000000, 'load' || i, 'Dr ' || i from generate_series(0, greatest(:therapists, 1) - 1) i
on conflict do nothing;
insert into client (practice_id, client_id, client_ref)
select :practice, 1000000 + i, 'load-' || i from generate_series(0, :courses - 1) i on conflict do nothing;
insert into course (practice_id, course_id, client_id, therapist_id)
select :practice, 1000000 + i, 1000000 + i, 1000000 + i % greatest(:therapists, 1) from generate_series(0, :courses - 1) i
on conflict do nothing;

create temporary table numbered as
select n,
    (substr(encode(sha256(('ticket ' || :seed || ' ' || n)::bytea), 'hex'), 1, 24) || lpad(to_hex(n), 8, '0'))::uuid as ticket_id,
    (substr(encode(sha256(('session ' || :seed || ' ' || n)::bytea), 'hex'), 1, 24) || lpad(to_hex(n), 8, '0'))::uuid as session_id
from generate_series(:first, :first + :count - 1) n;

insert into session (practice_id, session_id, course_id, therapist_id, room_id, site_id, start_at, planned_end, colour,
    symbol)
select :practice, session_id, 1000000 + n % :courses, 1000000 + n % :courses % greatest(:therapists, 1), 1000000 + n % :kiosks,
    1000000, now() - interval '50 minutes' + n * interval '1 microsecond', now() + interval '60 minutes', n % 8, n % 8
from numbered;
insert into ticket (practice_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end)
select :practice, ticket_id, session_id, 1000000 + n % :courses, 1000000 + n % :courses % greatest(:therapists, 1),
    now() - interval '50 minutes' + n * interval '1 microsecond', now() + interval '60 minutes'
from numbered;
drop table numbered;
