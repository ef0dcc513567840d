// SPDX-License-Identifier: MIT
//
// A GPU's address space: the page tables that its driver writes, 4 KiB pages, 48-bit addresses. The access flag is
// not checked.
#ifndef SOC_MMU_H
#define SOC_MMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "soc_model.h"

struct soc_space {
	struct soc *soc;
	// The physical address of the level 0 table; 0 if the driver has set none.
	uint64_t root;
	// Whether table walks and data accesses snoop. They differ only with an injected fault.
	bool snoops, data_snoops;
	// Whether the tables have the CPU's format, with a read-only bit (AP[2]); otherwise they have Mali's own.
	bool aarch64;
};

// Returns the address space that TRANSTAB and TRANSCFG describe.
struct soc_space soc_space_of(struct soc *soc, uint64_t transtab, uint64_t transcfg);
// Returns the address space as jobs use it: with the injected fault of snooping, if there is one.
struct soc_space soc_space_of_jobs(const struct soc_space *space);

// Accesses GPU-virtual memory; false at the first byte that is not mapped, or not writable.
bool soc_space_read(const struct soc_space *space, uint64_t address, void *bytes, size_t size);
bool soc_space_write(const struct soc_space *space, uint64_t address, const void *bytes, size_t size);
// Calls visit for each mapped 4 KiB page. Of a block larger than 2 MiB, it visits only the first 2 MiB.
void soc_space_pages(const struct soc_space *space,
	void (*visit)(struct soc *soc, uint64_t address, uint64_t physical));

// Evicts cache lines of all mapped pages, as the option evict says. when: SOC_EVICT_START before a job, or
// SOC_EVICT_END after it.
void soc_eviction_pass(const struct soc_space *space, enum soc_eviction when);

#endif
