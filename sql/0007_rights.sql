-- 0007_rights.sql - the least that each role needs.
revoke all on all tables in schema public from public;
revoke all on all functions in schema public from public;
grant usage on schema public to attune_server, attune_aggregator;
grant select on schema_migration to attune_server, attune_aggregator;

grant select on practice, site, room, therapist, client, course, device, session, room_lease, ticket, ticket_gone,
    rating, alert, alert_delivery, session_view, alert_view to attune_server;
grant insert on site, room, therapist, client, course, device, session, room_lease, ticket, rating,
    rating_batch, rating_quarantine to attune_server;
-- `returning` and `on conflict` read what they name.
grant select on rating_batch to attune_server;
grant select (practice_id, rating_id) on rating_quarantine to attune_server;
grant update (site_id) on room to attune_server;  -- Also what `for no key update` wants.
grant update (display_name, site_id, language) on therapist to attune_server;
grant update (role, label, room_id, therapist_id, revoked_at) on device to attune_server;
grant update (state, closed_at, has_second) on session to attune_server;
grant update (session_id) on room_lease to attune_server;
grant delete on room_lease to attune_server;
grant update (received_at) on alert_delivery to attune_server;
grant select on rupture, rupture_move, rule_settings to attune_server;
grant update (delivered_at, seen_at, acknowledged_at, step, reason) on rupture to attune_server;
grant insert on rupture_move, rule_settings to attune_server;
grant update (rules_version) on practice to attune_server;
grant execute on function audit_add, audit_course to attune_server, attune_aggregator;
grant execute on function audit_pushed to attune_server;
grant execute on function session_awaited, session_covered, answer_covered, session_couple, session_park, session_open, session_invite, session_close, session_import, escalations_list, alert_rupture, alert_acknowledge, course_is_older to attune_server;

grant update (ask_better) on course to attune_aggregator;
grant select on alert_delivery to attune_aggregator;  -- How many were pushed today.
grant select on practice, rule_settings, therapist, session, ticket, rating, client, course, alert, rupture to attune_aggregator;
grant insert on rupture, rupture_move to attune_aggregator;
grant update (state, low, closed_rating, closed_session, escalated_at) on rupture to attune_aggregator;
grant select, delete on rating_batch to attune_aggregator;
-- `for update skip locked` wants an update right on one column.
grant update (batch_id) on rating_batch to attune_aggregator;
grant insert on rating_batch, alert, alert_delivery to attune_aggregator;
grant execute on function rating_claim, batches_free, rupture_escalate, working_day_after to attune_aggregator;
