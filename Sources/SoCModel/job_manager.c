// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "soc.h"

enum {
	// The bit's distance from the slot's own bit, in the JOB_INT registers and in JOB_INT_JS_STATE.
	NEXT_OR_FAILED = 16,
	COMMAND_START = 1,
	CHAIN_FLAG = 1 << 11,
};
enum { STATUS_STOPPED = 0x03, STATUS_TERMINATED = 0x04, STATUS_ACTIVE = 0x08 };

static uint32_t place(unsigned int slot, uint32_t offset)
{
	return SOC_JS + slot * SOC_JS_STRIDE + offset;
}

static bool has_next(const struct gpu *gpu, unsigned int slot)
{
	return gpu_register(gpu, place(slot, SOC_JS_COMMAND_NEXT)) == COMMAND_START;
}

static void start(struct gpu *gpu, unsigned int number);

static void finish(struct gpu *gpu, unsigned int number, uint32_t status)
{
	bool done = status == SOC_JOB_DONE;

	gpu->slots[number].active = false;
	gpu_set_register(gpu, place(number, SOC_JS_STATUS), status);
	// The next chain starts at once, unless this one failed.
	if (done && has_next(gpu, number))
		start(gpu, number);
	gpu_raise(gpu, JOB_LINE, 1u << (number + (done ? 0 : NEXT_OR_FAILED)));
}

static void execute(struct gpu *gpu, unsigned int number)
{
	struct job_slot *slot = &gpu->slots[number];
	unsigned int space_number = gpu_register(gpu, place(number, SOC_JS_CONFIG)) & SPACE_MASK;
	struct soc_space space = gpu_space(gpu, space_number);
	uint64_t head = gpu_register_pair(gpu, place(number, SOC_JS_HEAD));

	soc_trace(gpu->soc, "%s slot %u: chain %#" PRIx64 " in address space %u, %s", gpu->name, number, head, space_number,
		space.snoops ? "coherent" : "non-coherent");
	soc_eviction_pass(&space, SOC_EVICT_START);
	uint32_t status = soc_job_chain_execute(gpu->name, &space, &head);
	soc_eviction_pass(&space, SOC_EVICT_END);
	gpu_set_register_pair(gpu, place(number, SOC_JS_HEAD), head);
	if (status == SOC_JOB_ENDLESS)
		slot->endless = true;
	else
		finish(gpu, number, status);
}

static void start(struct gpu *gpu, unsigned int number)
{
	struct job_slot *slot = &gpu->slots[number];

	gpu_set_register_pair(gpu, place(number, SOC_JS_HEAD), gpu_register_pair(gpu, place(number, SOC_JS_HEAD_NEXT)));
	gpu_set_register(gpu, place(number, SOC_JS_CONFIG), gpu_register(gpu, place(number, SOC_JS_CONFIG_NEXT)));
	gpu_set_register(gpu, place(number, SOC_JS_COMMAND_NEXT), 0);
	gpu_set_register(gpu, place(number, SOC_JS_STATUS), STATUS_ACTIVE);
	*slot = (struct job_slot){ .active = true, .due = soc_guest_now(gpu->soc) + gpu->soc->options.late_nanoseconds };
	if (!gpu->soc->options.late_nanoseconds)
		execute(gpu, number);
}

// A soft stop ends a chain after the present job, a hard stop at once. Jobs take no time here, so both do the same.
static void stop(struct gpu *gpu, unsigned int number, uint32_t command)
{
	enum { SOFT = 2, HARD, SOFT_WITHOUT_FLAG, HARD_WITHOUT_FLAG, SOFT_WITH_FLAG, HARD_WITH_FLAG };
	bool flag = gpu_register(gpu, place(number, SOC_JS_CONFIG)) & CHAIN_FLAG;

	if (command < SOFT || command > HARD_WITH_FLAG || !gpu->slots[number].active)
		return;
	// Some commands apply to only one of the slot's two chains; a flag that the driver toggles tells them apart.
	if (command >= SOFT_WITHOUT_FLAG && flag != (command >= SOFT_WITH_FLAG))
		return;
	gpu_set_register_pair(gpu, place(number, SOC_JS_TAIL), gpu_register_pair(gpu, place(number, SOC_JS_HEAD)));
	soc_log(gpu->soc, "%s slot %u: stopped", gpu->name, number);
	finish(gpu, number, command & 1 ? STATUS_TERMINATED : STATUS_STOPPED);
}

bool job_manager_starts(uint32_t offset)
{
	return offset >= SOC_JS && offset < SOC_JS + JOB_SLOTS * SOC_JS_STRIDE &&
		(offset - SOC_JS) % SOC_JS_STRIDE == SOC_JS_COMMAND_NEXT;
}

void job_manager_written(struct gpu *gpu, uint32_t offset, uint32_t value)
{
	unsigned int number = (offset - SOC_JS) / SOC_JS_STRIDE;

	if (offset < SOC_JS || number >= JOB_SLOTS)
		return;
	if (offset == place(number, SOC_JS_COMMAND_NEXT) && value == COMMAND_START && !gpu->slots[number].active)
		start(gpu, number);
	else if (offset == place(number, SOC_JS_COMMAND))
		stop(gpu, number, value);
}

void job_manager_sample(struct gpu *gpu, uint32_t cleared)
{
	uint32_t state = gpu_register(gpu, SOC_JOB_INT_JS_STATE);

	for (unsigned int number = 0; number < JOB_SLOTS; number++) {
		uint32_t mask = 1u << number | 1u << (number + NEXT_OR_FAILED);
		if (!(cleared & mask))
			continue;
		state &= ~mask;
		if (gpu->slots[number].active)
			state |= 1u << number;
		if (has_next(gpu, number))
			state |= 1u << (number + NEXT_OR_FAILED);
	}
	gpu_set_register(gpu, SOC_JOB_INT_JS_STATE, state);
}

void job_manager_tick(struct gpu *gpu, uint64_t now)
{
	for (unsigned int number = 0; number < JOB_SLOTS; number++) {
		struct job_slot *slot = &gpu->slots[number];
		if (slot->active && !slot->endless && now >= slot->due)
			execute(gpu, number);
	}
}

void job_manager_reset(struct gpu *gpu)
{
	for (unsigned int number = 0; number < JOB_SLOTS; number++) {
		gpu->slots[number] = (struct job_slot){ .active = false };
		gpu_set_register(gpu, place(number, SOC_JS_COMMAND_NEXT), 0);
		gpu_set_register(gpu, place(number, SOC_JS_STATUS), 0);
	}
	gpu_set_register(gpu, SOC_JOB_INT_JS_STATE, 0);
}
