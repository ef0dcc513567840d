// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

// Two images of one memory, compared and copied as fast as memory goes.

// Answers an address for that many bytes, which read as zero and take no memory until written; or -errno.
intptr_t cdrm_map_image(size_t length);

// Copies what differs; what is equal is only read.
void cdrm_copy_differences(void *_Nonnull to, const void *_Nonnull from, size_t length);

// Answer how many bytes, in whole lines from the start, are equal, or lie in lines that differ.
size_t cdrm_equal_lines(const void *_Nonnull one, const void *_Nonnull other, size_t length, size_t line);
size_t cdrm_different_lines(const void *_Nonnull one, const void *_Nonnull other, size_t length, size_t line);
