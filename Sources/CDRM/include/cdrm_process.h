// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the mock and the command need of the process they run in.

// Copies from an address of this process to its own memory, as a kernel does:
// 0, or -EFAULT where the address is not mapped, never a signal.
int cdrm_copy_from_client(void *_Nonnull to, uint64_t address, size_t length);

// Answers an anonymous file of that size, or -errno.
int cdrm_memory_file(const char *_Nonnull name, uint64_t size);

// The same with seals, as a udmabuf needs its memory; they are those of fcntl(2).
int cdrm_sealed_memory_file(const char *_Nonnull name, uint64_t size, int seals);
// Answers the seals of a memory file, or -errno where the file is none.
int cdrm_seals(int fd);
// Answers a file's size in bytes, or -errno.
int64_t cdrm_file_size(int fd);

enum {
	CDRM_SEAL_SHRINK = 0x2,
	CDRM_SEAL_WRITE = 0x8,
	CDRM_SEAL_FUTURE_WRITE = 0x10,
};

// Answers a descriptor that stands for nothing: it only keeps its number from being used twice.
int cdrm_reserve_descriptor(void);
bool cdrm_descriptor_is_open(int fd);

// Answers "EINVAL" for 22, NULL for a number that no errno has; and the sentence for it.
const char *_Nullable cdrm_errno_name(int number);
const char *_Nonnull cdrm_errno_sentence(int number);

size_t cdrm_page_size(void);
// CLOCK_MONOTONIC.
int64_t cdrm_monotonic_nanoseconds(void);
bool cdrm_address_is_64_bit(void);

// Turns SIGINT and SIGTERM into a flag; a second one ends the process.
void cdrm_catch_interrupts(void);
bool cdrm_is_interrupted(void);
