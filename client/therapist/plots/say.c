/* Happy path: a template is copied, its places replaced. Failure: none; what does not fit is left
 * out whole. */
#include "client/therapist/plots/say.h"

#include <stdio.h>
#include <string.h>

void say_init(struct say *s, const struct plot_words *words, char *room, size_t size)
{
    *s = (struct say){
        .words = words == NULL ? &plot_words_english : words, .room = room, .size = size};
    room[0] = '\0';
}

/* Appends up to `len` bytes; false: they do not fit, and nothing was. */
static bool append(char *room, size_t size, size_t *at, const char *text, size_t len)
{
    if (len >= size - *at) {
        return false;
    }
    memcpy(room + *at, text, len);
    *at += len;
    room[*at] = '\0';
    return true;
}

/* Into `room` from *at on. A place without a word is left empty. */
static bool fill(char *room, size_t size, size_t *at, const char *text, const char *const with[4])
{
    bool fits = true;
    while (fits && *text != '\0') {
        size_t plain = strcspn(text, "{");
        if (plain > 0) {
            fits = append(room, size, at, text, plain);
            text += plain;
        } else if (text[1] >= '1' && text[1] <= '4' && text[2] == '}') {
            const char *word = with[text[1] - '1'];
            fits = word == NULL || append(room, size, at, word, strlen(word));
            text += 3;
        } else {
            fits = append(room, size, at, text++, 1);
        }
    }
    return fits;
}

void say_sentence(struct say *s, enum plot_word word, const char *const with[4])
{
    size_t before = s->len;
    if (!s->full && s->len > 0) {
        s->full = !append(s->room, s->size, &s->len, " ", 1);
    }
    s->full = s->full || !fill(s->room, s->size, &s->len, s->words->at[word], with);
    if (s->full) {
        s->len = before;
        s->room[before] = '\0';
    }
}

const char *say_label(const struct plot_words *w, enum plot_word word, const char *const with[4],
                      char room[SAY_LABEL])
{
    size_t at = 0;
    room[0] = '\0';
    (void)fill(room, SAY_LABEL, &at, w->at[word], with); /* Cut: a label is better than none. */
    return room;
}

const char *say_tenths(const struct plot_words *w, int tenths, bool is_whole_short,
                       char room[SAY_NUMBER])
{
    if (is_whole_short && tenths % 10 == 0) {
        (void)snprintf(room, SAY_NUMBER, "%d", tenths / 10);
    } else {
        (void)snprintf(room, SAY_NUMBER, "%d%s%d", tenths / 10, w->at[PLOT_WORD_DECIMAL_SIGN],
                       tenths % 10);
    }
    return room;
}

const char *say_whole(long long number, char room[SAY_NUMBER])
{
    (void)snprintf(room, SAY_NUMBER, "%lld", number);
    return room;
}

const char *say_count(const struct plot_words *w, size_t count, char room[SAY_NUMBER])
{
    enum { FIRST = 2, LAST = 12 };
    if (count >= FIRST && count <= LAST) {
        return w->at[PLOT_WORD_NUMBER_2 + (int)(count - FIRST)];
    }
    return say_whole((long long)count, room);
}

const char *say_day(const struct plot_words *w, const struct plot_day *day, bool has_year,
                    char room[SAY_DAY])
{
    char number[SAY_NUMBER], year[SAY_NUMBER];
    size_t at = 0;
    room[0] = '\0';
    if (day->year != 0 && day->month >= 1 && day->month <= 12) {
        (void)fill(room, SAY_DAY, &at, w->at[has_year ? PLOT_WORD_DAY_OF_YEAR : PLOT_WORD_DAY],
                   (const char *const[4]){say_whole(day->day, number),
                                          w->at[PLOT_WORD_MONTH_1 + day->month - 1],
                                          say_whole(day->year, year)});
    }
    return room;
}

const char *say_percent(double share, char room[SAY_NUMBER])
{
    return say_whole((long long)(100 * share + 0.5), room);
}

static void list_join(struct say_list *l, const struct plot_words *w, enum plot_word how)
{
    char before[SAY_LABEL];
    memcpy(before, l->text, sizeof before);
    (void)say_label(w, how, (const char *const[4]){before, l->last}, l->text);
}

void say_list_add(struct say_list *l, const struct plot_words *w, int number)
{
    if (l->count == 1) {
        (void)snprintf(l->text, sizeof l->text, "%s", l->last);
    } else if (l->count > 1) {
        list_join(l, w, PLOT_WORD_LIST_COMMA);
    }
    (void)say_whole(number, l->last);
    l->count++;
}

const char *say_list_end(struct say_list *l, const struct plot_words *w)
{
    if (l->count <= 1) {
        return l->last;
    }
    list_join(l, w, PLOT_WORD_LIST_AND);
    return l->text;
}
