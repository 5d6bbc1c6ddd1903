// Whatever a device management exports: it is refused whole, or every report holds to its bounds.
#include "domain/policy/posture_report.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport;
    const Time now{std::chrono::seconds(1'795'348'800)};
    const auto reports =
        policy::parse_posture_reports({reinterpret_cast<const char*>(data), size}, now);
    if (!reports) return 0;
    if (reports->size() > policy::posture_reports_max) std::abort();
    for (const auto& report : *reports) {
        if (report.workstation.empty() || report.workstation.size() > 64) std::abort();
        if (!policy::is_os_version(report.claims.os_version)) std::abort();
        if (report.claims.reported_at - now > policy::posture_clock_difference_max) std::abort();
    }
    return 0;
}
