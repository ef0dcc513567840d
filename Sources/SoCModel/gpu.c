// SPDX-License-Identifier: MIT
#include "soc.h"

static const uint32_t line_blocks[GPU_LINES] = {
	[JOB_LINE] = SOC_JOB_INT,
	[MMU_LINE] = SOC_MMU_INT,
	[GPU_LINE] = SOC_GPU_INT,
};

void gpu_initialize(struct gpu *gpu, struct soc *soc, unsigned int index)
{
	static const char *const names[][2] = {
		[SOC_JOB_MANAGER_GPU] = { "panfrost", "panfrost-coherent" },
		[SOC_COMMAND_STREAM_GPU] = { "panthor", "panthor-coherent" },
	};

	gpu->soc = soc;
	gpu->place = soc_gpu_place_at(index);
	gpu->name = names[gpu->place.type][gpu->place.coherent];
}

static volatile uint32_t *place(const struct gpu *gpu, uint32_t offset)
{
	return (volatile uint32_t *)(void *)(gpu->soc->host.ram + gpu->soc->host.window + gpu->place.offset + offset);
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

struct soc_space gpu_space(const struct gpu *gpu, unsigned int number)
{
	uint32_t space = SOC_AS + number * SOC_AS_STRIDE;

	return soc_space_of(gpu->soc, gpu_register_pair(gpu, space + SOC_AS_TRANSTAB),
		gpu_register_pair(gpu, space + SOC_AS_TRANSCFG));
}

static void update_line(struct gpu *gpu, enum gpu_line line)
{
	uint32_t block = line_blocks[line];
	uint32_t status = gpu_register(gpu, block + SOC_INT_RAWSTAT) & gpu_register(gpu, block + SOC_INT_MASK);

	gpu_set_register(gpu, block + SOC_INT_STAT, status);
	if (status && !gpu->raised[line])
		gpu->soc->host.pulse_interrupt(gpu->soc->host.context, gpu->place.first_interrupt + line);
	gpu->raised[line] = status != 0;
}

void gpu_raise(struct gpu *gpu, enum gpu_line line, uint32_t bits)
{
	uint32_t raw = line_blocks[line] + SOC_INT_RAWSTAT;

	gpu_set_register(gpu, raw, gpu_register(gpu, raw) | bits);
	update_line(gpu, line);
}

static bool line_written(struct gpu *gpu, uint32_t offset, uint32_t value)
{
	for (unsigned int line = 0; line < GPU_LINES; line++) {
		uint32_t block = line_blocks[line];
		if (offset == block + SOC_INT_CLEAR) {
			gpu_set_register(gpu, offset, 0);
			gpu_set_register(gpu, block + SOC_INT_RAWSTAT, gpu_register(gpu, block + SOC_INT_RAWSTAT) & ~value);
			if (line == JOB_LINE && gpu->place.type == SOC_JOB_MANAGER_GPU)
				job_manager_sample(gpu, value);
		} else if (offset != block + SOC_INT_MASK) {
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
		gpu_set_register(gpu, line_blocks[line] + SOC_INT_RAWSTAT, 0);
		update_line(gpu, line);
	}
	if (gpu->place.type == SOC_JOB_MANAGER_GPU)
		job_manager_reset(gpu);
	else
		firmware_reset(gpu);
	gpu_raise(gpu, GPU_LINE, SOC_GPU_INT_RESET_COMPLETED);
}

static void execute_command(struct gpu *gpu, uint32_t command)
{
	// Values of GPU_CMD of panfrost, and the low byte of panthor's.
	enum { SOFT_RESET = 1, HARD_RESET, SAMPLE = 4, CLEAN = 7, CLEAN_AND_INVALIDATE = 8 };
	enum { STREAMS_RESET = 1, STREAMS_FLUSH = 4 };

	if (gpu->place.type == SOC_COMMAND_STREAM_GPU) {
		if ((command & 0xff) == STREAMS_RESET)
			reset(gpu);
		else if ((command & 0xff) == STREAMS_FLUSH)
			gpu_raise(gpu, GPU_LINE, SOC_GPU_INT_CLEAN_CACHES_COMPLETED);
	} else if (command == SOFT_RESET || command == HARD_RESET) {
		reset(gpu);
	} else if (command == CLEAN || command == CLEAN_AND_INVALIDATE) {
		gpu_raise(gpu, GPU_LINE, SOC_GPU_INT_CLEAN_CACHES_COMPLETED);
	} else if (command == SAMPLE) {
		gpu_raise(gpu, GPU_LINE, SOC_GPU_INT_PERFCNT_SAMPLE_COMPLETED);
	}
}

static bool power_written(struct gpu *gpu, uint32_t offset, uint32_t value)
{
	for (uint32_t domain = 0; domain < SOC_GPU_POWER_DOMAINS * SOC_GPU_POWER_STRIDE; domain += SOC_GPU_POWER_STRIDE) {
		uint32_t ready = SOC_GPU_READY + domain;
		if (offset == SOC_GPU_PWRON + domain)
			gpu_set_register(gpu, ready, gpu_register(gpu, ready) | value);
		else if (offset == SOC_GPU_PWROFF + domain)
			gpu_set_register(gpu, ready, gpu_register(gpu, ready) & ~value);
		else
			continue;
		return true;
	}
	return false;
}

void gpu_register_written(struct gpu *gpu, uint32_t offset)
{
	uint32_t value = gpu_register(gpu, offset);

	if (line_written(gpu, offset, value) || power_written(gpu, offset, value))
		return;
	if (offset == SOC_GPU_CMD)
		execute_command(gpu, value);
	else if (gpu->place.type == SOC_JOB_MANAGER_GPU)
		job_manager_written(gpu, offset, value);
	else if (offset == SOC_MCU_CONTROL)
		firmware_switch(gpu, value != 0);
	else if (offset >= SOC_DOORBELL && offset % SOC_DOORBELL_STRIDE == 0)
		firmware_doorbell(gpu, (offset - SOC_DOORBELL) / SOC_DOORBELL_STRIDE);
}

bool gpu_starts_work(const struct gpu *gpu, uint32_t offset)
{
	return gpu->place.type == SOC_JOB_MANAGER_GPU ? job_manager_starts(offset) : offset >= SOC_DOORBELL;
}

void gpu_tick(struct gpu *gpu)
{
	uint64_t time = soc_now(gpu->soc), now = soc_guest_now(gpu->soc);

	gpu_set_register_pair(gpu, SOC_GPU_CYCLE_COUNT, time / 2);
	gpu_set_register_pair(gpu, SOC_GPU_TIMESTAMP, time / 16);
	if (gpu->place.type == SOC_JOB_MANAGER_GPU)
		job_manager_tick(gpu, now);
	else
		firmware_tick(gpu, now);
}
