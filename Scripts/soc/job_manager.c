// SPDX-License-Identifier: MIT
#include "job_manager.h"

#include <inttypes.h>

#include "eviction.h"
#include "gpu.h"
#include "guest_clock.h"
#include "job_chain.h"
#include "report.h"

enum {
	FIRST_SLOT = 0x1800,
	SLOT_STRIDE = 0x80,
	// Registers of a slot: what runs, and what is to run next.
	HEAD = 0x00,
	TAIL = 0x08,
	CONFIGURATION = 0x18,
	COMMAND = 0x20,
	STATUS = 0x24,
	HEAD_NEXT = 0x40,
	CONFIGURATION_NEXT = 0x58,
	COMMAND_NEXT = 0x60,
	// Which slots run (bit n) and have a next chain (bit n + 16), as of the last clearing of interrupts.
	SLOTS_STATE = 0x1010,
	NEXT_OR_FAILED = 16,

	COMMAND_START = 1,
	SPACE_MASK = 15,
	CHAIN_FLAG = 1 << 11,

	STATUS_STOPPED = 0x03,
	STATUS_TERMINATED = 0x04,
	STATUS_ACTIVE = 0x08,
};

static uint32_t place(unsigned int slot, uint32_t offset)
{
	return FIRST_SLOT + slot * SLOT_STRIDE + offset;
}

static bool has_next(const struct gpu *gpu, unsigned int slot)
{
	return gpu_register(gpu, place(slot, COMMAND_NEXT)) == COMMAND_START;
}

static void start(struct gpu *gpu, unsigned int number);

static void finish(struct gpu *gpu, unsigned int number, uint32_t status)
{
	bool done = status == JOB_DONE;

	gpu->job_manager.slots[number].active = false;
	gpu_set_register(gpu, place(number, STATUS), status);
	// The next chain does not wait until the driver has noticed, unless this one failed.
	if (done && has_next(gpu, number))
		start(gpu, number);
	gpu_raise(gpu, JOB_LINE, 1u << (number + (done ? 0 : NEXT_OR_FAILED)));
}

static void execute(struct gpu *gpu, unsigned int number)
{
	struct job_slot *slot = &gpu->job_manager.slots[number];
	unsigned int space_number = gpu_register(gpu, place(number, CONFIGURATION)) & SPACE_MASK;
	struct address_space space = gpu_address_space(gpu, space_number);
	uint64_t head = gpu_register_pair(gpu, place(number, HEAD));

	trace_line("%s slot %u: chain %#" PRIx64 " in space %u, %s", gpu->name, number, head, space_number,
		space.snoops ? "coherent" : "not coherent");
	eviction_pass(EVICT_START, &space);
	uint32_t status = job_chain_execute(gpu->name, &space, &head);
	eviction_pass(EVICT_END, &space);
	gpu_set_register_pair(gpu, place(number, HEAD), head);
	if (status == JOB_ENDLESS)
		slot->endless = true;
	else
		finish(gpu, number, status);
}

static void start(struct gpu *gpu, unsigned int number)
{
	struct job_slot *slot = &gpu->job_manager.slots[number];

	gpu_set_register_pair(gpu, place(number, HEAD), gpu_register_pair(gpu, place(number, HEAD_NEXT)));
	gpu_set_register(gpu, place(number, CONFIGURATION), gpu_register(gpu, place(number, CONFIGURATION_NEXT)));
	gpu_set_register(gpu, place(number, COMMAND_NEXT), 0);
	gpu_set_register(gpu, place(number, STATUS), STATUS_ACTIVE);
	*slot = (struct job_slot){ .active = true, .due = guest_nanoseconds() + options.late_nanoseconds };
	if (!options.late_nanoseconds)
		execute(gpu, number);
}

// Soft stops end a chain between two jobs, hard ones at once; here all jobs are over in no time.
static void stop(struct gpu *gpu, unsigned int number, uint32_t command)
{
	enum { SOFT = 2, HARD, SOFT_WITHOUT_FLAG, HARD_WITHOUT_FLAG, SOFT_WITH_FLAG, HARD_WITH_FLAG };
	bool flag = gpu_register(gpu, place(number, CONFIGURATION)) & CHAIN_FLAG;

	if (command < SOFT || command > HARD_WITH_FLAG || !gpu->job_manager.slots[number].active)
		return;
	// Some commands name one of the slot's two chains, by a flag that the driver toggles.
	if (command >= SOFT_WITHOUT_FLAG && flag != (command >= SOFT_WITH_FLAG))
		return;
	gpu_set_register_pair(gpu, place(number, TAIL), gpu_register_pair(gpu, place(number, HEAD)));
	log_line("%s slot %u: stopped", gpu->name, number);
	finish(gpu, number, command & 1 ? STATUS_TERMINATED : STATUS_STOPPED);
}

bool job_manager_starts(uint32_t offset)
{
	return offset >= FIRST_SLOT && offset < FIRST_SLOT + JOB_SLOTS * SLOT_STRIDE &&
		(offset - FIRST_SLOT) % SLOT_STRIDE == COMMAND_NEXT;
}

void job_manager_written(struct gpu *gpu, uint32_t offset, uint32_t value)
{
	unsigned int number = (offset - FIRST_SLOT) / SLOT_STRIDE;

	if (offset < FIRST_SLOT || number >= JOB_SLOTS)
		return;
	if (offset == place(number, COMMAND_NEXT) && value == COMMAND_START && !gpu->job_manager.slots[number].active)
		start(gpu, number);
	else if (offset == place(number, COMMAND))
		stop(gpu, number, value);
}

void job_manager_sample(struct gpu *gpu, uint32_t cleared)
{
	uint32_t state = gpu_register(gpu, SLOTS_STATE);

	for (unsigned int number = 0; number < JOB_SLOTS; number++) {
		uint32_t mask = 1u << number | 1u << (number + NEXT_OR_FAILED);
		if (!(cleared & mask))
			continue;
		state &= ~mask;
		if (gpu->job_manager.slots[number].active)
			state |= 1u << number;
		if (has_next(gpu, number))
			state |= 1u << (number + NEXT_OR_FAILED);
	}
	gpu_set_register(gpu, SLOTS_STATE, state);
}

void job_manager_tick(struct gpu *gpu, uint64_t now)
{
	for (unsigned int number = 0; number < JOB_SLOTS; number++) {
		struct job_slot *slot = &gpu->job_manager.slots[number];
		if (slot->active && !slot->endless && now >= slot->due)
			execute(gpu, number);
	}
}

void job_manager_reset(struct gpu *gpu)
{
	for (unsigned int number = 0; number < JOB_SLOTS; number++) {
		gpu->job_manager.slots[number] = (struct job_slot){ .active = false };
		gpu_set_register(gpu, place(number, COMMAND_NEXT), 0);
		gpu_set_register(gpu, place(number, STATUS), 0);
	}
	gpu_set_register(gpu, SLOTS_STATE, 0);
}
