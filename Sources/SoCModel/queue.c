// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "soc.h"

enum {
	// Offsets in a stream's input and output.
	RING_BASE = 0x10,
	RING_SIZE = 0x18,
	RING_INPUT = 0x30,
	RING_OUTPUT = 0x38,
	COMMAND_POINTER = 0x40,
	WAIT = 0x48,
	WAIT_ADDRESS = 0x50,
	WAIT_VALUE = 0x58,
	BLOCKED_REASON = 0x60,
	WAIT_VALUE_HIGH = 0x64,
	FATAL = 0x84,
	FATAL_ADDRESS = 0x90,
};
// Offsets in the ring's input, and in its output.
enum { INSERT = 0x00, EXTRACT_FROM = 0x08 };
enum { EXTRACT = 0x00, ACTIVE = 0x08 };
enum { WAITS_FOR_64_BITS = 1 << 30, BLOCKED_BY_WAIT = 3, FATAL_EVENT = 1 << 30 };
#define WAITS_FOR_WORD (1u << 31)
// The number of instructions that a doorbell executes, and that each tick executes after it.
enum { FIRST_SLICE = 16384, NEXT_SLICE = 256 };

static uint64_t ring_word(const struct queue_place *place, uint32_t which, uint32_t offset)
{
	return firmware_read_pair(&place->firmware, firmware_read_pair(&place->firmware, place->input + which) + offset);
}

static void publish(const struct queue *queue, const struct queue_place *place)
{
	uint64_t output = firmware_read_pair(&place->firmware, place->input + RING_OUTPUT);

	firmware_write_pair(&place->firmware, output + EXTRACT, queue->stream.extracted);
	firmware_write(&place->firmware, output + ACTIVE, !queue_is_idle(queue));
}

void queue_start(struct queue *queue, const struct queue_place *place)
{
	*queue = (struct queue){ .state = QUEUE_EMPTY };
	queue->stream.extracted = ring_word(place, RING_INPUT, EXTRACT_FROM);
	queue->limit = queue->stream.extracted;
}

void queue_report(const struct queue *queue, const struct queue_place *place)
{
	const struct soc_stream_wait *wait = &queue->result.wait;
	bool waits = queue->state == QUEUE_WAITING;
	uint32_t what = WAITS_FOR_WORD | wait->condition << 24 | (wait->is_64_bits ? WAITS_FOR_64_BITS : 0);

	firmware_write_pair(&place->firmware, place->output + COMMAND_POINTER, queue->result.position);
	firmware_write(&place->firmware, place->output + WAIT, waits ? what : 0);
	firmware_write_pair(&place->firmware, place->output + WAIT_ADDRESS, waits ? wait->address : 0);
	firmware_write(&place->firmware, place->output + WAIT_VALUE, waits ? (uint32_t)wait->value : 0);
	firmware_write(&place->firmware, place->output + WAIT_VALUE_HIGH, waits ? (uint32_t)(wait->value >> 32) : 0);
	firmware_write(&place->firmware, place->output + BLOCKED_REASON, waits ? BLOCKED_BY_WAIT : 0);
}

static void report_fault(const struct queue *queue, const struct queue_place *place)
{
	soc_log(place->gpu->soc, "%s: exception %#x at instruction %#" PRIx64 ", address %#" PRIx64,
		place->gpu->name, queue->result.exception, queue->result.position, queue->result.accessed);
	place->gpu->soc->statistics.faults++;
	firmware_write(&place->firmware, place->output + FATAL, queue->result.exception);
	firmware_write_pair(&place->firmware, place->output + FATAL_ADDRESS, queue->result.accessed);
	firmware_raise_event(&place->firmware, place->input, place->output, FATAL_EVENT);
}

