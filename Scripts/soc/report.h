// SPDX-License-Identifier: MIT
//
// What the plugin tells: a log, counters, and errors that end QEMU.
#ifndef SOC_REPORT_H
#define SOC_REPORT_H

#include <stdint.h>

// Every kind of cache maintenance that is counted; the first five are by address.
enum maintenance {
	CLEAN,
	CLEAN_TO_PERSISTENCE,
	CLEAN_TO_DEEP_PERSISTENCE,
	CLEAN_AND_INVALIDATE,
	INVALIDATE,
	BY_SET_AND_WAY,
	MAINTENANCE_KINDS,
};

// X(field, what it counts)
#define STATISTICS(X) \
	X(from_user, "of these at low addresses: by user space, or before there was one") \
	X(untranslated, "of these at addresses that are not mapped") \
	X(written_back, "dirty lines written back by maintenance") \
	X(refilled, "lines that showed new bytes after an invalidation") \
	X(lost, "dirty lines that were invalidated, and lost their bytes") \
	X(unknown, "lines that were invalidated before they were ever written back") \
	X(on_uncached, "maintenance of lines that no cache holds") \
	X(uncached, "pages found to be mapped uncached") \
	X(uncached_gone, "pages found to be so no longer") \
	X(uncached_dirty, "dirty lines under a new uncached mapping") \
	X(jobs, "jobs and instructions executed") \
	X(faults, "jobs and streams that ended with a fault") \
	X(device_reads, "pieces of lines read by GPUs") \
	X(device_writes, "pieces of lines written by GPUs") \
	X(poison, "reads of lines that were never written back") \
	X(evicted, "dirty lines written back without being asked")

struct statistics {
	uint64_t maintenance[MAINTENANCE_KINDS];
#define X(field, meaning) uint64_t field;
	STATISTICS(X)
#undef X
};

extern struct statistics statistics;

void log_open(const char *path);
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
// A line that is written only when tracing.
void trace_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_statistics(void);
// Ends QEMU with one line.
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

// A clock that only goes forward.
uint64_t nanoseconds(void);

#endif
