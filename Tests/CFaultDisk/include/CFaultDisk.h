#ifndef C_FAULT_DISK_H
#define C_FAULT_DISK_H

#include <stdint.h>

/// A disk beneath SQLite that loses at a power cut what was not synced, and that fails on demand.
///
/// It serves the database files below one folder of this process; everything else goes past it.
/// The files themselves are real. Beside each stands its durable image, which a sync brings up to
/// date; a cut gives back the images and a random part of the sectors that were written since.
typedef struct fault_disk fault_disk;

/// What can be counted, and made to fail: a mask.
enum {
    FAULT_DISK_READ = 1,
    FAULT_DISK_WRITE = 2,
    FAULT_DISK_SYNC = 4,
    FAULT_DISK_TRUNCATE = 8,
    /// The index of the log, which takes room of its own where it grows.
    FAULT_DISK_INDEX = 16,
    /// Every call that changes something.
    FAULT_DISK_CHANGES = 2 | 4 | 8,
};

/// Serves the files below `folder`, an absolute path; what lies there already counts as durable.
fault_disk *fault_disk_open(const char *folder, uint64_t seed);
/// Ends it; every connection below the folder is closed by then.
void fault_disk_close(fault_disk *disk);

/// Lets the power fail at the nth change from now, the first being 1.
void fault_disk_cut(fault_disk *disk, long nth);
/// True once the power has failed; no call changes anything any more.
int fault_disk_is_cut(fault_disk *disk);
/// Writes what a new start would find into `folder`, which exists; 0, or -1 with `errno`.
int fault_disk_restore(fault_disk *disk, const char *folder);

/// Lets every change fail from now on, as for a process that is dead, or no longer.
void fault_disk_freeze(fault_disk *disk, int is_frozen);

/// Lets the nth call of `mask` from now fail with SQLite's `code`, and every later one where
/// `is_lasting`. A sync that fails forgets what it should have written, as the kernel does.
void fault_disk_fail(fault_disk *disk, int mask, long nth, int is_lasting, int code);
/// Ends that, and answers how many calls have failed.
long fault_disk_heal(fault_disk *disk);

/// How many calls of `mask` there were.
long fault_disk_count(fault_disk *disk, int mask);

#endif
