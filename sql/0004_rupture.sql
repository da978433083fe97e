-- 0004_rupture.sql - a course's ruptures, from the rating that opens one to the one that ends it, and every move.

-- withdrawn: a rating that came late shows that it never was one. Its alert stands; it counts in no figure.
create type rupture_state as enum ('open', 'repaired', 'unrepaired', 'withdrawn');
-- What the therapist has done or will do.
create type rupture_step as enum ('talked now', 'opens next session', 'changes focus', 'changes approach',
    'changes pace', 'supervision', 'not a concern');

-- The fold over the ratings says opened, state, low and closed; the people say the rest.
create table rupture (
    practice_id    bigint not null,
    opened_rating  uuid not null,
    course_id      bigint not null,
    therapist_id   bigint not null,
    opened_session timestamptz not null,  -- The session's start.
    opened_at      timestamptz not null default now(),
    state          rupture_state not null,
    low            smallint,  -- The lowest total, in tenths; null: no total.
    closed_rating  uuid,
    closed_session timestamptz,
    delivered_at   timestamptz,
    seen_at        timestamptz,
    acknowledged_at timestamptz,
    step           rupture_step,
    reason         text check (length(reason) between 1 and 440),  -- Sealed with the client's key, where there is one.
    escalated_at   timestamptz,  -- On the practice's list since.
    imported       boolean not null default false,  -- From another system: history, never on that list.
    primary key (practice_id, opened_rating),
    foreign key (practice_id, course_id) references course,
    check ((step is null) = (acknowledged_at is null)),
    check (step is distinct from 'not a concern' or reason is not null)
);
create index rupture_of_therapist on rupture (practice_id, therapist_id, opened_session, opened_rating);
create index rupture_of_course on rupture (practice_id, course_id, opened_rating);
-- For what time alone can do, and what it has done.
create index rupture_unrepaired on rupture (practice_id, opened_at)
    where state = 'unrepaired' and escalated_at is null and not imported;
create index rupture_unacknowledged on rupture (practice_id, opened_at)
    where state = 'open' and acknowledged_at is null and escalated_at is null and not imported;
create index rupture_escalated on rupture (practice_id, escalated_at, opened_rating) where escalated_at is not null;

-- Who moved it, when and how. Never updated.
create table rupture_move (
    practice_id   bigint not null,
    opened_rating uuid not null,
    move_id       bigint generated always as identity,
    at            timestamptz not null default now(),
    actor         text not null,
    move          text not null,  -- opened, delivered, seen, acknowledged, escalated, or a state; reopened by a late rating.
    step          rupture_step,
    rating_id     uuid,
    primary key (practice_id, opened_rating, move_id)
);
