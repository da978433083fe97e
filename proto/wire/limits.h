/* limits.h - every bound that both ends share, in one place.
 *
 * The server's own bounds (connections, queues, time-outs) are configuration:
 * server/gateway/options.c holds their defaults. PROTOCOL.md repeats the ones that a
 * client in another language must know. */
#pragma once

enum {
    LIMIT_ID_SIZE = 16,              /* Bytes in every id. */
    LIMIT_FRAME_BODY = 16 * 1024,    /* Bytes in a frame's body after Welcome. */
    LIMIT_FRAME_GREETING = 4 * 1024, /* The same before Welcome. */
    LIMIT_RECORD_SIZE = 1024,        /* Bytes in SubmitRating.record. */
    LIMIT_SEALED_SIZE = 386,         /* The same with SEAL_BOX, always. */
    LIMIT_MESSAGE_TAGS = 256,        /* Tags in one message, all levels together. */
    LIMIT_ANSWER_TAGS = 2048,  /* The same in a server's frame: a page of ratings has 1,505. */
    LIMIT_MESSAGE_UNKNOWN = 8, /* Fields that this version does not know. */
    LIMIT_MESSAGE_DEPTH = 8,   /* Sub-messages within each other. */
    LIMIT_FIELD_NUMBER = (1 << 29) - 1,
    LIMIT_UNPACK_BYTES = 256 * 1024, /* Memory that one message may take when unpacked. */
    LIMIT_OPEN_REQUESTS = 64,        /* Unanswered requests a connection. */
    LIMIT_ALERTS_OPEN = 64,          /* Alerts pushed and not yet received, a connection. */
    LIMIT_NAME_BYTES = 64,           /* A name, label, code or pseudonym. */
    LIMIT_SERIAL_BYTES = 20,         /* A certificate's: RFC 5280, section 4.1.2.2. */
    LIMIT_VERSION_BYTES = 32,
    LIMIT_LANGUAGE_BYTES = 35,           /* RFC 5646, section 4.4.1. */
    LIMIT_SCORE_TENTHS = 100,            /* The best score: 10.0. */
    LIMIT_SESSION_MS = 24 * 3600 * 1000, /* From its start to its end, planned or imported. */
    LIMIT_SESSIONS_PAGE = 50,
    LIMIT_RATINGS_PAGE = 100,
    LIMIT_ALERTS_PAGE = 12,
    LIMIT_GOALS_PAGE = 20,
    LIMIT_ESCALATIONS_PAGE = 50,
    LIMIT_GOALS_IN_FORCE = 4, /* One an area. */
    LIMIT_WORDS_BYTES = 200,  /* A goal in words. */
    LIMIT_CASELOAD_PAGE = 50,
    LIMIT_CASELOAD_TOTALS = 12, /* Of each client: the line beside the name. */
    LIMIT_PRACTICE_PAGE = 100,
    LIMIT_INSTRUMENTS = 5,         /* Of a practice's own, an audience. */
    LIMIT_INSTRUMENT_BYTES = 1535, /* A file: ten of them fit in a frame. */
    LIMIT_RULES_BYTES = 8191,      /* A practice's file of rules. */
    LIMIT_RUPTURE_MOVES = 64,      /* Told of one rupture. */
    LIMIT_RIGHTS = 100,            /* In one answer. */
    LIMIT_LOOKS = 20,              /* In one answer. */
    LIMIT_REASON_BYTES = 200,      /* Why the glass is broken. */
    LIMIT_RETENTION_YEARS = 100,
    LIMIT_RETENTION_ROWS = 64, /* In one answer. */
    LIMIT_REPORT_WEEKS = 52,
    LIMIT_REPORT_ROWS = 32, /* In one answer: 54 tags each at most. */
    LIMIT_DEVICES_PAGE = 50,
    LIMIT_REQUEST_BYTES = 1024,           /* A certificate request. */
    LIMIT_CERTIFICATE_BYTES = 2048,       /* A certificate. */
    LIMIT_RENEW_GRACE_S = 30 * 24 * 3600, /* After a certificate's end: it can still be renewed. */
    LIMIT_PROOF_BYTES = 128,
    LIMIT_AUTHORITIES = 8,
    LIMIT_AUTHORITY_ID = 8,       /* Bytes. */
    LIMIT_ENROL_REQUESTS = 8,     /* On a connection of attune-enrol/1. */
    LIMIT_ENROL_WRONG_ROWS = 100, /* An hour, in the audit: addresses with wrong codes. */
    LIMIT_TOKEN_SIZE = 32,        /* Of a log-on. */
    LIMIT_PASSWORD_BYTES = 128,
    LIMIT_PASSWORD_BYTES_MIN = 12,
    LIMIT_AUDIT_PAGE = 40,             /* Entries about one client. */
    LIMIT_AUDIT_PLACE = 32,            /* Bytes of where such a page goes on, */
    LIMIT_AUDIT_ROW_PLACE = 56,        /* of where verifying does, in rows */
    LIMIT_AUDIT_HEAD_PLACE = 72,       /* in heads */
    LIMIT_AUDIT_CERTIFICATE_PLACE = 8, /* and in certificates. */
    LIMIT_CERTIFICATE_NAME = 80,
    LIMIT_PING_S = 10,    /* A client says something at least this often. */
    LIMIT_SILENCE_S = 30, /* Either end hears nothing for this long: the connection is dead. */
    LIMIT_RECONNECT_MS_MIN = 1000,
    LIMIT_RECONNECT_MS_MAX = 60 * 1000,
};
