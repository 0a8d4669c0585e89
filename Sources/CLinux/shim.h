#include <linux/openat2.h>
#include <linux/serial.h>
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc 2.36 has no openat2, and Swift cannot call the variadic syscall(): -1 and errno. */
static inline int clinic_openat2(int folder, const char *path, unsigned long long flags,
                                 unsigned long long resolve) {
    struct open_how how = {.flags = flags, .mode = 0, .resolve = resolve};
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

/* Below the folder, and through no link of any kind. */
static const unsigned long long clinic_resolve_strictly =
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;

/* O_PATH, which glibc shows to GNU sources only; the same on x86-64 and arm64. */
static const int clinic_open_path = 010000000;

/* prctl() is variadic. The kernel cuts the name after 15 bytes. */
static inline void clinic_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/* Swaps two names of one folder at once; glibc shows renameat2 to GNU sources only. */
static inline int clinic_exchange(int folder, const char *one, const char *other) {
    return (int)syscall(SYS_renameat2, folder, one, folder, other, 2 /* RENAME_EXCHANGE */);
}
