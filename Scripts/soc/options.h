// SPDX-License-Identifier: MIT
//
// What the plugin was asked to be: its arguments on QEMU's command line.
#ifndef SOC_OPTIONS_H
#define SOC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

// When lines are written back and filled anew without anyone having asked.
enum eviction {
	EVICT_NEVER = 0,
	EVICT_START = 1,
	EVICT_END = 2,
	EVICT_BOTH = EVICT_START | EVICT_END,
	// A coin for each line, before and after each job; the same seed tosses the same.
	EVICT_SEED = 4,
};

struct options {
	// The file behind the guest's RAM, its size in bytes, and where the registers begin in it.
	const char *ram;
	uint64_t size;
	uint64_t window;
	// The socket of QEMU's qtest protocol, and the interrupt controller's path in QEMU's object tree.
	const char *qtest;
	const char *gic;
	const char *log;
	bool trace;

	// Off: one memory that everyone sees at once.
	bool model;
	// User space's stores make a line dirty even where they change nothing.
	bool stores;
	// A line that was invalidated before it was ever written back loses its bytes, instead of keeping them.
	bool poison_unknown;
	enum eviction evict;
	uint64_t seed;
	// Jobs are executed so long after they were started; 0: in the start itself.
	uint64_t late_nanoseconds;

	// Faults to plant: dc ivac does nothing; or each maintenance writes back and fills anew.
	bool ignore_invalidate;
	bool write_back;
	// Jobs' data goes through the CPU's caches where the driver says it does not, and the reverse.
	bool other_snooping;
};

extern struct options options;

// Reads NAME=VALUE arguments; ends QEMU with a line about what it does not understand.
void options_read(int count, char **arguments);

#endif
