// SPDX-License-Identifier: MIT
//
// Guest RAM as a CPU with write-back caches sees it, and as a device that does not snoop them sees it.
//
// Each line of 64 bytes has three images:
//   ram     what the CPU sees: guest RAM itself
//   dram    what a non-snooping device sees
//   filled  what the line held when ram and dram last agreed; a line is dirty if ram differs from filled
//
// An invalidated line is filled again at once, as a CPU with a prefetcher may do. So only an invalidation after a
// device's write makes that write visible, and the model need not observe loads and stores. A dirty line stays
// dirty until maintenance or an eviction writes it back.
#ifndef SOC_MEMORY_H
#define SOC_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct soc;

enum {
	SOC_LINE_SIZE = 64,
	SOC_PAGE_SIZE = 4096,
	// The byte that a device reads from a line never written back.
	SOC_POISON = 0xdb,
};

// The data cache instructions: cvac, cvap, cvadp, civac, ivac, and those by set and way.
enum soc_maintenance {
	SOC_CLEAN,
	SOC_CLEAN_TO_PERSISTENCE,
	SOC_CLEAN_TO_DEEP_PERSISTENCE,
	SOC_CLEAN_AND_INVALIDATE,
	SOC_INVALIDATE,
	SOC_BY_SET_AND_WAY,
	SOC_MAINTENANCE_KINDS,
};

// Returns whether a physical address lies in RAM and outside the register window.
bool soc_memory_holds(const struct soc *soc, uint64_t address);
// Reads 64 bits as the CPU sees them; 0 outside RAM.
uint64_t soc_memory_word(const struct soc *soc, uint64_t address);

// Maintains the line of a physical address. cached: whether the CPU's MMU, and so its data cache, is on.
void soc_memory_maintain(struct soc *soc, enum soc_maintenance kind, uint64_t address, bool cached);
// The CPU zeroes a line without reading it, as kernels clear new pages: memory keeps its previous contents, which
// no program may rely on, so the line counts as never written back.
void soc_memory_zeroed(struct soc *soc, uint64_t address);
// The CPU stored some bytes of one page: marks their lines dirty, even if their bytes stayed the same.
void soc_memory_stored(struct soc *soc, uint64_t address, uint64_t size);

// A page that the CPU maps uncached has one image for CPU and devices.
bool soc_memory_is_uncached(const struct soc *soc, uint64_t address);
void soc_memory_set_uncached(struct soc *soc, uint64_t page, bool uncached);
// Fetches the clean lines of a page that becomes uncached. Returns the number of dirty lines.
unsigned int soc_memory_settle(struct soc *soc, uint64_t page);

// A device's access; false outside RAM. snoops: whether the interconnect looks the line up in the CPU's caches.
bool soc_memory_device_read(struct soc *soc, uint64_t address, void *bytes, size_t size, bool snoops);
bool soc_memory_device_write(struct soc *soc, uint64_t address, const void *bytes, size_t size, bool snoops);

// Writes a dirty line back, or fetches a clean one.
void soc_memory_evict(struct soc *soc, uint64_t address);

#endif
