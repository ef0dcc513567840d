// SPDX-License-Identifier: MIT
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "options.h"

enum line_state {
	// Not maintained since reset: dirty, with nothing in DRAM.
	LINE_UNKNOWN,
	LINE_KNOWN,
	// Stored to since it was known; dirty even where its bytes are the same.
	LINE_STORED,
};

static uint8_t *ram, *dram, *filled;
// One byte for each line, and for each page.
static uint8_t *states, *uncached;

// Zeroes that take memory only where they are written.
static uint8_t *zeroes(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		fail("no memory for a model of %zu bytes", size);
	return memory;
}

void memory_open(void)
{
	int file = open(options.ram, O_RDWR | O_CLOEXEC);

	if (file < 0)
		fail("%s: %s", options.ram, strerror(errno));
	void *memory = mmap(NULL, options.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (memory == MAP_FAILED)
		fail("%s: %s", options.ram, strerror(errno));
	ram = memory;
	dram = zeroes(options.size);
	filled = zeroes(options.size);
	states = zeroes(options.size / LINE_SIZE);
	uncached = zeroes(options.size / PAGE_SIZE);
}

uint8_t *memory_ram(uint64_t offset)
{
	return ram + offset;
}

bool memory_holds(uint64_t address)
{
	uint64_t offset = address - RAM_BASE;

	return offset < options.size && offset - options.window >= WINDOW_SIZE;
}

uint64_t memory_word(uint64_t address)
{
	uint64_t offset = address - RAM_BASE, word = 0;

	if (offset < options.size && options.size - offset >= sizeof(word))
		memcpy(&word, ram + offset, sizeof(word));
	return word;
}

static bool same(const uint8_t *one, const uint8_t *other, uint64_t line)
{
	return !memcmp(one + line * LINE_SIZE, other + line * LINE_SIZE, LINE_SIZE);
}

static void copy(uint8_t *to, const uint8_t *from, uint64_t line)
{
	memcpy(to + line * LINE_SIZE, from + line * LINE_SIZE, LINE_SIZE);
}

static bool is_dirty(uint64_t line)
{
	return states[line] != LINE_KNOWN || !same(ram, filled, line);
}

static void write_back(uint64_t line)
{
	copy(dram, ram, line);
	copy(filled, ram, line);
	states[line] = LINE_KNOWN;
}

static void fetch(uint64_t line)
{
	copy(ram, dram, line);
	copy(filled, dram, line);
	states[line] = LINE_KNOWN;
}

// A line that was never written back gets contents in DRAM that nobody takes for its bytes.
static void poison(uint64_t line)
{
	memset(dram + line * LINE_SIZE, POISON, LINE_SIZE);
	// Dirty in every byte, so that a later write-back is one of the whole line.
	for (size_t i = 0; i < LINE_SIZE; i++)
		filled[line * LINE_SIZE + i] = (uint8_t)~ram[line * LINE_SIZE + i];
	states[line] = LINE_KNOWN;
}

void memory_cleared(uint64_t address)
{
	if (memory_holds(address) && !memory_is_uncached(address))
		states[(address - RAM_BASE) / LINE_SIZE] = LINE_UNKNOWN;
}

static void clean(uint64_t line)
{
	if (!is_dirty(line))
		return;
	statistics.written_back++;
	write_back(line);
}

static void refill(uint64_t line)
{
	if (!same(ram, dram, line))
		statistics.refilled++;
	fetch(line);
}

static void invalidate(uint64_t line, bool cached)
{
	if (states[line] == LINE_UNKNOWN) {
		statistics.unknown++;
		// Without its MMU the CPU writes past its caches: DRAM has those bytes already.
		if (!cached || !options.poison_unknown)
			write_back(line);
		else
			poison(line);
	} else if (is_dirty(line)) {
		statistics.lost++;
	}
	refill(line);
}

void memory_maintain(enum maintenance kind, uint64_t address, bool cached)
{
	if (!memory_holds(address))
		return;
	uint64_t line = (address - RAM_BASE) / LINE_SIZE;
	if (memory_is_uncached(address)) {
		statistics.on_uncached++;
		return;
	}
	if (options.write_back) {
		clean(line);
		refill(line);
		return;
	}
	if (kind == INVALIDATE) {
		if (!options.ignore_invalidate)
			invalidate(line, cached);
		return;
	}
	clean(line);
	if (kind == CLEAN_AND_INVALIDATE)
		refill(line);
}

void memory_stored(uint64_t address, uint64_t size)
{
	if (!memory_holds(address) || memory_is_uncached(address))
		return;
	uint64_t last = (address - RAM_BASE + size - 1) / LINE_SIZE;
	for (uint64_t line = (address - RAM_BASE) / LINE_SIZE; line <= last; line++) {
		if (states[line] == LINE_KNOWN)
			states[line] = LINE_STORED;
	}
}

bool memory_is_uncached(uint64_t address)
{
	return uncached[(address - RAM_BASE) / PAGE_SIZE];
}

void memory_set_uncached(uint64_t page, bool is_uncached)
{
	uint64_t first = (page - RAM_BASE) / LINE_SIZE;

	for (uint64_t line = first; line < first + LINES_PER_PAGE; line++)
		write_back(line);
	uncached[(page - RAM_BASE) / PAGE_SIZE] = is_uncached;
}

unsigned int memory_settle(uint64_t page)
{
	uint64_t first = (page - RAM_BASE) / LINE_SIZE;
	unsigned int dirty = 0;

	for (uint64_t line = first; line < first + LINES_PER_PAGE; line++) {
		if (states[line] == LINE_UNKNOWN)
			continue;
		if (is_dirty(line))
			dirty++;
		else
			fetch(line);
	}
	return dirty;
}

// The part of an access that lies in one line.
static size_t part_of_line(uint64_t address, size_t size)
{
	size_t part = LINE_SIZE - address % LINE_SIZE;

	return part < size ? part : size;
}

bool memory_device_read(uint64_t address, void *bytes, size_t size, bool snoops)
{
	uint8_t *to = bytes;

	while (size > 0) {
		size_t part = part_of_line(address, size);
		uint64_t offset = address - RAM_BASE;
		if (!memory_holds(address))
			return false;
		statistics.device_reads++;
		if (!options.model || snoops || memory_is_uncached(address)) {
			memcpy(to, ram + offset, part);
		} else if (states[offset / LINE_SIZE] == LINE_UNKNOWN) {
			statistics.poison++;
			memset(to, POISON, part);
		} else {
			memcpy(to, dram + offset, part);
		}
		to += part;
		address += part;
		size -= part;
	}
	return true;
}

static void write_part(uint64_t offset, const uint8_t *bytes, size_t size, bool snoops)
{
	uint64_t line = offset / LINE_SIZE;

	if (!options.model) {
		memcpy(ram + offset, bytes, size);
	} else if (snoops || uncached[offset / PAGE_SIZE]) {
		// The interconnect writes the CPU's line back and then both copies; an unknown one stays in a cache.
		memcpy(ram + offset, bytes, size);
		if (states[line] != LINE_UNKNOWN)
			write_back(line);
	} else {
		if (states[line] == LINE_UNKNOWN)
			poison(line);
		memcpy(dram + offset, bytes, size);
	}
}

bool memory_device_write(uint64_t address, const void *bytes, size_t size, bool snoops)
{
	const uint8_t *from = bytes;

	while (size > 0) {
		size_t part = part_of_line(address, size);
		if (!memory_holds(address))
			return false;
		statistics.device_writes++;
		write_part(address - RAM_BASE, from, part, snoops);
		from += part;
		address += part;
		size -= part;
	}
	return true;
}

void memory_evict(uint64_t address)
{
	uint64_t line = (address - RAM_BASE) / LINE_SIZE;

	if (!memory_holds(address) || memory_is_uncached(address))
		return;
	if (is_dirty(line)) {
		statistics.evicted++;
		write_back(line);
	} else {
		fetch(line);
	}
}
