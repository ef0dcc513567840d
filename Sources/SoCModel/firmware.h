// SPDX-License-Identifier: MIT
//
// The firmware's interface to panthor: requests and acknowledgements in shared memory, slots for groups of queues,
// and doorbells.
#ifndef SOC_FIRMWARE_H
#define SOC_FIRMWARE_H

#include "soc_stream.h"

struct gpu;

enum queue_state { QUEUE_STOPPED, QUEUE_EMPTY, QUEUE_RUNNING, QUEUE_WAITING, QUEUE_FAULTED };
enum { LATE_STARTS = 32 };
// Offset of the doorbell bits of groups in the global input and output, and of queues in those of their group.
enum { DOORBELL_REQUEST = 0x08 };

// A limit in the ring, and the guest time from which instructions up to it execute.
struct late_start {
	uint64_t due, limit;
};

struct queue {
	enum queue_state state;
	struct soc_stream stream;
	struct soc_stream_result result;
	uint64_t limit;
	struct late_start late[LATE_STARTS];
	unsigned int late_count;
};

struct group {
	bool active;
	// All its queues are empty or wait, and the driver has the IDLE event.
	bool idle;
	struct queue queues[SOC_FW_STREAMS];
};

// The address spaces of firmware and group, and the addresses of a queue's input and output in the former.
struct queue_place {
	const struct gpu *gpu;
	struct soc_space firmware, group;
	uint64_t input, output;
};

// Events of a queue that its group reports to the driver.
enum queue_event { QUEUE_NOTHING = 0, QUEUE_SYNCHRONIZED = 1, QUEUE_FAULT_REPORTED = 2 };

// Starts a stream where the driver says in the ring.
void queue_start(struct queue *queue, const struct queue_place *place);
// Executes what the driver has added to the ring, now or later.
enum queue_event queue_kick(struct queue *queue, const struct queue_place *place);
// Evaluates the condition of a waiting queue again.
enum queue_event queue_retry(struct queue *queue, const struct queue_place *place);
// Executes what is due, and continues a running queue.
enum queue_event queue_run(struct queue *queue, const struct queue_place *place, uint64_t now);
// Writes the queue's status: its position, and what it waits for.
void queue_report(const struct queue *queue, const struct queue_place *place);
// Returns whether the queue does nothing until the driver or another queue acts.
bool queue_is_idle(const struct queue *queue);

// A group slot. Each function returns the JOB_INT bits of the groups that report something.

// Serves the driver's requests for this slot.
uint32_t group_serve(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot);
// Serves a queue's own doorbell.
uint32_t group_ring(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot, unsigned int doorbell);
uint32_t group_tick(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot, uint64_t now);

// Doorbell 0 is the firmware's, the others are queues'.
void firmware_doorbell(struct gpu *gpu, unsigned int number);
void firmware_tick(struct gpu *gpu, uint64_t now);
void firmware_reset(struct gpu *gpu);
// The driver has switched the firmware's processor on or off.
void firmware_switch(struct gpu *gpu, bool on);

// Words in the memory that driver and firmware share; an unmapped word reads as 0.
uint32_t firmware_read(const struct soc_space *space, uint64_t address);
uint64_t firmware_read_pair(const struct soc_space *space, uint64_t address);
void firmware_write(const struct soc_space *space, uint64_t address, uint32_t value);
void firmware_write_pair(const struct soc_space *space, uint64_t address, uint64_t value);
// Raises an event: a bit that differs between the first words of input and output until the driver acknowledges it.
void firmware_raise_event(const struct soc_space *space, uint64_t input, uint64_t output, uint32_t event);

#endif
