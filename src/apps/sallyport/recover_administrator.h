#pragma once
// `sallyport recovery admin`: the last administrator's way back, on the server's host. Beside the
// running server or without it.

#include "apps/sallyport/command.h"

#include <string>

namespace sallyport::cli {

struct AdministratorRecovery {
    std::string config_file;
    std::string login_name;
    std::string reason;
};

// Prints the code, once, and from when on it works. Throws CommandFailed where it is refused.
void recover_administrator(const AdministratorRecovery& given, const World& world);

}  // namespace sallyport::cli
