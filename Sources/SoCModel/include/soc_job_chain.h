// SPDX-License-Identifier: MIT
//
// Chains of job descriptors in GPU memory. Null and write-value jobs execute; other types fault.
#ifndef SOC_JOB_CHAIN_H
#define SOC_JOB_CHAIN_H

#include <stdint.h>

#include "soc_mmu.h"

// Exception codes of panfrost; SOC_JOB_ENDLESS is not one: the chain leads back to one of its jobs.
enum soc_job_status {
	SOC_JOB_DONE = 0x01,
	SOC_JOB_CONFIG_FAULT = 0x40,
	SOC_JOB_READ_FAULT = 0x42,
	SOC_JOB_WRITE_FAULT = 0x43,
	SOC_JOB_ENDLESS = 0x100,
};

enum soc_job_type { SOC_JOB_NULL = 1, SOC_JOB_WRITE_VALUE = 2 };
enum soc_job_value {
	SOC_VALUE_CYCLES = 1,
	SOC_VALUE_TIMESTAMP,
	SOC_VALUE_ZERO,
	SOC_VALUE_IMMEDIATE_8,
	SOC_VALUE_IMMEDIATE_16,
	SOC_VALUE_IMMEDIATE_32,
	SOC_VALUE_IMMEDIATE_64,
};

// A descriptor in memory: the header of all types, and the payload of a write-value job.
struct soc_job {
	uint32_t status;
	uint32_t first_incomplete;
	uint64_t fault;
	// Bit 0: next has 64 bits, not 32. Bits 1 to 7: the type.
	uint32_t control;
	uint32_t dependencies;
	uint64_t next;
	uint64_t target;
	uint32_t value_type;
	uint32_t padding;
	uint64_t value;
};

// Executes the chain at *address, and sets *address to the last job that it read. gpu: the name for the log.
enum soc_job_status soc_job_chain_execute(const char *gpu, const struct soc_space *space, uint64_t *address);

#endif
