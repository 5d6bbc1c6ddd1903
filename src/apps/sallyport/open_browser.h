#pragma once

#include <string>

namespace sallyport::cli {

// Asks the desktop to show `url`, if there is one (xdg-open). That it did is not known, and that it
// did not is no failure: the address was printed too.
void open_in_browser(const std::string& url);

}  // namespace sallyport::cli
