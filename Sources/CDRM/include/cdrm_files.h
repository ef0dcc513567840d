// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Facts about files and the kernel that the C library's module for Swift does not offer.

// Copies the newest part of the kernel's log that fits, and returns its length in bytes, or -errno.
int64_t cdrm_kernel_log(char *_Nonnull buffer, size_t size);

// Whether some bytes contain others: memmem(3).
bool cdrm_contains(const void *_Nonnull bytes, size_t size, const void *_Nonnull part, size_t part_size);

// Copies the access control list of a file, as the attribute system.posix_acl_access stores it, and returns its
// length in bytes, or -errno.
int64_t cdrm_access_list(const char *_Nonnull path, void *_Nonnull buffer, size_t size);

// Renames a file or a directory to a name that nothing has: renameat2(2) with RENAME_NOREPLACE. Returns 0 or -errno;
// -EINVAL where the file system does not know the flag.
int cdrm_rename_new(const char *_Nonnull from, const char *_Nonnull to);
