// SPDX-License-Identifier: MIT
#include "gpu_mmu.h"

#include "memory.h"
#include "options.h"

enum { LEVELS = 4, ENTRIES = 512, PAGE_BITS = 12, LEVEL_BITS = 9, ADDRESS_BITS = 48 };
#define ENTRY_ADDRESS 0xfffffffff000ull

struct address_space gpu_mmu_space(uint64_t table, uint64_t configuration)
{
	// Newer drivers use the CPU's own table format, and say in TRANSCFG whether to snoop; older ones use
	// Mali's, and say so in the table's address.
	enum { AARCH64_4K = 6, MODE_MASK = 15, TABLES_OUTER_SHAREABLE = 2, MALI_SHARE_OUTER = 1 << 4 };
	bool aarch64 = (configuration & MODE_MASK) >= AARCH64_4K;

	bool snoops = aarch64 ? (configuration >> 28 & 3) == TABLES_OUTER_SHAREABLE : (table & MALI_SHARE_OUTER) != 0;

	return (struct address_space){
		.root = table & ENTRY_ADDRESS, .snoops = snoops, .data_snoops = snoops, .aarch64 = aarch64,
	};
}

struct address_space gpu_mmu_jobs(const struct address_space *space)
{
	struct address_space jobs = *space;

	jobs.data_snoops = space->snoops != options.other_snooping;
	return jobs;
}

static unsigned int shift_of(unsigned int level)
{
	return PAGE_BITS + LEVEL_BITS * (LEVELS - 1 - level);
}

// Entries of either format: Mali's has the block's type on the last level too.
static bool leads_on(uint64_t entry, unsigned int level)
{
	return level < LEVELS - 1 && (entry & 3) == 3;
}

static bool translate(const struct address_space *space, uint64_t address, bool writes, uint64_t *physical)
{
	// AP[2] of the CPU's format.
	enum { READ_ONLY = 1 << 7 };
	uint64_t table = space->root;

	if (!table || address >> ADDRESS_BITS)
		return false;
	for (unsigned int level = 0; level < LEVELS; level++) {
		unsigned int shift = shift_of(level);
		uint64_t entry, index = address >> shift & (ENTRIES - 1), inside = (1ull << shift) - 1;
		if (!memory_device_read(table + index * 8, &entry, sizeof(entry), space->snoops) || !(entry & 1))
			return false;
		if (leads_on(entry, level)) {
			table = entry & ENTRY_ADDRESS;
			continue;
		}
		if (writes && space->aarch64 && (entry & READ_ONLY))
			return false;
		*physical = (entry & ENTRY_ADDRESS & ~inside) | (address & inside);
		return true;
	}
	return false;
}

static size_t part_of_page(uint64_t address, size_t size)
{
	size_t part = PAGE_SIZE - address % PAGE_SIZE;

	return part < size ? part : size;
}

bool gpu_mmu_read(const struct address_space *space, uint64_t address, void *bytes, size_t size)
{
	for (uint8_t *to = bytes; size > 0;) {
		uint64_t physical;
		size_t part = part_of_page(address, size);
		if (!translate(space, address, false, &physical) ||
			!memory_device_read(physical, to, part, space->data_snoops))
			return false;
		to += part;
		address += part;
		size -= part;
	}
	return true;
}

bool gpu_mmu_write(const struct address_space *space, uint64_t address, const void *bytes, size_t size)
{
	for (const uint8_t *from = bytes; size > 0;) {
		uint64_t physical;
		size_t part = part_of_page(address, size);
		if (!translate(space, address, true, &physical) ||
			!memory_device_write(physical, from, part, space->data_snoops))
			return false;
		from += part;
		address += part;
		size -= part;
	}
	return true;
}

static void visit_table(const struct address_space *space, uint64_t table, unsigned int level, uint64_t start,
	void (*visit)(uint64_t, uint64_t))
{
	enum { MOST_OF_A_BLOCK = 1 << 21 };
	unsigned int shift = shift_of(level);
	uint64_t entries[ENTRIES];

	if (!memory_device_read(table, entries, sizeof(entries), space->snoops))
		return;
	for (uint64_t i = 0; i < ENTRIES; i++) {
		uint64_t address = start + (i << shift);
		if (!(entries[i] & 1))
			continue;
		if (leads_on(entries[i], level)) {
			visit_table(space, entries[i] & ENTRY_ADDRESS, level + 1, address, visit);
			continue;
		}
		uint64_t physical = entries[i] & ENTRY_ADDRESS & ~((1ull << shift) - 1);
		for (uint64_t offset = 0; offset < 1ull << shift && offset < MOST_OF_A_BLOCK; offset += PAGE_SIZE)
			visit(address + offset, physical + offset);
	}
}

void gpu_mmu_pages(const struct address_space *space, void (*visit)(uint64_t address, uint64_t physical))
{
	if (space->root)
		visit_table(space, space->root, 0, 0, visit);
}
