// SPDX-License-Identifier: MIT
//
// The command stream interface: instructions of 64 bits, in a ring buffer that the driver fills and in buffers that
// it calls. GPU work is over at once, so that scoreboards and GPU cache flushes have no effect.
#ifndef SOC_STREAM_H
#define SOC_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "SoCLayout.h"
#include "soc_mmu.h"

enum { SOC_STREAM_CALLS = 8, SOC_INSTRUCTION_SIZE = 8 };

// Bits 56 to 63 of an instruction.
enum soc_opcode {
	SOC_CS_NOP = 0,
	SOC_CS_MOVE48 = 1,
	SOC_CS_MOVE32 = 2,
	SOC_CS_WAIT = 3,
	SOC_CS_ADD_IMM32 = 16,
	SOC_CS_ADD_IMM64 = 17,
	SOC_CS_LOAD_MULTIPLE = 20,
	SOC_CS_STORE_MULTIPLE = 21,
	SOC_CS_BRANCH = 22,
	SOC_CS_SET_SB_ENTRY = 23,
	SOC_CS_CALL = 32,
	SOC_CS_JUMP = 33,
	SOC_CS_REQ_RESOURCE = 34,
	SOC_CS_FLUSH_CACHE2 = 36,
	SOC_CS_SYNC_ADD32 = 37,
	SOC_CS_SYNC_SET32 = 38,
	SOC_CS_SYNC_WAIT32 = 39,
	SOC_CS_STORE_STATE = 40,
	SOC_CS_ERROR_BARRIER = 47,
	SOC_CS_SYNC_ADD64 = 51,
	SOC_CS_SYNC_SET64 = 52,
	SOC_CS_SYNC_WAIT64 = 53,
};

// A called buffer: the address of the next instruction, and of its end.
struct soc_stream_call {
	uint64_t position, end;
};

// The state of a stream, which a suspend buffer keeps.
struct soc_stream {
	uint32_t registers[SOC_FW_STREAM_REGISTERS];
	struct soc_stream_call calls[SOC_STREAM_CALLS];
	uint32_t depth;
	uint32_t padding;
	// The number of bytes of the ring that are executed; a call counts after its return.
	uint64_t extracted;
};

struct soc_stream_ring {
	struct soc_space space;
	// The size is a power of two.
	uint64_t base, size;
	// The number of bytes that may be executed.
	uint64_t limit;
};

enum soc_stream_end {
	// Everything up to the limit is executed.
	SOC_STREAM_EMPTY,
	// The number of instructions of this call is executed.
	SOC_STREAM_RUNNING,
	// A SYNC_WAIT's condition does not hold.
	SOC_STREAM_WAITING,
	SOC_STREAM_FAULTED,
};

// Exception codes of panthor.
enum soc_stream_exception {
	SOC_CS_BUS_FAULT = 0x48,
	SOC_CS_INVALID_INSTRUCTION = 0x49,
	SOC_CS_CALL_STACK_OVERFLOW = 0x4a,
};

// The condition of a SYNC_WAIT.
struct soc_stream_wait {
	uint64_t address, value;
	bool is_64_bits;
	// 0: the word is at most the value; 1: it is greater.
	unsigned int condition;
};

struct soc_stream_result {
	enum soc_stream_end end;
	// A synchronization object has changed, so that other streams may go on.
	bool synchronized;
	enum soc_stream_exception exception;
	// The address of the instruction that faulted or waits, and the address that it accessed.
	uint64_t position, accessed;
	struct soc_stream_wait wait;
};

// Executes at most so many instructions.
struct soc_stream_result soc_stream_execute(struct soc_stream *stream, const struct soc_stream_ring *ring,
	unsigned int most);

#endif
