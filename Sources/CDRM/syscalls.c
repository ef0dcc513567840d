// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "cdrm_syscalls.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

static int answer(int result)
{
	return result == -1 ? -errno : result;
}

int cdrm_open(const char *path, int flags)
{
	return answer(open(path, flags));
}

int cdrm_close(int fd)
{
	return answer(close(fd));
}

int cdrm_dup(int fd)
{
	return answer(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

intptr_t cdrm_mmap(size_t length, int protection, int flags, int fd, int64_t offset)
{
	void *address = mmap(NULL, length, protection, flags, fd, offset);

	return address == MAP_FAILED ? -(intptr_t)errno : (intptr_t)address;
}

int cdrm_munmap(void *address, size_t length)
{
	return answer(munmap(address, length));
}

int64_t cdrm_lseek(int fd, int64_t offset, int whence)
{
	off_t result = lseek(fd, offset, whence);

	return result == -1 ? -errno : result;
}

int cdrm_poll(int fd, short events, int timeout_ms)
{
	struct pollfd entry = { .fd = fd, .events = events };
	int result;

	do {
		result = poll(&entry, 1, timeout_ms);
	} while (result == -1 && errno == EINTR);
	return result == -1 ? -errno : result ? entry.revents : 0;
}
