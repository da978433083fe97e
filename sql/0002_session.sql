-- 0002_session.sql - sessions, the rooms' leases, tickets, ratings and the batches they came in.

create type audience as enum ('adult', 'child');
create type session_state as enum ('open', 'invited', 'parked', 'closed');

-- One meeting. Made by the therapist's client, which chooses the id, so that a resend is the same session.
create table session (
    practice_id  bigint not null,
    session_id   uuid not null,
    course_id    bigint not null,
    therapist_id bigint not null,
    room_id      bigint not null,
    site_id      bigint not null,  -- The room's at that time: a room that moves takes no history along.
    start_at     timestamptz not null,
    planned_end  timestamptz not null,
    closed_at    timestamptz,
    state        session_state not null default 'open',
    colour       smallint not null check (colour between 0 and 7),
    symbol       smallint not null check (symbol between 0 and 7),
    imported     boolean not null default false,  -- From another system: its alerts are listed, never pushed.
    audience     audience not null default 'adult',  -- Which wordings the kiosk offers.
    first_time   boolean not null default false,     -- The kiosk says why we ask.
    together_with uuid,  -- Two who came together: the session opened first, which has the room.
    has_second   boolean not null default false,  -- The other way round: such a one was opened, and may be over by now.
    primary key (practice_id, session_id),
    foreign key (practice_id, together_with) references session,
    foreign key (practice_id, course_id) references course,
    foreign key (practice_id, therapist_id) references therapist,
    foreign key (practice_id, room_id) references room
);
create index session_together on session (practice_id, together_with) where together_with is not null;
create index session_of_therapist on session (practice_id, therapist_id, start_at, session_id);

-- One lease a room: the primary key is the rule. The row goes when the session is closed.
create table room_lease (
    practice_id bigint not null,
    room_id     bigint not null,
    session_id  uuid not null,
    primary key (practice_id, room_id),
    foreign key (practice_id, room_id) references room,
    foreign key (practice_id, session_id) references session
);

-- The single-use right to rate one session. It stays good after the session is closed or parked: a
-- rating that comes late is still the client's. It is used when a rating names it (unique there). It
-- carries what the rating's row needs, so that ingest joins one table.
create table ticket (
    practice_id   bigint not null,
    ticket_id     uuid not null,
    session_id    uuid not null,
    course_id     bigint not null,
    therapist_id  bigint not null,
    session_start timestamptz not null,
    session_end   timestamptz not null,  -- Planned.
    imported      boolean not null default false,
    primary key (practice_id, ticket_id),
    unique (practice_id, session_id),
    foreign key (practice_id, session_id) references session,
    foreign key (practice_id, course_id) references course
);

-- A course in session time. On the ticket, made at leisure when a session is opened: on the rating, where it would be
-- nearer, it costs the hot path a fifth.
create index ticket_of_course on ticket (practice_id, course_id, session_start, ticket_id);

-- Tickets of what has gone for good: a rating that comes for one is acknowledged, so that its kiosk lets go of it, and not kept.
create table ticket_gone (
    practice_id bigint not null,
    ticket_id   uuid not null,
    primary key (practice_id, ticket_id)
);

create type talk as enum ('now', 'next', 'rather not');
-- What would have made it even slightly better?
create type better as enum ('understanding', 'relevance', 'safety', 'fit', 'nothing');
create type tension as enum ('none', 'resolved', 'unresolved');

-- Made once, never changed. Scores in tenths; null is not zero: it was not answered.
--
-- No foreign keys here: a rating is only ever inserted by a join with its ticket, whose keys hold, and each
-- key would cost the hot path a look-up a row.
create table rating (
    practice_id   bigint not null,
    rating_id     uuid not null,
    ticket_id     uuid not null,
    session_id    uuid not null,
    course_id     bigint not null,
    therapist_id  bigint not null,
    session_start timestamptz not null,
    session_end   timestamptz not null,
    made_at       timestamptz not null,  -- The kiosk's clock.
    received_at   timestamptz not null default now(),
    understanding smallint check (understanding between 0 and 100),
    relevance     smallint check (relevance between 0 and 100),
    safety        smallint check (safety between 0 and 100),
    fit           smallint check (fit between 0 and 100),
    skipped       boolean not null,
    talk          talk,
    tension       tension,  -- The optional question; null: not answered.
    better        better,   -- Asked where the rule CEILING says so; null: not answered.
    instrument    text not null,
    imported      boolean not null default false,
    device        bytea,    -- The kiosk that sent it, by its key: its room may be another one by now. Null: imported.
    primary key (practice_id, rating_id),
    unique (practice_id, ticket_id),
    check (not skipped or (understanding is null and relevance is null and safety is null and fit is null))
);
-- What was committed together and has not been evaluated: claimed by deletion, `for update skip locked`. Never by
-- a number greater than the last seen: rows commit out of order. On Citus a local table of the coordinator.
-- Also the row that every batch writes, so that no acknowledged transaction is empty: with synchronous
-- replication an empty one does not wait for the standby.
create table rating_batch (
    batch_id     bigint generated always as identity primary key,
    practice_ids bigint[] not null,
    rating_ids   uuid[] not null,
    made_at      timestamptz not null default now(),  -- Kept when it is put back: see rating_claim.
    check (cardinality(practice_ids) = cardinality(rating_ids))
);

-- What the database itself refused (SQLSTATE 22 or 23), kept for a person to look at.
create table rating_quarantine (
    practice_id bigint not null,
    rating_id   uuid not null,
    ticket_id   uuid not null,
    sqlstate    text not null,
    record      bytea not null,  -- As it came: a sealed box, or the packed Rating.
    at          timestamptz not null default now(),
    primary key (practice_id, rating_id)
);
