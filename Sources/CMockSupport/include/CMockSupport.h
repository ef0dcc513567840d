// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// C functions that only the mock kernel needs. Those that can fail return -errno.

// Images: the copies of one memory that the cache model compares and updates at memory speed.

// Maps anonymous memory that reads as zero and is allocated page by page on the first write.
// Returns the address, or -errno.
intptr_t cmock_map_image(size_t length);

// Copies the 4096-byte blocks that differ; equal blocks are only read.
void cmock_copy_differences(void *_Nonnull to, const void *_Nonnull from, size_t length);

// Return how many bytes from the start, in whole lines, are equal, or lie in lines that differ.
size_t cmock_equal_lines(const void *_Nonnull one, const void *_Nonnull other, size_t length, size_t line);
size_t cmock_different_lines(const void *_Nonnull one, const void *_Nonnull other, size_t length, size_t line);

// Copies to an address of this process as copy_to_user does.
// Returns 0, or -EFAULT where the address is not mapped; never raises a signal.
int cmock_copy_to_client(uint64_t address, const void *_Nonnull from, size_t length);

// Writes the first byte of a file; aborts where the file cannot be written.
void cmock_write_first_byte(int fd, unsigned char byte);

// Whether this process runs as root, which stands for CAP_SYS_NICE.
bool cmock_is_superuser(void);
