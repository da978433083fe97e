/* Happy path: each full percent draws the line again over itself. Failure: a terminal that refuses
 * is none of the work's business. */
#include "server/base/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 20, NOT_SHOWN = 101 };

void progress_init(struct progress *p, const char *what, uint64_t total)
{
    *p = (struct progress){.what = what, .total = total, .shown = NOT_SHOWN};
    p->is_seen = isatty(STDERR_FILENO) == 1;
}

const char *progress_line(const char *what, unsigned percent, char room[PROGRESS_LINE])
{
    char bar[BAR + 1];
    unsigned full = percent * BAR / 100;
    memset(bar, ' ', BAR);
    memset(bar, '#', full < BAR ? full : BAR);
    bar[BAR] = '\0';
    (void)snprintf(room, PROGRESS_LINE, "%.40s [%s] %3u %%", what, bar, percent);
    return room;
}

void progress_add(struct progress *p, uint64_t more)
{
    char room[PROGRESS_LINE];
    p->done += more < p->total - p->done ? more : p->total - p->done;
    unsigned percent = p->total == 0 ? 100 : (unsigned)(p->done * 100 / p->total);
    if (p->is_seen && percent != p->shown) {
        fprintf(stderr, "\r%s", progress_line(p->what, percent, room));
        p->shown = percent;
    }
}

void progress_end(struct progress *p)
{
    if (p->is_seen && p->shown != NOT_SHOWN) {
        fputs("\r\033[K", stderr);
    }
    p->shown = NOT_SHOWN;
}
