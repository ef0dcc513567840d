// SPDX-License-Identifier: MIT
//
// The CPU's stage 1 page tables: pages of 4, 16 and 64 KiB, addresses of up to 48 bits. The access flag is not
// checked.
#ifndef SOC_TABLES_H
#define SOC_TABLES_H

#include <stdbool.h>
#include <stdint.h>

struct soc;

// The MAIR attribute of Normal Non-cacheable memory (write-combined).
enum { SOC_NORMAL_NON_CACHEABLE = 0x44 };

// The registers that decide how the CPU translates addresses: TTBR0 and TTBR1, TCR, MAIR, and SCTLR.M.
struct soc_translation {
	uint64_t table[2];
	uint64_t control;
	uint64_t attributes;
	bool enabled;
};

// How TCR divides one half of the address space.
struct soc_table_geometry {
	// The number of address bits in a page, per level, and in all.
	unsigned int page_bits, level_bits, bits;
	// The last level is 3.
	unsigned int first_level;
};

struct soc_mapping {
	uint64_t physical;
	// The number of address bits that the entry maps, and the physical address of its table.
	unsigned int size_bits;
	uint64_t table;
	bool uncached;
};

// Returns the half of the address space: 1 (the kernel's) if bit 55 is set.
static inline unsigned int soc_table_half(uint64_t address)
{
	return address >> 55 & 1;
}

// Returns false for a geometry that the model does not support.
bool soc_table_geometry(const struct soc_translation *translation, unsigned int half,
	struct soc_table_geometry *geometry);
// Returns the lowest address bit that a level resolves.
unsigned int soc_table_shift(const struct soc_table_geometry *geometry, unsigned int level);

bool soc_entry_is_valid(uint64_t entry);
bool soc_entry_is_table(uint64_t entry, unsigned int level);
bool soc_entry_is_uncached(const struct soc_translation *translation, uint64_t entry);
// Returns the address in an entry that maps, or points to a table of, so many address bits.
uint64_t soc_entry_address(uint64_t entry, unsigned int bits);

// Walks the tables at a root. Returns false if the address is not mapped.
bool soc_table_walk(const struct soc *soc, const struct soc_translation *translation, uint64_t root, uint64_t address,
	struct soc_mapping *mapping);

// Returns the present translation registers. They are read once, until soc_translation_changed.
const struct soc_translation *soc_translation(struct soc *soc);
void soc_translation_changed(struct soc *soc);
// Translates as the CPU does now, and keeps recent translations until soc_translations_invalidated.
bool soc_translate(struct soc *soc, uint64_t address, uint64_t *physical);
void soc_translations_invalidated(struct soc *soc);

// Keeps a page fault of the running process, which is not handled yet.
void soc_uncached_keep_fault(struct soc *soc, uint64_t address);
// Finds pages that the CPU maps uncached: those beside the kept faults of the running process, after each is handled
// and before its access is repeated.
void soc_uncached_scan_faults(struct soc *soc);
// Those in the upper half of the kernel's addresses, before a device reads memory.
void soc_uncached_scan_kernel(struct soc *soc);
// Checks whether the known pages are still mapped uncached, after translations were invalidated.
void soc_uncached_check(struct soc *soc);

#endif
