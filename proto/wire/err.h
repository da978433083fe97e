/* err.h - the one list of what can go wrong.
 *
 * A function that can fail returns 0 or one of these, always negative. The
 * positive number is stable: it is the code in an Error on the wire
 * (PROTOCOL.md, section "Codes") and never changes its meaning.
 *   1xx the bytes are wrong   2xx this device may not   3xx what was named is not so
 *   4xx the world: try again  5xx this machine's own set-up */
#pragma once

#define ERR_LIST(X)                                                                                \
    X(FRAME_SIZE, 101, "the frame is empty or too long")                                           \
    X(FRAME_SLOW, 102, "the frame took too long to arrive")                                        \
    X(MESSAGE, 110, "the message is not what the protocol says: update the software")              \
    X(MESSAGE_TAGS, 111, "the message repeats or invents too many fields: update the software")    \
    X(MESSAGE_MEMORY, 112, "the message unpacks to more than is allowed")                          \
    X(FIELD, 113, "a field is missing or out of range")                                            \
    X(HELLO_FIRST, 120, "say Hello first, and once")                                               \
    X(SEQ, 121, "seq must count up from 1")                                                        \
    X(OPEN_MAX, 122, "too many requests are unanswered: wait for answers")                         \
    X(SILENT, 123, "nothing was heard for too long")                                               \
    X(DEVICE_UNKNOWN, 201, "this device is not registered: ask the administrator to add it")       \
    X(DEVICE_REVOKED, 202, "this device was revoked: ask the administrator")                       \
    X(ROLE, 203, "this device's role may not ask that")                                            \
    X(REPLACED, 204, "the same device has connected again: this connection ends")                  \
    X(CODE_REFUSED, 205, "no such code, or it is used or expired: ask for a new one")              \
    X(CODE_ROLE, 206, "this code is for another kind of device: ask for one for this")             \
    X(RENEW_REFUSED, 207, "this certificate is not renewed: enrol the device with a new code")     \
    X(AUTHORITY, 208, "this is not the server that the code was made for: nothing was sent")       \
    X(LOG_ON_FIRST, 210, "log on first")                                                           \
    X(LOG_ON_WRONG, 211, "name, password or code is wrong")                                        \
    X(LOG_ON_CODE, 212, "the code of your second factor is needed, too")                           \
    X(LOG_ON_WAIT, 213,                                                                            \
      "after a wrong password this device must wait: again after the stated time")                 \
    X(PASSWORD, 214, "the new password is refused: 12 to 128 bytes, and not the one before")       \
    X(ACCOUNT_UNKNOWN, 215, "no such account in this practice")                                    \
    X(PASSWORD_FIRST, 216, "set a password of your own first")                                     \
    X(SECOND_FACTOR, 217, "this server has no key to keep a second factor with")                   \
    X(FACTOR_FIRST, 218, "set up a second factor first")                                           \
    X(RIGHT_ENDED, 220, "the right to see these has ended")                                        \
    X(READ_ONLY, 221, "not while seeing a colleague's")                                            \
    X(RIGHT_NONE, 222, "no right to see a therapist of that code")                                 \
    X(CERTIFICATE_REVOKED, 230,                                                                    \
      "this certificate was revoked: ask the administrator for a new one")                         \
    X(PERSON_REVOKED, 231, "this person's access has ended: ask the administrator")                \
    X(LAST_ADMINISTRATOR, 232, "nobody could administer the practice after that: say it is meant") \
    X(LABEL_UNKNOWN, 233, "no device of this practice has that label")                             \
    X(TICKET_UNKNOWN, 301, "no such ticket")                                                       \
    X(TICKET_USED, 302, "the ticket has been used for another rating")                             \
    X(CLIENT_UNKNOWN, 303, "no such client among yours")                                           \
    X(ROOM_UNKNOWN, 304, "no such room in this practice")                                          \
    X(ROOM_TAKEN, 305, "another session is open in the room: take it over or choose another room") \
    X(SESSION_UNKNOWN, 306, "no such session among yours")                                         \
    X(SESSION_CLOSED, 307, "the session is closed")                                                \
    X(SESSION_PARKED, 308, "another session has taken the room")                                   \
    X(SITE_UNKNOWN, 309, "no such site in this practice")                                          \
    X(THERAPIST_UNKNOWN, 310, "no such therapist in this practice")                                \
    X(CONFLICT, 311, "that exists already with other content")                                     \
    X(RATING_REFUSED, 312, "the database refused this rating; it is kept in quarantine")           \
    X(ALERT_UNKNOWN, 313, "no such alert among yours")                                             \
    X(RULES, 314, "the rules are refused; those in force stay")                                    \
    X(GOAL_UNKNOWN, 315, "no such goal among yours")                                               \
    X(INSTRUMENT, 316, "the instrument is refused; those in force stay")                           \
    X(INSTRUMENT_UNKNOWN, 317, "no such instrument in this practice")                              \
    X(SEAL_KEY, 318, "the practice's key for this rating is not on this server: it is kept")       \
    X(SEAL_REQUIRED, 319, "this server takes sealed ratings only: it is kept")                     \
    X(RIGHT_UNKNOWN, 330, "no such cover or supervision is in force")                              \
    X(RIGHT_DATES, 331, "from a day to a later one; a cover is for 61 days at most")               \
    X(GLASS_SPENT, 332, "the glass was broken three times in a day: ask the colleague")            \
    X(LOOK_UNKNOWN, 333, "nobody has looked with that id")                                         \
    X(ERASE_KEYS, 340, "there is no keys database: an erasure would not reach the backups")        \
    X(ERASE_WORD, 341, "what would go is not what was shown: look again")                          \
    X(RETENTION_UNKNOWN, 345, "no such dry run, or one older than a week: make it anew")           \
    X(CLIENT_HELD, 346, "a legal hold is on this client: nothing of theirs may go")                \
    X(ENROL_OFF, 320, "enrolment is not set up on this server")                                    \
    X(REQUEST, 321, "the certificate request is refused: a key on P-256 and its signature")        \
    X(CODE_UNKNOWN, 322, "no such open code in this practice")                                     \
    X(CODE_TYPED, 323, "there is a typing error in the code")                                      \
    X(CODES_FULL, 324, "too many codes are open: forget some")                                     \
    X(RENEW_EARLY, 325, "the certificate is still new")                                            \
    X(BUSY, 401, "the server is busy: try again after the stated time")                            \
    X(CLOSING, 402, "the server is stopping: connect again")                                       \
    X(DATABASE, 403, "the database is away: nothing is lost, try again")                           \
    X(CANCELED, 404, "given up before it was done")                                                \
    X(TIMEOUT, 405, "no answer in time")                                                           \
    X(UNREACHABLE, 406, "the server cannot be reached: check address and network")                 \
    X(CLOSED, 407, "the other end closed the connection")                                          \
    X(TLS, 408, "what answers there does not speak TLS 1.3 as Attune does")                        \
    X(CERTIFICATE, 409, "the certificate was refused: check identity, expiry and authority")       \
    X(ENROL_LATER, 410, "too many wrong codes came from this address: try again later")            \
    X(ISSUER, 411, "the issuer of certificates is away: try again")                                \
    X(DISK, 501, "the disk refused: nothing was saved")                                            \
    X(CONFIG, 502, "the configuration is wrong")                                                   \
    X(INTERNAL, 503, "a fault in the software: see the log")

enum err {
    OK = 0,
#define ERR_ENUM(name, code, text) ERR_##name = -(code),
    ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
};

/* "BUSY" for ERR_BUSY, "OK" for 0, "UNKNOWN" for anything else. Static. */
const char *err_name(int rc);

/* The sentence for people. Static. */
const char *err_text(int rc);

/* The error that a wire code stands for; ERR_INTERNAL for one that this version does not know. */
int err_from_code(unsigned code);
