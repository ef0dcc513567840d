// SPDX-License-Identifier: MIT
//
// A GPU's view of memory: the page tables that its driver made, walked as the GPU walks them.
#ifndef SOC_GPU_MMU_H
#define SOC_GPU_MMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_space {
	// The uppermost table's physical address; 0 where the driver has set none.
	uint64_t root;
	// Whether tables are read through the CPU's caches, and whether data is: the same, unless a fault is planted.
	bool snoops, data_snoops;
	// Whether entries say by the CPU's format whether the page may be written.
	bool aarch64;
};

// What the driver has programmed: TRANSTAB and TRANSCFG of an address space.
struct address_space gpu_mmu_space(uint64_t table, uint64_t configuration);
// The same as jobs see it: a planted fault has their own data snooped where it is not meant to be, or the reverse.
struct address_space gpu_mmu_jobs(const struct address_space *space);
bool gpu_mmu_read(const struct address_space *space, uint64_t address, void *bytes, size_t size);
bool gpu_mmu_write(const struct address_space *space, uint64_t address, const void *bytes, size_t size);
// Calls for each 4 KiB page that is mapped, with its physical address; of huge blocks only the first 2 MiB.
void gpu_mmu_pages(const struct address_space *space, void (*visit)(uint64_t address, uint64_t physical));

#endif
