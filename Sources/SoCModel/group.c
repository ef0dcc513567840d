// SPDX-License-Identifier: MIT
#include "soc.h"

enum {
	// Offsets in a group's input and output.
	QUEUE_EVENTS = 0x0c,
	SUSPEND_BUFFER = 0x40,
	CONFIGURATION = 0x50,
	STATUS = 0x18,
	// Offset in a queue's input.
	QUEUE_CONFIGURATION = 0x04,
};
enum group_request { TERMINATE, START, SUSPEND, RESUME };
enum {
	STATUS_IDLE = 1 << 0,
	QUEUE_REQUEST_START = 1,
	STATE_MASK = 7,
	SYNC_UPDATE = 1 << 28,
	IDLE = 1 << 29,
	// Bits of a queue's output that the firmware raises and the driver acknowledges.
	QUEUE_OWN_EVENTS = 3 << 26,
};
#define GROUP_EVENTS (SYNC_UPDATE | IDLE | 1u << 31)
#define ALL_QUEUE_EVENTS ((uint32_t)QUEUE_OWN_EVENTS | 3u << 30)
_Static_assert(SOC_FW_STREAMS * sizeof(struct soc_stream) <= SOC_FW_SUSPEND_SIZE, "a suspend buffer keeps all streams");

static uint64_t description(const struct soc_space *firmware, unsigned int slot)
{
	uint32_t stride = firmware_read(firmware, SOC_FW_BASE + SOC_FW_GROUP_STRIDE);

	return SOC_FW_BASE + SOC_FW_FIRST_GROUP + (uint64_t)slot * stride;
}

static uint64_t input_of(const struct soc_space *firmware, unsigned int slot)
{
	return firmware_read(firmware, description(firmware, slot) + SOC_FW_GROUP_INPUT);
}

static uint64_t output_of(const struct soc_space *firmware, unsigned int slot)
{
	return firmware_read(firmware, description(firmware, slot) + SOC_FW_GROUP_OUTPUT);
}

static struct queue_place place_of(const struct gpu *gpu, const struct soc_space *firmware, unsigned int slot,
	unsigned int index)
{
	uint64_t queue = description(firmware, slot) + SOC_FW_FIRST_STREAM + index * SOC_FW_STREAM_STRIDE;
	uint32_t configuration = firmware_read(firmware, input_of(firmware, slot) + CONFIGURATION);

	return (struct queue_place){
		.gpu = gpu,
		.firmware = *firmware,
		.group = gpu_space(gpu, configuration & SPACE_MASK),
		.input = firmware_read(firmware, queue + SOC_FW_STREAM_INPUT),
		.output = firmware_read(firmware, queue + SOC_FW_STREAM_OUTPUT),
	};
}

// Reports a queue's events to the driver.
static uint32_t report_events(const struct soc_space *firmware, unsigned int slot, unsigned int index,
	enum queue_event events)
{
	uint64_t input = input_of(firmware, slot), output = output_of(firmware, slot);

	if (events & QUEUE_FAULT_REPORTED) {
		uint32_t raised = firmware_read(firmware, output + QUEUE_EVENTS);
		uint32_t seen = firmware_read(firmware, input + QUEUE_EVENTS), bit = 1u << index;
		firmware_write(firmware, output + QUEUE_EVENTS, (raised & ~bit) | (~seen & bit));
	}
	if (events & QUEUE_SYNCHRONIZED)
		firmware_raise_event(firmware, input, output, SYNC_UPDATE);
	return events ? 1u << slot : 0;
}

// Retries all waiting queues, until none of them changes a synchronization object.
static uint32_t retry_all(struct gpu *gpu, const struct soc_space *firmware)
{
	uint32_t interrupts = 0;
	bool again = true;

	for (unsigned int round = 0; again && round < 64; round++) {
		again = false;
		for (unsigned int slot = 0; slot < SOC_FW_GROUPS; slot++) {
			struct group *group = &gpu->groups[slot];
			for (unsigned int i = 0; group->active && i < SOC_FW_STREAMS; i++) {
				struct queue_place place = place_of(gpu, firmware, slot, i);
				enum queue_event events = queue_retry(&group->queues[i], &place);
				interrupts |= report_events(firmware, slot, i, events);
				again |= (events & QUEUE_SYNCHRONIZED) != 0;
			}
		}
	}
	return interrupts;
}

