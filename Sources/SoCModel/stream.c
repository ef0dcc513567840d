// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "soc.h"

enum step { STEP_NEXT, STEP_PLACED, STEP_WAITS, STEP_FAULTS };

struct run {
	struct soc_stream *stream;
	const struct soc_stream_ring *ring;
	struct soc_stream_result result;
	uint64_t instruction;
	// The instruction names a register that does not exist; the place that it reads and writes instead.
	bool bad_register;
	uint32_t nowhere;
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
	if (number < SOC_FW_STREAM_REGISTERS)
		return &run->stream->registers[number];
	run->bad_register = true;
	return &run->nowhere;
}

// Returns an address or 64-bit value, which takes two registers, the lower half first.
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

static enum step fault(struct run *run, enum soc_stream_exception exception, uint64_t accessed)
{
	run->result.exception = exception;
	run->result.accessed = accessed;
	return STEP_FAULTS;
}

static bool load(struct run *run, uint64_t address, void *bytes, size_t size)
{
	return !run->bad_register && soc_space_read(&run->ring->space, address, bytes, size);
}

static bool store(struct run *run, uint64_t address, const void *bytes, size_t size)
{
	return !run->bad_register && soc_space_write(&run->ring->space, address, bytes, size);
}

// Loads or stores those of 16 consecutive registers that a mask selects.
static enum step transfer(struct run *run, bool stores)
{
	const struct soc_space jobs = soc_space_of_jobs(&run->ring->space);
	uint64_t address = pair(run, source(run)) + (uint64_t)offset_of(run);

	for (unsigned int i = 0; i < 16; i++) {
		uint32_t *data;
		uint64_t place = address + i * sizeof(*data);
		if (!field(run, 16 + i, 1))
			continue;
		data = word_register(run, destination(run) + i);
		if (run->bad_register || !(stores ? soc_space_write(&jobs, place, data, sizeof(*data))
						  : soc_space_read(&jobs, place, data, sizeof(*data))))
			return fault(run, SOC_CS_BUS_FAULT, place);
	}
	return STEP_NEXT;
}

static enum step synchronize(struct run *run, bool adds, bool is_64_bits)
{
	uint64_t address = pair(run, source(run)), value = value_of(run, second_source(run), is_64_bits), old = 0;
	size_t size = is_64_bits ? 8 : 4;

	if (adds && !load(run, address, &old, size))
		return fault(run, SOC_CS_BUS_FAULT, address);
	value += old;
	if (!store(run, address, &value, size))
		return fault(run, SOC_CS_BUS_FAULT, address);
	run->result.synchronized = true;
	return STEP_NEXT;
}

static enum step wait_for(struct run *run, bool is_64_bits)
{
	struct soc_stream_wait *wait = &run->result.wait;
	uint64_t now = 0;

	wait->address = pair(run, source(run));
	wait->value = value_of(run, second_source(run), is_64_bits);
	wait->is_64_bits = is_64_bits;
	wait->condition = field(run, 28, 4);
	if (wait->condition > 1)
		return fault(run, SOC_CS_INVALID_INSTRUCTION, 0);
	if (!load(run, wait->address, &now, is_64_bits ? 8 : 4))
		return fault(run, SOC_CS_BUS_FAULT, wait->address);
	return (wait->condition == 1 ? now > wait->value : now <= wait->value) ? STEP_NEXT : STEP_WAITS;
}

static enum step store_state(struct run *run)
{
	enum { TIME, CYCLES, DISJOINT_COUNT, ERROR_STATE };
	uint64_t address = pair(run, source(run)) + (uint64_t)offset_of(run);
	unsigned int state = second_source(run);
	uint64_t value = state == TIME || state == CYCLES ? soc_now(run->ring->space.soc) / 16 : 0;

	if (state > ERROR_STATE)
		return fault(run, SOC_CS_INVALID_INSTRUCTION, 0);
	return store(run, address, &value, sizeof(value)) ? STEP_NEXT : fault(run, SOC_CS_BUS_FAULT, address);
}

static void move_by(struct soc_stream *stream, int64_t bytes)
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
	// The register is compared with zero.
	const bool taken[] = {
		[AT_MOST] = value <= 0, [GREATER] = value > 0, [EQUAL] = value == 0, [NOT_EQUAL] = value != 0,
		[LESS] = value < 0,     [AT_LEAST] = value >= 0, [ALWAYS] = true,
	};

	if (condition > ALWAYS)
		return fault(run, SOC_CS_INVALID_INSTRUCTION, 0);
	if (taken[condition])
		move_by(run->stream, (int64_t)offset_of(run) * SOC_INSTRUCTION_SIZE);
	return STEP_NEXT;
}

