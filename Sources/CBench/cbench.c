// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "cbench.h"

#include "CDRM.h"

#include <asm/ioctls.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int driver;
static int pipe_fds[2];
static uint64_t ioctls;
static uint64_t allocations;

void cbench_answer_as(int which)
{
	driver = which;
	if (!pipe_fds[1] && pipe(pipe_fds))
		abort();
}

uint64_t cbench_ioctl_count(void)
{
	return ioctls;
}

uint64_t cbench_allocation_count(void)
{
	return allocations;
}

static void answer_version(struct cdrm_version *version)
{
	const char *name = driver ? "panfrost" : "panthor";

	if (version->name)
		memcpy((void *)(uintptr_t)version->name, name, version->name_len);
	version->major = 1;
	version->minor = driver ? 6 : 9;
	version->name_len = strlen(name);
	version->desc_len = 0;
}

// The queries of a client before the measured part.
static void answer_setup(unsigned long request, void *argument)
{
	if (request == cdrm_request_version) {
		answer_version(argument);
	} else if (request == cdrm_request_panthor_dev_query) {
		struct cdrm_panthor_dev_query *query = argument;
		struct cdrm_panthor_gpu_info *info = (void *)(uintptr_t)query->pointer;

		info->selected_coherency = CDRM_PANTHOR_COHERENCY_NONE;
	} else if (request == cdrm_request_panfrost_get_param) {
		((struct cdrm_panfrost_get_param *)argument)->value = CDRM_PANTHOR_COHERENCY_NONE;
	} else if (request == cdrm_request_panthor_bo_create) {
		((struct cdrm_panthor_bo_create *)argument)->handle = 1;
	} else if (request == cdrm_request_panfrost_create_bo) {
		((struct cdrm_panfrost_create_bo *)argument)->handle = 1;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	void *argument;
	int waiting;

	(void)fd;
	va_start(list, request);
	argument = va_arg(list, void *);
	va_end(list);
	ioctls++;
	if (__builtin_expect(request == cdrm_request_panthor_bo_sync ||
				     request == cdrm_request_panfrost_sync_bo, 1))
		// The cheapest real ioctl: FIONREAD on an empty pipe.
		syscall(SYS_ioctl, pipe_fds[0], FIONREAD, &waiting);
	else
		answer_setup(request, argument);
	return 0;
}

void *__libc_malloc(size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	allocations++;
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
	allocations++;
	*place = __libc_memalign(alignment, size);
	return *place ? 0 : ENOMEM;
}

void cbench_sync_loop(int fd, uint32_t handle, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		struct cdrm_panthor_bo_sync_op op = {
			.handle = handle,
			.type = CDRM_PANTHOR_BO_SYNC_FLUSH,
			.offset = 0,
			.size = 64,
		};
		struct cdrm_panthor_bo_sync sync = {
			.ops = { .stride = sizeof(op), .count = 1, .array = (uintptr_t)&op },
		};

		if (drmIoctl(fd, cdrm_request_panthor_bo_sync, &sync))
			abort();
	}
}

void cbench_ioctl_loop(int fd, uint64_t count)
{
	struct cdrm_panthor_bo_sync sync = { 0 };

	for (uint64_t i = 0; i < count; i++)
		if (drmIoctl(fd, cdrm_request_panthor_bo_sync, &sync))
			abort();
}

void cbench_copy_loop(void *to, const void *from, size_t size, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		memcpy(to, from, size);
		// Keeps the compiler from merging the copies.
		__asm__ volatile("" : : "r"(to), "r"(from) : "memory");
	}
}

void cbench_file_cycle_loop(size_t size, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		int fd = cdrm_memory_file("bench", size);
		intptr_t address = cdrm_mmap(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (fd < 0 || address < 0)
			abort();
		cdrm_munmap((void *)address, size);
		cdrm_close(fd);
	}
}

uint64_t cbench_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
