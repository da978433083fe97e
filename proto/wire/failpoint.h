/* failpoint.h - named places where a test can kill, delay or fail a program.
 *
 * Compiled in by ATTUNE_FAILPOINTS only; otherwise failpoint() is the constant 0. ATTUNE_FAILPOINT
 * in the environment arms one: name:kill|sleep|error[:n], at its n-th passing (1 when left out).
 * `--list-failpoints` prints the list; tests/tidy holds it against tests/fault: one without a test
 * fails. */
#pragma once

#define FAILPOINT_LIST(X)                                                                          \
    X(server_after_read, "a rating's frame was read, nothing was done with it")                    \
    X(server_queued, "the rating waits for its batch")                                             \
    X(server_before_insert, "the batch is about to be sent to the database")                       \
    X(server_after_insert, "the database has answered the insert, not yet the commit")             \
    X(server_after_commit, "the batch is committed, no acknowledgement is written")                \
    X(server_within_acknowledgement, "some of a batch's acknowledgements are written")             \
    X(adopt_key_made, "a client's key is made, the main database still has the pseudonym")         \
    X(adopt_before_commit, "all of a client's is moved, not committed")                            \
    X(adopt_committed, "a client is moved, the next one is not")                                   \
    X(aggregator_claimed, "a batch is claimed, nothing is evaluated")                              \
    X(aggregator_alerts_written, "alerts are written, not committed")                              \
    X(aggregator_committed, "the claim and its alerts are committed")                              \
    X(kiosk_before_write, "nothing of the record is on disk")                                      \
    X(kiosk_before_sync, "the record is written, not synced")                                      \
    X(kiosk_after_sync, "the record is synced and renamed: saved")                                 \
    X(kiosk_after_send, "the record is sent, not acknowledged")                                    \
    X(kiosk_after_acknowledgement, "the acknowledgement came, the spool does not know yet")        \
    X(therapist_before_received, "an alert is shown, the server does not know yet")                \
    X(therapist_after_received, "the server was told that the alert is here")

enum failpoint {
#define FAILPOINT_ENUM(name, text) FAILPOINT_##name,
    FAILPOINT_LIST(FAILPOINT_ENUM)
#undef FAILPOINT_ENUM
};

#ifdef ATTUNE_FAILPOINTS
/* Passes the point. Returns 0, or ERR_INTERNAL when it is armed with `error` and its turn has come;
 * with `kill` it does not return; `sleep` is 1 s. */
int failpoint(enum failpoint point);
#else
#define failpoint(point) (0)
#endif

/* Print name and meaning, a line each, to standard output. */
void failpoint_list(void);
