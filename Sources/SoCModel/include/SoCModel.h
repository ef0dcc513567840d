// SPDX-License-Identifier: MIT
#pragma once

#include "soc_host.h"
#include "soc_job_chain.h"
#include "soc_memory.h"
#include "soc_mmu.h"
#include "soc_model.h"
#include "soc_stream.h"
#include "soc_tables.h"
