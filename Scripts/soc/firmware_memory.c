// SPDX-License-Identifier: MIT
#include "firmware_memory.h"

uint32_t firmware_read(const struct address_space *space, uint64_t address)
{
	uint32_t value = 0;

	return gpu_mmu_read(space, address, &value, sizeof(value)) ? value : 0;
}

uint64_t firmware_read_pair(const struct address_space *space, uint64_t address)
{
	uint64_t value = 0;

	return gpu_mmu_read(space, address, &value, sizeof(value)) ? value : 0;
}

void firmware_write(const struct address_space *space, uint64_t address, uint32_t value)
{
	gpu_mmu_write(space, address, &value, sizeof(value));
}

void firmware_write_pair(const struct address_space *space, uint64_t address, uint64_t value)
{
	gpu_mmu_write(space, address, &value, sizeof(value));
}

void firmware_raise_event(const struct address_space *space, uint64_t input, uint64_t output, uint32_t event)
{
	uint32_t request = firmware_read(space, input), acknowledge = firmware_read(space, output);

	firmware_write(space, output, (acknowledge & ~event) | (~request & event));
}
