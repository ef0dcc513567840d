// SPDX-License-Identifier: MIT
#include "cdrm_cache.h"

size_t cdrm_ctr_line_size(uint64_t ctr)
{
	// DminLine: the smallest line of any data cache, as the log2 of a number of words.
	return (size_t)4 << (ctr >> 16 & 0xf);
}

size_t cdrm_ctr_granule(uint64_t ctr)
{
	// ARCH_DMA_MINALIGN of arm64, which the kernel assumes too where the register does not say.
	const size_t unknown = 128;
	// CWG: the largest granule of any cache, as the log2 of a number of words; 0: not given.
	size_t exponent = ctr >> 24 & 0xf, line = cdrm_ctr_line_size(ctr);
	size_t granule = exponent ? (size_t)4 << exponent : unknown;

	return granule > line ? granule : line;
}

#if defined(__aarch64__)

// The kernel emulates the read where the cores of a big.LITTLE differ.
static uint64_t ctr_el0(void)
{
	uint64_t type;

	__asm__("mrs %0, ctr_el0" : "=r"(type));
	return type;
}

size_t cdrm_cache_line_size(void)
{
	return cdrm_ctr_line_size(ctr_el0());
}

size_t cdrm_cache_granule(void)
{
	return cdrm_ctr_granule(ctr_el0());
}

#define FOR_EACH_LINE(instruction)                                                         \
	do {                                                                               \
		size_t line = cdrm_cache_line_size();                                      \
		uintptr_t end = (uintptr_t)start + length;                                 \
		for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line)  \
			__asm__ volatile(instruction ", %0" : : "r"(at) : "memory");       \
		__asm__ volatile("dsb sy" : : : "memory");                                 \
	} while (0)

void cdrm_cache_clean(void *start, size_t length)
{
	FOR_EACH_LINE("dc cvac");
}

void cdrm_cache_clean_and_invalidate(void *start, size_t length)
{
	FOR_EACH_LINE("dc civac");
}

#elif defined(__x86_64__)

#include <cpuid.h>

size_t cdrm_cache_line_size(void)
{
	unsigned int a, b, c, d;

	// CLFSH in EDX: clflush exists. EBX: the size of its line in quadwords.
	if (!__get_cpuid(1, &a, &b, &c, &d) || !(d & 1u << 19))
		return 0;
	return (b >> 8 & 0xff) * 8;
}

size_t cdrm_cache_granule(void)
{
	return cdrm_cache_line_size();
}

void cdrm_cache_clean_and_invalidate(void *start, size_t length)
{
	size_t line = cdrm_cache_line_size();
	uintptr_t end = (uintptr_t)start + length;

	// clflush is ordered with earlier stores, but not with earlier loads.
	__asm__ volatile("mfence" : : : "memory");
	for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line)
		__asm__ volatile("clflush %0" : "+m"(*(volatile char *)at));
	__asm__ volatile("mfence" : : : "memory");
}

// clwb, which only cleans, is missing from many CPUs; to invalidate the line as well is harmless.
void cdrm_cache_clean(void *start, size_t length)
{
	cdrm_cache_clean_and_invalidate(start, length);
}

#else

size_t cdrm_cache_line_size(void)
{
	return 0;
}

size_t cdrm_cache_granule(void)
{
	return 0;
}

void cdrm_cache_clean(void *start, size_t length)
{
	(void)start;
	(void)length;
}

void cdrm_cache_clean_and_invalidate(void *start, size_t length)
{
	(void)start;
	(void)length;
}

#endif

void cdrm_touch_pages(const void *address, size_t length, size_t page_size)
{
	// Volatile: the bytes are not used, and the compiler must keep the loads.
	const volatile unsigned char *bytes = address;

	for (size_t at = 0; at < length; at += page_size)
		(void)bytes[at];
}