static enum step call(struct run *run, bool returns)
{
	struct soc_stream *stream = run->stream;
	uint64_t address = pair(run, source(run));
	uint32_t size = *word_register(run, second_source(run));

	if (run->bad_register || size % SOC_INSTRUCTION_SIZE)
		return fault(run, SOC_CS_INVALID_INSTRUCTION, 0);
	// A jump replaces the present buffer. In the ring there is none, so a jump returns to it as a call does.
	if (returns || !stream->depth) {
		if (stream->depth == SOC_STREAM_CALLS)
			return fault(run, SOC_CS_CALL_STACK_OVERFLOW, 0);
		stream->depth++;
	}
	stream->calls[stream->depth - 1] = (struct soc_stream_call){ address, address + size };
	return STEP_PLACED;
}

static enum step execute(struct run *run)
{
	switch ((enum soc_opcode)field(run, 56, 8)) {
	// GPU work is over at once, and the modelled GPU has no caches: these have no effect.
	case SOC_CS_NOP:
	case SOC_CS_WAIT:
	case SOC_CS_SET_SB_ENTRY:
	case SOC_CS_REQ_RESOURCE:
	case SOC_CS_FLUSH_CACHE2:
	case SOC_CS_ERROR_BARRIER:
		return STEP_NEXT;
	case SOC_CS_MOVE48:
		set_pair(run, destination(run), run->instruction & 0xffffffffffffull);
		return STEP_NEXT;
	case SOC_CS_MOVE32:
		*word_register(run, destination(run)) = (uint32_t)run->instruction;
		return STEP_NEXT;
	case SOC_CS_ADD_IMM32:
		*word_register(run, destination(run)) = *word_register(run, source(run)) + (uint32_t)run->instruction;
		return STEP_NEXT;
	case SOC_CS_ADD_IMM64:
		set_pair(run, destination(run), pair(run, source(run)) + (uint64_t)(int32_t)run->instruction);
		return STEP_NEXT;
	case SOC_CS_LOAD_MULTIPLE:
		return transfer(run, false);
	case SOC_CS_STORE_MULTIPLE:
		return transfer(run, true);
	case SOC_CS_BRANCH:
		return branch(run);
	case SOC_CS_CALL:
		return call(run, true);
	case SOC_CS_JUMP:
		return call(run, false);
	case SOC_CS_SYNC_ADD32:
		return synchronize(run, true, false);
	case SOC_CS_SYNC_SET32:
		return synchronize(run, false, false);
	case SOC_CS_SYNC_WAIT32:
		return wait_for(run, false);
	case SOC_CS_STORE_STATE:
		return store_state(run);
	case SOC_CS_SYNC_ADD64:
		return synchronize(run, true, true);
	case SOC_CS_SYNC_SET64:
		return synchronize(run, false, true);
	case SOC_CS_SYNC_WAIT64:
		return wait_for(run, true);
	}
	return fault(run, SOC_CS_INVALID_INSTRUCTION, 0);
}

// Returns from buffers that are at their end, and sets the position; false at the limit of the ring.
static bool place(struct run *run)
{
	struct soc_stream *stream = run->stream;

	while (stream->depth && stream->calls[stream->depth - 1].position >= stream->calls[stream->depth - 1].end) {
		stream->depth--;
		move_by(stream, SOC_INSTRUCTION_SIZE);
	}
	if (stream->depth) {
		run->result.position = stream->calls[stream->depth - 1].position;
		return true;
	}
	run->result.position = run->ring->base + (stream->extracted & (run->ring->size - 1));
	return stream->extracted < run->ring->limit;
}

struct soc_stream_result soc_stream_execute(struct soc_stream *stream, const struct soc_stream_ring *ring,
	unsigned int most)
{
	struct run run = { .stream = stream, .ring = ring };

	while (place(&run)) {
		enum step step;
		if (most-- == 0) {
			run.result.end = SOC_STREAM_RUNNING;
			return run.result;
		}
		if (soc_space_read(&ring->space, run.result.position, &run.instruction, sizeof(run.instruction))) {
			soc_trace(ring->space.soc, "%#" PRIx64 ": %016" PRIx64, run.result.position, run.instruction);
			step = execute(&run);
		} else {
			step = fault(&run, SOC_CS_BUS_FAULT, run.result.position);
		}
		if (run.bad_register)
			step = fault(&run, SOC_CS_INVALID_INSTRUCTION, 0);
		ring->space.soc->statistics.jobs++;
		if (step == STEP_NEXT) {
			move_by(stream, SOC_INSTRUCTION_SIZE);
		} else if (step != STEP_PLACED) {
			run.result.end = step == STEP_WAITS ? SOC_STREAM_WAITING : SOC_STREAM_FAULTED;
			return run.result;
		}
	}
	run.result.end = SOC_STREAM_EMPTY;
	return run.result;
}
