// SPDX-License-Identifier: MIT
#include "gpu.h"

#include "guest_clock.h"
#include "interrupt.h"
#include "memory.h"
#include "options.h"
#include "report.h"

// As Sources/GuestImages/GuestGPU.swift has them.
static struct gpu gpus[] = {
	{ .name = "panfrost", .type = JOB_MANAGER_GPU, .base = 0x000000, .size = 0x4000, .first_interrupt = 100 },
	{ .name = "panfrost-coherent", .type = JOB_MANAGER_GPU, .base = 0x010000, .size = 0x4000, .first_interrupt = 103 },
	{ .name = "panthor", .type = COMMAND_STREAM_GPU, .base = 0x200000, .size = 0x200000, .first_interrupt = 106 },
	{ .name = "panthor-coherent", .type = COMMAND_STREAM_GPU, .base = 0x400000, .size = 0x200000,
		.first_interrupt = 109 },
};
enum { GPUS = sizeof(gpus) / sizeof(*gpus) };

enum {
	COMMAND = 0x030,
	CYCLE_COUNT = 0x090,
	TIMESTAMP = 0x098,
	// 64-bit registers with a bit for each core: ready, and to be switched on or off.
	READY = 0x140,
	POWER_ON = 0x180,
	POWER_OFF = 0x1c0,
	POWER_DOMAINS = 3,
	POWER_STRIDE = 0x10,
	PROCESSOR_CONTROL = 0x700,
	FIRST_SPACE = 0x2400,
	SPACE_STRIDE = 0x40,
	SPACE_TABLE = 0x00,
	SPACE_CONFIGURATION = 0x30,
	FIRST_DOORBELL = 0x80000,
	DOORBELL_STRIDE = 0x10000,
	// An interrupt line's block of registers.
	RAW_STATUS = 0x0,
	CLEAR = 0x4,
	MASK = 0x8,
	MASKED_STATUS = 0xc,
	// The GPU line's bits.
	RESET_COMPLETED = 1 << 8,
	SAMPLE_COMPLETED = 1 << 16,
	CACHES_CLEANED = 1 << 17,
};
static const uint32_t line_blocks[GPU_LINES] = { [JOB_LINE] = 0x1000, [MMU_LINE] = 0x2000, [GPU_LINE] = 0x020 };

static volatile uint32_t *place(const struct gpu *gpu, uint32_t offset)
{
	return (volatile uint32_t *)(void *)memory_ram(options.window + gpu->base + offset);
}

uint32_t gpu_register(const struct gpu *gpu, uint32_t offset)
{
	return *place(gpu, offset);
}

uint64_t gpu_register_pair(const struct gpu *gpu, uint32_t offset)
{
	return gpu_register(gpu, offset) | (uint64_t)gpu_register(gpu, offset + 4) << 32;
}

void gpu_set_register(struct gpu *gpu, uint32_t offset, uint32_t value)
{
	*place(gpu, offset) = value;
}

void gpu_set_register_pair(struct gpu *gpu, uint32_t offset, uint64_t value)
{
	gpu_set_register(gpu, offset, (uint32_t)value);
	gpu_set_register(gpu, offset + 4, (uint32_t)(value >> 32));
}

struct address_space gpu_address_space(const struct gpu *gpu, unsigned int number)
{
	uint32_t space = FIRST_SPACE + number * SPACE_STRIDE;

	return gpu_mmu_space(gpu_register_pair(gpu, space + SPACE_TABLE),
		gpu_register_pair(gpu, space + SPACE_CONFIGURATION));
}

static void update_line(struct gpu *gpu, enum gpu_line line)
{
	uint32_t block = line_blocks[line];
	uint32_t status = gpu_register(gpu, block + RAW_STATUS) & gpu_register(gpu, block + MASK);

	gpu_set_register(gpu, block + MASKED_STATUS, status);
	if (status && !gpu->raised[line])
		interrupt_pulse(gpu->first_interrupt + line);
	gpu->raised[line] = status != 0;
}

void gpu_raise(struct gpu *gpu, enum gpu_line line, uint32_t bits)
{
	uint32_t raw = line_blocks[line] + RAW_STATUS;

	gpu_set_register(gpu, raw, gpu_register(gpu, raw) | bits);
	update_line(gpu, line);
}

