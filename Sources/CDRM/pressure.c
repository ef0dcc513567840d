// SPDX-License-Identifier: MIT
#include "cdrm_pressure.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { line_size = 64, most_threads = 8 };

struct cdrm_pressure {
	unsigned char *bytes;
	size_t size;
	pthread_t threads[most_threads];
	size_t parts;
	int running;
	atomic_bool ends;
	atomic_uint next_part;
};

// Stores to each cache line, so that the line becomes dirty in this core's cache.
static void dirty(volatile unsigned char *bytes, size_t size)
{
	for (size_t at = 0; at < size; at += line_size)
		bytes[at]++;
}

static void *make_traffic(void *argument)
{
	struct cdrm_pressure *pressure = argument;
	size_t part = pressure->size / pressure->parts;
	size_t number = atomic_fetch_add(&pressure->next_part, 1);

	while (!atomic_load_explicit(&pressure->ends, memory_order_relaxed))
		dirty(pressure->bytes + number * part, part);
	return NULL;
}

struct cdrm_pressure *cdrm_pressure_create(size_t size, int threads)
{
	struct cdrm_pressure *pressure = calloc(1, sizeof(*pressure));

	if (!pressure)
		return NULL;
	// The first part belongs to the caller of cdrm_pressure_evict.
	pressure->parts = 1 + (size_t)(threads < most_threads ? threads : most_threads);
	pressure->size = size;
	pressure->bytes = malloc(size);
	if (!pressure->bytes) {
		free(pressure);
		return NULL;
	}
	memset(pressure->bytes, 0, size);
	atomic_init(&pressure->next_part, 1);
	while (pressure->running + 1 < (int)pressure->parts &&
	       pthread_create(&pressure->threads[pressure->running], NULL, make_traffic, pressure) == 0)
		pressure->running++;
	return pressure;
}

void cdrm_pressure_evict(struct cdrm_pressure *pressure)
{
	dirty(pressure->bytes, pressure->size / pressure->parts);
}

int cdrm_pressure_threads(const struct cdrm_pressure *pressure)
{
	return pressure->running;
}

void cdrm_pressure_destroy(struct cdrm_pressure *pressure)
{
	atomic_store(&pressure->ends, 1);
	for (int at = 0; at < pressure->running; at++)
		pthread_join(pressure->threads[at], NULL);
	free(pressure->bytes);
	free(pressure);
}
