// SPDX-License-Identifier: MIT
#include "cdrm_lock.h"

#include <pthread.h>
#include <stdlib.h>

struct cdrm_lock {
	pthread_mutex_t mutex;
};

struct cdrm_lock *cdrm_lock_create(void)
{
	struct cdrm_lock *lock = malloc(sizeof(*lock));

	if (!lock)
		abort();
	pthread_mutex_init(&lock->mutex, NULL);
	return lock;
}

void cdrm_lock_destroy(struct cdrm_lock *lock)
{
	pthread_mutex_destroy(&lock->mutex);
	free(lock);
}

void cdrm_lock_acquire(struct cdrm_lock *lock)
{
	pthread_mutex_lock(&lock->mutex);
}

void cdrm_lock_release(struct cdrm_lock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}
