// SPDX-License-Identifier: MIT
#include "stream.h"

#include <inttypes.h>

#include "report.h"

enum opcode {
	NOP = 0,
	MOVE_48 = 1,
	MOVE_32 = 2,
	WAIT = 3,
	ADD_IMMEDIATE_32 = 16,
	ADD_IMMEDIATE_64 = 17,
	LOAD_MULTIPLE = 20,
	STORE_MULTIPLE = 21,
	BRANCH = 22,
	SET_SCOREBOARD_ENTRY = 23,
	CALL = 32,
	JUMP = 33,
	REQUEST_RESOURCE = 34,
	FLUSH_CACHE_2 = 36,
	SYNC_ADD_32 = 37,
	SYNC_SET_32 = 38,
	SYNC_WAIT_32 = 39,
	STORE_STATE = 40,
	ERROR_BARRIER = 47,
	SYNC_ADD_64 = 51,
	SYNC_SET_64 = 52,
	SYNC_WAIT_64 = 53,
};

enum { INSTRUCTION_SIZE = 8 };
enum step { STEP_NEXT, STEP_PLACED, STEP_WAITS, STEP_FAULTS };

struct run {
	struct stream *stream;
	const struct stream_ring *ring;
	struct stream_result result;
	uint64_t instruction;
	// A register was named that the processor does not have.
	bool bad_register;
};

static unsigned int field(const struct run *run, unsigned int shift, unsigned int bits)
{
	return (unsigned int)(run->instruction >> shift & ((1u << bits) - 1));
}

static unsigned int destination(const struct run *run) { return field(run, 48, 8); }
static unsigned int source(const struct run *run) { return field(run, 40, 8); }
static unsigned int second_source(const struct run *run) { return field(run, 32, 8); }
static int16_t offset_of(const struct run *run) { return (int16_t)run->instruction; }

static uint32_t *word_register(struct run *run, unsigned int number)
{
	static uint32_t nowhere;

	if (number < STREAM_REGISTERS)
		return &run->stream->registers[number];
	run->bad_register = true;
	return &nowhere;
}

// Addresses and 64-bit values are in two registers, the lower half first.
static uint64_t pair(struct run *run, unsigned int number)
{
	return *word_register(run, number) | (uint64_t)*word_register(run, number + 1) << 32;
}

static void set_pair(struct run *run, unsigned int number, uint64_t value)
{
	*word_register(run, number) = (uint32_t)value;
	*word_register(run, number + 1) = (uint32_t)(value >> 32);
}

static uint64_t value_of(struct run *run, unsigned int number, bool is_64_bits)
{
	return is_64_bits ? pair(run, number) : *word_register(run, number);
}

static enum step fault(struct run *run, enum stream_exception exception, uint64_t accessed)
{
	run->result.exception = exception;
	run->result.accessed = accessed;
	return STEP_FAULTS;
}

static bool load(struct run *run, uint64_t address, void *bytes, size_t size)
{
	return !run->bad_register && gpu_mmu_read(&run->ring->space, address, bytes, size);
}

static bool store(struct run *run, uint64_t address, const void *bytes, size_t size)
{
	return !run->bad_register && gpu_mmu_write(&run->ring->space, address, bytes, size);
}

// One address register, 16 consecutive data registers of which a mask says which take part.
static enum step transfer(struct run *run, bool stores)
{
	const struct address_space jobs = gpu_mmu_jobs(&run->ring->space);
	uint64_t address = pair(run, source(run)) + (uint64_t)offset_of(run);

	for (unsigned int i = 0; i < 16; i++) {
		uint32_t *data;
		uint64_t place = address + i * sizeof(*data);
		if (!field(run, 16 + i, 1))
			continue;
		data = word_register(run, destination(run) + i);
		if (run->bad_register || !(stores ? gpu_mmu_write(&jobs, place, data, sizeof(*data))
						  : gpu_mmu_read(&jobs, place, data, sizeof(*data))))
			return fault(run, STREAM_BUS_FAULT, place);
	}
	return STEP_NEXT;
}

static enum step synchronize(struct run *run, bool adds, bool is_64_bits)
{
	uint64_t address = pair(run, source(run)), value = value_of(run, second_source(run), is_64_bits), old = 0;
	size_t size = is_64_bits ? 8 : 4;

	if (adds && !load(run, address, &old, size))
		return fault(run, STREAM_BUS_FAULT, address);
	value += old;
	if (!store(run, address, &value, size))
		return fault(run, STREAM_BUS_FAULT, address);
	run->result.synchronized = true;
	return STEP_NEXT;
}

static enum step wait_for(struct run *run, bool is_64_bits)
{
	struct stream_wait *wait = &run->result.wait;
	uint64_t now = 0;

	wait->address = pair(run, source(run));
	wait->value = value_of(run, second_source(run), is_64_bits);
	wait->is_64_bits = is_64_bits;
	wait->condition = field(run, 28, 4);
	if (wait->condition > 1)
		return fault(run, STREAM_INVALID_INSTRUCTION, 0);
	if (!load(run, wait->address, &now, is_64_bits ? 8 : 4))
		return fault(run, STREAM_BUS_FAULT, wait->address);
	return (wait->condition == 1 ? now > wait->value : now <= wait->value) ? STEP_NEXT : STEP_WAITS;
}

static enum step store_state(struct run *run)
{
	enum { TIME, CYCLES, DISJOINT_COUNT, ERROR_STATE };
	uint64_t address = pair(run, source(run)) + (uint64_t)offset_of(run);
	unsigned int state = second_source(run);
	uint64_t value = state == TIME || state == CYCLES ? nanoseconds() / 16 : 0;

