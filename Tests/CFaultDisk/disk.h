// What fault_disk.c and vfs.c share.
#ifndef FAULT_DISK_PRIVATE_H
#define FAULT_DISK_PRIVATE_H

#include "CFaultDisk.h"

#include <pthread.h>
#include <stddef.h>

enum { SECTOR = 512, DISK_KINDS = 5 };

// One file: what of it is durable, and which sectors have been written since.
typedef struct image {
    struct image *next;
    char *path;
    unsigned char *durable;
    unsigned char *dirty;
    size_t sectors;
    size_t durable_size;
    // True once a sync has made its name durable.
    int is_durable;
    int is_deleted;
} image;

struct fault_disk {
    fault_disk *next;
    char *folder;
    image *images;
    uint64_t random;
    long counts[DISK_KINDS];
    long changes_to_cut;
    int is_cut;
    int is_frozen;
    int fault_mask;
    long fault_in;
    int is_lasting;
    int fault_code;
    long faults;
};

// What becomes of a call: it works, it fails with `fault_code`, the power fails in the middle of
// it, or the power has failed before.
enum { DISK_WORKS, DISK_FAILS, DISK_DIES, DISK_DEAD };

// Guards everything; held for the length of a call.
extern pthread_mutex_t fault_disk_lock;

// With the lock held:
fault_disk *fault_disk_find(const char *path);
image *fault_disk_image(fault_disk *disk, const char *path);
int fault_disk_call(fault_disk *disk, int kind);
void fault_disk_wrote(image *file, size_t offset, size_t count);
void fault_disk_truncated(image *file, size_t size);
// The kernel forgets what was to be written, kept or not.
void fault_disk_synced(image *file, int is_kept);
// Files that were deleted stay so.
void fault_disk_folder_synced(fault_disk *disk);

// Makes the disk SQLite's default, once.
void fault_disk_register(void);

#endif
