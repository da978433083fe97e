/* Happy path: one line a number and copy, filled in as things happen. Failure: none here; numbers
 * outside the plan are our own mistake. */
#include "tests/support/load/sheet.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proto/wire/err.h"
#include "proto/wire/must.h"

static struct sheet_line *line_of(const struct sheet *s, uint32_t number, uint32_t copy)
{
    must(number >= s->plan->first && number - s->plan->first < s->plan->count);
    must(copy < s->copies);
    return &s->lines[(size_t)(number - s->plan->first) * s->copies + copy];
}

void sheet_init(struct sheet *s, const struct plan *plan, uint32_t copies)
{
    *s = (struct sheet){.plan = plan, .copies = copies};
    size_t count = (size_t)plan->count * copies;
    s->lines = calloc(count > 0 ? count : 1, sizeof *s->lines);
    must(s->lines != NULL);
    for (size_t i = 0; i < count; i++) {
        s->lines[i].verdict = SHEET_UNANSWERED;
    }
}

void sheet_fini(struct sheet *s)
{
    free(s->lines);
    s->lines = NULL;
}

void sheet_saved(struct sheet *s, uint32_t number, uint32_t copy)
{
    line_of(s, number, copy)->saved = true;
}

void sheet_sent(struct sheet *s, uint32_t number, uint32_t copy, int64_t now_us)
{
    struct sheet_line *line = line_of(s, number, copy);
    if (line->sends++ == 0) {
        line->sent_us = now_us;
        s->sent++;
    }
}

void sheet_answered(struct sheet *s, uint32_t number, uint32_t copy, int rc, bool again,
                    int64_t now_us)
{
    struct sheet_line *line = line_of(s, number, copy);
    if (line->verdict == SHEET_UNANSWERED) {
        line->verdict = (int16_t)rc;
        line->answered_us = now_us;
        line->again = again;
        s->acked += rc == 0;
        s->refused += rc != 0;
    }
}

bool sheet_alert(struct sheet *s, uint32_t number, int64_t now_us)
{
    struct sheet_line *line = line_of(s, number, 0);
    if (line->alert_us != 0) {
        return false;
    }
    line->alert_us = now_us;
    s->alerts++;
    return true;
}

bool sheet_alerted(const struct sheet *s)
{
    for (uint32_t i = 0; i < s->plan->count; i++) {
        const struct sheet_line *line = &s->lines[(size_t)i * s->copies];
        if (plan_low(s->plan, s->plan->first + i) && line->verdict == 0 && line->alert_us == 0) {
            return false;
        }
    }
    return true;
}

static double in_ms(int64_t us)
{
    return us == 0 ? -1 : (double)us / 1000;
}

void sheet_write(const struct sheet *s, FILE *to)
{
    for (uint32_t i = 0; i < s->plan->count * s->copies; i++) {
        const struct sheet_line *line = &s->lines[i];
        uint32_t number = s->plan->first + i / s->copies;
        uint8_t id[LIMIT_ID_SIZE];
        if (line->sends == 0 && !line->saved) {
            continue;
        }
        plan_rating_id(s->plan, number, id);
        (void)fputs("rating ", to); /* The caller looks at ferror. */
        for (unsigned at = 0; at < sizeof id; at++) {
            (void)fprintf(to, "%02x", id[at]);
        }
        (void)fprintf(to, " %.3f %.3f %s %" PRIu32 " %d %d %d\n", in_ms(line->sent_us),
                      in_ms(line->answered_us),
                      line->verdict == SHEET_UNANSWERED ? "NONE" : err_name(line->verdict),
                      line->sends, line->saved, plan_low(s->plan, number), line->again);
    }
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static struct sheet_times summary(double *ms, uint32_t count)
{
    struct sheet_times t = {.count = count};
    if (count > 0) {
        qsort(ms, count, sizeof *ms, by_size);
        t.p50_ms = ms[count / 2];
        t.p99_ms = ms[(uint64_t)count * 99 / 100];
        t.max_ms = ms[count - 1];
    }
    return t;
}

struct sheet_times sheet_times(const struct sheet *s, bool alerts, int64_t from_us,
                               int64_t until_us)
{
    uint32_t lines = s->plan->count * s->copies;
    uint32_t count = 0;
    double *ms = calloc(lines > 0 ? lines : 1, sizeof *ms);
    must(ms != NULL);
    for (uint32_t i = 0; i < lines; i++) {
        const struct sheet_line *line = &s->lines[i];
        int64_t at = alerts ? line->alert_us : line->verdict == 0 ? line->answered_us : 0;
        if (at != 0 && line->sent_us != 0 && at >= from_us && at <= until_us) {
            ms[count++] = (double)(at - line->sent_us) / 1000;
        }
    }
    struct sheet_times t = summary(ms, count);
    free(ms);
    return t;
}
