// SPDX-License-Identifier: MIT
#include "soc.h"

enum { LEVELS = 4, ENTRIES = 512, PAGE_BITS = 12, LEVEL_BITS = 9, ADDRESS_BITS = 48 };
#define ENTRY_ADDRESS 0xfffffffff000ull

struct soc_space soc_space_of(struct soc *soc, uint64_t transtab, uint64_t transcfg)
{
	// AArch64 mode: TRANSCFG says whether to snoop. Mali's own format (LPAE): a bit of TRANSTAB does.
	enum { AARCH64_4K = 6, MODE_MASK = 15, TABLES_OUTER_SHAREABLE = 2, MALI_SHARE_OUTER = 1 << 4 };
	bool aarch64 = (transcfg & MODE_MASK) >= AARCH64_4K;

	bool snoops = aarch64 ? (transcfg >> 28 & 3) == TABLES_OUTER_SHAREABLE : (transtab & MALI_SHARE_OUTER) != 0;

	return (struct soc_space){
		.soc = soc, .root = transtab & ENTRY_ADDRESS, .snoops = snoops, .data_snoops = snoops, .aarch64 = aarch64,
	};
}

struct soc_space soc_space_of_jobs(const struct soc_space *space)
{
	struct soc_space jobs = *space;

	jobs.data_snoops = space->snoops != space->soc->options.other_snooping;
	return jobs;
}

static unsigned int shift_of(unsigned int level)
{
	return PAGE_BITS + LEVEL_BITS * (LEVELS - 1 - level);
}

// Serves both formats: Mali's has the type of a block at the last level too.
static bool leads_on(uint64_t entry, unsigned int level)
{
	return level < LEVELS - 1 && (entry & 3) == 3;
}

static bool translate(const struct soc_space *space, uint64_t address, bool writes, uint64_t *physical)
{
	// AP[2]
	enum { READ_ONLY = 1 << 7 };
	uint64_t table = space->root;

	if (!table || address >> ADDRESS_BITS)
		return false;
	for (unsigned int level = 0; level < LEVELS; level++) {
		unsigned int shift = shift_of(level);
		uint64_t entry, index = address >> shift & (ENTRIES - 1), inside = (1ull << shift) - 1;
		if (!soc_memory_device_read(space->soc, table + index * 8, &entry, sizeof(entry), space->snoops) ||
			!(entry & 1))
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
	size_t part = SOC_PAGE_SIZE - address % SOC_PAGE_SIZE;

	return part < size ? part : size;
}

bool soc_space_read(const struct soc_space *space, uint64_t address, void *bytes, size_t size)
{
	for (uint8_t *to = bytes; size > 0;) {
		uint64_t physical;
		size_t part = part_of_page(address, size);
		if (!translate(space, address, false, &physical) ||
			!soc_memory_device_read(space->soc, physical, to, part, space->data_snoops))
			return false;
		to += part;
		address += part;
		size -= part;
	}
	return true;
}

bool soc_space_write(const struct soc_space *space, uint64_t address, const void *bytes, size_t size)
{
	for (const uint8_t *from = bytes; size > 0;) {
		uint64_t physical;
		size_t part = part_of_page(address, size);
		if (!translate(space, address, true, &physical) ||
			!soc_memory_device_write(space->soc, physical, from, part, space->data_snoops))
			return false;
		from += part;
		address += part;
		size -= part;
	}
	return true;
}

static void visit_table(const struct soc_space *space, uint64_t table, unsigned int level, uint64_t start,
	void (*visit)(struct soc *, uint64_t, uint64_t))
{
	enum { MOST_OF_A_BLOCK = 1 << 21 };
	unsigned int shift = shift_of(level);
	uint64_t entries[ENTRIES];

	if (!soc_memory_device_read(space->soc, table, entries, sizeof(entries), space->snoops))
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
		for (uint64_t offset = 0; offset < 1ull << shift && offset < MOST_OF_A_BLOCK; offset += SOC_PAGE_SIZE)
			visit(space->soc, address + offset, physical + offset);
	}
}

void soc_space_pages(const struct soc_space *space,
	void (*visit)(struct soc *soc, uint64_t address, uint64_t physical))
{
	if (space->root)
		visit_table(space, space->root, 0, 0, visit);
}

// Hashes a number as splitmix64 does: every bit of the result depends on every bit of the value.
static uint64_t mixed(uint64_t value)
{
	value += 0x9e3779b97f4a7c15ull;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

// Chooses by GPU-virtual addresses, which are the same in each run; physical ones are not.
static void evict_page(struct soc *soc, uint64_t address, uint64_t physical)
{
	for (uint64_t offset = 0; offset < SOC_PAGE_SIZE; offset += SOC_LINE_SIZE) {
		uint64_t choice = mixed(mixed(mixed(soc->options.seed) ^ soc->eviction_passes) ^ (address + offset));
		if (soc->options.evict == SOC_EVICT_SEED && (choice & 1))
			continue;
		soc_memory_evict(soc, physical + offset);
	}
}

void soc_eviction_pass(const struct soc_space *space, enum soc_eviction when)
{
	const struct soc_options *options = &space->soc->options;

	if (!options->model || (options->evict != SOC_EVICT_SEED && !(options->evict & when)))
		return;
	space->soc->eviction_passes++;
	soc_space_pages(space, evict_page);
}
