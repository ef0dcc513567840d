// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <xf86drm.h>

// The few system calls a DRM client makes. Each answers >= 0, or -errno: Swift never reads errno.

// A DRM or dma-buf ioctl, through libdrm, which issues it again on EINTR and EAGAIN.
// A preloaded stand-in for the kernel may answer -22 with errno 0; that is taken as -EINVAL.
static inline int cdrm_ioctl(int fd, unsigned long request, void *_Nullable argument)
{
	int result = drmIoctl(fd, request, argument);

	if (__builtin_expect(result != -1, 1))
		return result;
	return errno > 0 ? -errno : -EIO;
}

int cdrm_open(const char *_Nonnull path, int flags);
int cdrm_close(int fd);
int cdrm_dup(int fd);
intptr_t cdrm_mmap(size_t length, int protection, int flags, int fd, int64_t offset);
int cdrm_munmap(void *_Nonnull address, size_t length);
int64_t cdrm_lseek(int fd, int64_t offset, int whence);

// Answers the events that are ready, 0 on time-out.
int cdrm_poll(int fd, short events, int timeout_ms);
