#include "edge/api/pages/scripts.h"

namespace sallyport::api {

std::string_view security_key_script() noexcept {
    return
#include "security_key_script.inc"
        ;
}

}  // namespace sallyport::api