// Reports a group that has become idle, so that the driver may give its slot to another.
static uint32_t report_idle(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot)
{
	struct group *group = &gpu->groups[slot];
	bool idle = true, was_idle = group->idle;

	for (unsigned int i = 0; i < SOC_FW_STREAMS; i++)
		idle &= queue_is_idle(&group->queues[i]);
	group->idle = idle;
	firmware_write(firmware, output_of(firmware, slot) + STATUS, idle ? STATUS_IDLE : 0);
	if (!idle || was_idle)
		return 0;
	firmware_raise_event(firmware, input_of(firmware, slot), output_of(firmware, slot), IDLE);
	return 1u << slot;
}

// Follows an execution in a slot: retries the queues that wait for it, and reports the state.
static uint32_t settle(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot, int events)
{
	uint32_t interrupts = events & QUEUE_SYNCHRONIZED ? retry_all(gpu, firmware) : 0;

	return interrupts | report_idle(gpu, firmware, slot);
}

// Returns the address of a queue's stream in the suspend buffer of its group.
static uint64_t suspended_stream(const struct soc_space *firmware, unsigned int slot, unsigned int index)
{
	uint64_t buffer = firmware_read_pair(firmware, input_of(firmware, slot) + SUSPEND_BUFFER);

	return buffer + index * sizeof(struct soc_stream);
}

static void report_all(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot)
{
	for (unsigned int i = 0; i < SOC_FW_STREAMS; i++) {
		struct queue_place place = place_of(gpu, firmware, slot, i);
		queue_report(&gpu->groups[slot].queues[i], &place);
	}
}

static void start(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot, bool resumes)
{
	struct group *group = &gpu->groups[slot];

	*group = (struct group){ .active = true };
	for (unsigned int i = 0; i < SOC_FW_STREAMS; i++) {
		struct queue *queue = &group->queues[i];
		struct queue_place place = place_of(gpu, firmware, slot, i);
		if ((firmware_read(firmware, place.input) & STATE_MASK) != QUEUE_REQUEST_START)
			continue;
		queue_start(queue, &place);
		if (!resumes)
			continue;
		if (!soc_space_read(firmware, suspended_stream(firmware, slot, i), &queue->stream, sizeof(queue->stream)))
			soc_fail(gpu->soc, "%s: resume the group in slot %u: its suspend buffer cannot be read", gpu->name,
				slot);
		queue->limit = queue->stream.extracted;
		// In a called buffer: the stream continues without a doorbell, and waits again if it waited.
		if (queue->stream.depth)
			queue->state = QUEUE_RUNNING;
	}
}

static void suspend(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot)
{
	struct group *group = &gpu->groups[slot];

	for (unsigned int i = 0; i < SOC_FW_STREAMS; i++) {
		struct queue *queue = &group->queues[i];
		if (queue->state == QUEUE_STOPPED)
			continue;
		if (!soc_space_write(firmware, suspended_stream(firmware, slot, i), &queue->stream, sizeof(queue->stream)))
			soc_fail(gpu->soc, "%s: suspend the group in slot %u: its suspend buffer cannot be written", gpu->name,
				slot);
	}
	group->active = false;
}

// Starts or stops a queue of a running group, as the driver requests.
static void serve_queue(struct queue *queue, const struct queue_place *place)
{
	uint32_t request = firmware_read(&place->firmware, place->input);
	uint32_t acknowledge = firmware_read(&place->firmware, place->output);
	bool starts = (request & STATE_MASK) == QUEUE_REQUEST_START;

	if (starts && queue->state == QUEUE_STOPPED)
		queue_start(queue, place);
	else if (!starts)
		queue->state = QUEUE_STOPPED;
	firmware_write(&place->firmware, place->output,
		(acknowledge & ALL_QUEUE_EVENTS) | (request & ~ALL_QUEUE_EVENTS));
}

