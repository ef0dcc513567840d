// SPDX-License-Identifier: MIT
//
// The guest's RAM as a CPU with write-back caches sees it, and as a device beside those caches does.
//
// Lines of 64 bytes, each in three copies:
//   ram     what the CPU sees: the guest's RAM itself
//   dram    what a device sees that does not look into the CPU's caches
//   filled  what the line held when both last agreed; it is dirty where ram differs from that
//
// The CPU fetches an invalidated line again at once. A real CPU may do so at any time; here it always has,
// so that only an invalidation after a device's write shows what was written. No load or store has to be
// watched for that. Dirty lines stay until maintenance or the eviction policy writes them back.
#ifndef SOC_MEMORY_H
#define SOC_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"

enum {
	LINE_SIZE = 64,
	PAGE_SIZE = 4096,
	LINES_PER_PAGE = PAGE_SIZE / LINE_SIZE,
	// The top of RAM stands in for the GPUs' registers, which no cache holds.
	WINDOW_SIZE = 0x1000000,
	// What a device reads where nothing was ever written back.
	POISON = 0xdb,
};
#define RAM_BASE 0x40000000ull

// Maps the guest's RAM.
void memory_open(void);
// The guest's RAM at an offset.
uint8_t *memory_ram(uint64_t offset);
// Whether a physical address lies in RAM, registers aside.
bool memory_holds(uint64_t address);
// Reads what the CPU sees; 0 outside RAM.
uint64_t memory_word(uint64_t address);

// Maintains the line of a physical address. cached: whether the CPU that does it uses caches at all now.
void memory_maintain(enum maintenance kind, uint64_t address, bool cached);
// The CPU clears a line without reading it, as kernels clear new pages: what DRAM holds below is whatever it was, and
// nobody's to rely on.
void memory_cleared(uint64_t address);
// A store of so many bytes of one page was executed, whatever it changed.
void memory_stored(uint64_t address, uint64_t size);

// A page's lines are, from now on, one memory for all (uncached), or cached again.
bool memory_is_uncached(uint64_t address);
void memory_set_uncached(uint64_t page, bool uncached);
// Before a page becomes uncached: its clean lines show what a device wrote. Answers how many were dirty.
unsigned int memory_settle(uint64_t page);

// A device's access; false outside RAM. snoops: whether it looks into the CPU's caches.
bool memory_device_read(uint64_t address, void *bytes, size_t size, bool snoops);
bool memory_device_write(uint64_t address, const void *bytes, size_t size, bool snoops);

// Writes a line back if it is dirty, and fetches it again if not.
void memory_evict(uint64_t address);

#endif
