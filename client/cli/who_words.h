/* who_words.h - the audit's words in the client's: what was done, and why it was theirs to do.
 * Pure.
 *
 * For a page that is shown to the person it is about: no jargon, no ids. */
#pragma once

/* "saw your answers" for "ratings.read". One that this version does not know: "did something else
 * with what is kept about you". Static. */
const char *who_words_action(const char *action);

/* "is your therapist" for "therapist". Static. */
const char *who_words_reason(const char *scope);
