// SPDX-License-Identifier: MIT
#include "firmware.h"

#include "firmware_memory.h"
#include "gpu.h"
#include "group.h"
#include "report.h"

enum {
	PROCESSOR_STATUS = 0x704,
	PROCESSOR_OFF = 0,
	PROCESSOR_RUNS = 1,
	PROCESSOR_HALTED = 2,
	// The firmware's own address space, and where the interface is in it.
	FIRMWARE_SPACE = 0,
	INTERFACE = 0x04000000,
	GLOBAL_INPUT = 0x08,
	GLOBAL_OUTPUT = 0x0c,
	DOORBELL_REQUEST = 0x08,
	HALT = 1 << 0,
	// Bits that the firmware raises and the driver acknowledges; the others are the driver's requests.
	EVENTS = 0x7f << 20,
};
#define GLOBAL_INTERRUPT (1u << 31)

static bool serve_global(struct gpu *gpu, const struct address_space *space, uint32_t *groups)
{
	uint64_t input = firmware_read(space, INTERFACE + GLOBAL_INPUT);
	uint64_t output = firmware_read(space, INTERFACE + GLOBAL_OUTPUT);
	uint32_t request = firmware_read(space, input), acknowledge = firmware_read(space, output);
	uint32_t answer = (acknowledge & EVENTS) | (request & ~(uint32_t)EVENTS);
	uint32_t rung = firmware_read(space, input + DOORBELL_REQUEST);
	uint32_t seen = firmware_read(space, output + DOORBELL_REQUEST);
	uint32_t status = gpu_register(gpu, PROCESSOR_STATUS);

	if (status != PROCESSOR_OFF)
		gpu_set_register(gpu, PROCESSOR_STATUS, request & HALT ? PROCESSOR_HALTED : PROCESSOR_RUNS);
	firmware_write(space, output, answer);
	firmware_write(space, output + DOORBELL_REQUEST, rung);
	*groups = rung ^ seen;
	return answer != acknowledge;
}

void firmware_doorbell(struct gpu *gpu, unsigned int number)
{
	struct address_space space = gpu_address_space(gpu, FIRMWARE_SPACE);
	uint32_t interrupts = 0, groups = 0;

	if (!firmware_read(&space, INTERFACE)) {
		log_line("%s: doorbell %u, but the firmware's interface is not mapped", gpu->name, number);
		return;
	}
	if (number == 0 && serve_global(gpu, &space, &groups))
		interrupts |= GLOBAL_INTERRUPT;
	for (unsigned int slot = 0; slot < GROUP_SLOTS; slot++) {
		if (groups >> slot & 1)
			interrupts |= group_serve(gpu, &space, slot);
		if (number > 0)
			interrupts |= group_ring(gpu, &space, slot, number);
	}
	if (interrupts)
		gpu_raise(gpu, JOB_LINE, interrupts);
}

void firmware_tick(struct gpu *gpu, uint64_t now)
{
	struct address_space space = gpu_address_space(gpu, FIRMWARE_SPACE);
	uint32_t interrupts = 0;

	for (unsigned int slot = 0; slot < GROUP_SLOTS; slot++) {
		if (gpu->firmware.groups[slot].active)
			interrupts |= group_tick(gpu, &space, slot, now);
	}
	if (interrupts)
		gpu_raise(gpu, JOB_LINE, interrupts);
}

void firmware_reset(struct gpu *gpu)
{
	for (unsigned int slot = 0; slot < GROUP_SLOTS; slot++)
		gpu->firmware.groups[slot].active = false;
	gpu_set_register(gpu, PROCESSOR_STATUS, PROCESSOR_OFF);
}

void firmware_switch(struct gpu *gpu, bool on)
{
	firmware_reset(gpu);
	if (!on)
		return;
	gpu_set_register(gpu, PROCESSOR_STATUS, PROCESSOR_RUNS);
	gpu_raise(gpu, JOB_LINE, GLOBAL_INTERRUPT);
}
