// SPDX-License-Identifier: MIT
//
// A GPU: its registers in the window, its job slots (panfrost) or its firmware (panthor).
#ifndef SOC_GPU_H
#define SOC_GPU_H

#include "firmware.h"
#include "soc_mmu.h"

// Interrupt lines, in the order of the device tree.
enum gpu_line { JOB_LINE, MMU_LINE, GPU_LINE, GPU_LINES };

enum { JOB_SLOTS = 3 };
// The number of an address space in the configuration of a job slot or of a group.
enum { SPACE_MASK = 15 };

struct job_slot {
	// A chain has started and not ended.
	bool active;
	// The chain leads back to one of its jobs: it ends when the driver stops it.
	bool endless;
	// The guest time at which the chain executes.
	uint64_t due;
};

struct gpu {
	struct soc *soc;
	const char *name;
	struct soc_gpu_place place;
	bool raised[GPU_LINES];
	struct job_slot slots[JOB_SLOTS];
	struct group groups[SOC_FW_GROUPS];
};

void gpu_initialize(struct gpu *gpu, struct soc *soc, unsigned int index);
uint32_t gpu_register(const struct gpu *gpu, uint32_t offset);
uint64_t gpu_register_pair(const struct gpu *gpu, uint32_t offset);
void gpu_set_register(struct gpu *gpu, uint32_t offset, uint32_t value);
void gpu_set_register_pair(struct gpu *gpu, uint32_t offset, uint64_t value);
struct soc_space gpu_space(const struct gpu *gpu, unsigned int number);
// Sets bits of a line's raw status, and raises the interrupt if they are not masked.
void gpu_raise(struct gpu *gpu, enum gpu_line line, uint32_t bits);
// Returns whether a write of the register at this offset makes the GPU read memory.
bool gpu_starts_work(const struct gpu *gpu, uint32_t offset);
void gpu_register_written(struct gpu *gpu, uint32_t offset);
void gpu_tick(struct gpu *gpu);

// Job slots.

bool job_manager_starts(uint32_t offset);
void job_manager_written(struct gpu *gpu, uint32_t offset, uint32_t value);
// Updates the state of the slots whose interrupts the driver has cleared.
void job_manager_sample(struct gpu *gpu, uint32_t cleared);
void job_manager_tick(struct gpu *gpu, uint64_t now);
void job_manager_reset(struct gpu *gpu);

#endif
