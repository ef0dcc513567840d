// SPDX-License-Identifier: MIT
//
// Chains of job descriptors in the GPU's memory, and the jobs that no shader is needed for.
#ifndef SOC_JOB_CHAIN_H
#define SOC_JOB_CHAIN_H

#include <stdint.h>

#include "gpu_mmu.h"

enum job_status {
	JOB_DONE = 0x01,
	JOB_CONFIGURATION_FAULT = 0x40,
	JOB_READ_FAULT = 0x42,
	JOB_WRITE_FAULT = 0x43,
	// No status of the hardware's: the chain does not end.
	JOB_ENDLESS = 0x100,
};

// Executes a chain from *address on, which afterwards is that of the last job looked at.
enum job_status job_chain_execute(const char *gpu, const struct address_space *tables, uint64_t *address);

#endif
