// SPDX-License-Identifier: MIT
#include "page_table.h"

#include <string.h>

#include "memory.h"

enum { LAST_LEVEL = 3, MOST_BITS = 48 };
#define ENTRY_ADDRESS 0xfffffffff000ull

bool table_geometry(const struct translation *translation, unsigned int half, struct table_geometry *geometry)
{
	uint64_t control = translation->control;
	unsigned int granule = half ? control >> 30 & 3 : control >> 14 & 3;

	// The two halves number their page sizes differently.
	if (half)
		geometry->page_bits = granule == 1 ? 14 : granule == 3 ? 16 : 12;
	else
		geometry->page_bits = granule == 1 ? 16 : granule == 2 ? 14 : 12;
	geometry->level_bits = geometry->page_bits - 3;
	geometry->bits = 64 - (half ? control >> 16 & 63 : control & 63);
	if (geometry->bits > MOST_BITS || geometry->bits <= geometry->page_bits)
		return false;
	unsigned int levels = (geometry->bits - geometry->page_bits + geometry->level_bits - 1) / geometry->level_bits;
	geometry->first_level = LAST_LEVEL + 1 - levels;
	return true;
}

unsigned int table_shift(const struct table_geometry *geometry, unsigned int level)
{
	return geometry->page_bits + geometry->level_bits * (LAST_LEVEL - level);
}

bool entry_is_valid(uint64_t entry)
{
	return entry & 1;
}

bool entry_is_table(uint64_t entry, unsigned int level)
{
	return level < LAST_LEVEL && (entry & 2);
}

bool entry_is_uncached(const struct translation *translation, uint64_t entry)
{
	unsigned int index = entry >> 2 & 7;

	return (translation->attributes >> (index * 8) & 0xff) == UNCACHED_MEMORY;
}

uint64_t entry_address(uint64_t entry, unsigned int bits)
{
	return entry & ENTRY_ADDRESS & ~((1ull << bits) - 1);
}

bool table_walk(const struct translation *translation, uint64_t root, uint64_t address, struct mapping *mapping)
{
	struct table_geometry geometry;

	if (!table_geometry(translation, table_half(address), &geometry))
		return false;
	// The lowest bit is no address; the uppermost number the address space.
	uint64_t table = root & 0xfffffffffffeull;
	uint64_t offset = address & ((1ull << geometry.bits) - 1);
	for (unsigned int level = geometry.first_level; level <= LAST_LEVEL; level++) {
		unsigned int shift = table_shift(&geometry, level);
		uint64_t index = offset >> shift & ((1ull << geometry.level_bits) - 1);
		uint64_t entry = memory_word(table + index * 8);
		if (!entry_is_valid(entry))
			return false;
		if (entry_is_table(entry, level)) {
			table = entry_address(entry, geometry.page_bits);
			continue;
		}
		if (level == LAST_LEVEL && !(entry & 2))
			return false;
		mapping->physical = entry_address(entry, shift) | (offset & ((1ull << shift) - 1));
		mapping->size_bits = shift;
		mapping->table = table;
		mapping->uncached = entry_is_uncached(translation, entry);
		return true;
	}
	return false;
}

// Maintenance goes line by line through a page, so a few translations serve nearly all of it.
static struct {
	bool valid;
	uint64_t page, root, physical;
} remembered[256];

bool table_translate(const struct translation *translation, uint64_t address, uint64_t *physical)
{
	struct mapping mapping;
	uint64_t page = address / PAGE_SIZE, root = translation->table[table_half(address)];
	unsigned int slot = page % (sizeof(remembered) / sizeof(*remembered));

	if (!translation->enabled) {
		*physical = address;
		return true;
	}
	if (!remembered[slot].valid || remembered[slot].page != page || remembered[slot].root != root) {
		if (!table_walk(translation, root, address, &mapping))
			return false;
		remembered[slot].valid = true;
		remembered[slot].page = page;
		remembered[slot].root = root;
		remembered[slot].physical = mapping.physical & ~(PAGE_SIZE - 1ull);
	}
	*physical = remembered[slot].physical | address % PAGE_SIZE;
	return true;
}

void table_forget(void)
{
	memset(remembered, 0, sizeof(remembered));
}