static enum queue_event execute(struct queue *queue, const struct queue_place *place, unsigned int most)
{
	struct soc_stream_ring ring = {
		.space = place->group,
		.base = firmware_read_pair(&place->firmware, place->input + RING_BASE),
		.size = firmware_read(&place->firmware, place->input + RING_SIZE),
		.limit = queue->limit,
	};
	int events = QUEUE_NOTHING;
	bool starts = queue->state == QUEUE_EMPTY;

	if (!ring.size || ring.size & (ring.size - 1))
		return QUEUE_NOTHING;
	if (starts) {
		soc_trace(place->gpu->soc, "%s: ring at %#" PRIx64 ", %#" PRIx64 " to %#" PRIx64 ", %s", place->gpu->name,
			ring.base, queue->stream.extracted, ring.limit, ring.space.snoops ? "coherent" : "non-coherent");
		soc_eviction_pass(&ring.space, SOC_EVICT_START);
	}
	queue->result = soc_stream_execute(&queue->stream, &ring, most);
	switch (queue->result.end) {
	case SOC_STREAM_EMPTY:
		queue->state = QUEUE_EMPTY;
		break;
	case SOC_STREAM_RUNNING:
		queue->state = QUEUE_RUNNING;
		break;
	case SOC_STREAM_WAITING:
		queue->state = QUEUE_WAITING;
		break;
	case SOC_STREAM_FAULTED:
		queue->state = QUEUE_FAULTED;
		report_fault(queue, place);
		events |= QUEUE_FAULT_REPORTED;
		break;
	}
	if (queue->result.synchronized)
		events |= QUEUE_SYNCHRONIZED;
	if (queue->state == QUEUE_EMPTY || queue->state == QUEUE_FAULTED)
		soc_eviction_pass(&ring.space, SOC_EVICT_END);
	publish(queue, place);
	return (enum queue_event)events;
}

static bool can_run(const struct queue *queue)
{
	return queue->state == QUEUE_RUNNING ||
		(queue->state == QUEUE_EMPTY && queue->stream.extracted < queue->limit);
}

enum queue_event queue_retry(struct queue *queue, const struct queue_place *place)
{
	return queue->state == QUEUE_WAITING ? execute(queue, place, FIRST_SLICE) : QUEUE_NOTHING;
}

enum queue_event queue_kick(struct queue *queue, const struct queue_place *place)
{
	const struct soc *soc = place->gpu->soc;
	uint64_t insert = ring_word(place, RING_INPUT, INSERT);

	if (queue->state == QUEUE_STOPPED || queue->state == QUEUE_FAULTED)
		return QUEUE_NOTHING;
	if (!soc->options.late_nanoseconds) {
		queue->limit = insert;
		return can_run(queue) ? execute(queue, place, FIRST_SLICE) : queue_retry(queue, place);
	}
	uint64_t known = queue->late_count ? queue->late[queue->late_count - 1].limit : queue->limit;
	if (insert == known)
		return queue_retry(queue, place);
	// The last limit is replaced when the list is full.
	if (queue->late_count == LATE_STARTS)
		queue->late_count--;
	uint64_t due = soc_guest_now(soc) + soc->options.late_nanoseconds;
	queue->late[queue->late_count++] = (struct late_start){ due, insert };
	return QUEUE_NOTHING;
}

enum queue_event queue_run(struct queue *queue, const struct queue_place *place, uint64_t now)
{
	if (queue->state == QUEUE_STOPPED || queue->state == QUEUE_FAULTED)
		return QUEUE_NOTHING;
	if (queue->late_count && now >= queue->late[0].due) {
		queue->limit = queue->late[0].limit;
		queue->late_count--;
		for (unsigned int i = 0; i < queue->late_count; i++)
			queue->late[i] = queue->late[i + 1];
	}
	return can_run(queue) ? execute(queue, place, NEXT_SLICE) : QUEUE_NOTHING;
}

bool queue_is_idle(const struct queue *queue)
{
	return queue->state != QUEUE_RUNNING && !queue->late_count &&
		!(queue->state == QUEUE_EMPTY && queue->stream.extracted < queue->limit);
}
