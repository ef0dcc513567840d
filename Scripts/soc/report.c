// SPDX-License-Identifier: MIT
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "options.h"

struct statistics statistics;
static FILE *log_file;

uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("gemsync: soc: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	if (log_file)
		fflush(log_file);
	// Not exit(): QEMU's own handlers would wait for the thread that this may be.
	_exit(1);
}

void log_open(const char *path)
{
	log_file = fopen(path, "w");
	if (!log_file)
		fail("%s: %s", path, strerror(errno));
	// By line, so that a QEMU that is killed leaves what it has said.
	setvbuf(log_file, NULL, _IOLBF, 0);
}

static void write_line(const char *format, va_list arguments)
{
	fprintf(log_file, "%.6f ", (double)nanoseconds() / 1e9);
	vfprintf(log_file, format, arguments);
	fputc('\n', log_file);
}

void log_line(const char *format, ...)
{
	va_list arguments;

	if (!log_file)
		return;
	va_start(arguments, format);
	write_line(format, arguments);
	va_end(arguments);
}

void trace_line(const char *format, ...)
{
	va_list arguments;

	if (!log_file || !options.trace)
		return;
	va_start(arguments, format);
	write_line(format, arguments);
	va_end(arguments);
}

void log_statistics(void)
{
	static const char *const names[MAINTENANCE_KINDS] = {
		[CLEAN] = "cvac",
		[CLEAN_TO_PERSISTENCE] = "cvap",
		[CLEAN_TO_DEEP_PERSISTENCE] = "cvadp",
		[CLEAN_AND_INVALIDATE] = "civac",
		[INVALIDATE] = "ivac",
		[BY_SET_AND_WAY] = "set/way",
	};
	uint64_t all = 0;

	if (!log_file)
		return;
	for (int kind = 0; kind < MAINTENANCE_KINDS; kind++) {
		fprintf(log_file, "statistics dc-%s %" PRIu64 "\n", names[kind], statistics.maintenance[kind]);
		all += statistics.maintenance[kind];
	}
	fprintf(log_file, "statistics dc %" PRIu64 " (cache maintenance of all kinds)\n", all);
#define X(field, meaning) fprintf(log_file, "statistics " #field " %" PRIu64 " (" meaning ")\n", statistics.field);
	STATISTICS(X)
#undef X
	fflush(log_file);
}
