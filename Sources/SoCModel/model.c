// SPDX-License-Identifier: MIT
//
// The life of a model, and the events that the host reports to it.
#include <stdlib.h>

#include "soc.h"

struct soc *soc_create(const struct soc_host *host, const struct soc_options *options)
{
	struct soc *soc = calloc(1, sizeof(*soc));

	if (!soc) {
		host->fail(host->context, "create the model: out of memory");
		abort();
	}
	soc->host = *host;
	soc->options = *options;
	soc_memory_open(soc);
	for (unsigned int i = 0; i < SOC_GPUS; i++)
		gpu_initialize(&soc->gpus[i], soc, i);
	return soc;
}

void soc_destroy(struct soc *soc)
{
	soc_memory_close(soc);
	free(soc->uncached);
	free(soc);
}

static bool is_maintenance(uint32_t word, enum soc_maintenance *maintenance)
{
	// Without the number of the register: that of an address, or for the last three of set and way.
	static const struct {
		uint32_t word;
		enum soc_maintenance maintenance;
	} known[] = {
		{ 0xd50b7a20, SOC_CLEAN },
		{ 0xd50b7c20, SOC_CLEAN_TO_PERSISTENCE },
		{ 0xd50b7d20, SOC_CLEAN_TO_DEEP_PERSISTENCE },
		{ 0xd50b7e20, SOC_CLEAN_AND_INVALIDATE },
		{ 0xd5087620, SOC_INVALIDATE },
		{ 0xd5087640, SOC_BY_SET_AND_WAY },
		{ 0xd5087a40, SOC_BY_SET_AND_WAY },
		{ 0xd5087e40, SOC_BY_SET_AND_WAY },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if ((word & ~31u) == known[i].word) {
			*maintenance = known[i].maintenance;
			return true;
		}
	}
	return false;
}

struct soc_instruction soc_decode(uint32_t word, uint64_t address)
{
	static const uint32_t eret = 0xd69f03e0, tlbi = 0xd5088000, tlbi_mask = 0xfff8e000;
	struct soc_instruction instruction = { .source = word & 31, .is_low = !soc_table_half(address) };

	if (is_maintenance(word, &instruction.maintenance)) {
		instruction.kind = SOC_MAINTENANCE;
		return instruction;
	}
	if (word == eret)
		instruction.kind = SOC_EXCEPTION_RETURN;
	else if ((word & tlbi_mask) == tlbi)
		instruction.kind = SOC_TLB_INVALIDATION;
	switch (word & ~31u) {
	// dc zva: the emulated processors zero 64 bytes at once.
	case 0xd50b7420:
		instruction.kind = SOC_ZERO_LINE;
		break;
	// mrs from FAR.
	case 0xd5386000:
		instruction.kind = SOC_EXCEPTION_ADDRESS;
		break;
	// msr to TTBR0.
	case 0xd5182000:
		instruction.kind = SOC_USER_TABLE_CHANGE;
		break;
	// msr to TTBR1, TCR, MAIR and SCTLR.
	case 0xd5182020:
	case 0xd5182040:
	case 0xd518a200:
	case 0xd5181000:
		instruction.kind = SOC_TRANSLATION_CHANGE;
		break;
	}
	return instruction;
}

// The first 2 GiB of the upper half of the kernel's addresses, for any size of address.
bool soc_is_module_text(uint64_t address)
{
	return address >> 47 == 0x1ffff && (address & 0x3fffffffffff) < 0x80000000;
}

static uint64_t operand(const struct soc *soc, struct soc_instruction instruction)
{
	return soc->host.general_register(soc->host.context, instruction.source);
}

static void maintain(struct soc *soc, struct soc_instruction instruction)
{
	uint64_t physical;

	soc->statistics.maintenance[instruction.maintenance]++;
	soc->statistics.from_user += instruction.is_low;
	if (!soc->options.model || instruction.maintenance == SOC_BY_SET_AND_WAY)
		return;
	if (soc_translate(soc, operand(soc, instruction), &physical))
		soc_memory_maintain(soc, instruction.maintenance, physical, soc_translation(soc)->enabled);
	else
		soc->statistics.untranslated++;
}

// The kernel handles an exception whose address it needs. Other threads may run before it returns from a page fault.
static void handle_exception(struct soc *soc)
{
	enum { DATA_ABORT_FROM_USER = 0x24, DATA_ABORT_IN_KERNEL = 0x25 };
	const struct soc_host *host = &soc->host;
	unsigned int class = host->system_register(host->context, SOC_ESR) >> 26 & 63;
	uint64_t address = host->system_register(host->context, SOC_FAR);

	if ((class == DATA_ABORT_FROM_USER || class == DATA_ABORT_IN_KERNEL) && !soc_table_half(address))
		soc_uncached_keep_fault(soc, address);
}

void soc_instruction_executes(struct soc *soc, struct soc_instruction instruction)
{
	uint64_t physical;

	switch (instruction.kind) {
	case SOC_OTHER:
		break;
	case SOC_MAINTENANCE:
		maintain(soc, instruction);
		break;
	case SOC_ZERO_LINE:
		if (soc_translation(soc)->enabled && soc_translate(soc, operand(soc, instruction), &physical))
			soc_memory_zeroed(soc, physical);
		break;
	case SOC_TLB_INVALIDATION:
		soc_translations_invalidated(soc);
		soc_uncached_check(soc);
		break;
	case SOC_EXCEPTION_ADDRESS:
		handle_exception(soc);
		break;
	case SOC_EXCEPTION_RETURN:
		soc_uncached_scan_faults(soc);
		break;
	case SOC_TRANSLATION_CHANGE:
		soc_translations_invalidated(soc);
		soc_translation_changed(soc);
		break;
	case SOC_USER_TABLE_CHANGE:
		// Cached translations name their root.
		soc_translation_changed(soc);
		break;
	}
}

static struct gpu *gpu_at(struct soc *soc, uint64_t place)
{
	for (unsigned int i = 0; i < SOC_GPUS; i++) {
		if (place - soc->gpus[i].place.offset < soc->gpus[i].place.size)
			return &soc->gpus[i];
	}
	return NULL;
}

void soc_driver_stored(struct soc *soc, uint64_t offset, uint64_t size)
{
	if (offset - soc->host.window >= SOC_WINDOW_SIZE)
		return;
	// A store of 64 bits writes two registers.
	for (uint64_t done = 0; done < size; done += sizeof(uint32_t)) {
		uint64_t place = offset - soc->host.window + done;
		struct gpu *gpu = gpu_at(soc, place);
		if (!gpu)
			continue;
		uint32_t number = (uint32_t)(place - gpu->place.offset);
		if (soc->options.model && gpu_starts_work(gpu, number))
			soc_uncached_scan_kernel(soc);
		gpu_register_written(gpu, number);
	}
}

void soc_user_stored(struct soc *soc, uint64_t offset, uint64_t size)
{
	soc_memory_stored(soc, SOC_RAM_BASE + offset, size);
}

void soc_tick(struct soc *soc)
{
	for (unsigned int i = 0; i < SOC_GPUS; i++)
		gpu_tick(&soc->gpus[i]);
}
