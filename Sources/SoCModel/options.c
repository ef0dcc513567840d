// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "soc_model.h"

struct soc_options soc_default_options(void)
{
	return (struct soc_options){ .model = true, .poison_unknown = true };
}

static bool parse_number(const char *text, int base, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, base);
	return !errno && end != text && !*end;
}

// Parses one of two words. QEMU turns flags into "on" and "off".
static bool parse_choice(const char *text, const char *no, const char *yes, bool *choice)
{
	*choice = !strcmp(text, yes);
	return *choice || !strcmp(text, no);
}

static bool parse_flag(const char *text, bool *flag)
{
	return parse_choice(text, "off", "on", flag) || parse_choice(text, "0", "1", flag);
}

static bool set_trace(struct soc_options *options, const char *value)
{
	return parse_flag(value, &options->trace);
}

static bool set_model(struct soc_options *options, const char *value)
{
	return parse_flag(value, &options->model);
}

static bool set_stores(struct soc_options *options, const char *value)
{
	return parse_flag(value, &options->stores);
}

static bool set_unknown(struct soc_options *options, const char *value)
{
	return parse_choice(value, "adopt", "poison", &options->poison_unknown);
}

static bool set_evict(struct soc_options *options, const char *value)
{
	static const struct {
		const char *name;
		enum soc_eviction policy;
	} policies[] = {
		{ "never", SOC_EVICT_NEVER },
		{ "start", SOC_EVICT_START },
		{ "end", SOC_EVICT_END },
		{ "both", SOC_EVICT_BOTH },
	};

	if (!strncmp(value, "seed:", 5)) {
		options->evict = SOC_EVICT_SEED;
		return parse_number(value + 5, 0, &options->seed);
	}
	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		if (!strcmp(value, policies[i].name)) {
			options->evict = policies[i].policy;
			return true;
		}
	}
	return false;
}

static bool set_jobs(struct soc_options *options, const char *value)
{
	uint64_t milliseconds = 0;

	if (strcmp(value, "early") &&
		(strncmp(value, "late:", 5) || !parse_number(value + 5, 10, &milliseconds) || !milliseconds))
		return false;
	options->late_nanoseconds = milliseconds * 1000000;
	return true;
}

static bool set_ignore(struct soc_options *options, const char *value)
{
	return parse_choice(value, "nothing", "invalidate", &options->ignore_invalidate);
}

static bool set_snooping(struct soc_options *options, const char *value)
{
	return parse_choice(value, "true", "other", &options->other_snooping);
}

static bool set_sync(struct soc_options *options, const char *value)
{
	return parse_choice(value, "exact", "write_back", &options->write_back);
}

enum soc_option_result soc_options_set(struct soc_options *options, const char *name, const char *value,
	const char **expected)
{
	static const struct {
		const char *name, *expected;
		bool (*set)(struct soc_options *options, const char *value);
	} known[] = {
		{ "trace", "on or off", set_trace },
		{ "model", "on or off", set_model },
		{ "stores", "on or off", set_stores },
		{ "unknown", "adopt or poison", set_unknown },
		{ "evict", "never, start, end, both or seed:N", set_evict },
		{ "jobs", "early or late:MILLISECONDS", set_jobs },
		{ "ignore", "nothing or invalidate", set_ignore },
		{ "snooping", "true or other", set_snooping },
		{ "sync", "exact or write_back", set_sync },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(name, known[i].name))
			continue;
		*expected = known[i].expected;
		return known[i].set(options, value) ? SOC_OPTION_SET : SOC_OPTION_INVALID;
	}
	return SOC_OPTION_UNKNOWN;
}
