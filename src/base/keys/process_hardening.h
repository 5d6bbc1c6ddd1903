#pragma once
// What the process does against leaking what it holds, before it holds anything.

#include "base/core/result.h"

namespace sallyport::keys {

// No core dump, no debugger of the same user, no /proc/PID/mem: RLIMIT_CORE 0 and
// PR_SET_DUMPABLE 0. A fault if the kernel refuses. Inherited by what is started later.
void harden_process();

// Environments are read by every process of the same user, and end up in crash reports. Refuses
// "environment.secret", naming the variable and never its value:
//   SALLYPORT_*  that is neither an absolute path nor the relative path of something that exists;
//   PGPASSWORD   whatever it holds;
//   any variable that holds a PostgreSQL URL with a password in it.
// `environment` is environ: "NAME=value" pointers, ended by null.
[[nodiscard]] Result<void> check_environment(const char* const* environment);

}  // namespace sallyport::keys
