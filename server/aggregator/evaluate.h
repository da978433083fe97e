/* evaluate.h - what the rules say of one rating. Pure: no clock, no database. Same history, same
 * findings. */
#pragma once

#include "server/aggregator/rules/chance.h"
#include "server/aggregator/rules/rules.h"

enum { TEXT_ROOM = 480, INPUTS_ROOM = 2048 };

struct finding {
    const struct rule *rule;
    enum tier tier;
    char what[TEXT_ROOM];      /* The four numbers beside this client's usual. */
    char why[TEXT_ROOM];       /* The rule in a sentence, and what it is worth. */
    const char *now;           /* The texts'. */
    char next_time[TEXT_ROOM]; /* Tied to the area that it is about. */
    char inputs[INPUTS_ROOM];  /* JSON: what was looked at, and every line in force. */
    int16_t usual[AREAS];      /* SCORE_MISSING: none yet. */
};

/* What is judged, and how it is to be said. */
struct judgement {
    const struct history *history; /* Its last rating is judged. */
    const struct rule_settings *settings;
    int settings_version;
    const struct chance *chance; /* Of settings' own model; NULL: UNUSUAL is not in force. */
    const struct texts *texts; /* NULL: no words, of a finding only rule and tier are filled in. */
    bool late;                 /* Nothing may say that the client is still there. */
};

struct evaluation {
    enum rupture_event event; /* What this rating does to the course's rupture. */
    bool ask_better;          /* The course's next rating asks what would have made it better. */
};

/* `rupture` is as the rating before left it, and is
 * moved. Of the red rules that fire one is told, the first of the registry, and the others are
 * named in its inputs. While a rupture is open it is told again only when it is much lower;
 * otherwise it is on the list as amber. Returns how many findings there are, at most RULES. */
size_t evaluate(const struct judgement *j, struct rupture *rupture, struct evaluation *ret_whole,
                struct finding out[RULES]);

/* The same without the words: only the rupture's move. Of `j` the history, the settings and the
 * chance are used. */
enum rupture_event evaluate_rupture(const struct judgement *j, struct rupture *rupture);