	if (state > ERROR_STATE)
		return fault(run, STREAM_INVALID_INSTRUCTION, 0);
	return store(run, address, &value, sizeof(value)) ? STEP_NEXT : fault(run, STREAM_BUS_FAULT, address);
}

static void move_by(struct stream *stream, int64_t bytes)
{
	if (stream->depth)
		stream->calls[stream->depth - 1].position += (uint64_t)bytes;
	else
		stream->extracted += (uint64_t)bytes;
}

static enum step branch(struct run *run)
{
	enum { AT_MOST, GREATER, EQUAL, NOT_EQUAL, LESS, AT_LEAST, ALWAYS };
	int32_t value = (int32_t)*word_register(run, source(run));
	unsigned int condition = field(run, 28, 4);
	// Each is compared with zero.
	const bool taken[] = {
		[AT_MOST] = value <= 0, [GREATER] = value > 0, [EQUAL] = value == 0, [NOT_EQUAL] = value != 0,
		[LESS] = value < 0,     [AT_LEAST] = value >= 0, [ALWAYS] = true,
	};

	if (condition > ALWAYS)
		return fault(run, STREAM_INVALID_INSTRUCTION, 0);
	if (taken[condition])
		move_by(run->stream, (int64_t)offset_of(run) * INSTRUCTION_SIZE);
	return STEP_NEXT;
}

static enum step call(struct run *run, bool returns)
{
	struct stream *stream = run->stream;
	uint64_t address = pair(run, source(run));
	uint32_t size = *word_register(run, second_source(run));

	if (run->bad_register || size % INSTRUCTION_SIZE)
		return fault(run, STREAM_INVALID_INSTRUCTION, 0);
	// A jump stays in the caller's frame; there is none in the ring, to which it comes back as a call does.
	if (returns || !stream->depth) {
		if (stream->depth == STREAM_CALLS)
			return fault(run, STREAM_CALL_STACK_OVERFLOW, 0);
		stream->depth++;
	}
	stream->calls[stream->depth - 1] = (struct stream_call){ address, address + size };
	return STEP_PLACED;
}

static enum step execute(struct run *run)
{
	switch ((enum opcode)field(run, 56, 8)) {
	// All that is started is over at once, and the GPU has no caches of its own: nothing to wait for or flush.
	case NOP:
	case WAIT:
	case SET_SCOREBOARD_ENTRY:
	case REQUEST_RESOURCE:
	case FLUSH_CACHE_2:
	case ERROR_BARRIER:
		return STEP_NEXT;
	case MOVE_48:
		set_pair(run, destination(run), run->instruction & 0xffffffffffffull);
		return STEP_NEXT;
	case MOVE_32:
		*word_register(run, destination(run)) = (uint32_t)run->instruction;
		return STEP_NEXT;
	case ADD_IMMEDIATE_32:
		*word_register(run, destination(run)) = *word_register(run, source(run)) + (uint32_t)run->instruction;
		return STEP_NEXT;
	case ADD_IMMEDIATE_64:
		set_pair(run, destination(run), pair(run, source(run)) + (uint64_t)(int32_t)run->instruction);
		return STEP_NEXT;
	case LOAD_MULTIPLE:
		return transfer(run, false);
	case STORE_MULTIPLE:
		return transfer(run, true);
	case BRANCH:
		return branch(run);
	case CALL:
		return call(run, true);
	case JUMP:
		return call(run, false);
	case SYNC_ADD_32:
		return synchronize(run, true, false);
	case SYNC_SET_32:
		return synchronize(run, false, false);
	case SYNC_WAIT_32:
		return wait_for(run, false);
	case STORE_STATE:
		return store_state(run);
	case SYNC_ADD_64:
		return synchronize(run, true, true);
	case SYNC_SET_64:
		return synchronize(run, false, true);
	case SYNC_WAIT_64:
		return wait_for(run, true);
	}
	return fault(run, STREAM_INVALID_INSTRUCTION, 0);
}

// Leaves buffers that are at their end; false where the ring has no more.
static bool place(struct run *run)
{
	struct stream *stream = run->stream;

	while (stream->depth && stream->calls[stream->depth - 1].position >= stream->calls[stream->depth - 1].end) {
		stream->depth--;
		move_by(stream, INSTRUCTION_SIZE);
	}
	if (stream->depth) {
		run->result.position = stream->calls[stream->depth - 1].position;
		return true;
	}
	run->result.position = run->ring->base + (stream->extracted & (run->ring->size - 1));
	return stream->extracted < run->ring->limit;
}

struct stream_result stream_execute(struct stream *stream, const struct stream_ring *ring, unsigned int most)
{
	struct run run = { .stream = stream, .ring = ring };

	while (place(&run)) {
		enum step step;
		if (most-- == 0) {
			run.result.end = STREAM_RUNNING;
			return run.result;
		}
		if (gpu_mmu_read(&ring->space, run.result.position, &run.instruction, sizeof(run.instruction))) {
			trace_line("%#" PRIx64 ": %016" PRIx64, run.result.position, run.instruction);
			step = execute(&run);
		} else {
			step = fault(&run, STREAM_BUS_FAULT, run.result.position);
		}
		if (run.bad_register)
			step = fault(&run, STREAM_INVALID_INSTRUCTION, 0);
		statistics.jobs++;
		if (step == STEP_NEXT) {
			move_by(stream, INSTRUCTION_SIZE);
		} else if (step != STEP_PLACED) {
			run.result.end = step == STEP_WAITS ? STREAM_WAITING : STREAM_FAULTED;
			return run.result;
		}
	}
	run.result.end = STREAM_EMPTY;
	return run.result;
}
