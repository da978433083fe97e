-- 0003_alert.sql - what the rules say, and whether the therapist's client has it.

create type alert_tier as enum ('good', 'pattern', 'amber', 'red');

-- Never updated. It keeps what it was made from, so that it can be explained years later.
create table alert (
    practice_id   bigint not null,
    alert_id      uuid not null default gen_random_uuid(),
    rating_id     uuid not null,
    session_id    uuid not null,
    course_id     bigint not null,
    therapist_id  bigint not null,
    session_start timestamptz not null,
    rule          text not null,
    rule_version  int not null,
    tier          alert_tier not null,
    late          boolean not null,
    opened_rating uuid,             -- The rating that opened the rupture it belongs to, if any.
    inputs        jsonb not null,   -- What the rule looked at, and the thresholds it used.
    usual         smallint[] not null check (cardinality(usual) in (0, 4)),  -- Medians before; empty: none.
    wording       text not null,    -- "en/1": which texts.
    what          text not null,
    why           text not null,
    now           text not null,
    next_time     text not null,
    created_at    timestamptz not null default now(),
    primary key (practice_id, alert_id),
    unique (practice_id, rating_id, rule)  -- Exactly once, however often a rating is evaluated.
);
create index alert_of_therapist on alert (practice_id, therapist_id, created_at, alert_id);
create index alert_of_course on alert (practice_id, course_id, created_at, alert_id);

-- A red alert or good news on its way to its therapist. Pushed at least once, until received.
create table alert_delivery (
    practice_id  bigint not null,
    alert_id     uuid not null,
    therapist_id bigint not null,
    created_at   timestamptz not null default now(),
    received_at  timestamptz,
    digest       boolean not null default false,  -- Beyond the practice's number for a day: shown with the others, quietly.
    primary key (practice_id, alert_id),
    foreign key (practice_id, alert_id) references alert
);
create index alert_undelivered on alert_delivery (practice_id, therapist_id, created_at, alert_id)
    where received_at is null;
create index alert_delivery_of_day on alert_delivery (practice_id, therapist_id, created_at) where not digest;
