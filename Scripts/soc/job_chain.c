// SPDX-License-Identifier: MIT
#include "job_chain.h"

#include <inttypes.h>

#include "report.h"

// A descriptor as it lies in memory: a header for all types, and what a job that writes a value has.
struct job {
	uint32_t status;
	uint32_t first_incomplete;
	uint64_t fault;
	uint32_t control;
	uint32_t dependencies;
	uint64_t next;
	uint64_t target;
	uint32_t value_type;
	uint32_t padding;
	uint64_t value;
};
_Static_assert(sizeof(struct job) == 56, "a descriptor's fields are packed");

enum { HEADER_SIZE = 32, HAS_64_BITS = 1 << 0, MOST_JOBS = 4096 };
enum job_type { JOB_NULL = 1, JOB_WRITE_VALUE = 2 };
enum value_type { CYCLES = 1, TIMESTAMP, ZERO, IMMEDIATE_8, IMMEDIATE_16, IMMEDIATE_32, IMMEDIATE_64 };

static enum job_type type_of(const struct job *job)
{
	return (enum job_type)(job->control >> 1 & 0x7f);
}

static enum job_status write_value(const char *gpu, const struct address_space *space, const struct job *job)
{
	static const size_t sizes[] = {
		[CYCLES] = 8,	   [TIMESTAMP] = 8,	[ZERO] = 8,	    [IMMEDIATE_8] = 1,
		[IMMEDIATE_16] = 2, [IMMEDIATE_32] = 4, [IMMEDIATE_64] = 8,
	};
	uint64_t value = job->value;

	if (job->value_type < CYCLES || job->value_type > IMMEDIATE_64)
		return JOB_CONFIGURATION_FAULT;
	if (job->value_type == ZERO)
		value = 0;
	else if (job->value_type <= TIMESTAMP)
		value = nanoseconds();
	trace_line("%s writes %#" PRIx64 " to %#" PRIx64, gpu, value, job->target);
	// The immediate's first bytes are its lowest.
	return gpu_mmu_write(space, job->target, &value, sizes[job->value_type]) ? JOB_DONE : JOB_WRITE_FAULT;
}

static enum job_status execute(const char *gpu, const struct address_space *space, const struct job *job)
{
	switch (type_of(job)) {
	case JOB_NULL:
		return JOB_DONE;
	case JOB_WRITE_VALUE:
		return write_value(gpu, space, job);
	}
	return JOB_CONFIGURATION_FAULT;
}

enum job_status job_chain_execute(const char *gpu, const struct address_space *tables, uint64_t *address)
{
	const struct address_space jobs = gpu_mmu_jobs(tables), *space = &jobs;
	uint64_t executed[MOST_JOBS];
	unsigned int count = 0;

	for (uint64_t next = *address; next;) {
		struct job job = { .control = 0 };
		*address = next;
		for (unsigned int i = 0; i < count; i++) {
			if (executed[i] == next) {
				log_line("%s: the chain leads back to its job at %#" PRIx64 ", it never ends", gpu, next);
				return JOB_ENDLESS;
			}
		}
		if (count == MOST_JOBS) {
			log_line("%s: a chain of more than %d jobs is taken for an endless one", gpu, MOST_JOBS);
			return JOB_ENDLESS;
		}
		executed[count++] = next;
		if (!gpu_mmu_read(space, next, &job, HEADER_SIZE)) {
			log_line("%s: the descriptor at %#" PRIx64 " is not mapped", gpu, next);
			statistics.faults++;
			return JOB_READ_FAULT;
		}
		if (type_of(&job) == JOB_WRITE_VALUE && !gpu_mmu_read(space, next, &job, sizeof(job)))
			return JOB_READ_FAULT;
		statistics.jobs++;
		job.status = execute(gpu, space, &job);
		job.fault = job.status == JOB_WRITE_FAULT ? job.target : 0;
		// The GPU leaves how it went in the descriptor.
		gpu_mmu_write(space, next, &job.status, sizeof(job.status));
		if (job.status != JOB_DONE) {
			log_line("%s: the job at %#" PRIx64 " of type %d ends with fault %#x", gpu, next, type_of(&job),
				job.status);
			gpu_mmu_write(space, next + offsetof(struct job, fault), &job.fault, sizeof(job.fault));
			statistics.faults++;
			return (enum job_status)job.status;
		}
		next = job.control & HAS_64_BITS ? job.next : (uint32_t)job.next;
	}
	return JOB_DONE;
}
