// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

// The C side of the benchmark, and a cheap kernel: the executable defines ioctl itself, so that libdrm's
// drmIoctl and its callers run as on a board, down to one cheap system call of the host.

// Selects the driver that the executable's ioctl behaves as: 0 panthor, 1 panfrost.
void cbench_answer_as(int driver);
// Return the number of calls of ioctl, and of allocations, since the start of the process.
uint64_t cbench_ioctl_count(void);
uint64_t cbench_allocation_count(void);

// Issues COUNT syncs of one range with drmIoctl, and builds the argument of each.
void cbench_sync_loop(int fd, uint32_t handle, uint64_t count);
// Issues COUNT ioctls.
void cbench_ioctl_loop(int fd, uint64_t count);
// Copies SIZE bytes COUNT times.
void cbench_copy_loop(void *_Nonnull to, const void *_Nonnull from, size_t size, uint64_t count);
// COUNT times, does what the mock does on the host for a BO: create a file, size, map, unmap and close it.
void cbench_file_cycle_loop(size_t size, uint64_t count);

uint64_t cbench_nanoseconds(void);
