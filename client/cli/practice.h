/* practice.h - lists of what a practice has, for the commands that show one. */
#pragma once

#include "client/cli/arguments.h"
#include "envelope.pb-c.h"
#include "proto/wire/exits.h"

/* From the beginning to the end of a talk. */
enum exits practice_list(const struct arguments *a, Attune__PracticeKind kind);
