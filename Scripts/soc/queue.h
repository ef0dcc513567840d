// SPDX-License-Identifier: MIT
//
// A queue of a group: a ring in memory, the stream that comes out of it, and what the driver is told of it.
#ifndef SOC_QUEUE_H
#define SOC_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "stream.h"

enum queue_state { QUEUE_STOPPED, QUEUE_EMPTY, QUEUE_RUNNING, QUEUE_WAITING, QUEUE_FAULTED };
enum { LATE_STARTS = 32 };

// Instructions up to a place in the ring that may be executed from a moment on.
struct late_start {
	uint64_t due, limit;
};

struct queue {
	enum queue_state state;
	struct stream stream;
	struct stream_result result;
	uint64_t limit;
	struct late_start late[LATE_STARTS];
	unsigned int late_count;
};

// Where the queue's words are in the firmware's memory, and in whose address space its ring is.
struct queue_place {
	const char *name;
	struct address_space firmware, group;
	uint64_t input, output;
};

// What happened that the group's interrupt must tell.
enum queue_event { QUEUE_NOTHING = 0, QUEUE_SYNCHRONIZED = 1, QUEUE_FAULT_REPORTED = 2 };

// Begins a stream at the place in the ring that the driver says.
void queue_start(struct queue *queue, const struct queue_place *place);
// The driver has filled the ring: executes what is new, now or later.
enum queue_event queue_kick(struct queue *queue, const struct queue_place *place);
// Looks again at the word that the queue waits for.
enum queue_event queue_retry(struct queue *queue, const struct queue_place *place);
// Time has passed: executes what is due, goes on with what was not finished.
enum queue_event queue_run(struct queue *queue, const struct queue_place *place, uint64_t now);
// Writes down what the queue waits for.
void queue_report(const struct queue *queue, const struct queue_place *place);
// Whether it does nothing until someone else does something.
bool queue_is_idle(const struct queue *queue);

#endif
