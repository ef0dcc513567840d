// SPDX-License-Identifier: MIT
//
// The command processor of Malis with command streams: instructions of 64 bits, read from a ring that the
// driver fills and from buffers that it calls.
#ifndef SOC_STREAM_H
#define SOC_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "gpu_mmu.h"

enum { STREAM_REGISTERS = 96, STREAM_CALLS = 8 };

// A buffer that was called: where it goes on, and where it ends.
struct stream_call {
	uint64_t position, end;
};

// All that has to survive while a group is suspended.
struct stream {
	uint32_t registers[STREAM_REGISTERS];
	struct stream_call calls[STREAM_CALLS];
	uint32_t depth;
	uint32_t padding;
	// How many bytes of the ring are done; a call counts when it has returned.
	uint64_t extracted;
};

struct stream_ring {
	struct address_space space;
	// A power of two of bytes.
	uint64_t base, size;
	// How many bytes of it may be executed by now.
	uint64_t limit;
};

enum stream_end {
	// All that the ring holds is done.
	STREAM_EMPTY,
	// There is more, but this call has executed as much as it was to.
	STREAM_RUNNING,
	// A word in memory does not have the value that is waited for.
	STREAM_WAITING,
	STREAM_FAULTED,
};

enum stream_exception {
	STREAM_BUS_FAULT = 0x48,
	STREAM_INVALID_INSTRUCTION = 0x49,
	STREAM_CALL_STACK_OVERFLOW = 0x4a,
};

// What a wait is for.
struct stream_wait {
	uint64_t address, value;
	bool is_64_bits;
	// 0: until the word is at most the value; 1: until it is greater.
	unsigned int condition;
};

struct stream_result {
	enum stream_end end;
	// A synchronization object was changed: others may have waited for it.
	bool synchronized;
	enum stream_exception exception;
	// The faulting instruction, or the one that waits; and what it accessed.
	uint64_t position, accessed;
	struct stream_wait wait;
};

// Executes at most so many instructions.
struct stream_result stream_execute(struct stream *stream, const struct stream_ring *ring, unsigned int most);

#endif
