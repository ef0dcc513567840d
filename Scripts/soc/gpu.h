// SPDX-License-Identifier: MIT
//
// A GPU: its registers in the window at the top of RAM, and what it does when they are written.
#ifndef SOC_GPU_H
#define SOC_GPU_H

#include <stdint.h>

#include "gpu_mmu.h"
#include "job_manager.h"
#include "firmware.h"

enum gpu_type { JOB_MANAGER_GPU, COMMAND_STREAM_GPU };
// Interrupt lines; the device tree lists them in this order.
enum gpu_line { JOB_LINE, MMU_LINE, GPU_LINE, GPU_LINES };

struct gpu {
	const char *name;
	enum gpu_type type;
	// Where its registers are in the window, and its first interrupt: as gemsync-guest has it.
	uint32_t base, size;
	unsigned int first_interrupt;
	bool raised[GPU_LINES];
	struct job_manager job_manager;
	struct firmware firmware;
};

uint32_t gpu_register(const struct gpu *gpu, uint32_t offset);
uint64_t gpu_register_pair(const struct gpu *gpu, uint32_t offset);
void gpu_set_register(struct gpu *gpu, uint32_t offset, uint32_t value);
void gpu_set_register_pair(struct gpu *gpu, uint32_t offset, uint64_t value);
struct address_space gpu_address_space(const struct gpu *gpu, unsigned int number);
// Sets bits of a line's raw status and lets the interrupt rise where it is not masked.
void gpu_raise(struct gpu *gpu, enum gpu_line line, uint32_t bits);

// Whether the register at this offset of the window is one that makes a GPU look at memory.
bool gpu_window_starts_work(uint32_t offset);
// The register has been written.
void gpu_window_written(uint32_t offset);
// Time has passed: clocks go on, late jobs are executed.
void gpu_tick_all(void);

#endif
