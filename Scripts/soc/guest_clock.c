// SPDX-License-Identifier: MIT
#include "guest_clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "report.h"

static clockid_t executed;
// Not under the plugin's lock: QEMU holds its own when it tells of idle CPUs.
static atomic_bool started;
static _Atomic uint64_t idle_since, idle_total;

void guest_clock_start(void)
{
	if (pthread_getcpuclockid(pthread_self(), &executed))
		fail("the CPU's thread has no clock");
	started = true;
}

void guest_clock_idle(void)
{
	idle_since = nanoseconds();
}

void guest_clock_resume(void)
{
	uint64_t since = idle_since;

	if (!since)
		return;
	idle_total += nanoseconds() - since;
	idle_since = 0;
}

uint64_t guest_nanoseconds(void)
{
	struct timespec cpu;
	// Both may change between these lines; late by that little is late enough.
	uint64_t since = idle_since, idle = idle_total;

	if (!started || clock_gettime(executed, &cpu))
		return 0;
	if (since)
		idle += nanoseconds() - since;
	return (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec + idle;
}
