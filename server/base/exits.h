/* exits.h - the exit codes of the programs beside EXIT_SUCCESS and EXIT_FAILURE; as sysexits.h. */
#pragma once

enum { EXIT_USAGE = 2, EXIT_UNREACHABLE = 69, EXIT_NOT_ALLOWED = 77, EXIT_CONFIGURATION = 78 };
