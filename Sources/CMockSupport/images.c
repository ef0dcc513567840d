// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "CMockSupport.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK = 4096 };

intptr_t cmock_map_image(size_t length)
{
	void *address = mmap(NULL, length, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return address == MAP_FAILED ? -(intptr_t)errno : (intptr_t)address;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void cmock_copy_differences(void *to, const void *from, size_t length)
{
	for (size_t at = 0; at < length; at += BLOCK) {
		size_t size = least(BLOCK, length - at);
		char *target = (char *)to + at;
		const char *source = (const char *)from + at;

		if (memcmp(target, source, size))
			memcpy(target, source, size);
	}
}

size_t cmock_equal_lines(const void *one, const void *other, size_t length, size_t line)
{
	const char *a = one, *b = other;
	size_t at = 0;

	// By blocks first, since most of a memory is equal; then by lines within the block that differs.
	while (at < length && !memcmp(a + at, b + at, least(BLOCK, length - at)))
		at += least(BLOCK, length - at);
	while (at < length && !memcmp(a + at, b + at, least(line, length - at)))
		at += least(line, length - at);
	return at;
}

size_t cmock_different_lines(const void *one, const void *other, size_t length, size_t line)
{
	const char *a = one, *b = other;
	size_t at = 0;

	while (at < length && memcmp(a + at, b + at, least(line, length - at)))
		at += least(line, length - at);
	return at;
}
