// SPDX-License-Identifier: MIT
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct options options = {
	.size = 512ull << 20,
	.gic = "/machine/unattached/device[1]",
	.model = true,
	.poison_unknown = true,
};

static uint64_t number(const char *name, const char *value, int base)
{
	char *end;

	errno = 0;
	uint64_t result = strtoull(value, &end, base);
	if (errno || end == value || *end)
		fail("%s: '%s' is no number", name, value);
	return result;
}

// QEMU makes "on" and "off" of flags itself; 0 and 1 are as good.
static bool truth(const char *name, const char *value)
{
	if (!strcmp(value, "on") || !strcmp(value, "1"))
		return true;
	if (!strcmp(value, "off") || !strcmp(value, "0"))
		return false;
	fail("%s: '%s' is neither on nor off", name, value);
}

static void read_evict(const char *value)
{
	static const struct {
		const char *name;
		enum eviction policy;
	} policies[] = {
		{ "never", EVICT_NEVER }, { "start", EVICT_START }, { "end", EVICT_END }, { "both", EVICT_BOTH },
	};

	if (!strncmp(value, "seed:", 5)) {
		options.evict = EVICT_SEED;
		options.seed = number("evict", value + 5, 0);
		return;
	}
	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		if (!strcmp(value, policies[i].name)) {
			options.evict = policies[i].policy;
			return;
		}
	}
	fail("evict: '%s' is no policy: never, start, end, both or seed:N", value);
}

static void read_jobs(const char *value)
{
	if (!strcmp(value, "early"))
		options.late_nanoseconds = 0;
	else if (!strncmp(value, "late:", 5) && number("jobs", value + 5, 10) > 0)
		options.late_nanoseconds = number("jobs", value + 5, 10) * 1000000;
	else
		fail("jobs: '%s' is neither early nor late:MILLISECONDS", value);
}

static bool one_of(const char *name, const char *value, const char *usual, const char *other)
{
	if (strcmp(value, usual) && strcmp(value, other))
		fail("%s: '%s' is neither %s nor %s", name, value, usual, other);
	return !strcmp(value, other);
}

static void read_option(const char *name, const char *value)
{
	if (!strcmp(name, "ram"))
		options.ram = value;
	else if (!strcmp(name, "size"))
		options.size = number(name, value, 10) << 20;
	else if (!strcmp(name, "window"))
		options.window = number(name, value, 0);
	else if (!strcmp(name, "qtest"))
		options.qtest = value;
	else if (!strcmp(name, "gic"))
		options.gic = value;
	else if (!strcmp(name, "log"))
		options.log = value;
	else if (!strcmp(name, "trace"))
		options.trace = truth(name, value);
	else if (!strcmp(name, "model"))
		options.model = truth(name, value);
	else if (!strcmp(name, "stores"))
		options.stores = truth(name, value);
	else if (!strcmp(name, "unknown"))
		options.poison_unknown = one_of(name, value, "adopt", "poison");
	else if (!strcmp(name, "evict"))
		read_evict(value);
	else if (!strcmp(name, "jobs"))
		read_jobs(value);
	else if (!strcmp(name, "ignore"))
		options.ignore_invalidate = one_of(name, value, "nothing", "invalidate");
	else if (!strcmp(name, "snooping"))
		options.other_snooping = one_of(name, value, "true", "other");
	else if (!strcmp(name, "sync"))
		options.write_back = one_of(name, value, "exact", "write_back");
	else
		fail("there is no option '%s'", name);
}

void options_read(int count, char **arguments)
{
	for (int i = 0; i < count; i++) {
		char *value = strchr(arguments[i], '=');
		if (!value)
			fail("'%s' is no NAME=VALUE", arguments[i]);
		// QEMU frees its arguments after the installation.
		char *name = strndup(arguments[i], (size_t)(value - arguments[i]));
		value = strdup(value + 1);
		if (!name || !value)
			fail("no memory for the options");
		read_option(name, value);
		free(name);
	}
	if (!options.ram || !options.qtest)
		fail("the options ram and qtest are needed");
}
