// SPDX-License-Identifier: MIT
//
// The state of a model, and what all its files use.
#ifndef SOC_SOC_H
#define SOC_SOC_H

#include "SoCModel.h"
#include "gpu.h"

struct soc_line_images {
	uint8_t *dram, *filled;
	// One byte for each line, and one for each page.
	uint8_t *states, *uncached;
};

// A page that the CPU maps uncached, and a mapping of it.
struct uncached_page {
	uint64_t page, root, address;
};

struct cached_translation {
	bool valid;
	uint64_t page, root, physical;
};

// A page fault of user space, from which its process has not returned yet.
struct user_fault {
	bool valid;
	uint64_t table, address;
};

enum { CACHED_TRANSLATIONS = 256, KEPT_FAULTS = 32 };

struct soc {
	struct soc_host host;
	struct soc_options options;
	struct soc_statistics statistics;
	struct soc_line_images lines;
	struct soc_translation translation;
	bool translation_is_known;
	struct cached_translation translations[CACHED_TRANSLATIONS];
	struct uncached_page *uncached;
	size_t uncached_count, uncached_capacity;
	struct user_fault faults[KEPT_FAULTS];
	unsigned int next_fault;
	// The number of eviction passes, which the seeded choices depend on.
	uint64_t eviction_passes;
	struct gpu gpus[SOC_GPUS];
};

void soc_memory_open(struct soc *soc);
void soc_memory_close(struct soc *soc);

void soc_log(const struct soc *soc, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Logs a line if the option trace is on.
void soc_trace(const struct soc *soc, const char *format, ...) __attribute__((format(printf, 2, 3)));
void soc_fail(const struct soc *soc, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

static inline uint64_t soc_now(const struct soc *soc)
{
	return soc->host.nanoseconds(soc->host.context);
}

static inline uint64_t soc_guest_now(const struct soc *soc)
{
	return soc->host.guest_nanoseconds(soc->host.context);
}

#endif
