#include "edge/export/mail/smtp_client.h"

#include "base/core/bytes.h"
#include "base/core/fault.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace sallyport::mail {

namespace {

struct CloseEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

using Easy = std::unique_ptr<CURL, CloseEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

// Once per process, before any thread of ours uses it.
void initialise_library() {
    static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (done != CURLE_OK) throw Fault("libcurl does not start");
}

template <class Value>
void set(const Easy& easy, CURLoption option, Value value) {
    const auto code = curl_easy_setopt(easy.get(), option, value);
    if (code != CURLE_OK) {
        throw Fault(fmt::format("libcurl refuses option {}", static_cast<int>(option)));
    }
}

struct Reader {
    std::string_view rest;
};

std::size_t read_message(char* to, std::size_t size, std::size_t count, void* user) {
    auto& reader = *static_cast<Reader*>(user);
    const auto taken = std::min(size * count, reader.rest.size());
    std::memcpy(to, reader.rest.data(), taken);
    reader.rest.remove_prefix(taken);
    return taken;
}

std::size_t drop(char* /*from*/, std::size_t size, std::size_t count, void* /*user*/) {
    return size * count;
}

int check_stopping(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::atomic<bool>*>(user)->load() ? 1 : 0;
}

std::string url_of(const SmtpSettings& settings) {
    const bool is_v6 = settings.server.contains(':');
    return fmt::format(
        "{}://{}{}{}:{}/{}",
        settings.tls == SmtpTls::implicit ? "smtps" : "smtp",
        is_v6 ? "[" : "",
        settings.server,
        is_v6 ? "]" : "",
        settings.port,
        settings.own_name
    );
}

void set_security(const Easy& easy, const SmtpSettings& settings) {
    set(easy, CURLOPT_USE_SSL, settings.tls == SmtpTls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL);
    set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings.ca_file.empty()) {
        set(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
        set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    set(easy, CURLOPT_PROTOCOLS_STR, settings.tls == SmtpTls::implicit ? "smtps" : "smtp");
    // No proxy, and nobody's .netrc, whatever the environment says.
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
}

// libcurl keeps a copy of its own, outside the locked memory, until the handle goes.
void set_login(const Easy& easy, const SmtpSettings& settings) {
    if (settings.user.empty() || !settings.password) return;
    set(easy, CURLOPT_USERNAME, settings.user.c_str());
    const auto& password = *settings.password;
    const auto text = crypto::Secret::make(password.size() + 1, [&](std::span<std::byte> out) {
        std::ranges::copy(password.expose(), out.begin());
    });
    set(easy, CURLOPT_PASSWORD, as_text(text.expose()).data());
}

void set_limits(const Easy& easy, const SmtpSettings& settings, const std::atomic<bool>& stopping) {
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings.connect_max.count()));
    set(easy, CURLOPT_TIMEOUT, static_cast<long>(settings.whole_max.count()));
    set(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(settings.answer_max.count()));
    // The connection is closed with this transfer: kept for later, its QUIT would wait for two
    // minutes at a server that hangs, whatever the limits here.
    set(easy, CURLOPT_FORBID_REUSE, 1L);
    set(easy, CURLOPT_NOPROGRESS, 0L);
    set(easy, CURLOPT_XFERINFOFUNCTION, &check_stopping);
    // libcurl's data pointers are void*; check_stopping() only reads.
    set(easy, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stopping));  // NOLINT
}

// A server that turns everybody away (554 at its greeting, 5xx at AUTH) has said nothing of this
// mail: only what answers MAIL, RCPT or DATA has.
bool is_about_the_mail(CURLcode code, std::int64_t reply, bool transfer_began) {
    const bool permanent = reply >= 500 && reply <= 599;
    const bool at_envelope = code == CURLE_SEND_ERROR;
    const bool after_data = code == CURLE_WEIRD_SERVER_REPLY && transfer_began;
    return permanent && (at_envelope || after_data);
}

}  // namespace

SmtpClient::SmtpClient(SmtpSettings settings, const std::atomic<bool>& stopping)
    : settings_(std::move(settings)), stopping_(stopping) {
    initialise_library();
}

SmtpAnswer SmtpClient::send(const MailAddress& to, const std::string& message) {
    const Easy easy(curl_easy_init());
    if (!easy) throw Fault("libcurl has no memory");
    const auto url = url_of(settings_);
    const auto from = "<" + settings_.from.text() + ">";
    const List readers(curl_slist_append(nullptr, ("<" + to.text() + ">").c_str()));
    if (!readers) throw Fault("libcurl has no memory");
    Reader reader{message};
    std::array<char, CURL_ERROR_SIZE> why{};
    set(easy, CURLOPT_ERRORBUFFER, why.data());
    set(easy, CURLOPT_URL, url.c_str());
    set_security(easy, settings_);
    set_login(easy, settings_);
    set_limits(easy, settings_, stopping_);
    set(easy, CURLOPT_MAIL_FROM, from.c_str());
    set(easy, CURLOPT_MAIL_RCPT, readers.get());
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_READFUNCTION, &read_message);
    set(easy, CURLOPT_READDATA, static_cast<void*>(&reader));
    set(easy, CURLOPT_WRITEFUNCTION, &drop);

    const auto code = curl_easy_perform(easy.get());
    long reply = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &reply);
    if (code == CURLE_OK) return {.result = SmtpResult::taken, .code = reply, .why = {}};
    const bool refused = is_about_the_mail(code, reply, reader.rest.empty());
    return {
        .result = refused ? SmtpResult::refused : SmtpResult::later,
        .code = reply,
        .why = why[0] != '\0' ? why.data() : curl_easy_strerror(code),
    };
}

}  // namespace sallyport::mail
