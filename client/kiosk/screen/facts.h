/* facts.h - what the staff corner says of this machine: exact, in English, as the log has it. */
#pragma once

#include "client/kiosk/screen/room.h"

void facts_fill(struct room *r, struct screen_facts *facts);
