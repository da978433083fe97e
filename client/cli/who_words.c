/* Two tables. Failure: a word that is in none has a sentence of its own. */
#include "client/cli/who_words.h"

#include <stddef.h>
#include <string.h>

struct word {
    const char *word, *sentence;
};

static const struct word actions[] = {
    {"alert.acknowledge", "noted what they do about one of your answers"},
    {"alert.explain", "looked closely at one of your answers"},
    {"alert.push", "was shown that one of your answers needs attention"},
    {"alerts.read", "saw notes about your answers"},
    {"alerts.received", "was told that one of your answers needs attention"},
    {"audit.who", "looked at this list"},
    {"caseload.read", "saw you in the list of their clients"},
    {"client.erase_look", "asked how much there is of you, to erase it"},
    {"clients.read", "saw you in the practice's list of clients"},
    {"client.copy", "made a copy for you of what is kept about you"},
    {"course.end", "noted that your time with a therapist is over"},
    {"glass.break", "had an urgent reason to look at what a colleague keeps about you"},
    {"goal.end", "noted that a goal of yours is reached or let go"},
    {"goal.put", "wrote down a goal with you"},
    {"goals.read", "saw your goals"},
    {"hold.put", "had what is kept about you stay longer"},
    {"hold.release", "let what is kept about you go in its time again"},
    {"look.push", "was told that somebody else looked at what is kept about you"},
    {"look.seen", "took note that somebody else looked at what is kept about you"},
    {"looks.read", "saw who else looked at what is kept about you"},
    {"practice.put_client", "entered you as a therapist's client"},
    {"rating.given", "is the kiosk on which you gave your answers"},
    {"ratings.read", "saw your answers"},
    {"session.close", "ended a session with you"},
    {"session.import", "brought a session over from an earlier system"},
    {"session.invite", "asked for your answers"},
    {"session.open", "opened a session with you"},
    {"session.push", "was shown how a session with you stands"},
    {"sessions.read", "saw your sessions"},
};

static const struct word reasons[] = {
    {"", "the system's own work"},
    {"administrator", "looks after the practice's system"},
    {"break-glass", "had an urgent reason, which is kept"},
    {"cover", "stood in for your therapist"},
    {"kiosk", "you answered there"},
    {"supervision", "supervises your therapist"},
    {"therapist", "is your therapist"},
};

static const char *find(const struct word *words, size_t count, const char *word,
                        const char *otherwise)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return words[i].sentence;
        }
    }
    return otherwise;
}

const char *who_words_action(const char *action)
{
    return find(actions, sizeof actions / sizeof actions[0], action,
                "did something else with what is kept about you");
}

const char *who_words_reason(const char *scope)
{
    return find(reasons, sizeof reasons / sizeof reasons[0], scope, "was allowed to");
}
