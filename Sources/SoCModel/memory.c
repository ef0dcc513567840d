// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "SoCLayout.h"
#include "soc.h"

enum line_state {
	// Not maintained since reset: dirty, and never written back.
	LINE_UNKNOWN,
	LINE_KNOWN,
	// Stored to since it was known: dirty, even if its bytes are the same.
	LINE_STORED,
};

enum { LINES_PER_PAGE = SOC_PAGE_SIZE / SOC_LINE_SIZE };

// Memory is taken from the system only where it is written.
static uint8_t *zeroes(const struct soc *soc, uint64_t size)
{
	uint8_t *memory = calloc(size, 1);

	if (!memory)
		soc_fail(soc, "allocate %llu bytes: out of memory", (unsigned long long)size);
	return memory;
}

void soc_memory_open(struct soc *soc)
{
	uint64_t size = soc->host.ram_size;

	soc->lines = (struct soc_line_images){
		.dram = zeroes(soc, size),
		.filled = zeroes(soc, size),
		.states = zeroes(soc, size / SOC_LINE_SIZE),
		.uncached = zeroes(soc, size / SOC_PAGE_SIZE),
	};
}

void soc_memory_close(struct soc *soc)
{
	free(soc->lines.dram);
	free(soc->lines.filled);
	free(soc->lines.states);
	free(soc->lines.uncached);
}

bool soc_memory_holds(const struct soc *soc, uint64_t address)
{
	uint64_t offset = address - SOC_RAM_BASE;

	return offset < soc->host.ram_size && offset - soc->host.window >= SOC_WINDOW_SIZE;
}

uint64_t soc_memory_word(const struct soc *soc, uint64_t address)
{
	uint64_t offset = address - SOC_RAM_BASE, word = 0;

	if (offset < soc->host.ram_size && soc->host.ram_size - offset >= sizeof(word))
		memcpy(&word, soc->host.ram + offset, sizeof(word));
	return word;
}

static bool same(const uint8_t *one, const uint8_t *other, uint64_t line)
{
	return !memcmp(one + line * SOC_LINE_SIZE, other + line * SOC_LINE_SIZE, SOC_LINE_SIZE);
}

static void copy(uint8_t *to, const uint8_t *from, uint64_t line)
{
	memcpy(to + line * SOC_LINE_SIZE, from + line * SOC_LINE_SIZE, SOC_LINE_SIZE);
}

static bool is_dirty(const struct soc *soc, uint64_t line)
{
	return soc->lines.states[line] != LINE_KNOWN || !same(soc->host.ram, soc->lines.filled, line);
}

static void write_back(struct soc *soc, uint64_t line)
{
	copy(soc->lines.dram, soc->host.ram, line);
	copy(soc->lines.filled, soc->host.ram, line);
	soc->lines.states[line] = LINE_KNOWN;
}

static void fetch(struct soc *soc, uint64_t line)
{
	copy(soc->host.ram, soc->lines.dram, line);
	copy(soc->lines.filled, soc->lines.dram, line);
	soc->lines.states[line] = LINE_KNOWN;
}

// Gives a line never written back recognizable previous contents in memory.
static void poison(struct soc *soc, uint64_t line)
{
	memset(soc->lines.dram + line * SOC_LINE_SIZE, SOC_POISON, SOC_LINE_SIZE);
	// Every byte is dirty, so that a later write-back is of the whole line.
	for (size_t i = 0; i < SOC_LINE_SIZE; i++)
		soc->lines.filled[line * SOC_LINE_SIZE + i] = (uint8_t)~soc->host.ram[line * SOC_LINE_SIZE + i];
	soc->lines.states[line] = LINE_KNOWN;
}

void soc_memory_zeroed(struct soc *soc, uint64_t address)
{
	if (soc_memory_holds(soc, address) && !soc_memory_is_uncached(soc, address))
		soc->lines.states[(address - SOC_RAM_BASE) / SOC_LINE_SIZE] = LINE_UNKNOWN;
}

static void clean(struct soc *soc, uint64_t line)
{
	if (!is_dirty(soc, line))
		return;
	soc->statistics.written_back++;
	write_back(soc, line);
}

static void refill(struct soc *soc, uint64_t line)
{
	if (!same(soc->host.ram, soc->lines.dram, line))
		soc->statistics.refilled++;
	fetch(soc, line);
}

static void invalidate(struct soc *soc, uint64_t line, bool cached)
{
	if (soc->lines.states[line] == LINE_UNKNOWN) {
		soc->statistics.unknown++;
		// With its MMU off the CPU does not cache data: memory has those bytes already.
		if (!cached || !soc->options.poison_unknown)
			write_back(soc, line);
		else
			poison(soc, line);
	} else if (is_dirty(soc, line)) {
		soc->statistics.lost++;
	}
	refill(soc, line);
}

