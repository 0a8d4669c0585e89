// The model of a disk that CFaultDisk.h describes; vfs.c puts it beneath SQLite.
#include "disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

pthread_mutex_t fault_disk_lock = PTHREAD_MUTEX_INITIALIZER;
static fault_disk *disks;

static uint64_t next_random(fault_disk *disk) {
    uint64_t z = (disk->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// True in `parts` of 256 cases.
static int chance(fault_disk *disk, unsigned parts) {
    return (next_random(disk) >> 56) < parts;
}

static void reserve(image *file, size_t size) {
    size_t sectors = (size + SECTOR - 1) / SECTOR;
    if (sectors <= file->sectors) return;
    size_t larger = file->sectors * 2 > sectors ? file->sectors * 2 : sectors;
    file->durable = realloc(file->durable, larger * SECTOR);
    file->dirty = realloc(file->dirty, larger);
    memset(file->durable + file->sectors * SECTOR, 0, (larger - file->sectors) * SECTOR);
    memset(file->dirty + file->sectors, 0, larger - file->sectors);
    file->sectors = larger;
}

// The whole of a file; NULL where there is none.
static unsigned char *load(const char *path, size_t *size) {
    *size = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return NULL;
    struct stat status;
    unsigned char *bytes = NULL;
    if (fstat(descriptor, &status) == 0) {
        bytes = calloc(1, (size_t)status.st_size + SECTOR);
        ssize_t count;
        while (*size < (size_t)status.st_size &&
               (count = read(descriptor, bytes + *size, (size_t)status.st_size - *size)) > 0)
            *size += (size_t)count;
    }
    close(descriptor);
    return bytes;
}

fault_disk *fault_disk_find(const char *path) {
    for (fault_disk *disk = disks; disk; disk = disk->next) {
        size_t length = strlen(disk->folder);
        if (strncmp(path, disk->folder, length) == 0 && path[length] == '/') return disk;
    }
    return NULL;
}

image *fault_disk_image(fault_disk *disk, const char *path) {
    for (image *file = disk->images; file; file = file->next)
        if (strcmp(file->path, path) == 0) return file;
    image *file = calloc(1, sizeof *file);
    file->path = strdup(path);
    size_t size;
    unsigned char *bytes = load(path, &size);
    reserve(file, size);
    if (bytes) {
        memcpy(file->durable, bytes, size);
        file->durable_size = size;
        file->is_durable = 1;
        free(bytes);
    }
    file->next = disk->images;
    disk->images = file;
    return file;
}

void fault_disk_wrote(image *file, size_t offset, size_t count) {
    file->is_deleted = 0;
    reserve(file, offset + count);
    for (size_t sector = offset / SECTOR; sector * SECTOR < offset + count; sector++)
        file->dirty[sector] = 1;
}

void fault_disk_truncated(image *file, size_t size) {
    for (size_t sector = size / SECTOR; sector < file->sectors; sector++) file->dirty[sector] = 1;
}

void fault_disk_synced(image *file, int is_kept) {
    size_t size;
    unsigned char *live = load(file->path, &size);
    if (!live) return;
    reserve(file, size);
    for (size_t sector = 0; sector < file->sectors; sector++) {
        if (!file->dirty[sector]) continue;
        file->dirty[sector] = 0;
        size_t offset = sector * SECTOR;
        if (!is_kept) continue;
        memset(file->durable + offset, 0, SECTOR);
        if (offset < size)
            memcpy(file->durable + offset, live + offset,
                   size - offset < SECTOR ? size - offset : SECTOR);
    }
    if (is_kept) {
        file->durable_size = size;
        file->is_durable = 1;
    }
    free(live);
}

void fault_disk_folder_synced(fault_disk *disk) {
    for (image *file = disk->images; file; file = file->next) {
        if (!file->is_deleted) continue;
        file->is_durable = 0;
        file->durable_size = 0;
        memset(file->durable, 0, file->sectors * SECTOR);
        memset(file->dirty, 0, file->sectors);
    }
}

int fault_disk_call(fault_disk *disk, int kind) {
    disk->counts[__builtin_ctz((unsigned)kind)]++;
    if (disk->is_cut || disk->is_frozen) return kind & FAULT_DISK_CHANGES ? DISK_DEAD : DISK_WORKS;
    if (kind & FAULT_DISK_CHANGES && disk->changes_to_cut > 0 && --disk->changes_to_cut == 0) {
        disk->is_cut = 1;
        return DISK_DIES;
    }
    if (!(kind & disk->fault_mask)) return DISK_WORKS;
    disk->fault_in--;
    if (disk->fault_in == 0 || (disk->fault_in < 0 && disk->is_lasting)) {
        disk->faults++;
        return DISK_FAILS;
    }
    return DISK_WORKS;
}

fault_disk *fault_disk_open(const char *folder, uint64_t seed) {
    fault_disk_register();
    fault_disk *disk = calloc(1, sizeof *disk);
    disk->folder = strdup(folder);
    disk->random = seed;
    pthread_mutex_lock(&fault_disk_lock);
    disk->next = disks;
    disks = disk;
    pthread_mutex_unlock(&fault_disk_lock);
    return disk;
}

void fault_disk_close(fault_disk *disk) {
    pthread_mutex_lock(&fault_disk_lock);
    for (fault_disk **link = &disks; *link; link = &(*link)->next)
        if (*link == disk) {
            *link = disk->next;
            break;
        }
    pthread_mutex_unlock(&fault_disk_lock);
    // A connection that ends late still finds the disk, dead and without its images.
    pthread_mutex_lock(&fault_disk_lock);
    disk->is_cut = 1;
    for (image *file = disk->images; file; file = file->next) {
        free(file->durable);
        free(file->dirty);
        file->durable = file->dirty = NULL;
        file->sectors = 0;
    }
    pthread_mutex_unlock(&fault_disk_lock);
}

void fault_disk_cut(fault_disk *disk, long nth) {
    pthread_mutex_lock(&fault_disk_lock);
    disk->changes_to_cut = nth;
    pthread_mutex_unlock(&fault_disk_lock);
}

int fault_disk_is_cut(fault_disk *disk) {
    pthread_mutex_lock(&fault_disk_lock);
    int is_cut = disk->is_cut;
    pthread_mutex_unlock(&fault_disk_lock);
    return is_cut;
}

void fault_disk_freeze(fault_disk *disk, int is_frozen) {
    pthread_mutex_lock(&fault_disk_lock);
    disk->is_frozen = is_frozen;
    pthread_mutex_unlock(&fault_disk_lock);
}

void fault_disk_fail(fault_disk *disk, int mask, long nth, int is_lasting, int code) {
    pthread_mutex_lock(&fault_disk_lock);
    disk->fault_mask = mask;
    disk->fault_in = nth;
    disk->is_lasting = is_lasting;
    disk->fault_code = code;
    disk->faults = 0;
    pthread_mutex_unlock(&fault_disk_lock);
}

long fault_disk_heal(fault_disk *disk) {
    pthread_mutex_lock(&fault_disk_lock);
    disk->fault_mask = 0;
    long faults = disk->faults;
    pthread_mutex_unlock(&fault_disk_lock);
    return faults;
}

long fault_disk_count(fault_disk *disk, int mask) {
    long count = 0;
    pthread_mutex_lock(&fault_disk_lock);
    for (int kind = 0; kind < DISK_KINDS; kind++)
        if (mask & (1 << kind)) count += disk->counts[kind];
    pthread_mutex_unlock(&fault_disk_lock);
    return count;
}

// What is left of one file: its image, and of what was written since some sectors or none.
static int restore_file(fault_disk *disk, image *file, const char *folder, unsigned parts) {
    // A name that no sync has made durable, or unmade, may be there or not.
    if (!file->is_durable && !chance(disk, 128)) return 0;
    if (file->is_deleted && (!file->is_durable || chance(disk, 128))) return 0;
    size_t size;
    unsigned char *live = load(file->path, &size);
    size_t length = file->durable_size;
    if (live && size < length && chance(disk, parts)) length = size;
    reserve(file, length > size ? length : size);
    for (size_t sector = 0; live && sector * SECTOR < size; sector++) {
        if (!file->dirty[sector] || !chance(disk, parts)) continue;
        size_t offset = sector * SECTOR, end = offset + SECTOR < size ? offset + SECTOR : size;
        memset(file->durable + offset, 0, SECTOR);
        memcpy(file->durable + offset, live + offset, end - offset);
        if (end > length) length = end;
    }
    free(live);
    char path[1024];
    snprintf(path, sizeof path, "%s%s", folder, strrchr(file->path, '/'));
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return -1;
    ssize_t written = write(descriptor, file->durable, length);
    close(descriptor);
    return written == (ssize_t)length ? 0 : -1;
}

int fault_disk_restore(fault_disk *disk, const char *folder) {
    pthread_mutex_lock(&fault_disk_lock);
    // Nothing of what was not synced, all of it, or any part.
    unsigned parts = chance(disk, 64) ? 0 : chance(disk, 32) ? 256 : next_random(disk) >> 56;
    int result = 0;
    for (image *file = disk->images; file && result == 0; file = file->next)
        result = restore_file(disk, file, folder, parts);
    pthread_mutex_unlock(&fault_disk_lock);
    return result;
}
