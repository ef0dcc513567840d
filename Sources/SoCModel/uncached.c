// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>

#include "soc.h"

static void add(struct soc *soc, uint64_t page, uint64_t root, uint64_t address)
{
	if (!soc_memory_holds(soc, page) || soc_memory_is_uncached(soc, page))
		return;
	// A user mapping is found before its first access: its clean lines show what a device wrote. A kernel mapping is
	// found after its first stores, so RAM already has the right bytes.
	if (!soc_table_half(address)) {
		unsigned int dirty = soc_memory_settle(soc, page);
		soc->statistics.uncached_dirty += dirty;
		if (dirty)
			soc_log(soc, "page %#" PRIx64 " is mapped uncached while %u of its lines are dirty", page, dirty);
	}
	soc_memory_set_uncached(soc, page, true);
	soc->statistics.uncached++;
	soc_trace(soc, "page %#" PRIx64 " is mapped uncached at %#" PRIx64, page, address);
	if (soc->uncached_count == soc->uncached_capacity) {
		soc->uncached_capacity = soc->uncached_capacity ? soc->uncached_capacity * 2 : 256;
		soc->uncached = realloc(soc->uncached, soc->uncached_capacity * sizeof(*soc->uncached));
		if (!soc->uncached)
			soc_fail(soc, "list uncached pages: out of memory");
	}
	soc->uncached[soc->uncached_count++] = (struct uncached_page){ page, root, address };
}

static void add_range(struct soc *soc, uint64_t physical, unsigned int bits, uint64_t root, uint64_t address)
{
	for (uint64_t offset = 0; offset < 1ull << bits; offset += SOC_PAGE_SIZE)
		add(soc, physical + offset, root, address + offset);
}

void soc_uncached_check(struct soc *soc)
{
	const struct soc_translation *translation = soc_translation(soc);

	for (size_t i = 0; i < soc->uncached_count;) {
		struct soc_mapping mapping;
		struct uncached_page *known = &soc->uncached[i];
		if (soc_table_walk(soc, translation, known->root, known->address, &mapping) && mapping.uncached &&
			mapping.physical == known->page) {
			i++;
			continue;
		}
		soc_memory_set_uncached(soc, known->page, false);
		soc->statistics.uncached_gone++;
		*known = soc->uncached[--soc->uncached_count];
	}
}

// Returns whether the address is mapped.
static bool scan_user(struct soc *soc, uint64_t address)
{
	const struct soc_translation *translation = soc_translation(soc);
	struct soc_table_geometry geometry;
	struct soc_mapping mapping;
	uint64_t root = translation->table[0];

	if (!translation->enabled || !soc_table_geometry(translation, 0, &geometry) ||
		!soc_table_walk(soc, translation, root, address, &mapping))
		return false;
	if (mapping.size_bits > geometry.page_bits) {
		uint64_t size = 1ull << mapping.size_bits;
		if (mapping.uncached)
			add_range(soc, mapping.physical & ~(size - 1), mapping.size_bits, root, address & ~(size - 1));
		return true;
	}
	// A driver may have mapped more than the page that faulted: scans the whole table.
	uint64_t start = address & ~((1ull << (geometry.page_bits + geometry.level_bits)) - 1);
	for (uint64_t index = 0; index < 1ull << geometry.level_bits; index++) {
		uint64_t entry = soc_memory_word(soc, mapping.table + index * 8);
		if ((entry & 3) == 3 && soc_entry_is_uncached(translation, entry))
			add_range(soc, soc_entry_address(entry, geometry.page_bits), geometry.page_bits, root,
				start + (index << geometry.page_bits));
	}
	return true;
}

// Without CnP (bit 0) and ASID (the upper 16 bits).
static uint64_t user_table(struct soc *soc)
{
	return soc_translation(soc)->table[0] & 0xfffffffffffeull;
}

void soc_uncached_keep_fault(struct soc *soc, uint64_t address)
{
	struct user_fault fault = { true, user_table(soc), address };

	for (unsigned int i = 0; i < KEPT_FAULTS; i++) {
		struct user_fault *kept = &soc->faults[i];
		if (kept->valid && kept->table == fault.table && kept->address == address)
			return;
	}
	soc->faults[soc->next_fault++ % KEPT_FAULTS] = fault;
}

void soc_uncached_scan_faults(struct soc *soc)
{
	for (unsigned int i = 0; i < KEPT_FAULTS; i++) {
		struct user_fault *kept = &soc->faults[i];
		if (kept->valid && kept->table == user_table(soc))
			kept->valid = !scan_user(soc, kept->address);
	}
}

static void scan_table(struct soc *soc, const struct soc_translation *translation,
	const struct soc_table_geometry *geometry, uint64_t table, unsigned int level, uint64_t start)
{
	unsigned int shift = soc_table_shift(geometry, level);
	uint64_t entries = 1ull << geometry->level_bits;
	// The linear map, which is cached, takes the lower half of the kernel's addresses.
	uint64_t first = level == geometry->first_level ? entries / 2 : 0;

	for (uint64_t index = first; index < entries; index++) {
		uint64_t entry = soc_memory_word(soc, table + index * 8), address = start + (index << shift);
		if (!soc_entry_is_valid(entry))
			continue;
		if (soc_entry_is_table(entry, level))
			scan_table(soc, translation, geometry, soc_entry_address(entry, geometry->page_bits), level + 1, address);
		else if (soc_entry_is_uncached(translation, entry))
			add_range(soc, soc_entry_address(entry, shift), shift, translation->table[1], address);
	}
}

void soc_uncached_scan_kernel(struct soc *soc)
{
	const struct soc_translation *translation = soc_translation(soc);
	struct soc_table_geometry geometry;

	if (!soc_table_geometry(translation, 1, &geometry))
		soc_fail(soc, "scan the kernel's page tables: TCR has a size of address that the model does not support");
	// Only a first level that uses all of its entries is halved in the middle.
	if (soc_table_shift(&geometry, geometry.first_level) + geometry.level_bits != geometry.bits)
		soc_fail(soc, "scan the kernel's page tables: the model does not support a first level that is not full");
	scan_table(soc, translation, &geometry, translation->table[1] & 0xfffffffffffeull, geometry.first_level,
		~((1ull << geometry.bits) - 1));
}
