#include "edge/http/beast_reader.h"

namespace sallyport::http {

std::unexpected<Refusal> beast_refused(boost::beast::error_code code, const Headers& headers) {
    using boost::beast::http::error;
    const bool length = code == error::bad_content_length || code == error::multiple_content_length;
    const bool coding = code == error::bad_transfer_encoding;
    const bool both =
        (length && headers.has("Transfer-Encoding")) || (coding && headers.has("Content-Length"));
    if (both) return refuse(Refusal::invalid, "http.length_and_chunked");
    if (length) return refuse(Refusal::invalid, "http.length_malformed");
    if (coding) return refuse(Refusal::invalid, "http.transfer_encoding_unsupported");
    return refuse(Refusal::invalid, "http.field_malformed", code.message());
}

}  // namespace sallyport::http