void soc_memory_maintain(struct soc *soc, enum soc_maintenance kind, uint64_t address, bool cached)
{
	if (!soc_memory_holds(soc, address))
		return;
	uint64_t line = (address - SOC_RAM_BASE) / SOC_LINE_SIZE;
	if (soc_memory_is_uncached(soc, address)) {
		soc->statistics.on_uncached++;
		return;
	}
	if (soc->options.write_back) {
		clean(soc, line);
		refill(soc, line);
		return;
	}
	if (kind == SOC_INVALIDATE) {
		if (!soc->options.ignore_invalidate)
			invalidate(soc, line, cached);
		return;
	}
	clean(soc, line);
	if (kind == SOC_CLEAN_AND_INVALIDATE)
		refill(soc, line);
}

void soc_memory_stored(struct soc *soc, uint64_t address, uint64_t size)
{
	if (!soc_memory_holds(soc, address) || soc_memory_is_uncached(soc, address))
		return;
	uint64_t last = (address - SOC_RAM_BASE + size - 1) / SOC_LINE_SIZE;
	for (uint64_t line = (address - SOC_RAM_BASE) / SOC_LINE_SIZE; line <= last; line++) {
		if (soc->lines.states[line] == LINE_KNOWN)
			soc->lines.states[line] = LINE_STORED;
	}
}

bool soc_memory_is_uncached(const struct soc *soc, uint64_t address)
{
	return soc->lines.uncached[(address - SOC_RAM_BASE) / SOC_PAGE_SIZE];
}

void soc_memory_set_uncached(struct soc *soc, uint64_t page, bool is_uncached)
{
	uint64_t first = (page - SOC_RAM_BASE) / SOC_LINE_SIZE;

	for (uint64_t line = first; line < first + LINES_PER_PAGE; line++)
		write_back(soc, line);
	soc->lines.uncached[(page - SOC_RAM_BASE) / SOC_PAGE_SIZE] = is_uncached;
}

unsigned int soc_memory_settle(struct soc *soc, uint64_t page)
{
	uint64_t first = (page - SOC_RAM_BASE) / SOC_LINE_SIZE;
	unsigned int dirty = 0;

	for (uint64_t line = first; line < first + LINES_PER_PAGE; line++) {
		if (soc->lines.states[line] == LINE_UNKNOWN)
			continue;
		if (is_dirty(soc, line))
			dirty++;
		else
			fetch(soc, line);
	}
	return dirty;
}

// Returns the size of the part of an access that lies in its first line.
static size_t part_of_line(uint64_t address, size_t size)
{
	size_t part = SOC_LINE_SIZE - address % SOC_LINE_SIZE;

	return part < size ? part : size;
}

bool soc_memory_device_read(struct soc *soc, uint64_t address, void *bytes, size_t size, bool snoops)
{
	uint8_t *to = bytes;

	while (size > 0) {
		size_t part = part_of_line(address, size);
		uint64_t offset = address - SOC_RAM_BASE;
		if (!soc_memory_holds(soc, address))
			return false;
		soc->statistics.device_reads++;
		if (!soc->options.model || snoops || soc_memory_is_uncached(soc, address)) {
			memcpy(to, soc->host.ram + offset, part);
		} else if (soc->lines.states[offset / SOC_LINE_SIZE] == LINE_UNKNOWN) {
			soc->statistics.poison++;
			memset(to, SOC_POISON, part);
		} else {
			memcpy(to, soc->lines.dram + offset, part);
		}
		to += part;
		address += part;
		size -= part;
	}
	return true;
}

static void write_part(struct soc *soc, uint64_t offset, const uint8_t *bytes, size_t size, bool snoops)
{
	uint64_t line = offset / SOC_LINE_SIZE;

	if (!soc->options.model) {
		memcpy(soc->host.ram + offset, bytes, size);
	} else if (snoops || soc->lines.uncached[offset / SOC_PAGE_SIZE]) {
		// The interconnect cleans the CPU's line and writes both images; an unknown line stays dirty.
		memcpy(soc->host.ram + offset, bytes, size);
		if (soc->lines.states[line] != LINE_UNKNOWN)
			write_back(soc, line);
	} else {
		if (soc->lines.states[line] == LINE_UNKNOWN)
			poison(soc, line);
		memcpy(soc->lines.dram + offset, bytes, size);
	}
}

bool soc_memory_device_write(struct soc *soc, uint64_t address, const void *bytes, size_t size, bool snoops)
{
	const uint8_t *from = bytes;

	while (size > 0) {
		size_t part = part_of_line(address, size);
		if (!soc_memory_holds(soc, address))
			return false;
		soc->statistics.device_writes++;
		write_part(soc, address - SOC_RAM_BASE, from, part, snoops);
		from += part;
		address += part;
		size -= part;
	}
	return true;
}

void soc_memory_evict(struct soc *soc, uint64_t address)
{
	uint64_t line = (address - SOC_RAM_BASE) / SOC_LINE_SIZE;

	if (!soc_memory_holds(soc, address) || soc_memory_is_uncached(soc, address))
		return;
	if (is_dirty(soc, line)) {
		soc->statistics.evicted++;
		write_back(soc, line);
	} else {
		fetch(soc, line);
	}
}
