// SPDX-License-Identifier: MIT
//
// Words in the memory that driver and firmware share.
#ifndef SOC_FIRMWARE_MEMORY_H
#define SOC_FIRMWARE_MEMORY_H

#include <stdint.h>

#include "gpu_mmu.h"

// 0 where nothing is mapped.
uint32_t firmware_read(const struct address_space *space, uint64_t address);
uint64_t firmware_read_pair(const struct address_space *space, uint64_t address);
void firmware_write(const struct address_space *space, uint64_t address, uint32_t value);
void firmware_write_pair(const struct address_space *space, uint64_t address, uint64_t value);

// An event is a bit that differs between the first words of input and output, until the driver has made
// them the same; nothing where it is there already.
void firmware_raise_event(const struct address_space *space, uint64_t input, uint64_t output, uint32_t event);

#endif