static void change_state(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot,
	enum group_request request)
{
	struct group *group = &gpu->groups[slot];

	soc_trace(gpu->soc, "%s group %u: request %d", gpu->name, slot, request);
	switch (request) {
	case START:
	case RESUME:
		start(gpu, firmware, slot, request == RESUME);
		break;
	case SUSPEND:
		if (group->active) {
			report_all(gpu, firmware, slot);
			suspend(gpu, firmware, slot);
		}
		break;
	case TERMINATE:
		if (group->active)
			report_all(gpu, firmware, slot);
		group->active = false;
		break;
	}
}

uint32_t group_serve(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot)
{
	struct group *group = &gpu->groups[slot];
	uint64_t input = input_of(firmware, slot), output = output_of(firmware, slot);
	uint32_t request = firmware_read(firmware, input), acknowledge = firmware_read(firmware, output);
	uint32_t reply = (acknowledge & GROUP_EVENTS) | (request & ~GROUP_EVENTS);
	uint32_t rung = firmware_read(firmware, input + DOORBELL_REQUEST);
	uint32_t kicked = rung ^ firmware_read(firmware, output + DOORBELL_REQUEST);
	uint32_t interrupts = reply != acknowledge ? 1u << slot : 0;
	int events = QUEUE_NOTHING;

	if ((request ^ acknowledge) & STATE_MASK) {
		change_state(gpu, firmware, slot, (enum group_request)(request & STATE_MASK));
		kicked = ~0u;
	}
	firmware_write(firmware, output + DOORBELL_REQUEST, rung);
	firmware_write(firmware, output, reply);
	for (unsigned int i = 0; i < SOC_FW_STREAMS; i++) {
		struct queue_place place = place_of(gpu, firmware, slot, i);
		if (!(kicked >> i & 1))
			continue;
		serve_queue(&group->queues[i], &place);
		if (!group->active)
			continue;
		enum queue_event event = queue_kick(&group->queues[i], &place);
		interrupts |= report_events(firmware, slot, i, event);
		events |= event;
	}
	if (!group->active)
		return interrupts;
	interrupts |= settle(gpu, firmware, slot, events);
	// The driver may read the queues' status at any time, without a request.
	report_all(gpu, firmware, slot);
	return interrupts;
}

uint32_t group_ring(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot, unsigned int doorbell)
{
	struct group *group = &gpu->groups[slot];
	uint32_t interrupts = 0;
	int events = QUEUE_NOTHING;
	bool rung = false;

	for (unsigned int i = 0; group->active && i < SOC_FW_STREAMS; i++) {
		struct queue_place place = place_of(gpu, firmware, slot, i);
		if ((firmware_read(firmware, place.input + QUEUE_CONFIGURATION) >> 8 & 0xff) != doorbell)
			continue;
		enum queue_event event = queue_kick(&group->queues[i], &place);
		rung = true;
		interrupts |= report_events(firmware, slot, i, event);
		events |= event;
	}
	if (rung) {
		// The driver expects IDLE again, even if the work is done already.
		group->idle = false;
		interrupts |= settle(gpu, firmware, slot, events);
	}
	return interrupts;
}

uint32_t group_tick(struct gpu *gpu, const struct soc_space *firmware, unsigned int slot, uint64_t now)
{
	struct group *group = &gpu->groups[slot];
	uint32_t interrupts = 0;
	int events = QUEUE_NOTHING;
	bool ran = false;

	for (unsigned int i = 0; i < SOC_FW_STREAMS; i++) {
		struct queue *queue = &group->queues[i];
		if (queue_is_idle(queue))
			continue;
		struct queue_place place = place_of(gpu, firmware, slot, i);
		enum queue_event event = queue_run(queue, &place, now);
		ran = true;
		interrupts |= report_events(firmware, slot, i, event);
		events |= event;
	}
	return ran ? interrupts | settle(gpu, firmware, slot, events) : 0;
}