static bool line_written(struct gpu *gpu, uint32_t offset, uint32_t value)
{
	for (unsigned int line = 0; line < GPU_LINES; line++) {
		uint32_t block = line_blocks[line];
		if (offset == block + CLEAR) {
			gpu_set_register(gpu, offset, 0);
			gpu_set_register(gpu, block + RAW_STATUS, gpu_register(gpu, block + RAW_STATUS) & ~value);
			if (line == JOB_LINE && gpu->type == JOB_MANAGER_GPU)
				job_manager_sample(gpu, value);
		} else if (offset != block + MASK) {
			continue;
		}
		update_line(gpu, line);
		return true;
	}
	return false;
}

static void reset(struct gpu *gpu)
{
	for (unsigned int line = 0; line < GPU_LINES; line++) {
		gpu_set_register(gpu, line_blocks[line] + RAW_STATUS, 0);
		update_line(gpu, line);
	}
	if (gpu->type == JOB_MANAGER_GPU)
		job_manager_reset(gpu);
	else
		firmware_reset(gpu);
	gpu_raise(gpu, GPU_LINE, RESET_COMPLETED);
}

static void execute_command(struct gpu *gpu, uint32_t command)
{
	// The two kinds number them differently; on the newer one the low byte is the command.
	enum { SOFT_RESET = 1, HARD_RESET, SAMPLE = 4, CLEAN = 7, CLEAN_AND_INVALIDATE = 8 };
	enum { STREAMS_RESET = 1, STREAMS_FLUSH = 4 };

	if (gpu->type == COMMAND_STREAM_GPU) {
		if ((command & 0xff) == STREAMS_RESET)
			reset(gpu);
		else if ((command & 0xff) == STREAMS_FLUSH)
			gpu_raise(gpu, GPU_LINE, CACHES_CLEANED);
	} else if (command == SOFT_RESET || command == HARD_RESET) {
		reset(gpu);
	} else if (command == CLEAN || command == CLEAN_AND_INVALIDATE) {
		gpu_raise(gpu, GPU_LINE, CACHES_CLEANED);
	} else if (command == SAMPLE) {
		gpu_raise(gpu, GPU_LINE, SAMPLE_COMPLETED);
	}
}

static bool power_written(struct gpu *gpu, uint32_t offset, uint32_t value)
{
	for (uint32_t domain = 0; domain < POWER_DOMAINS * POWER_STRIDE; domain += POWER_STRIDE) {
		uint32_t ready = READY + domain;
		if (offset == POWER_ON + domain)
			gpu_set_register(gpu, ready, gpu_register(gpu, ready) | value);
		else if (offset == POWER_OFF + domain)
			gpu_set_register(gpu, ready, gpu_register(gpu, ready) & ~value);
		else
			continue;
		return true;
	}
	return false;
}

static void written(struct gpu *gpu, uint32_t offset)
{
	uint32_t value = gpu_register(gpu, offset);

	if (line_written(gpu, offset, value) || power_written(gpu, offset, value))
		return;
	if (offset == COMMAND)
		execute_command(gpu, value);
	else if (gpu->type == JOB_MANAGER_GPU)
		job_manager_written(gpu, offset, value);
	else if (offset == PROCESSOR_CONTROL)
		firmware_switch(gpu, value != 0);
	else if (offset >= FIRST_DOORBELL && offset % DOORBELL_STRIDE == 0)
		firmware_doorbell(gpu, (offset - FIRST_DOORBELL) / DOORBELL_STRIDE);
}

static struct gpu *gpu_at(uint32_t offset)
{
	for (unsigned int i = 0; i < GPUS; i++) {
		if (offset - gpus[i].base < gpus[i].size)
			return &gpus[i];
	}
	return NULL;
}

bool gpu_window_starts_work(uint32_t offset)
{
	const struct gpu *gpu = gpu_at(offset);

	if (!gpu)
		return false;
	return gpu->type == JOB_MANAGER_GPU ? job_manager_starts(offset - gpu->base) :
		offset - gpu->base >= FIRST_DOORBELL;
}

void gpu_window_written(uint32_t offset)
{
	struct gpu *gpu = gpu_at(offset);

	if (gpu)
		written(gpu, offset - gpu->base);
}

void gpu_tick_all(void)
{
	uint64_t time = nanoseconds(), now = guest_nanoseconds();

	for (unsigned int i = 0; i < GPUS; i++) {
		gpu_set_register_pair(&gpus[i], CYCLE_COUNT, time / 2);
		gpu_set_register_pair(&gpus[i], TIMESTAMP, time / 16);
		if (gpus[i].type == JOB_MANAGER_GPU)
			job_manager_tick(&gpus[i], now);
		else
			firmware_tick(&gpus[i], now);
	}
}
