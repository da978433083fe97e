/* exits.h - how a program ends: the exit codes that scripts rely on; as sysexits.h. Pure. */
#pragma once

enum exits {
    EXITS_OK = 0,
    EXITS_FAILED = 1,
    EXITS_USAGE = 2,
    EXITS_UNREACHABLE = 69, /* Try again later: the server or the network is away. */
    EXITS_NOT_ALLOWED = 77, /* This device, or its role, may not. */
    EXITS_CONFIGURATION = 78,
};

/* What an err code means for the exit; EXITS_OK for 0. */
enum exits exits_of(int rc);
