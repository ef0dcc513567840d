// SPDX-License-Identifier: MIT
//
// The firmware of Malis with command streams, as its driver sees it: requests and acknowledgements in shared
// memory, slots for groups of queues, and doorbells.
#ifndef SOC_FIRMWARE_H
#define SOC_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue.h"

struct gpu;

// As gemsync-guest's firmware file has it.
enum { GROUP_SLOTS = 4, GROUP_QUEUES = 8 };

struct group {
	bool active;
	// All its queues are empty or wait, and the driver was told.
	bool idle;
	struct queue queues[GROUP_QUEUES];
};

struct firmware {
	struct group groups[GROUP_SLOTS];
};

// Doorbell 0 is for the firmware itself, the others for queues.
void firmware_doorbell(struct gpu *gpu, unsigned int number);
void firmware_tick(struct gpu *gpu, uint64_t now);
void firmware_reset(struct gpu *gpu);
// The processor that firmware runs on was switched on, or off.
void firmware_switch(struct gpu *gpu, bool on);

#endif
