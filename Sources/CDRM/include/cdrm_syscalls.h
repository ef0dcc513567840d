// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <xf86drm.h>

// The system calls of a DRM client. Each returns >= 0 or -errno, so that Swift never reads errno.

// A DRM or dma-buf ioctl, through libdrm, which repeats it on EINTR and EAGAIN.
// A preloaded substitute for ioctl may return -22 and leave errno 0; that result is passed on as -EINVAL.
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

// Returns the ready events, 0 on time-out.
int cdrm_poll(int fd, short events, int timeout_ms);
