// SPDX-License-Identifier: MIT
//
// A slot of the firmware's with a group of queues: started, suspended to memory, resumed, terminated.
#ifndef SOC_GROUP_H
#define SOC_GROUP_H

#include <stdint.h>

#include "gpu_mmu.h"

struct gpu;

// Each answers the interrupts of groups that it gives rise to.

// The driver has rung for this slot: its requests are carried out.
uint32_t group_serve(struct gpu *gpu, const struct address_space *firmware, unsigned int slot);
// A queue's own doorbell was rung.
uint32_t group_ring(struct gpu *gpu, const struct address_space *firmware, unsigned int slot, unsigned int doorbell);
uint32_t group_tick(struct gpu *gpu, const struct address_space *firmware, unsigned int slot, uint64_t now);

#endif
