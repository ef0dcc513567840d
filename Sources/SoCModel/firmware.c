// SPDX-License-Identifier: MIT
#include "soc.h"

enum { MCU_OFF = 0, MCU_RUNS = 1, MCU_HALTED = 2 };
enum {
	// The number of the firmware's address space.
	FIRMWARE_SPACE = 0,
	HALT = 1 << 0,
	// Bits of the output that the firmware raises and the driver acknowledges; the others acknowledge requests.
	EVENTS = 0x7f << 20,
};

static bool serve_global(struct gpu *gpu, const struct soc_space *space, uint32_t *groups)
{
	uint64_t input = firmware_read(space, SOC_FW_BASE + SOC_FW_INPUT);
	uint64_t output = firmware_read(space, SOC_FW_BASE + SOC_FW_OUTPUT);
	uint32_t request = firmware_read(space, input), acknowledge = firmware_read(space, output);
	uint32_t reply = (acknowledge & EVENTS) | (request & ~(uint32_t)EVENTS);
	uint32_t rung = firmware_read(space, input + DOORBELL_REQUEST);
	uint32_t seen = firmware_read(space, output + DOORBELL_REQUEST);
	uint32_t status = gpu_register(gpu, SOC_MCU_STATUS);

	if (status != MCU_OFF)
		gpu_set_register(gpu, SOC_MCU_STATUS, request & HALT ? MCU_HALTED : MCU_RUNS);
	firmware_write(space, output, reply);
	firmware_write(space, output + DOORBELL_REQUEST, rung);
	*groups = rung ^ seen;
	return reply != acknowledge;
}

void firmware_doorbell(struct gpu *gpu, unsigned int number)
{
	struct soc_space space = gpu_space(gpu, FIRMWARE_SPACE);
	uint32_t interrupts = 0, groups = 0;

	if (!firmware_read(&space, SOC_FW_BASE)) {
		soc_log(gpu->soc, "%s: doorbell %u: the firmware interface is not mapped", gpu->name, number);
		return;
	}
	if (number == 0 && serve_global(gpu, &space, &groups))
		interrupts |= SOC_JOB_INT_GLOBAL_IF;
	for (unsigned int slot = 0; slot < SOC_FW_GROUPS; slot++) {
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
	struct soc_space space = gpu_space(gpu, FIRMWARE_SPACE);
	uint32_t interrupts = 0;

	for (unsigned int slot = 0; slot < SOC_FW_GROUPS; slot++) {
		if (gpu->groups[slot].active)
			interrupts |= group_tick(gpu, &space, slot, now);
	}
	if (interrupts)
		gpu_raise(gpu, JOB_LINE, interrupts);
}

void firmware_reset(struct gpu *gpu)
{
	for (unsigned int slot = 0; slot < SOC_FW_GROUPS; slot++)
		gpu->groups[slot].active = false;
	gpu_set_register(gpu, SOC_MCU_STATUS, MCU_OFF);
}

void firmware_switch(struct gpu *gpu, bool on)
{
	firmware_reset(gpu);
	if (!on)
		return;
	gpu_set_register(gpu, SOC_MCU_STATUS, MCU_RUNS);
	gpu_raise(gpu, JOB_LINE, SOC_JOB_INT_GLOBAL_IF);
}

uint32_t firmware_read(const struct soc_space *space, uint64_t address)
{
	uint32_t value = 0;

	return soc_space_read(space, address, &value, sizeof(value)) ? value : 0;
}

uint64_t firmware_read_pair(const struct soc_space *space, uint64_t address)
{
	uint64_t value = 0;

	return soc_space_read(space, address, &value, sizeof(value)) ? value : 0;
}

void firmware_write(const struct soc_space *space, uint64_t address, uint32_t value)
{
	soc_space_write(space, address, &value, sizeof(value));
}

void firmware_write_pair(const struct soc_space *space, uint64_t address, uint64_t value)
{
	soc_space_write(space, address, &value, sizeof(value));
}

void firmware_raise_event(const struct soc_space *space, uint64_t input, uint64_t output, uint32_t event)
{
	uint32_t request = firmware_read(space, input), acknowledge = firmware_read(space, output);

	firmware_write(space, output, (acknowledge & ~event) | (~request & event));
}
