// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Operations of this process, for the client, the mock and the command.

// Copies from an address of this process, as a kernel does: 0, or -EFAULT for an address that is not mapped;
// raises no signal.
int cdrm_copy_from_client(void *_Nonnull to, uint64_t address, size_t length);

// Returns an anonymous file of a size in bytes, or -errno.
int cdrm_memory_file(const char *_Nonnull name, uint64_t size);

// The same with seals of fcntl(2), which a udmabuf requires.
int cdrm_sealed_memory_file(const char *_Nonnull name, uint64_t size, int seals);
// Returns the seals of a memory file, or -errno for another file.
int cdrm_seals(int fd);
// Returns the size of a file in bytes, or -errno.
int64_t cdrm_file_size(int fd);

enum {
	CDRM_SEAL_SHRINK = 0x2,
	CDRM_SEAL_WRITE = 0x8,
	CDRM_SEAL_FUTURE_WRITE = 0x10,
};

// Returns a descriptor of no use but to reserve its number, or -errno.
int cdrm_reserve_descriptor(void);
bool cdrm_descriptor_is_open(int fd);

// Return "EINVAL" for 22, NULL for a number without a name; and the C library's description.
const char *_Nullable cdrm_errno_name(int number);
const char *_Nonnull cdrm_errno_sentence(int number);

size_t cdrm_page_size(void);
// Returns the time on CLOCK_MONOTONIC.
int64_t cdrm_monotonic_nanoseconds(void);
bool cdrm_address_is_64_bit(void);

// Makes SIGINT, SIGTERM and SIGQUIT end the process with a line on stderr and with exit code 130, 143 or 131.
void cdrm_end_on_interrupts(void);
// From now on the first SIGINT or SIGTERM only sets cdrm_interrupt(); a second one ends the process.
void cdrm_defer_interrupts(void);
// Returns the number of the deferred signal; 0 without one.
int cdrm_interrupt(void);
