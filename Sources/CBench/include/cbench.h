// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

// What the benchmark compares with, and a kernel that costs next to nothing: the executable defines ioctl
// itself, so that libdrm's drmIoctl and all above it runs as on a board, down to one cheap host call.

// Says which driver the executable's ioctl answers as: 0 panthor, 1 panfrost.
void cbench_answer_as(int driver);
// How often ioctl was called, and how often memory was allocated, since the process began.
uint64_t cbench_ioctl_count(void);
uint64_t cbench_allocation_count(void);

// The same work in C: COUNT syncs of one range by drmIoctl, each built anew.
void cbench_sync_loop(int fd, uint32_t handle, uint64_t count);
// COUNT ioctls alone.
void cbench_ioctl_loop(int fd, uint64_t count);
// COUNT copies of SIZE bytes.
void cbench_copy_loop(void *_Nonnull to, const void *_Nonnull from, size_t size, uint64_t count);
// COUNT times what a BO costs the host under the mock: make a file, size, map, unmap, close.
void cbench_file_cycle_loop(size_t size, uint64_t count);

uint64_t cbench_nanoseconds(void);
