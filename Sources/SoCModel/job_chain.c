// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "soc.h"

_Static_assert(sizeof(struct soc_job) == 56, "a descriptor's fields are packed");

enum { HEADER_SIZE = 32, HAS_64_BITS = 1 << 0, MOST_JOBS = 4096 };

static enum soc_job_type type_of(const struct soc_job *job)
{
	return (enum soc_job_type)(job->control >> 1 & 0x7f);
}

static enum soc_job_status write_value(const char *gpu, const struct soc_space *space, const struct soc_job *job)
{
	static const size_t sizes[] = {
		[SOC_VALUE_CYCLES] = 8,
		[SOC_VALUE_TIMESTAMP] = 8,
		[SOC_VALUE_ZERO] = 8,
		[SOC_VALUE_IMMEDIATE_8] = 1,
		[SOC_VALUE_IMMEDIATE_16] = 2,
		[SOC_VALUE_IMMEDIATE_32] = 4,
		[SOC_VALUE_IMMEDIATE_64] = 8,
	};
	uint64_t value = job->value;

	if (job->value_type < SOC_VALUE_CYCLES || job->value_type > SOC_VALUE_IMMEDIATE_64)
		return SOC_JOB_CONFIG_FAULT;
	if (job->value_type == SOC_VALUE_ZERO)
		value = 0;
	else if (job->value_type <= SOC_VALUE_TIMESTAMP)
		value = soc_now(space->soc);
	soc_trace(space->soc, "%s writes %#" PRIx64 " to %#" PRIx64, gpu, value, job->target);
	// Little-endian: a shorter value is the first bytes of the immediate.
	return soc_space_write(space, job->target, &value, sizes[job->value_type]) ? SOC_JOB_DONE : SOC_JOB_WRITE_FAULT;
}

static enum soc_job_status execute(const char *gpu, const struct soc_space *space, const struct soc_job *job)
{
	switch (type_of(job)) {
	case SOC_JOB_NULL:
		return SOC_JOB_DONE;
	case SOC_JOB_WRITE_VALUE:
		return write_value(gpu, space, job);
	}
	return SOC_JOB_CONFIG_FAULT;
}

enum soc_job_status soc_job_chain_execute(const char *gpu, const struct soc_space *tables, uint64_t *address)
{
	const struct soc_space jobs = soc_space_of_jobs(tables), *space = &jobs;
	uint64_t executed[MOST_JOBS];
	unsigned int count = 0;

	for (uint64_t next = *address; next;) {
		struct soc_job job = { .control = 0 };
		*address = next;
		for (unsigned int i = 0; i < count; i++) {
			if (executed[i] == next) {
				soc_log(space->soc, "%s: endless chain: it leads back to its job at %#" PRIx64, gpu, next);
				return SOC_JOB_ENDLESS;
			}
		}
		if (count == MOST_JOBS) {
			soc_log(space->soc, "%s: more than %d jobs in a chain: treated as endless", gpu, MOST_JOBS);
			return SOC_JOB_ENDLESS;
		}
		executed[count++] = next;
		if (!soc_space_read(space, next, &job, HEADER_SIZE)) {
			soc_log(space->soc, "%s: job descriptor at %#" PRIx64 ": not mapped", gpu, next);
			space->soc->statistics.faults++;
			return SOC_JOB_READ_FAULT;
		}
		if (type_of(&job) == SOC_JOB_WRITE_VALUE && !soc_space_read(space, next, &job, sizeof(job)))
			return SOC_JOB_READ_FAULT;
		space->soc->statistics.jobs++;
		job.status = execute(gpu, space, &job);
		job.fault = job.status == SOC_JOB_WRITE_FAULT ? job.target : 0;
		// The descriptor keeps the status.
		soc_space_write(space, next, &job.status, sizeof(job.status));
		if (job.status != SOC_JOB_DONE) {
			soc_log(space->soc, "%s: job at %#" PRIx64 " of type %d: fault %#x", gpu, next, type_of(&job),
				job.status);
			soc_space_write(space, next + offsetof(struct soc_job, fault), &job.fault, sizeof(job.fault));
			space->soc->statistics.faults++;
			return (enum soc_job_status)job.status;
		}
		next = job.control & HAS_64_BITS ? job.next : (uint32_t)job.next;
	}
	return SOC_JOB_DONE;
}
