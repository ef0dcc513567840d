// SPDX-License-Identifier: MIT
#include "eviction.h"

#include "memory.h"

static uint64_t passes;

// A hash with every input bit in every output bit: the steps of the generator splitmix64.
static uint64_t mixed(uint64_t value)
{
	value += 0x9e3779b97f4a7c15ull;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

// By the GPU's addresses, which are the same in each run where physical ones are not.
static void evict_page(uint64_t address, uint64_t physical)
{
	for (uint64_t offset = 0; offset < PAGE_SIZE; offset += LINE_SIZE) {
		if (options.evict == EVICT_SEED && (mixed(mixed(mixed(options.seed) ^ passes) ^ (address + offset)) & 1))
			continue;
		memory_evict(physical + offset);
	}
}

void eviction_pass(enum eviction when, const struct address_space *space)
{
	if (!options.model || (options.evict != EVICT_SEED && !(options.evict & when)))
		return;
	passes++;
	gpu_mmu_pages(space, evict_page);
}
