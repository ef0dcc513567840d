// SPDX-License-Identifier: MIT
#pragma once

#include "cdrm_cache.h"
#include "cdrm_core.h"
#include "cdrm_dmabuf.h"
#include "cdrm_exporters.h"
#include "cdrm_lock.h"
#include "cdrm_panfrost.h"
#include "cdrm_panfrost_jobs.h"
#include "cdrm_panthor.h"
#include "cdrm_panthor_jobs.h"
#include "cdrm_powervr.h"
#include "cdrm_process.h"
#include "cdrm_request.h"
#include "cdrm_sync_file.h"
#include "cdrm_syncobj.h"
#include "cdrm_syscalls.h"
#include "cdrm_vgem.h"
