#include <linux/openat2.h>
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc 2.36 has no openat2, and Swift cannot call the variadic syscall(). Minus one and errno on failure. */
static inline int clinic_openat2(int folder, const char *path, unsigned long long flags,
                                 unsigned long long resolve) {
    struct open_how how = {.flags = flags, .mode = 0, .resolve = resolve};
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

/* The macros of openat2.h are casts that Swift does not import on every kernel's headers. */
static const unsigned long long clinic_resolve_strictly =
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
