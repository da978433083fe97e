/* Happy path: the judged rating is complete; the earlier complete ones give median and spread; each
 * rule that has enough of them is asked; what fires is put into words. Failure: a missing area
 * means no total and no finding; nothing is ever pro-rated. */
#include "server/aggregator/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/must.h"

static bool is_complete(const struct evaluate_rating *r)
{
    for (size_t i = 0; i < RULE_AREAS; i++) {
        if (r->scores[i] == EVALUATE_NOT_ANSWERED) {
            return false;
        }
    }
    return true;
}

static int total_of(const struct evaluate_rating *r)
{
    int total = 0;
    for (size_t i = 0; i < RULE_AREAS; i++) {
        total += r->scores[i];
    }
    return total;
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Of the last up to five of `count` > 0 values. */
static double median_of_last(const int *values, size_t count)
{
    int sorted[EVALUATE_USUAL];
    size_t n = count < EVALUATE_USUAL ? count : EVALUATE_USUAL;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = values[count - n + i];
    }
    qsort(sorted, n, sizeof sorted[0], compare);
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0;
}

/* s = sqrt((SS + 4 s0^2) / (n + 3)): the client's own spread, drawn to the practice's while there
 * is little of it. */
static double spread_of(const int *totals, size_t n, double s0)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += totals[i];
    }
    double mean = n > 0 ? sum / (double)n : 0;
    for (size_t i = 0; i < n; i++) {
        squares += (totals[i] - mean) * (totals[i] - mean);
    }
    return sqrt((squares + 4 * s0 * s0) / ((double)n + 3));
}

static void look_back(const struct evaluate_history *h, struct rule_input *in,
                      int16_t usual[RULE_AREAS])
{
    int totals[EVALUATE_WINDOW], areas[RULE_AREAS][EVALUATE_WINDOW];
    for (size_t i = 0; i + 1 < h->count; i++) {
        if (!is_complete(&h->ratings[i])) {
            continue;
        }
        for (size_t area = 0; area < RULE_AREAS; area++) {
            areas[area][in->earlier] = h->ratings[i].scores[area];
        }
        totals[in->earlier++] = total_of(&h->ratings[i]);
    }
    in->spread = spread_of(totals, in->earlier, h->settings.spread);
    for (size_t area = 0; area < RULE_AREAS; area++) {
        usual[area] = in->earlier == 0 ? EVALUATE_NOT_ANSWERED
                                       : (int16_t)lround(median_of_last(areas[area], in->earlier));
    }
    in->base = in->earlier == 0 ? 0 : median_of_last(totals, in->earlier);
}

static void say_what(const struct rule_input *in, const int16_t usual[RULE_AREAS],
                     char text[RULE_TEXT])
{
    static const char *const names[RULE_AREAS] = {"Understanding", "relevance", "safety", "fit"};
    size_t len = 0;
    for (size_t i = 0; i < RULE_AREAS; i++) {
        int n = snprintf(text + len, RULE_TEXT - len, "%s%s " RULE_TENTHS, i > 0 ? ", " : "",
                         names[i], RULE_TENTHS_OF(in->scores[i]));
        len += (size_t)n;
        if (in->earlier > 0) {
            n = snprintf(text + len, RULE_TEXT - len, " (usually " RULE_TENTHS ")",
                         RULE_TENTHS_OF(usual[i]));
            len += (size_t)n;
        }
    }
    int n = snprintf(text + len, RULE_TEXT - len, "; together " RULE_TENTHS " of 40%s",
                     RULE_TENTHS_OF(in->total),
                     in->earlier > 0 ? "." : ". There is no earlier rating to compare with.");
    must(n > 0 && len + (size_t)n < RULE_TEXT);
}

static void keep_inputs(const struct rule_input *in, char text[EVALUATE_INPUTS])
{
    int n = snprintf(
        text, EVALUATE_INPUTS,
        "{\"scores\": [%d, %d, %d, %d], \"total\": %d, \"earlier\": %zu, \"base\": %.1f, "
        "\"spread\": %.3f, \"cut\": %d, \"s0\": %.3f, \"late\": %s}",
        in->scores[0], in->scores[1], in->scores[2], in->scores[3], in->total, in->earlier,
        in->base, in->spread, in->settings.cut, in->settings.spread, in->late ? "true" : "false");
    must(n > 0 && n < EVALUATE_INPUTS);
}

static void find(const struct rule *rule, const struct rule_input *in,
                 const int16_t usual[RULE_AREAS], struct evaluate_result *result)
{
    if (in->earlier + 1 < rule->ratings_min || !rule->fires(in)) {
        return;
    }
    struct evaluate_finding *f = &result->findings[result->count++];
    f->rule = rule;
    say_what(in, usual, f->what);
    rule->why(in, f->why);
    f->now = in->late ? rule->now_late : rule->now;
    f->next_time = rule->next_time;
    keep_inputs(in, f->inputs);
}

void evaluate(const struct evaluate_history *history, struct evaluate_result *ret_result)
{
    must(history->count > 0 && history->count <= EVALUATE_WINDOW);
    const struct evaluate_rating *judged = &history->ratings[history->count - 1];
    struct rule_input in = {.late = history->late, .settings = history->settings};
    ret_result->count = 0;
    look_back(history, &in, ret_result->usual);
    if (!is_complete(judged)) {
        return;
    }
    for (size_t i = 0; i < RULE_AREAS; i++) {
        in.scores[i] = judged->scores[i];
    }
    in.total = total_of(judged);
    for (size_t i = 0; i < RULES_COUNT; i++) {
        find(rules_at(i), &in, ret_result->usual, ret_result);
    }
}
