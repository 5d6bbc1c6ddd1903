#include "edge/api/pages/problem.h"

#include "edge/api/explain.h"
#include "edge/api/pages/layout.h"

namespace sallyport::api {

Html problem_above(const Refusal* refusal) {
    if (refusal == nullptr) return {};
    const auto words = explain(*refusal);
    return alert(Text::ours(words.title), Text::ours(words.remedy));
}

}  // namespace sallyport::api
