/* Happy path: a limit, a byte, a flag, a lock. Failure: a lock that is refused is the unit's to
 * make good; nobody who rates is turned away for it. */
#include "client/link/harden.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { WIPE_BYTE = 0xa5 };

/* One byte holds no core file, and is Linux's sign that no program is to be handed one either; of
 * such a program zero says nothing (fs/coredump.c). Who may not raise it has zero already. */
static void forbid_core(void)
{
    struct rlimit none = {1, 1};
    (void)setrlimit(RLIMIT_CORE, &none);
}

void harden_process(void)
{
    forbid_core();
    (void)mallopt(M_PERTURB, WIPE_BYTE); /* Also GTK's texts, which are not ours to wipe. */
#ifndef __SANITIZE_ADDRESS__
    (void)prctl(PR_SET_DUMPABLE, 0); /* No debugger; and no core file, whatever the limit. */
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
