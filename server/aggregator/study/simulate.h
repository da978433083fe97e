/* simulate.h - how often each rule prompts when nothing is wrong, and what it finds when something
 * is: made-up courses from one seed. Pure but for its threads. */
#pragma once

#include "server/aggregator/study/crew.h"
#include "server/aggregator/study/sheet.h"

struct study_wish {
    uint64_t clients, seed;
    size_t workers;
};

/* The columns. What happens, happens to sessions 5 to 8, or begins at session 5. */
enum simulate_column {
    SIMULATE_PER_SESSION, /* Prompts a session, sessions 5 to 8, nothing wrong. */
    SIMULATE_IN_EIGHT,    /* Courses of eight sessions with a prompt, nothing wrong. */
    SIMULATE_DIP_15,      /* Prompts at a one-session dip of 1.5 an area, */
    SIMULATE_DIP_25,      /* of 2.5. */
    SIMULATE_IN_FIVE,     /* Courses with a prompt in sessions 5 to 9: nothing wrong, */
    SIMULATE_LASTING_15,  /* a dip of 1.5 that lasts, */
    SIMULATE_SLIDE_25,    /* a slide that reaches 2.5 at session 9. */
    SIMULATE_COLUMNS,
};

/* Same wish, same sheet, whatever the number of workers. A row for each watcher. Moves `progress`
 * on by the clients. */
void simulate_run(const struct study_wish *wish, struct progress *progress,
                  struct sheet *ret_sheet);
