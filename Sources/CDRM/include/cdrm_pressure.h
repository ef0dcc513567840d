// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

// Memory of its own and threads that dirty it, so that other lines are evicted from the CPU's caches.
struct cdrm_pressure;

// Starts at most eight threads, each on its part of `size` bytes; NULL without memory.
struct cdrm_pressure *_Nullable cdrm_pressure_create(size_t size, int threads);
// Dirties the caller's own part, once.
void cdrm_pressure_evict(struct cdrm_pressure *_Nonnull pressure);
// The number of threads that could be started.
int cdrm_pressure_threads(const struct cdrm_pressure *_Nonnull pressure);
void cdrm_pressure_destroy(struct cdrm_pressure *_Nonnull pressure);
