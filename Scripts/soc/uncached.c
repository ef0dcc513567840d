// SPDX-License-Identifier: MIT
#include "uncached.h"

#include <inttypes.h>
#include <stdlib.h>

#include "memory.h"
#include "page_table.h"
#include "report.h"

// A page, and where its mapping was seen.
struct known_page {
	uint64_t page, root, address;
};

static struct known_page *pages;
static size_t count, capacity;

static void add(uint64_t page, uint64_t root, uint64_t address)
{
	if (!memory_holds(page) || memory_is_uncached(page))
		return;
	// Where user space is about to look, clean lines show what a device wrote. A kernel's mapping is noticed
	// only after its first stores, so its bytes are the right ones.
	if (!table_half(address)) {
		unsigned int dirty = memory_settle(page);
		statistics.uncached_dirty += dirty;
		if (dirty)
			log_line("%u dirty lines of page %#" PRIx64 " are mapped uncached", dirty, page);
	}
	memory_set_uncached(page, true);
	statistics.uncached++;
	trace_line("page %#" PRIx64 " is mapped uncached at %#" PRIx64, page, address);
	if (count == capacity) {
		capacity = capacity ? capacity * 2 : 256;
		pages = realloc(pages, capacity * sizeof(*pages));
		if (!pages)
			fail("no memory for the list of uncached pages");
	}
	pages[count++] = (struct known_page){ page, root, address };
}

static void add_range(uint64_t physical, unsigned int bits, uint64_t root, uint64_t address)
{
	for (uint64_t offset = 0; offset < 1ull << bits; offset += PAGE_SIZE)
		add(physical + offset, root, address + offset);
}

void uncached_check(const struct translation *translation)
{
	for (size_t i = 0; i < count;) {
		struct mapping mapping;
		struct known_page *known = &pages[i];
		if (table_walk(translation, known->root, known->address, &mapping) && mapping.uncached &&
			mapping.physical == known->page) {
			i++;
			continue;
		}
		memory_set_uncached(known->page, false);
		statistics.uncached_gone++;
		*known = pages[--count];
	}
}

void uncached_scan_user(const struct translation *translation, uint64_t address)
{
	struct table_geometry geometry;
	struct mapping mapping;
	uint64_t root = translation->table[0];

	if (!translation->enabled || !table_geometry(translation, 0, &geometry) ||
		!table_walk(translation, root, address, &mapping))
		return;
	if (mapping.size_bits > geometry.page_bits) {
		uint64_t size = 1ull << mapping.size_bits;
		if (mapping.uncached)
			add_range(mapping.physical & ~(size - 1), mapping.size_bits, root, address & ~(size - 1));
		return;
	}
	// A driver may have filled in more than the page that was asked for: the whole table is looked at.
	uint64_t start = address & ~((1ull << (geometry.page_bits + geometry.level_bits)) - 1);
	for (uint64_t index = 0; index < 1ull << geometry.level_bits; index++) {
		uint64_t entry = memory_word(mapping.table + index * 8);
		if ((entry & 3) == 3 && entry_is_uncached(translation, entry))
			add_range(entry_address(entry, geometry.page_bits), geometry.page_bits, root,
				start + (index << geometry.page_bits));
	}
}

static void scan_table(const struct translation *translation, const struct table_geometry *geometry, uint64_t table,
	unsigned int level, uint64_t start)
{
	unsigned int shift = table_shift(geometry, level);
	uint64_t entries = 1ull << geometry->level_bits;
	// The direct map takes the lower half of the kernel's addresses, and is cached.
	uint64_t first = level == geometry->first_level ? entries / 2 : 0;

	for (uint64_t index = first; index < entries; index++) {
		uint64_t entry = memory_word(table + index * 8), address = start + (index << shift);
		if (!entry_is_valid(entry))
			continue;
		if (entry_is_table(entry, level))
			scan_table(translation, geometry, entry_address(entry, geometry->page_bits), level + 1, address);
		else if (entry_is_uncached(translation, entry))
			add_range(entry_address(entry, shift), shift, translation->table[1], address);
	}
}

void uncached_scan_kernel(const struct translation *translation)
{
	struct table_geometry geometry;

	if (!table_geometry(translation, 1, &geometry))
		fail("the guest's kernel has addresses of a size that is not known here");
	// Only a first level that is used in full has its half in the middle.
	if (table_shift(&geometry, geometry.first_level) + geometry.level_bits != geometry.bits)
		fail("the guest's kernel divides its addresses in a way that is not known here");
	scan_table(translation, &geometry, translation->table[1] & 0xfffffffffffeull, geometry.first_level,
		~((1ull << geometry.bits) - 1));
}
