// SPDX-License-Identifier: MIT
//
// A system-on-chip with write-back CPU caches and with GPUs that may not snoop them. The host reports the guest's
// instructions and register writes; the model changes guest RAM as such hardware does.
//
// A model is used by one thread at a time.
#ifndef SOC_MODEL_H
#define SOC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "soc_host.h"
#include "soc_memory.h"

struct soc;

// When the cache writes back dirty lines and fetches clean ones without maintenance.
enum soc_eviction {
	SOC_EVICT_NEVER = 0,
	SOC_EVICT_START = 1,
	SOC_EVICT_END = 2,
	SOC_EVICT_BOTH = SOC_EVICT_START | SOC_EVICT_END,
	// A random choice for each line, before and after each job; the same seed makes the same choices.
	SOC_EVICT_SEED = 4,
};

struct soc_options {
	// Log jobs, instructions and mappings.
	bool trace;
	// Off: CPU and devices share one image of memory.
	bool model;
	// A store of user space makes its line dirty even if it stores the same value.
	bool stores;
	// An invalidation of a line never written back loses its bytes, instead of writing them back.
	bool poison_unknown;
	enum soc_eviction evict;
	uint64_t seed;
	// The delay between the start of a job and its execution; 0: it executes at once.
	uint64_t late_nanoseconds;

	// Injected faults: dc ivac does nothing; each maintenance writes back and refills.
	bool ignore_invalidate;
	bool write_back;
	// Jobs' data is snooped exactly where the driver says that it is not.
	bool other_snooping;
};

struct soc_options soc_default_options(void);

enum soc_option_result { SOC_OPTION_SET, SOC_OPTION_UNKNOWN, SOC_OPTION_INVALID };

// Sets an option from text, as on QEMU's command line. For an invalid value, *expected describes the valid ones.
enum soc_option_result soc_options_set(struct soc_options *options, const char *name, const char *value,
	const char **expected);

// Creates a model. Both arguments are copied.
struct soc *soc_create(const struct soc_host *host, const struct soc_options *options);
void soc_destroy(struct soc *soc);

enum soc_instruction_kind {
	// Has no meaning to the model.
	SOC_OTHER,
	// Cache maintenance (dc).
	SOC_MAINTENANCE,
	// Zeroes a line (dc zva).
	SOC_ZERO_LINE,
	// Invalidates translations (tlbi).
	SOC_TLB_INVALIDATION,
	// Reads the address of a page fault (FAR).
	SOC_EXCEPTION_ADDRESS,
	SOC_EXCEPTION_RETURN,
	// Writes TTBR0.
	SOC_USER_TABLE_CHANGE,
	// Writes another register that decides how addresses are translated.
	SOC_TRANSLATION_CHANGE,
};

struct soc_instruction {
	enum soc_instruction_kind kind;
	enum soc_maintenance maintenance;
	// The number of the general register that holds its operand.
	unsigned int source;
	// The instruction lies in the lower half of the address space.
	bool is_low;
};

// Decodes the instruction at a guest-virtual address.
struct soc_instruction soc_decode(uint32_t word, uint64_t address);
// Returns whether an address lies where the kernel loads modules: the stores there may be to GPU registers.
bool soc_is_module_text(uint64_t address);

// Events, which the host reports. An instruction is reported before it executes, a store after it.
void soc_instruction_executes(struct soc *soc, struct soc_instruction instruction);
void soc_driver_stored(struct soc *soc, uint64_t offset, uint64_t size);
void soc_user_stored(struct soc *soc, uint64_t offset, uint64_t size);
// Some time has passed: advances the GPU's clocks and executes the jobs that are due.
void soc_tick(struct soc *soc);

// X(field, description)
#define SOC_STATISTICS(X) \
	X(from_user, "of these at low addresses: by user space, or by the kernel before it uses the upper half") \
	X(untranslated, "of these at addresses that are not mapped") \
	X(written_back, "dirty lines written back by maintenance") \
	X(refilled, "lines that showed other bytes after an invalidation") \
	X(lost, "dirty lines that an invalidation lost") \
	X(unknown, "lines invalidated before they were ever written back") \
	X(on_uncached, "maintenance of uncached lines") \
	X(uncached, "pages found to be mapped uncached") \
	X(uncached_gone, "pages no longer mapped uncached") \
	X(uncached_dirty, "dirty lines of pages that became uncached") \
	X(jobs, "jobs and command stream instructions executed") \
	X(faults, "jobs and command streams that ended with a fault") \
	X(device_reads, "parts of lines that GPUs read") \
	X(device_writes, "parts of lines that GPUs wrote") \
	X(poison, "device reads of lines never written back") \
	X(evicted, "dirty lines written back by evictions")

struct soc_statistics {
	uint64_t maintenance[SOC_MAINTENANCE_KINDS];
#define X(field, description) uint64_t field;
	SOC_STATISTICS(X)
#undef X
};

const struct soc_statistics *soc_counters(const struct soc *soc);
// Calls for each line of a report of the counters.
void soc_report_counters(const struct soc *soc, void (*line)(void *context, const char *text), void *context);

#endif
