// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "soc.h"

enum { LINE_LENGTH = 512 };

static void log_arguments(const struct soc *soc, const char *format, va_list arguments)
{
	char line[LINE_LENGTH];

	vsnprintf(line, sizeof(line), format, arguments);
	soc->host.log(soc->host.context, line);
}

void soc_log(const struct soc *soc, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_arguments(soc, format, arguments);
	va_end(arguments);
}

void soc_trace(const struct soc *soc, const char *format, ...)
{
	va_list arguments;

	if (!soc->options.trace)
		return;
	va_start(arguments, format);
	log_arguments(soc, format, arguments);
	va_end(arguments);
}

void soc_fail(const struct soc *soc, const char *format, ...)
{
	char reason[LINE_LENGTH];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	soc->host.fail(soc->host.context, reason);
	abort();
}

const struct soc_statistics *soc_counters(const struct soc *soc)
{
	return &soc->statistics;
}

void soc_report_counters(const struct soc *soc, void (*line)(void *context, const char *text), void *context)
{
	static const char *const names[SOC_MAINTENANCE_KINDS] = {
		[SOC_CLEAN] = "cvac",
		[SOC_CLEAN_TO_PERSISTENCE] = "cvap",
		[SOC_CLEAN_TO_DEEP_PERSISTENCE] = "cvadp",
		[SOC_CLEAN_AND_INVALIDATE] = "civac",
		[SOC_INVALIDATE] = "ivac",
		[SOC_BY_SET_AND_WAY] = "set/way",
	};
	const struct soc_statistics *statistics = &soc->statistics;
	char text[LINE_LENGTH];
	uint64_t all = 0;

	for (int kind = 0; kind < SOC_MAINTENANCE_KINDS; kind++) {
		snprintf(text, sizeof(text), "statistics dc-%s %" PRIu64, names[kind], statistics->maintenance[kind]);
		line(context, text);
		all += statistics->maintenance[kind];
	}
	snprintf(text, sizeof(text), "statistics dc %" PRIu64 " (cache maintenance of all kinds)", all);
	line(context, text);
#define X(field, description) \
	snprintf(text, sizeof(text), "statistics " #field " %" PRIu64 " (" description ")", statistics->field); \
	line(context, text);
	SOC_STATISTICS(X)
#undef X
}
