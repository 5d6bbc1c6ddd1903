#include "apps/sallyport/breach_list_file.h"

#include "apps/sallyport/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace sallyport::cli {

namespace {

[[noreturn]] void fail(const std::string& path, const Refusal& why) {
    throw CommandFailed(fmt::format(
        "breach list {} can't be used: {}; import it again with `sallyport breach-list import`, or "
        "take the file away",
        path,
        why.detail
    ));
}

// "marienhospital" and "example" of marienhospital.example.org.
void add_labels(std::vector<std::string>& words, std::string_view host) {
    constexpr std::size_t label_size_least = 4;
    for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.')) {
        const std::string label(host.substr(0, dot));
        const bool known = std::ranges::find(words, label) != words.end();
        if (label.size() >= label_size_least && !known) words.push_back(label);
        host.remove_prefix(dot + 1);
    }
}

}  // namespace

std::shared_ptr<const authn::BreachList> open_breach_list(
    recording::Disk& disk, const std::string& path
) {
    std::shared_ptr<recording::File> file;
    try {
        file = disk.open(path, recording::OpenMode::read);
    } catch (const recording::DiskFault& fault) {
        throw CommandFailed(
            fmt::format("{}; make a breach list with `sallyport breach-list import`", fault.what())
        );
    }
    const auto size = file->size();
    auto read = [file](std::uint64_t offset, std::span<std::byte> out) {
        return file->read_at(offset, out);
    };
    auto list = authn::BreachList::open(path, std::move(read), size);
    if (!list) fail(path, list.error());
    const auto verified = list->verify();
    if (!verified) fail(path, verified.error());
    return std::make_shared<const authn::BreachList>(*std::move(list));
}

std::shared_ptr<const authn::BreachList> configured_breach_list(
    recording::Disk& disk, const config::PassphraseSettings& settings
) {
    if (!settings.breach_list_is_named && !disk.exists(settings.breach_list)) return nullptr;
    return open_breach_list(disk, settings.breach_list);
}

std::vector<std::string> context_words(const config::Settings& settings) {
    auto words = settings.passphrase.context_words;
    add_labels(words, settings.server.sign_in_host);
    add_labels(words, settings.server.device_suffix);
    return words;
}

}  // namespace sallyport::cli
