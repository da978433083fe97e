/* Happy path: a limit, a flag, a lock. Failure: a lock that is refused is the unit's to make good;
 * nobody who rates is turned away for it. */
#include "client/link/harden.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void harden_process(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none); /* Lowering a limit is always allowed. */
#ifndef __SANITIZE_ADDRESS__
    (void)prctl(PR_SET_DUMPABLE,
                0); /* Also where core files go to a program, whatever the limit. */
#endif
}

void harden_pause(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1);
}

void harden_memory(const void *bytes, size_t len)
{
    (void)mlock(bytes, len); /* See above. */
}
