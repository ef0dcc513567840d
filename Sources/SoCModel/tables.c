// SPDX-License-Identifier: MIT
#include <string.h>

#include "soc.h"

enum { LAST_LEVEL = 3, MOST_BITS = 48 };
#define ENTRY_ADDRESS 0xfffffffff000ull

static uint64_t system_register(const struct soc *soc, enum soc_system_register number)
{
	return soc->host.system_register(soc->host.context, number);
}

bool soc_table_geometry(const struct soc_translation *translation, unsigned int half,
	struct soc_table_geometry *geometry)
{
	uint64_t control = translation->control;
	unsigned int granule = half ? control >> 30 & 3 : control >> 14 & 3;

	// TG0 and TG1 encode page sizes differently.
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

unsigned int soc_table_shift(const struct soc_table_geometry *geometry, unsigned int level)
{
	return geometry->page_bits + geometry->level_bits * (LAST_LEVEL - level);
}

bool soc_entry_is_valid(uint64_t entry)
{
	return entry & 1;
}

bool soc_entry_is_table(uint64_t entry, unsigned int level)
{
	return level < LAST_LEVEL && (entry & 2);
}

bool soc_entry_is_uncached(const struct soc_translation *translation, uint64_t entry)
{
	unsigned int index = entry >> 2 & 7;

	return (translation->attributes >> (index * 8) & 0xff) == SOC_NORMAL_NON_CACHEABLE;
}

uint64_t soc_entry_address(uint64_t entry, unsigned int bits)
{
	return entry & ENTRY_ADDRESS & ~((1ull << bits) - 1);
}

bool soc_table_walk(const struct soc *soc, const struct soc_translation *translation, uint64_t root, uint64_t address,
	struct soc_mapping *mapping)
{
	struct soc_table_geometry geometry;

	if (!soc_table_geometry(translation, soc_table_half(address), &geometry))
		return false;
	// Without CnP (bit 0) and ASID (the upper 16 bits).
	uint64_t table = root & 0xfffffffffffeull;
	uint64_t offset = address & ((1ull << geometry.bits) - 1);
	for (unsigned int level = geometry.first_level; level <= LAST_LEVEL; level++) {
		unsigned int shift = soc_table_shift(&geometry, level);
		uint64_t index = offset >> shift & ((1ull << geometry.level_bits) - 1);
		uint64_t entry = soc_memory_word(soc, table + index * 8);
		if (!soc_entry_is_valid(entry))
			return false;
		if (soc_entry_is_table(entry, level)) {
			table = soc_entry_address(entry, geometry.page_bits);
			continue;
		}
		if (level == LAST_LEVEL && !(entry & 2))
			return false;
		mapping->physical = soc_entry_address(entry, shift) | (offset & ((1ull << shift) - 1));
		mapping->size_bits = shift;
		mapping->table = table;
		mapping->uncached = soc_entry_is_uncached(translation, entry);
		return true;
	}
	return false;
}

const struct soc_translation *soc_translation(struct soc *soc)
{
	if (!soc->translation_is_known) {
		soc->translation = (struct soc_translation){
			.table = { system_register(soc, SOC_TTBR0), system_register(soc, SOC_TTBR1) },
			.control = system_register(soc, SOC_TCR),
			.attributes = system_register(soc, SOC_MAIR),
			.enabled = system_register(soc, SOC_SCTLR) & 1,
		};
		soc->translation_is_known = true;
	}
	return &soc->translation;
}

void soc_translation_changed(struct soc *soc)
{
	soc->translation_is_known = false;
}

bool soc_translate(struct soc *soc, uint64_t address, uint64_t *physical)
{
	const struct soc_translation *translation = soc_translation(soc);
	uint64_t page = address / SOC_PAGE_SIZE, root = translation->table[soc_table_half(address)];
	struct cached_translation *cached = &soc->translations[page % CACHED_TRANSLATIONS];
	struct soc_mapping mapping;

	if (!translation->enabled) {
		*physical = address;
		return true;
	}
	if (!cached->valid || cached->page != page || cached->root != root) {
		if (!soc_table_walk(soc, translation, root, address, &mapping))
			return false;
		*cached = (struct cached_translation){ true, page, root, mapping.physical & ~(SOC_PAGE_SIZE - 1ull) };
	}
	*physical = cached->physical | address % SOC_PAGE_SIZE;
	return true;
}

void soc_translations_invalidated(struct soc *soc)
{
	memset(soc->translations, 0, sizeof(soc->translations));
}
