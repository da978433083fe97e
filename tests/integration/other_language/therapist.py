"""therapist.py - a therapist's client in another language: opens a session, invites, watches, receives its alerts.

therapist.py --server HOST:PORT --identity DIR --client REF --room ROOM [--alerts N]
Ends when the session was rated or skipped and N alerts (0) were received. Prints one JSON line an event.
"""
import argparse
import json

import admin_pb2
import staff_pb2
from attune_wire import Connection, identity_context, new_id, now_ms

AREAS = ("understanding", "relevance", "safety", "fit")
HOUR_MS = 3_600_000


def say(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def scores_of(message):
    """Tenths by area; what was not answered is null, never 0."""
    if not message.HasField("scores"):
        return None
    return {area: getattr(message.scores, area) if message.scores.HasField(area) else None for area in AREAS}


def on_session(session):
    state = staff_pb2.SessionState.Name(session.state)
    outcome = staff_pb2.SessionOutcome.Name(session.outcome)
    say("session", session_id=session.session_id.hex(), state=state, outcome=outcome, scores=scores_of(session))
    return session.outcome != staff_pb2.SESSION_OUTCOME_NONE


def on_alert(connection, alert):
    say("alert", alert_id=alert.alert_id.hex(), rule=alert.rule, tier=staff_pb2.Tier.Name(alert.tier),
        client=alert.client_ref, what=alert.what, why=alert.why, now=alert.now, next_time=alert.next_time)
    connection.ask_until_taken(receive_alerts=staff_pb2.ReceiveAlerts(alert_id=[alert.alert_id]))
    say("received", alert_id=alert.alert_id.hex())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--identity", required=True)
    parser.add_argument("--client", required=True)
    parser.add_argument("--room", required=True)
    parser.add_argument("--alerts", type=int, default=0)
    options = parser.parse_args()
    connection = Connection(options.server, identity_context(options.identity))
    welcome = connection.say_hello("therapist.py")
    say("welcome", role=admin_pb2.Role.Name(welcome.role), place=welcome.place)
    session_id = new_id()
    opened = connection.ask_until_taken(open_session=staff_pb2.OpenSession(
        session_id=session_id, client_ref=options.client, room=options.room, planned_end_ms=now_ms() + HOUR_MS))
    say("opened", session_id=opened.session_id.hex(), colour=opened.colour, symbol=opened.symbol)
    connection.ask_until_taken(watch=staff_pb2.Watch())
    connection.ask_until_taken(invite_rating=staff_pb2.InviteRating(session_id=session_id))
    rated, alerts = False, set()
    while not rated or len(alerts) < options.alerts:
        push = connection.push()
        if push.WhichOneof("body") == "session_news" and push.session_news.session.session_id == session_id:
            rated = on_session(push.session_news.session) or rated
        elif push.WhichOneof("body") == "alert":
            on_alert(connection, push.alert)
            alerts.add(push.alert.alert_id)
    connection.ask_until_taken(close_session=staff_pb2.CloseSession(session_id=session_id))
    connection.close()


if __name__ == "__main__":
    main()
