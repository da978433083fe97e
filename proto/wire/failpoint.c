/* Happy path: nothing is armed and every point is passed.
 * Armed by ATTUNE_FAILPOINT=name:kill|sleep|error[:n], read once, at the first point passed. The
 * armed point counts its passings in this process; that count is the one piece of state outside
 * main in the project, and it is compiled in for tests only. */
#include "proto/wire/failpoint.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/wire/err.h"

static const struct {
    const char *name, *text;
} list[] = {
#define FAILPOINT_ROW(name, text) {#name, text},
    FAILPOINT_LIST(FAILPOINT_ROW)
#undef FAILPOINT_ROW
};

enum { FAILPOINT_COUNT = sizeof list / sizeof list[0] };

void failpoint_list(void)
{
    for (size_t i = 0; i < FAILPOINT_COUNT; i++) {
        printf("%-32s %s\n", list[i].name, list[i].text);
    }
}

#ifdef ATTUNE_FAILPOINTS

enum action { ACTION_NONE, ACTION_KILL, ACTION_SLEEP, ACTION_ERROR };

struct armed {
    bool read;
    size_t point;
    enum action action;
    unsigned long turn, passed;
};

static _Noreturn void refuse(const char *given)
{
    fprintf(stderr, "ATTUNE_FAILPOINT=%s: name:kill|sleep|error[:n]; see --list-failpoints\n",
            given);
    exit(78);
}

static enum action action_of(const char *word, size_t len)
{
    static const char *const words[] = {
        [ACTION_KILL] = "kill", [ACTION_SLEEP] = "sleep", [ACTION_ERROR] = "error"};
    for (size_t i = ACTION_KILL; i <= ACTION_ERROR; i++) {
        if (strlen(words[i]) == len && strncmp(words[i], word, len) == 0) {
            return (enum action)i;
        }
    }
    return ACTION_NONE;
}

static void arm(struct armed *a)
{
    a->read = true;
    const char *given = getenv("ATTUNE_FAILPOINT");
    if (given == NULL || given[0] == '\0') {
        return;
    }
    size_t name_len = strcspn(given, ":");
    while (a->point < FAILPOINT_COUNT && (strlen(list[a->point].name) != name_len ||
                                          strncmp(list[a->point].name, given, name_len) != 0)) {
        a->point++;
    }
    if (a->point == FAILPOINT_COUNT || given[name_len] != ':') {
        refuse(given);
    }
    const char *word = given + name_len + 1;
    size_t word_len = strcspn(word, ":");
    a->action = action_of(word, word_len);
    a->turn = 1;
    if (word[word_len] == ':') {
        char *end;
        a->turn = strtoul(word + word_len + 1, &end, 10);
        if (*end != '\0') {
            refuse(given);
        }
    }
    if (a->action == ACTION_NONE || a->turn == 0) {
        refuse(given);
    }
}

int failpoint(enum failpoint point)
{
    static struct armed armed; /* See above. */
    if (!armed.read) {
        arm(&armed);
    }
    if (armed.action == ACTION_NONE || armed.point != (size_t)point ||
        ++armed.passed != armed.turn) {
        return 0;
    }
    if (armed.action == ACTION_KILL) {
        (void)raise(SIGKILL); /* Does not return. */
    }
    if (armed.action == ACTION_SLEEP) {
        (void)sleep(1); /* Cut short or not, it has delayed. */
        return 0;
    }
    return ERR_INTERNAL;
}

#endif
