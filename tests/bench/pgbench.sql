insert into rating (practice_id, rating_id, ticket_id, session_id, course_id, therapist_id, session_start, session_end,
    made_at, understanding, relevance, safety, fit, skipped, instrument)
values (1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 1, now(), now(), now(), 90, 91, 92, 93, false,
    'attune-adult-en/1');
