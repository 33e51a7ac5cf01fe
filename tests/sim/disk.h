/* tests/sim/disk.h - the disk below a store: it can lose what was not synchronised when the power
 * goes, at any write, and it can be full.
 *
 * The functions with which LMDB writes (pwrite, writev, fdatasync, fsync) are defined in disk.c, in
 * place of the C library's, for the whole program.  What is written to a file that is no disk's
 * goes through as it is.  Of a disk's file the writes since the last synchronisation are
 * remembered; a write to a descriptor of O_DSYNC, as LMDB's to its meta pages, is durable at once.
 *
 * When the power goes each of the writes that were not durable is there or not, the one at which it
 * went perhaps in part, as a seed decides.  From then on every write fails, until the store was
 * closed and disk_revive() has put into the file what was left.
 */
#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk;

/* Watch the file at path, which is there and whose content is durable. */
struct disk *disk_new(const char *path, uint64_t seed);
void disk_free(struct disk *disk); /* NULL is allowed */

/* The power goes at the write or synchronisation after so many more. */
void disk_arm(struct disk *disk, unsigned long operations);

/* The power goes now. */
void disk_fail(struct disk *disk);
bool disk_has_failed(const struct disk *disk);

/* With the file closed: what is left is in it. */
void disk_revive(struct disk *disk);

/* The file cannot grow while this holds. */
void disk_fill(struct disk *disk, bool is_full);

/* Writes and synchronisations that there were. */
unsigned long disk_operations(const struct disk *disk);

#endif
