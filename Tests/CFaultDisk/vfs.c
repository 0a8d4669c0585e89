// SQLite's file system with the disk of fault_disk.c beneath it.
#include "disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static sqlite3_vfs *real;
static sqlite3_vfs shim;

// SQLite allocates it; the real file's own structure stands behind it.
typedef struct {
    sqlite3_file base;
    fault_disk *disk;
    image *image;
    // True where the first sync makes the names in the folder durable too.
    int syncs_folder;
} file;

static sqlite3_file *below(sqlite3_file *given) { return (sqlite3_file *)((file *)given + 1); }

// Counts a call and answers what becomes of it; `otherwise` is the code of a dead disk. Holds the
// lock on return.
static int begin(sqlite3_file *given, int kind, int otherwise, int *code) {
    file *own = (file *)given;
    pthread_mutex_lock(&fault_disk_lock);
    int fate = fault_disk_call(own->disk, kind);
    *code = fate == DISK_WORKS ? SQLITE_OK
          : fate == DISK_FAILS ? own->disk->fault_code
                               : otherwise;
    return fate;
}

static int end(int code) {
    pthread_mutex_unlock(&fault_disk_lock);
    return code;
}

static int read_file(sqlite3_file *given, void *bytes, int count, sqlite3_int64 offset) {
    int code;
    begin(given, FAULT_DISK_READ, SQLITE_IOERR_READ, &code);
    if (code == SQLITE_OK) code = below(given)->pMethods->xRead(below(given), bytes, count, offset);
    return end(code);
}

static int write_file(sqlite3_file *given, const void *bytes, int count, sqlite3_int64 offset) {
    int code, fate = begin(given, FAULT_DISK_WRITE, SQLITE_IOERR_WRITE, &code);
    // A write in which the power fails has reached the disk in part.
    if (fate == DISK_WORKS || fate == DISK_DIES) {
        int done = below(given)->pMethods->xWrite(below(given), bytes, count, offset);
        if (done == SQLITE_OK)
            fault_disk_wrote(((file *)given)->image, (size_t)offset, (size_t)count);
        if (fate == DISK_WORKS) code = done;
    }
    return end(code);
}

static int truncate_file(sqlite3_file *given, sqlite3_int64 size) {
    int code, fate = begin(given, FAULT_DISK_TRUNCATE, SQLITE_IOERR_TRUNCATE, &code);
    if (fate == DISK_WORKS || fate == DISK_DIES) {
        int done = below(given)->pMethods->xTruncate(below(given), size);
        if (done == SQLITE_OK) fault_disk_truncated(((file *)given)->image, (size_t)size);
        if (fate == DISK_WORKS) code = done;
    }
    return end(code);
}

static int sync_file(sqlite3_file *given, int flags) {
    (void)flags; // The images are what is durable: the real disk need not wait.
    int code, fate = begin(given, FAULT_DISK_SYNC, SQLITE_IOERR_FSYNC, &code);
    file *own = (file *)given;
    if (fate == DISK_WORKS || fate == DISK_FAILS)
        fault_disk_synced(own->image, fate == DISK_WORKS);
    if (fate == DISK_WORKS && own->syncs_folder) {
        fault_disk_folder_synced(own->disk);
        own->syncs_folder = 0;
    }
    return end(code);
}

static int map_index(sqlite3_file *given, int page, int size, int extend, void volatile **map) {
    int code;
    begin(given, FAULT_DISK_INDEX, SQLITE_IOERR_SHMMAP, &code);
    if (code == SQLITE_OK)
        code = below(given)->pMethods->xShmMap(below(given), page, size, extend, map);
    return end(code);
}

// What goes past the disk.
static int close_file(sqlite3_file *f) { return below(f)->pMethods->xClose(below(f)); }
static int file_size(sqlite3_file *f, sqlite3_int64 *size) {
    return below(f)->pMethods->xFileSize(below(f), size);
}
static int lock(sqlite3_file *f, int level) { return below(f)->pMethods->xLock(below(f), level); }
static int unlock(sqlite3_file *f, int level) {
    return below(f)->pMethods->xUnlock(below(f), level);
}
static int check_lock(sqlite3_file *f, int *result) {
    return below(f)->pMethods->xCheckReservedLock(below(f), result);
}
static int control(sqlite3_file *f, int operation, void *argument) {
    return below(f)->pMethods->xFileControl(below(f), operation, argument);
}
static int sector_size(sqlite3_file *f) { return below(f)->pMethods->xSectorSize(below(f)); }
static int characteristics(sqlite3_file *f) {
    return below(f)->pMethods->xDeviceCharacteristics(below(f));
}
static int lock_index(sqlite3_file *f, int offset, int count, int flags) {
    return below(f)->pMethods->xShmLock(below(f), offset, count, flags);
}
static void index_barrier(sqlite3_file *f) { below(f)->pMethods->xShmBarrier(below(f)); }
static int unmap_index(sqlite3_file *f, int is_deleted) {
    return below(f)->pMethods->xShmUnmap(below(f), is_deleted);
}

// Version 2: with the log's index, without mapping the database itself.
static const sqlite3_io_methods methods = {
    2, close_file, read_file, write_file, truncate_file, sync_file, file_size, lock, unlock,
    check_lock, control, sector_size, characteristics, map_index, lock_index, index_barrier,
    unmap_index, NULL, NULL,
};

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *given, int flags, int *out) {
    (void)vfs;
    pthread_mutex_lock(&fault_disk_lock);
    fault_disk *disk = path ? fault_disk_find(path) : NULL;
    image *found = disk ? fault_disk_image(disk, path) : NULL;
    int is_dead = disk && (disk->is_cut || disk->is_frozen);
    pthread_mutex_unlock(&fault_disk_lock);
    if (!disk) return real->xOpen(real, path, given, flags, out);
    file *own = (file *)given;
    memset(own, 0, sizeof *own);
    if (is_dead) return SQLITE_CANTOPEN;
    int code = real->xOpen(real, path, below(given), flags, out);
    // SQLite closes a file that did not open where it has methods.
    if (code != SQLITE_OK && !below(given)->pMethods) return code;
    own->base.pMethods = &methods;
    own->disk = disk;
    own->image = found;
    int logs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    own->syncs_folder = flags & SQLITE_OPEN_CREATE && flags & logs;
    return code;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int syncs_folder) {
    (void)vfs;
    int code = SQLITE_OK;
    pthread_mutex_lock(&fault_disk_lock);
    fault_disk *disk = fault_disk_find(path);
    if (disk) {
        image *found = fault_disk_image(disk, path);
        if (disk->is_cut || disk->is_frozen) {
            code = SQLITE_IOERR_DELETE;
        } else {
            found->is_deleted = 1;
            if (syncs_folder) fault_disk_folder_synced(disk);
        }
    }
    if (code == SQLITE_OK) code = real->xDelete(real, path, disk ? 0 : syncs_folder);
    pthread_mutex_unlock(&fault_disk_lock);
    return code;
}

static void make_default(void) {
    real = sqlite3_vfs_find(NULL);
    shim = *real;
    shim.zName = "fault-disk";
    shim.szOsFile = (int)sizeof(file) + real->szOsFile;
    shim.xOpen = open_file;
    shim.xDelete = delete_file;
    sqlite3_vfs_register(&shim, 1);
}

void fault_disk_register(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_default);
}
