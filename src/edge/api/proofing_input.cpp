#include "edge/api/proofing_input.h"

#include "edge/api/pages/layout.h"

namespace sallyport::api {

Result<std::optional<authn::IdentityProofing>> proofing_in(const Call& call) {
    const auto method_text = call.input.text("proofing_method");
    if (method_text.empty()) return std::nullopt;
    const auto method = authn::proofing_method(method_text);
    if (!method) return refuse(Refusal::invalid, "identity.method_unknown", "proofing_method");
    SP_TRY(const auto evidence, call.input.required("proofing_evidence"));
    auto proofed_on = call.moment.now;
    if (!call.input.text("proofed_on").empty()) {
        SP_TRY(proofed_on, call.input.time("proofed_on"));
    }
    const auto verifier = call.input.text("proofing_verifier");
    return authn::IdentityProofing{
        .method = *method,
        .evidence = evidence,
        .verifier = verifier.empty() ? call.session->login_name : verifier,
        .proofed_on = proofed_on,
    };
}

Html proofing_fields() {
    return Html(
        "<label>How was their identity checked?<select name=\"proofing_method\">"
        "<option value=\"\">Not yet</option>"
        "<option value=\"in_person\">In person</option>"
        "<option value=\"remote_supervised\">Over video, supervised</option>"
        "<option value=\"employment_record\">By personnel, when they were hired</option>"
        "</select></label>",
        input_field(
            "What was shown (its kind, not its number)",
            "proofing_evidence",
            "text",
            "maxlength=\"200\""
        ),
        input_field(
            "Who looked at it, if not you", "proofing_verifier", "text", "maxlength=\"200\""
        )
    );
}

}  // namespace sallyport::api
