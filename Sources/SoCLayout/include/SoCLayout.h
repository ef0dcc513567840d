// SPDX-License-Identifier: MIT
//
// Addresses that the SoC model and the guest images share: RAM, register window, GPUs, their registers, and the
// interface of panthor's firmware. Register names follow panfrost_regs.h and panthor_regs.h of Linux.
#ifndef SOC_LAYOUT_H
#define SOC_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

// Guest-physical memory. The top of RAM holds the GPU registers: the register window.
enum {
	SOC_RAM_BASE = 0x40000000,
	SOC_WINDOW_SIZE = 0x1000000,
};

enum soc_gpu_type {
	// panfrost: job slots take the address of a job chain.
	SOC_JOB_MANAGER_GPU,
	// panthor: firmware schedules groups of command streams.
	SOC_COMMAND_STREAM_GPU,
};

// One GPU of the machine.
struct soc_gpu_place {
	enum soc_gpu_type type;
	// Whether its device tree node has `dma-coherent`.
	bool coherent;
	// Its registers, as an offset in the window and a number of bytes.
	uint32_t offset, size;
	// The first of its three shared peripheral interrupts: job, mmu, gpu.
	uint32_t first_interrupt;
};

enum { SOC_GPUS = 4 };

// Returns the GPU with an index below SOC_GPUS.
struct soc_gpu_place soc_gpu_place_at(unsigned int index);

// GPU registers, as offsets from the GPU's first register.
enum {
	SOC_GPU_ID = 0x000,
	SOC_GPU_L2_FEATURES = 0x004,
	SOC_GPU_TILER_FEATURES = 0x00c,
	SOC_GPU_MEM_FEATURES = 0x010,
	SOC_GPU_MMU_FEATURES = 0x014,
	SOC_GPU_AS_PRESENT = 0x018,
	SOC_GPU_JS_PRESENT = 0x01c,
	SOC_GPU_CSF_ID = 0x01c,
	SOC_GPU_INT = 0x020,
	SOC_GPU_CMD = 0x030,
	SOC_GPU_CYCLE_COUNT = 0x090,
	SOC_GPU_TIMESTAMP = 0x098,
	SOC_GPU_THREAD_MAX_THREADS = 0x0a0,
	SOC_GPU_THREAD_MAX_WORKGROUP_SIZE = 0x0a4,
	SOC_GPU_THREAD_MAX_BARRIER_SIZE = 0x0a8,
	SOC_GPU_THREAD_FEATURES = 0x0ac,
	SOC_GPU_TEXTURE_FEATURES = 0x0b0,
	SOC_GPU_JS_FEATURES = 0x0c0,
	// 64-bit registers with a bit for each core: shader, tiler and L2, SOC_GPU_POWER_STRIDE apart.
	SOC_GPU_PRESENT = 0x100,
	SOC_GPU_READY = 0x140,
	SOC_GPU_PWRON = 0x180,
	SOC_GPU_PWROFF = 0x1c0,
	SOC_GPU_POWER_STRIDE = 0x10,
	SOC_GPU_POWER_DOMAINS = 3,
	SOC_GPU_COHERENCY_FEATURES = 0x300,
	SOC_MCU_CONTROL = 0x700,
	SOC_MCU_STATUS = 0x704,
	SOC_JOB_INT = 0x1000,
	// Job slots that run (bit n) and that have a next chain (bit n + 16).
	SOC_JOB_INT_JS_STATE = 0x1010,
	SOC_JS = 0x1800,
	SOC_JS_STRIDE = 0x80,
	SOC_MMU_INT = 0x2000,
	SOC_AS = 0x2400,
	SOC_AS_STRIDE = 0x40,
	SOC_LATEST_FLUSH_ID = 0x10000,
	SOC_DOORBELL = 0x80000,
	SOC_DOORBELL_STRIDE = 0x10000,

	// Registers of an address space.
	SOC_AS_TRANSTAB = 0x00,
	SOC_AS_TRANSCFG = 0x30,

	// Registers of a job slot: the chain that runs, and the chain to run after it.
	SOC_JS_HEAD = 0x00,
	SOC_JS_TAIL = 0x08,
	SOC_JS_CONFIG = 0x18,
	SOC_JS_COMMAND = 0x20,
	SOC_JS_STATUS = 0x24,
	SOC_JS_HEAD_NEXT = 0x40,
	SOC_JS_CONFIG_NEXT = 0x58,
	SOC_JS_COMMAND_NEXT = 0x60,

	// Registers of an interrupt block (GPU_INT, JOB_INT, MMU_INT).
	SOC_INT_RAWSTAT = 0x0,
	SOC_INT_CLEAR = 0x4,
	SOC_INT_MASK = 0x8,
	SOC_INT_STAT = 0xc,

	// Bits of GPU_INT.
	SOC_GPU_INT_RESET_COMPLETED = 1 << 8,
	SOC_GPU_INT_PERFCNT_SAMPLE_COMPLETED = 1 << 16,
	SOC_GPU_INT_CLEAN_CACHES_COMPLETED = 1 << 17,
};
// The bit of panthor's JOB_INT for the global interface; bit n is group slot n.
#define SOC_JOB_INT_GLOBAL_IF 0x80000000u

// The firmware interface: a section of the GPU's address space 0, which describes itself.
enum {
	SOC_FW_BASE = 0x04000000,
	SOC_FW_SIZE = 0x10000,
	SOC_FW_GROUPS = 4,
	// Command streams of a group: one for each queue of panthor.
	SOC_FW_STREAMS = 8,
	SOC_FW_STREAM_REGISTERS = 96,
	SOC_FW_SCOREBOARDS = 8,
	// The suspend buffer of a group, which keeps the model's state of its streams.
	SOC_FW_SUSPEND_SIZE = 0x2000,

	// The global control block, at SOC_FW_BASE.
	SOC_FW_VERSION = 0x00,
	SOC_FW_INPUT = 0x08,
	SOC_FW_OUTPUT = 0x0c,
	SOC_FW_GROUP_COUNT = 0x10,
	SOC_FW_GROUP_STRIDE = 0x14,

	// The control block of a group; the first lies at this offset of the section.
	SOC_FW_FIRST_GROUP = 0x1000,
	SOC_FW_GROUP_INPUT = 0x04,
	SOC_FW_GROUP_OUTPUT = 0x08,
	SOC_FW_GROUP_SUSPEND_SIZE = 0x0c,
	SOC_FW_GROUP_PROTECTED_SUSPEND_SIZE = 0x10,
	SOC_FW_GROUP_STREAM_COUNT = 0x14,
	SOC_FW_GROUP_STREAM_STRIDE = 0x18,

	// The control block of a stream; the first lies at this offset of the group's.
	SOC_FW_FIRST_STREAM = 0x40,
	SOC_FW_STREAM_STRIDE = 0x10,
	SOC_FW_STREAM_FEATURES = 0x00,
	SOC_FW_STREAM_INPUT = 0x04,
	SOC_FW_STREAM_OUTPUT = 0x08,
};

#endif
