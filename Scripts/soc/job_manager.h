// SPDX-License-Identifier: MIT
//
// The job manager of Malis up to some of Valhall: slots that take the address of a chain of jobs.
#ifndef SOC_JOB_MANAGER_H
#define SOC_JOB_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

struct gpu;

enum { JOB_SLOTS = 3 };

struct job_slot {
	// A chain was started and has not ended.
	bool active;
	// A chain that leads back into itself: it ends when it is stopped.
	bool endless;
	uint64_t due;
};

struct job_manager {
	struct job_slot slots[JOB_SLOTS];
};

// Whether a write of this register may start a chain.
bool job_manager_starts(uint32_t offset);
// A register of the job slots was written.
void job_manager_written(struct gpu *gpu, uint32_t offset, uint32_t value);
// Interrupts were cleared: the state of their slots is sampled.
void job_manager_sample(struct gpu *gpu, uint32_t cleared);
void job_manager_tick(struct gpu *gpu, uint64_t now);
void job_manager_reset(struct gpu *gpu);

#endif
