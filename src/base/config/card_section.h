#pragma once

#include "base/config/section.h"
#include "base/config/settings.h"

namespace sallyport::config {

// [card]. Everything that it needs is demanded once any of it is given.
void read_card_section(Section section, CardSettings& to);

}  // namespace sallyport::config
