#pragma once

#include "compiler/plan/plan.hpp"

namespace coil {

// So many threads, or one where the plan's products are too small for a second one to be worth the meeting.
int useful_threads(const Plan& plan, int threads);

}  // namespace coil
