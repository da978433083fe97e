"""kiosk.py - a room's kiosk in another language: waits for an invited session, rates it, keeps the record until it is stored.

kiosk.py --server HOST:PORT --identity DIR --spool DIR [--understanding N] [--relevance N] [--safety N] [--fit N] [--skip]
Scores are 0.0 to 10.0; one that is left out was not answered. Prints one JSON line an event.
"""
import argparse
import json
import os

import admin_pb2
import kiosk_pb2
from attune_wire import Connection, Refused, identity_context, new_id, now_ms
from sealing import Chain

AREAS = ("understanding", "relevance", "safety", "fit")
REFUSED_FOR_GOOD = (113, 301, 302, 312)


def say(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def save(spool, name, data):
    """Saved means on disk: the record, its name, and only then thank you."""
    path = os.path.join(spool, name)
    with open(path + ".new", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)
    folder = os.open(spool, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def make_rating(ticket, options):
    rating = kiosk_pb2.Rating(rating_id=new_id(), ticket_id=ticket.ticket_id, instrument="attune-adult-en/1",
                              made_at_ms=now_ms(), skipped=options.skip)
    if not options.skip:
        rating.scores.SetInParent()
        for area in AREAS:
            score = getattr(options, area)
            if score is not None:
                setattr(rating.scores, area, round(score * 10))
    return rating


def make_submission(rating, chain):
    """What lies in the spool and is sent as it lies there: sealed, where the practice has a key."""
    record = rating.SerializeToString()
    if chain is None:
        return kiosk_pb2.SubmitRating(seal=kiosk_pb2.SEAL_NONE, record=record)
    return kiosk_pb2.SubmitRating(seal=kiosk_pb2.SEAL_BOX, record=chain.seal(record))


def send_spool(connection, spool):
    """Whatever lies in the spool goes out as it lies there; it goes when the server has it."""
    for name in sorted(os.listdir(spool)):
        path = os.path.join(spool, name)
        with open(path, "rb") as file:
            submit = kiosk_pb2.SubmitRating.FromString(file.read())
        try:
            stored = connection.ask_until_taken(submit_rating=submit)
        except Refused as refused:
            if refused.code not in REFUSED_FOR_GOOD:
                raise
            say("refused", code=refused.code)
            os.unlink(path)
            continue
        say("stored", rating_id=stored.rating_id.hex(), again=stored.again)
        os.unlink(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--identity", required=True)
    parser.add_argument("--spool", required=True)
    parser.add_argument("--skip", action="store_true")
    for area in AREAS:
        parser.add_argument(f"--{area}", type=float)
    options = parser.parse_args()
    os.makedirs(options.spool, exist_ok=True)
    connection = Connection(options.server, identity_context(options.identity))
    welcome = connection.say_hello("kiosk.py")
    say("welcome", role=admin_pb2.Role.Name(welcome.role), place=welcome.place, sealed=bool(welcome.sealing_key))
    chain = Chain(welcome.sealing_key) if welcome.sealing_key else None
    send_spool(connection, options.spool)
    while True:
        push = connection.push()
        if push.WhichOneof("body") != "room_state":
            continue
        room = push.room_state
        if room.HasField("ticket") and room.invited:
            say("invited", therapist=room.ticket.therapist, colour=room.ticket.colour, symbol=room.ticket.symbol)
            rating = make_rating(room.ticket, options)
            save(options.spool, rating.rating_id.hex(),
                 make_submission(rating, chain).SerializeToString())
            say("saved", rating_id=rating.rating_id.hex())
            send_spool(connection, options.spool)
            connection.close()
            return


if __name__ == "__main__":
    main()
