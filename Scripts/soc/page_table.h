// SPDX-License-Identifier: MIT
//
// The CPU's own page tables, walked as it walks them: 4, 16 and 64 KiB pages, addresses of up to 48 bits.
#ifndef SOC_PAGE_TABLE_H
#define SOC_PAGE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "vcpu.h"

// What the MAIR register says of memory that no cache holds but that is memory still: write-combined.
enum { UNCACHED_MEMORY = 0x44 };

// How one half of the address space is divided.
struct table_geometry {
	// Address bits within a page, resolved by one level, and resolved by all.
	unsigned int page_bits, level_bits, bits;
	// 3 is the last level; the first may be any.
	unsigned int first_level;
};

struct mapping {
	uint64_t physical;
	// log2 of what the entry maps; and the table it stands in.
	unsigned int size_bits;
	uint64_t table;
	bool uncached;
};

// Which half: addresses with bit 55 set are the kernel's.
static inline unsigned int table_half(uint64_t address)
{
	return address >> 55 & 1;
}

bool table_geometry(const struct translation *translation, unsigned int half, struct table_geometry *geometry);
// The lowest address bit that a level resolves.
unsigned int table_shift(const struct table_geometry *geometry, unsigned int level);
bool entry_is_valid(uint64_t entry);
bool entry_is_table(uint64_t entry, unsigned int level);
bool entry_is_uncached(const struct translation *translation, uint64_t entry);
// The address in an entry that maps or leads to so many bits.
uint64_t entry_address(uint64_t entry, unsigned int bits);

// Walks the tables at a root.
bool table_walk(const struct translation *translation, uint64_t root, uint64_t address, struct mapping *mapping);
// The physical address that the CPU uses now; remembers some until table_forget.
bool table_translate(const struct translation *translation, uint64_t address, uint64_t *physical);
void table_forget(void);

#endif
